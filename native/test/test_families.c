/*
 * dropfuse_mersenne_mask, dropfuse_product and dropfuse_normal on every tier: sizes, alignments and
 * layouts against plain loops, with every buffer flush against a page that may not be touched, and
 * every error.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <math.h>
#include <string.h>

#include "harness.h"
#include "model.h"
#include "normal_table.h"

enum { MOST = 5000, WORDS = 624, STATE = 625 };

static const int sizes[] = {0,   1,   2,   7,   8,   9,   31,  32,  33,   63,   64,   65,  127,
                            128, 129, 255, 256, 257, 511, 513, 1023, 1025, 2049, 4097, MOST};
enum { SIZES = sizeof sizes / sizeof *sizes };

static struct fenced x_memory, y_memory, mask_memory;

/* A sequence as its authors write it, one output at a time. */
struct model_sequence {
    uint32_t words[WORDS];
    unsigned used;
};

static uint32_t model_next(struct model_sequence *s)
{
    if (s->used == WORDS) {
        for (int i = 0; i < WORDS; i++) {
            const uint32_t y = (s->words[i] & 0x80000000) | (s->words[(i + 1) % WORDS] & 0x7FFFFFFF);
            s->words[i] = s->words[(i + 397) % WORDS] ^ y >> 1 ^ (y & 1 ? 0x9908B0DF : 0);
        }
        s->used = 0;
    }
    uint32_t y = s->words[s->used++];
    y ^= y >> 11;
    y ^= y << 7 & 0x9D2C5680;
    y ^= y << 15 & 0xEFC60000;
    return y ^ y >> 18;
}

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
                const uint64_t low = (UINT64_C(1) << bits) - 1, threshold = low / 3;
                unsigned char expected[MOST / 8 + 1] = {0};
                for (int j = 0; j < n; j++) {
                    uint64_t draw = model_next(&model);
                    if (outputs == 2)
                        draw = draw << 32 | model_next(&model);
                    if (((draw & low) >= threshold) == above)
                        expected[j / 8] |= (unsigned char)(1 << j % 8);
                }
                save(&model, wanted);
                unsigned char *mask = skip % 3 ? mask_memory.high - bytes : mask_memory.low;
                CHECK(!dropfuse_mersenne_mask(tier, state, outputs, bits, threshold, above, n, mask),
                      "%s", dropfuse_last_error());
                CHECK(!memcmp(mask, expected, bytes), "tier %d: mask of %d units, %d outputs", tier,
                      n, outputs);
                CHECK(!memcmp(state, wanted, sizeof state), "tier %d: state after %d units", tier,
                      n);
            }
}

static double value(int dtype, const unsigned char *at)
{
    float f;
    double d;
    uint16_t h;
    uint32_t w;
    switch (dtype) {
    case DROPFUSE_FLOAT32:
        memcpy(&f, at, sizeof f);
        return f;
    case DROPFUSE_FLOAT64:
        memcpy(&d, at, sizeof d);
        return d;
    case DROPFUSE_BFLOAT16:
        memcpy(&h, at, sizeof h);
        w = (uint32_t)h << 16;
        memcpy(&f, &w, sizeof f);
        return f;
    default:
        memcpy(&h, at, sizeof h);
        const int exponent = h >> 10 & 31, fraction = h & 0x3FF;
        const double size = exponent == 31 ? (fraction ? NAN : INFINITY)
                            : exponent     ? ldexp(1024 + fraction, exponent - 25)
                                           : ldexp(fraction, -24);
        return h & 0x8000 ? -size : size;
    }
}

/* Normal numbers of size 0.1 to 10, whose quotients and products overflow in no type. */
static void fill(int dtype, unsigned char *at, int n)
{
    for (int j = 0; j < n; j++) {
        const double v = ((double)pick_below(2000) - 1000) / 128;
        const float f = (float)v;
        uint32_t bits;
        memcpy(&bits, &f, sizeof bits);
        uint16_t h = dtype == DROPFUSE_BFLOAT16 ? (uint16_t)(bits >> 16) : 0;
        if (dtype == DROPFUSE_FLOAT16 && v != 0)
            h = (uint16_t)((bits >> 16 & 0x8000) | ((bits >> 13 & 0x3FFFF) - (112 << 10)));
        if (dtype == DROPFUSE_FLOAT32)
            memcpy(at + 4 * j, &f, 4);
        else if (dtype == DROPFUSE_FLOAT64)
            memcpy(at + 8 * j, &v, 8);
        else
            memcpy(at + 2 * j, &h, 2);
    }
}

static void products(int tier)
{
    for (int dtype = 0; dtype < 4; dtype++)
        for (int k = 0; k < SIZES; k++)
            for (int layout = 0; layout < 4; layout++) {
                static const int runs[] = {1, 3, 1, 70}, cycles[] = {1, 1, 7, 2},
                                 repeats[] = {1, 1, 5, 3};
                const int n = sizes[k], size = model_size(dtype), first = k % 3 ? 5 : 0;
                const int run = runs[layout], cycle = cycles[layout], repeat = repeats[layout];
                const unsigned start = (unsigned)k;
                const size_t bytes = (size_t)n * (size_t)size;
                unsigned char *x = (k % 2 ? x_memory.high - bytes : x_memory.low);
                unsigned char *y = (k % 2 ? y_memory.high - bytes : y_memory.low);
                fill(dtype, x, n);
                unsigned char mask[MOST / 8 + 8];
                for (size_t b = 0; b < sizeof mask; b++)
                    mask[b] = (unsigned char)pick();
                const double divisor = 0.75, factor = 1.5; /* exact in every type */
                CHECK(!dropfuse_product(tier, dtype, x - first * size, y - first * size, first, n,
                                        run, cycle, repeat, mask, start, divisor, factor),
                      "%s", dropfuse_last_error());
                for (int j = 0; j < n; j++) {
                    const uint64_t unit = model_unit((uint64_t)(first + j), (uint64_t)run,
                                                     (uint64_t)cycle, (uint64_t)repeat, start);
                    const double v = value(dtype, x + j * size), out = value(dtype, y + j * size);
                    if (!(mask[unit / 8] >> unit % 8 & 1))
                        CHECK(out == 0 && !signbit(out) == !signbit(v),
                              "tier %d type %d: element %d of %d is %g", tier, dtype, j, n, out);
                    else
                        CHECK(fabs(out - 2 * v) <= fabs(v) * 0x1p-6,
                              "tier %d type %d: element %d of %d is %g", tier, dtype, j, n, out);
                }
                unsigned char again[MOST * 8];
                memcpy(again, y, bytes);
                CHECK(!dropfuse_product(tier, dtype, x - first * size, x - first * size, first, n,
                                        run, cycle, repeat, mask, start, divisor, factor),
                      "%s", dropfuse_last_error());
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
                CHECK(!dropfuse_product(tier, dtype, x, y, 0, 40, 1, 1, 1, mask, 0,
                                        divides ? nan : 0.75, divides ? 1.5 : nan),
                      "%s", dropfuse_last_error());
                for (int j = 0; j < 40; j++)
                    CHECK(isnan(value(dtype, y + j * size)),
                          "tier %d type %d: element %d is no NaN for kind %d", tier, dtype, j, kind);
            }
}

static float model_normal(uint64_t seed, uint64_t offset, uint64_t unit)
{
    const uint64_t e = unit % 256, block = unit / 256 * 32 + e % 32;
    uint32_t c[4] = {(uint32_t)block, (uint32_t)(block >> 32) | 0x80000000, (uint32_t)offset,
                     (uint32_t)(offset >> 32) | 0x80000000};
    model_philox(c, (uint32_t)seed, (uint32_t)(seed >> 32));
    const uint32_t draw = c[e % 128 / 32] >> (e < 128 ? 0 : 16) & 0xFFFF;
    float t = (float)(2 * (draw & 0x7FFF) + 1);
    if ((draw & 0x7FFF) < 64) {
        uint32_t d[4] = {(uint32_t)(unit / 8), (uint32_t)(unit / 8 >> 32) | 0xA0000000,
                         (uint32_t)offset, (uint32_t)(offset >> 32) | 0x80000000};
        model_philox(d, (uint32_t)seed, (uint32_t)(seed >> 32));
        const uint32_t cut = d[unit % 8 / 2] >> (unit % 2 ? 16 : 0) & 0xFFFF;
        t = (float)(2 * ((draw & 0x7FFF) * 65536 + cut) + 1) / 65536;
    }
    int exponent;
    frexpf(t, &exponent);
    const int piece = (exponent - 1 + 127) & 31;
    float n = normal_table[5][piece];
    for (int power = 4; power >= 0; power--)
        n = fmaf(n, t, normal_table[power][piece]);
    return draw & 0x8000 ? -n : n;
}

static void normals(int tier)
{
    static const uint64_t starts[] = {0, 1, 200, UINT64_C(0xFFFFFF00), (UINT64_C(1) << 35) - 300,
                                      (UINT64_C(1) << 61) - 3};
    const uint64_t seed = UINT64_C(0x123456789ABCDEF0), offset = UINT64_C(0x7FFFFFFF00000001);
    for (unsigned s = 0; s < sizeof starts / sizeof *starts; s++)
        for (int k = 0; k < SIZES; k++) {
            const int n = sizes[k];
            const size_t bytes = (size_t)n * 4;
            unsigned char *x = k % 2 ? x_memory.high - bytes : x_memory.low;
            unsigned char *y = k % 2 ? y_memory.high - bytes : y_memory.low;
            fill(DROPFUSE_FLOAT32, x, n);
            for (int form = 0; form < 2; form++) {
                CHECK(!dropfuse_normal(tier, DROPFUSE_FLOAT32, x, y, 0, n, seed, offset, starts[s],
                                       form, 0.375),
                      "%s", dropfuse_last_error());
                for (int j = 0; j < n; j++) {
                    const float z = model_normal(seed, offset, starts[s] + (uint64_t)j);
                    const float v = (float)value(DROPFUSE_FLOAT32, x + 4 * j);
                    const float wanted = form ? v * fmaf(0.375f, z, 1) : fmaf(0.375f, z, v);
                    CHECK((float)value(DROPFUSE_FLOAT32, y + 4 * j) == wanted,
                          "tier %d: normal number %d of %d", tier, j, n);
                }
            }
        }
    /* Enough to meet the slices on both sides of the limit of second draws. */
    for (uint64_t call = 0; call < 60; call++) {
        static float zero[MOST], drawn[MOST];
        CHECK(!dropfuse_normal(tier, DROPFUSE_FLOAT32, zero, drawn, 0, MOST, seed, call, 0,
                               DROPFUSE_ADD, 1),
              "%s", dropfuse_last_error());
        for (uint64_t j = 0; j < MOST; j++)
            CHECK(drawn[j] == model_normal(seed, call, j), "tier %d: unit %d of call %d", tier,
                  (int)j, (int)call);
    }
    /* Other types on guarded memory; their values are compared in Java. */
    for (int dtype = 0; dtype < 4; dtype++)
        for (int k = 0; k < SIZES; k++) {
            const size_t bytes = (size_t)sizes[k] * (size_t)model_size(dtype);
            unsigned char *x = k % 2 ? x_memory.high - bytes : x_memory.low, again[MOST * 8];
            unsigned char *y = k % 2 ? y_memory.high - bytes : y_memory.low;
            fill(dtype, x, sizes[k]);
            CHECK(!dropfuse_normal(tier, dtype, x, y, 0, sizes[k], 1, 2, 3, 1, 0.5), "%s",
                  dropfuse_last_error());
            memcpy(again, y, bytes);
            CHECK(!dropfuse_normal(tier, dtype, x, x, 0, sizes[k], 1, 2, 3, 1, 0.5), "%s",
                  dropfuse_last_error());
            CHECK(!memcmp(x, again, bytes), "tier %d type %d: in place", tier, dtype);
        }
}

static void refused(int status, const char *text)
{
    CHECK(status == DROPFUSE_INVALID_ARGUMENT, "status %d for '%s'", status, text);
    CHECK(!strncmp(dropfuse_last_error(), text, strlen(text)), "'%s' instead of '%s'",
          dropfuse_last_error(), text);
}

static void errors(void)
{
    unsigned state[STATE] = {0}, kept[STATE] = {0};
    unsigned char mask[16] = {0}, zero[16] = {0};
    float x[8] = {0}, y[8] = {0};
    refused(dropfuse_mersenne_mask(9, state, 1, 24, 5, 1, 8, mask), "tier = 9 ");
    refused(dropfuse_mersenne_mask(0, state, 3, 24, 5, 1, 8, mask), "outputs = 3 is not in [1, 2]");
    refused(dropfuse_mersenne_mask(0, state, 1, 33, 5, 1, 8, mask), "bits = 33 is not in [1, 32]");
    refused(dropfuse_mersenne_mask(0, state, 2, 0, 5, 1, 8, mask), "bits = 0 is not in [1, 64]");
    refused(dropfuse_mersenne_mask(0, state, 1, 24, 5, 1, -1, mask), "count = -1 ");
    refused(dropfuse_mersenne_mask(0, state, 1, 24, 5, 1, 8, NULL), "mask = NULL ");
    refused(dropfuse_mersenne_mask(0, NULL, 1, 24, 5, 1, 8, mask), "state = NULL ");
    refused(dropfuse_mersenne_mask(0, state, 1, 24, 5, 1, 8, state + 3), "mask overlaps state");
    state[WORDS] = kept[WORDS] = 625;
    refused(dropfuse_mersenne_mask(0, state, 1, 24, 5, 1, 8, mask), "state[624] = 625 ");
    CHECK(!memcmp(state, kept, sizeof state), "the state was changed");

    refused(dropfuse_product(0, 4, x, y, 0, 8, 1, 1, 1, mask, 0, 1, 1), "dtype = 4 ");
    refused(dropfuse_product(0, 0, x, y, 0, 8, 0, 1, 1, mask, 0, 1, 1), "run = 0 ");
    refused(dropfuse_product(0, 0, x, y, 0, 8, 1, 1, 1, NULL, 0, 1, 1), "mask = NULL ");
    refused(dropfuse_product(0, 0, NULL, y, 0, 8, 1, 1, 1, mask, 0, 1, 1), "x = NULL ");
    refused(dropfuse_product(0, 0, x, x + 1, 0, 7, 1, 1, 1, mask, 0, 1, 1), "y = x + 4 bytes ");
    refused(dropfuse_product(0, 0, x, y, 0, 8, 1, 1, 1, y, 0, 1, 1), "mask overlaps y");

    refused(dropfuse_normal(0, 0, x, y, 0, 8, 1, 1, 0, 2, 1), "form = 2 is not in [0, 1]");
    refused(dropfuse_normal(0, 0, x, y, 0, 8, 1, 1, 0, 0, -1), "sigma = -1 ");
    refused(dropfuse_normal(0, 0, x, y, 0, 8, 1, 1, 0, 0, INFINITY), "sigma = inf ");
    refused(dropfuse_normal(0, 0, x, y, 0, 8, 1, 1, 0, 0, NAN), "sigma = ");
    refused(dropfuse_normal(0, 0, x, y, 0, 8, 1, 1ULL << 63, 0, 0, 1), "offset = ");
    refused(dropfuse_normal(0, 0, x, y, 0, 8, 1, 1, ~0ULL, 0, 1), "start = ");
    refused(dropfuse_normal(0, 0, x, NULL, 0, 8, 1, 1, 0, 0, 1), "y = NULL ");
    refused(dropfuse_normal(0, 0, x, y, -1, 8, 1, 1, 0, 0, 1), "first = -1 ");
    refused(dropfuse_normal(0, 0, x, x + 1, 0, 7, 1, 1, 0, 0, 1), "y = x + 4 bytes ");
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
        normals(*tier);
    }
    errors();
    fenced_free(&x_memory);
    fenced_free(&y_memory);
    fenced_free(&mask_memory);
    return finish("sequences, products, normal numbers");
}
