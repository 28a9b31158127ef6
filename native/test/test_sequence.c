/*
 * dropfuse_mersenne_mask and dropfuse_product on every tier: sizes, alignments and layouts against
 * plain loops, with every buffer flush against a page that may not be touched, and every error.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "harness.h"
#include "model.h"

enum { MOST = 5000, WORDS = MODEL_WORDS, STATE = WORDS + 1 };

static const int sizes[] = {0,   1,   2,   7,   8,   9,   31,  32,  33,   63,   64,   65,  127,
                            128, 129, 255, 256, 257, 511, 513, 1023, 1025, 2049, 4097, MOST};
enum { SIZES = sizeof sizes / sizeof *sizes };

static struct fenced x_memory, y_memory, mask_memory;

static struct model_sequence seeded(uint32_t seed, unsigned skip)
{
    struct model_sequence s = {.used = WORDS};
    s.words[0] = seed;
    for (uint32_t i = 1; i < WORDS; i++)
        s.words[i] = 1812433253 * (s.words[i - 1] ^ s.words[i - 1] >> 30) + i;
    while (skip--)
        model_next(&s);
    return s;
}

static void save(const struct model_sequence *s, unsigned state[STATE])
{
    memcpy(state, s->words, sizeof s->words);
    state[WORDS] = s->used;
}

static void sequences(int tier)
{
    for (int k = 0; k < SIZES; k++)
        for (int outputs = 1; outputs <= 2; outputs++)
            for (unsigned skip = 0; skip < 1300; skip += 211) {
                struct model_sequence model = seeded(77, skip);
                unsigned state[STATE], wanted[STATE];
                save(&model, state);
                const int n = sizes[k], bits = outputs == 1 ? 24 : 53, above = skip % 2;
                const size_t bytes = ((size_t)n + 7) / 8;
                const uint64_t threshold = ((UINT64_C(1) << bits) - 1) / 3;
                unsigned char expected[MOST / 8 + 1] = {0};
                for (int j = 0; j < n; j++)
                    if (model_next_keep(&model, outputs, bits, threshold, above))
                        expected[j / 8] |= (unsigned char)(1 << j % 8);
                save(&model, wanted);
                unsigned char *mask = fenced_at(&mask_memory, bytes, skip % 3 == 0);
                const struct dropfuse_place place = on(tier);
                CHECK(!dropfuse_mersenne_mask(&place, state, outputs, bits, threshold, above, n,
                                              mask), "%s", dropfuse_last_error());
                CHECK(!memcmp(mask, expected, bytes), "tier %d: mask of %d units, %d outputs", tier,
                      n, outputs);
                CHECK(!memcmp(state, wanted, sizeof state), "tier %d: state after %d units", tier,
                      n);
            }
}

static uint64_t bits_at(int dtype, const unsigned char *at)
{
    uint64_t bits = 0;
    memcpy(&bits, at, (size_t)model_size(dtype));
    return bits;
}

/* Numbers up to 8, whose quotients and products overflow in no type. */
static void fill(int dtype, unsigned char *at, int n)
{
    for (int j = 0; j < n; j++) {
        const uint64_t bits = model_bits(dtype, ((double)pick_below(2000) - 1000) / 128);
        memcpy(at + j * model_size(dtype), &bits, (size_t)model_size(dtype));
    }
}

static void products(int tier)
{
    for (int dtype = 0; dtype < 4; dtype++)
        for (int k = 0; k < SIZES; k++)
            for (int layout = 0; layout < 6; layout++) {
                static const int runs[] = {1, 3, 1, 70, 1, 3}, cycles[] = {1, 1, 7, 2, 5, 2},
                                 repeats[] = {1, 1, 5, 3, 1, 4}, steps[] = {1, 1, 7, 2, 7, 3};
                const int n = sizes[k], size = model_size(dtype), first = k % 3 ? 5 : 0;
                struct units u = {first, n, runs[layout], cycles[layout], repeats[layout],
                                  steps[layout], .start = (uint64_t)k};
                const size_t bytes = (size_t)n * (size_t)size;
                unsigned char *x = fenced_at(&x_memory, bytes, !(k % 2));
                unsigned char *y = fenced_at(&y_memory, bytes, !(k % 2));
                void *x0 = element0(x, (uint64_t)first, (size_t)size);
                void *y0 = element0(y, (uint64_t)first, (size_t)size);
                fill(dtype, x, n);
                unsigned char mask[2 * MOST / 8];
                for (size_t b = 0; b < sizeof mask; b++)
                    mask[b] = (unsigned char)pick();
                u.mask = mask;
                const double divisor = 0.75, factor = 1.5; /* exact in every type */
                CHECK(!call_product(tier, dtype, x0, y0, &u, divisor, factor), "%s",
                      dropfuse_last_error());
                for (int j = 0; j < n; j++) {
                    const uint64_t unit = model_unit(&u, (uint64_t)(first + j));
                    const int keep = mask[unit / 8] >> unit % 8 & 1;
                    const uint64_t got = bits_at(dtype, y + j * size);
                    const uint64_t want =
                        model_masked(dtype, bits_at(dtype, x + j * size), keep, divisor, factor);
                    CHECK(got == want, "tier %d type %d: element %d of %d is %llx, not %llx", tier,
                          dtype, j, n, (unsigned long long)got, (unsigned long long)want);
                }
                unsigned char again[MOST * 8];
                memcpy(again, y, bytes);
                CHECK(!call_product(tier, dtype, x0, x0, &u, divisor, factor), "%s",
                      dropfuse_last_error());
                CHECK(!memcmp(again, x, bytes), "tier %d type %d: in place", tier, dtype);
            }
}

/* A constant that is a NaN of any kind makes every kept element a NaN. */
static void products_with_nans(int tier)
{
    static const uint64_t kinds[] = {UINT64_C(0x7FFFFFFFFFFFFFFF), UINT64_C(0xFFFFFFFFFFFFFFFF),
                                     UINT64_C(0x7FF0000000000001)};
    for (int dtype = 0; dtype < 4; dtype++)
        for (int kind = 0; kind < 3; kind++)
            for (int divides = 0; divides < 2; divides++) {
                const int size = model_size(dtype);
                unsigned char x[40 * 8], y[40 * 8], mask[5] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
                double nan;
                memcpy(&nan, &kinds[kind], sizeof nan);
                fill(dtype, x, 40);
                struct units u = elements(40);
                u.mask = mask;
                u.start = 0;
                CHECK(!call_product(tier, dtype, x, y, &u, divides ? nan : 0.75,
                                    divides ? 1.5 : nan), "%s", dropfuse_last_error());
                for (int j = 0; j < 40; j++)
                    CHECK(model_is_nan(dtype, bits_at(dtype, y + j * size)),
                          "tier %d type %d: element %d is no NaN for kind %d", tier, dtype, j, kind);
            }
}

static void refused(int status, const char *text)
{
    CHECK(status == DROPFUSE_INVALID_ARGUMENT, "status %d for '%s'", status, text);
    CHECK(!strncmp(dropfuse_last_error(), text, strlen(text)), "'%s' instead of '%s'",
          dropfuse_last_error(), text);
}

static int sequence(int tier, unsigned *state, int outputs, int bits, long long count, void *mask)
{
    const struct dropfuse_place place = on(tier);
    return dropfuse_mersenne_mask(&place, state, outputs, bits, 5, 1, count, mask);
}

static int product(struct units u, int dtype, const void *x, void *y, const void *mask)
{
    u.mask = mask;
    return call_product(DROPFUSE_TIER_AUTO, dtype, x, y, &u, 1, 1);
}

static void errors(void)
{
    unsigned state[STATE] = {0}, kept[STATE] = {0};
    unsigned char mask[16] = {0}, zero[16] = {0};
    float x[8] = {0}, y[8] = {0};
    refused(sequence(9, state, 1, 24, 8, mask), "tier = 9 ");
    refused(sequence(0, state, 3, 24, 8, mask), "outputs = 3 is not in [1, 2]");
    refused(sequence(0, state, 1, 33, 8, mask), "bits = 33 is not in [1, 32]");
    refused(sequence(0, state, 2, 0, 8, mask), "bits = 0 is not in [1, 64]");
    refused(sequence(0, state, 1, 24, -1, mask), "count = -1 ");
    refused(sequence(0, state, 1, 24, 8, NULL), "mask = NULL ");
    refused(sequence(0, NULL, 1, 24, 8, mask), "state = NULL ");
    refused(sequence(0, state, 1, 24, 8, state + 3), "state overlaps mask");
    state[WORDS] = kept[WORDS] = 625;
    refused(sequence(0, state, 1, 24, 8, mask), "state[624] = 625 ");
    CHECK(!memcmp(state, kept, sizeof state), "the state was changed");
    CHECK(sequence(DROPFUSE_CUDA, state, 1, 24, 8, mask) == DROPFUSE_UNSUPPORTED,
          "a device draws a sequence");

    struct units u = elements(8), wrong = elements(8), seven = elements(7);
    wrong.run = 0;
    refused(product(u, 4, x, y, mask), "dtype = 4 ");
    refused(product(wrong, 0, x, y, mask), "run = 0 ");
    refused(product(u, 0, x, y, NULL), "mask = NULL ");
    refused(product(u, 0, NULL, y, mask), "x = NULL ");
    refused(product(seven, 0, x, x + 1, mask), "y = x + 4 bytes ");
    refused(product(u, 0, x, y, y), "mask overlaps y");
    CHECK(!memcmp(mask, zero, sizeof mask) && y[0] == 0 && x[1] == 0, "something was written");
}

int main(void)
{
    x_memory = fenced_new(MOST * 8);
    y_memory = fenced_new(MOST * 8);
    mask_memory = fenced_new(MOST / 8 + 1);
    for (const int *tier = tiers(); *tier >= 0; tier++) {
        sequences(*tier);
        products(*tier);
        products_with_nans(*tier);
    }
    errors();
    return finish("sequences and products");
}
