/*
 * dropfuse_drop as an affine form, dropfuse_residual, dropfuse_zoneout, dropfuse_sum_rows and
 * dropfuse_sum_tree on every tier against their definitions, with every buffer flush against a page that may not be
 * touched.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "harness.h"
#include "model.h"

/* Four pages of the smallest type are less. */
enum { MOST = 9000, ROWS = 64 };

static struct fenced x_memory, second_memory, y_memory, vector_memory, sums_memory, mask_memory;

/* One call's arguments: what all of the functions take. */
struct call {
    int tier, dtype, low;
    uint64_t first, count, length;
    struct units u;
    double scale;
    uint64_t x[MOST], second[MOST], vector[MOST];
    unsigned char keep[MOST];
};

static struct call c;

static unsigned char *place(const struct fenced *memory, size_t bytes)
{
    return fenced_at(memory, bytes, c.low);
}

static double sample(void)
{
    return (double)pick_below(4001) / 500 - 4;
}

/* Bits of any kind, and often of values that sums can be made of. */
static void fill(uint64_t *bits, size_t n)
{
    for (size_t e = 0; e < n; e++)
        bits[e] = pick_below(8) ? model_bits(c.dtype, model_rounded(c.dtype, sample()))
                                : pick() >> (64 - 8 * model_size(c.dtype));
}

static void put(unsigned char *to, const uint64_t *bits, size_t n)
{
    const size_t size = (size_t)model_size(c.dtype);
    for (size_t e = 0; e < n; e++)
        memcpy(to + e * size, bits + e, size);
}

static void expect(const char *what, const unsigned char *at, size_t e, uint64_t want)
{
    const size_t size = (size_t)model_size(c.dtype);
    uint64_t got = 0;
    memcpy(&got, at + e * size, size);
    if (got != want && !(model_is_nan(c.dtype, got) && model_is_nan(c.dtype, want)))
        CHECK(0, "%s %s stores %d dtype %d count %lld first %lld length %d run %lld cycle %lld repeat %lld "
              "step %lld p %.17g low %d: element %zu is %llx, not %llx",
              dropfuse_tier_name(c.tier), what, call_stores, c.dtype, c.u.count, c.u.first, (int)c.length,
              c.u.run, c.u.cycle, c.u.repeat, c.u.step, c.u.p, c.low, e,
              (unsigned long long)got, (unsigned long long)want);
}

static void affine(int in_place)
{
    const double shift = 0.37, dropped = -1.3;
    const size_t size = (size_t)model_size(c.dtype), bytes = c.count * size;
    unsigned char *x = place(&x_memory, bytes);
    unsigned char *y = in_place ? x : place(&y_memory, bytes);
    put(x, c.x, c.count);
    const int status = call_affine(c.tier, c.dtype, element0(x, c.first, size),
                                   element0(y, c.first, size), &c.u, c.scale, shift, dropped);
    CHECK(status == DROPFUSE_OK, "status %d: %s", status, dropfuse_last_error());
    for (size_t e = 0; e < c.count; e++)
        expect("affine", y, e,
               model_drop(c.dtype, c.x[e], c.keep[e], c.scale, shift, dropped));
}

static void residual(int operation, int added, int output)
{
    const size_t size = (size_t)model_size(c.dtype), bytes = c.count * size;
    unsigned char *x = place(&x_memory, bytes), *r = place(&second_memory, bytes);
    unsigned char *vector = place(&vector_memory, c.length * size);
    unsigned char *y = output == 1 ? x : output == 2 && added ? r : place(&y_memory, bytes);
    put(x, c.x, c.count);
    put(r, c.second, c.count);
    put(vector, c.vector, c.length);
    const int status = call_residual(
        c.tier, c.dtype, element0(x, c.first, size), operation, vector, (long long)c.length,
        added ? element0(r, c.first, size) : NULL, element0(y, c.first, size), &c.u, c.scale);
    CHECK(status == DROPFUSE_OK, "status %d: %s", status, dropfuse_last_error());
    for (size_t e = 0; e < c.count; e++) {
        const uint64_t want = model_residual(
            c.dtype, c.x[e], operation, c.vector[(c.first + e) % c.length],
            added ? c.second + e : NULL, c.keep[e], c.scale);
        if (c.keep[e])
            expect("residual", y, e, want);
        else
            CHECK(!memcmp(y + e * size, &want, size),
                  "%s residual dtype %d: dropped element %zu has other bits",
                  dropfuse_tier_name(c.tier), c.dtype, e);
    }
}

/* Of the inputs the bits 1 and 2 say which are given. */
static void zoneout(int operation, int inputs, int output)
{
    const size_t size = (size_t)model_size(c.dtype), bytes = c.count * size;
    unsigned char *x = place(&x_memory, bytes), *previous = place(&second_memory, bytes);
    unsigned char *y = output == 1 && inputs & 1   ? x
                       : output == 2 && inputs & 2 ? previous
                                                   : place(&y_memory, bytes);
    put(x, c.x, c.count);
    put(previous, c.second, c.count);
    const int status = call_zoneout(
        c.tier, c.dtype, operation, inputs & 1 ? element0(x, c.first, size) : NULL,
        inputs & 2 ? element0(previous, c.first, size) : NULL, element0(y, c.first, size), &c.u);
    CHECK(status == DROPFUSE_OK, "status %d: %s", status, dropfuse_last_error());
    const int expects = operation == DROPFUSE_EXPECT && c.u.p > 0 && c.u.p < 1;
    for (size_t e = 0; e < c.count; e++) {
        const int keep = operation == DROPFUSE_EXPECT ? c.u.p == 0 : c.keep[e];
        const uint64_t want = keep ? inputs & 1 ? c.x[e] : 0 : inputs & 2 ? c.second[e] : 0;
        if (expects)
            expect("expectation", y, e, model_expect(c.dtype, c.x[e], c.second[e], c.u.p));
        else
            CHECK(!memcmp(y + e * size, &want, size),
                  "%s zoneout %d dtype %d inputs %d output %d p %g: element %zu has other bits",
                  dropfuse_tier_name(c.tier), operation, c.dtype, inputs, output, c.u.p, e);
    }
}

static void sums(int two)
{
    const size_t size = (size_t)model_size(c.dtype), total = size == 8 ? 8 : 4;
    const size_t rows = c.count / c.length, blocks = (rows + ROWS - 1) / ROWS;
    unsigned char *dy = place(&x_memory, c.count * size);
    unsigned char *x = place(&second_memory, c.count * size);
    unsigned char *memory = place(&sums_memory, blocks * c.length * total);
    unsigned char *y = place(&vector_memory, c.length * size);
    put(dy, c.x, c.count);
    put(x, c.second, c.count);
    memset(memory, 0xA5, blocks * c.length * total);
    int status = call_sum_rows(c.tier, c.dtype, element0(dy, c.first, size),
                               two ? element0(x, c.first, size) : NULL,
                               element0(memory, c.first / ROWS, total), (long long)c.length, &c.u,
                               c.scale);
    CHECK(status == DROPFUSE_OK, "status %d: %s", status, dropfuse_last_error());
    status = call_sum_tree(c.tier, c.dtype, memory, (long long)blocks, (long long)c.length, y);
    CHECK(status == DROPFUSE_OK, "status %d: %s", status, dropfuse_last_error());
    for (size_t column = 0; column < c.length; column++) {
        double parts[MOST / ROWS + 2] = {0};
        for (size_t row = 0; row < rows; row++) {
            const size_t e = row * c.length + column;
            const double term = model_term(c.dtype, c.x[e], two ? c.second + e : NULL, c.scale);
            if (c.keep[e])
                parts[row / ROWS] = model_sum(c.dtype, parts[row / ROWS], term);
        }
        model_tree(c.dtype, parts, blocks, 1);
        expect("sums", y, column, model_bits(c.dtype, parts[0]));
    }
}

/* Sums from elsewhere may hold any kind of NaN, such as the one that a device makes. */
static void sums_from_elsewhere(int tier, int dtype)
{
    static const uint32_t kinds[] = {0x7FFFFFFF, 0xFFFFFFFF, 0x7F800001};
    enum { LENGTH = 37 };
    const int size = model_size(dtype);
    for (int kind = 0; kind < 3; kind++)
        for (long long blocks = 1; blocks <= 3; blocks++) {
            float sums[3 * LENGTH] = {0};
            unsigned char y[LENGTH * 4] = {0};
            for (int column = 0; column < LENGTH; column += 2)
                memcpy(sums + (blocks - 1) * LENGTH + column, &kinds[kind], sizeof *kinds);
            CHECK(!call_sum_tree(tier, dtype, sums, blocks, LENGTH, y), "%s",
                  dropfuse_last_error());
            for (int column = 0; column < LENGTH; column++) {
                uint64_t bits = 0;
                memcpy(&bits, y + column * size, (size_t)size);
                CHECK(column % 2 ? bits == 0 : model_is_nan(dtype, bits),
                      "tier %d type %d: sum %d of %lld blocks is %llx", tier, dtype, column, blocks,
                      (unsigned long long)bits);
            }
        }
}

/* Of elements whose decisions are known. */
static void decided_forms(void)
{
    fill(c.x, c.count);
    fill(c.second, c.count);
    fill(c.vector, c.length);
    affine(0);
    affine(1);
    for (int operation = 0; operation < 3; operation++)
        for (int added = 0; added < 2; added++)
            residual(operation, added, (int)pick_below(3));
    for (int inputs = 1; inputs <= 3; inputs++)
        zoneout(DROPFUSE_SELECT, inputs, (int)pick_below(3));
    zoneout(DROPFUSE_EXPECT, 3, (int)pick_below(3));
    sums(0);
    sums(1);
}

static void all_forms(void)
{
    model_decide(&c.u, c.keep);
    decided_forms();
}

/* As many as there may be, decided by bits at their fence, with all kinds of stores. */
static void stored_elements(void)
{
    c.count = MOST / c.length * c.length;
    c.u = (struct units){.first = (long long)c.first, .count = (long long)c.count, .run = 1,
                         .cycle = 1, .repeat = 1, .step = 1, .p = 0.37, .start = pick_below(600)};
    const uint64_t unit = c.u.start + c.first;
    unsigned char *mask = place(&mask_memory, (unit + c.count - 1) / 8 - unit / 8 + 1);
    c.u.mask = (const void *)((uintptr_t)mask - (uintptr_t)(unit / 8));
    for (call_stores = 0; call_stores <= DROPFUSE_STORES_WOVEN; call_stores++) {
        for (uint64_t e = 0, bit = unit % 8; e < c.count; e++, bit++) {
            const unsigned keep = (unsigned)pick_below(2);
            c.keep[e] = (unsigned char)keep;
            mask[bit / 8] = (unsigned char)((mask[bit / 8] & ~(1u << bit % 8)) | keep << bit % 8);
        }
        decided_forms();
    }
}

int main(void)
{
    static const uint64_t lengths[] = {1, 2, 3, 7, 15, 16, 17, 31, 33, 64, 65, 100, 129, 700};
    static const double ps[] = {0.1, 0.5, 0.37, 0.999, 0, 1};
    x_memory = fenced_new(MOST * 8);
    second_memory = fenced_new(MOST * 8);
    y_memory = fenced_new(MOST * 8);
    vector_memory = fenced_new(MOST * 8);
    sums_memory = fenced_new(MOST * 8);
    mask_memory = fenced_new(MOST);
    pick_from(20);
    for (const int *tier = tiers(); *tier >= 0; tier++) {
        sums_from_elsewhere(*tier, DROPFUSE_FLOAT32);
        sums_from_elsewhere(*tier, DROPFUSE_FLOAT16);
        sums_from_elsewhere(*tier, DROPFUSE_BFLOAT16);
        for (c.dtype = 0; c.dtype < 4; c.dtype++) {
            for (size_t k = 0; k < 10 * sizeof lengths / sizeof *lengths; k++) {
                c.tier = *tier;
                c.low = (int)pick_below(2);
                c.length = lengths[k / 10];
                const uint64_t rows = pick_below(4) ? pick_below(12) : pick_below(300);
                c.count = c.length * rows > MOST ? MOST / c.length * c.length : c.length * rows;
                c.first = c.length * ROWS * pick_below(3);
                c.u = elements((long long)c.count);
                c.u.first = (long long)c.first;
                switch (k % 5) {
                case 0: /* samples */
                    c.u.run = (long long)(c.length * (1 + pick_below(5)));
                    break;
                case 1: /* channels last */
                    c.u.cycle = c.u.step = (long long)c.length;
                    c.u.repeat = 1 + (long long)pick_below(9);
                    break;
                case 2: /* any run */
                    c.u.run = 1 + (long long)pick_below(200);
                    break;
                case 3: /* columns, channels or channels last of a larger tensor */
                    c.u.run = pick_below(2) ? 1 : 1 + (long long)pick_below(100);
                    c.u.cycle = (long long)c.length;
                    c.u.repeat = pick_below(2) ? 1 : 1 + (long long)pick_below(9);
                    c.u.step = c.u.cycle + (long long)pick_below(pick_below(2) ? 20 : 2000);
                    break;
                }
                c.u.p = ps[pick_below(sizeof ps / sizeof *ps)];
                c.u.seed = pick();
                c.u.offset = pick() >> 1;
                c.u.start = pick() >> 20;
                c.scale = 1 / (1 - 0.37);
                call_stores = (int)pick_below(DROPFUSE_STORES_WOVEN + 1);
                all_forms();
                if (k % 30 == 4)
                    stored_elements();
            }
        }
    }
    return finish("forms");
}
