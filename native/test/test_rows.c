/*
 * dropfuse_rows on every tier against plain loops, with every buffer flush against a page that may
 * not be touched.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "harness.h"
#include "model.h"

enum { MOST = 6000, LARGER = 2 };

static struct fenced dense_memory, larger_memory, index_memory;
static uint64_t dense[MOST], larger[LARGER * MOST];

static uint64_t at(const unsigned char *memory, size_t e, size_t size)
{
    uint64_t bits = 0;
    memcpy(&bits, memory + e * size, size);
    return bits;
}

/* Fills memory with bits of any kind, and often of values that sums can be made of. */
static void fill(int dtype, unsigned char *to, uint64_t *bits, size_t n)
{
    const size_t size = (size_t)model_size(dtype);
    for (size_t e = 0; e < n; e++) {
        bits[e] = pick_below(8) ? model_bits(dtype, (double)pick_below(4001) / 512 - 4)
                                : pick() >> (64 - 8 * size);
        memcpy(to + e * size, bits + e, size);
    }
}

static void move(int tier, int dtype, int operation, size_t rows, size_t length, double scale)
{
    const size_t size = (size_t)model_size(dtype), all = LARGER * rows + 1;
    const int low = (int)pick_below(2), gathers = operation == DROPFUSE_GATHER;
    unsigned char *const d = fenced_at(&dense_memory, rows * length * size, low);
    unsigned char *const l = fenced_at(&larger_memory, all * length * size, low);
    uint64_t *const indices = (uint64_t *)(void *)fenced_at(&index_memory, rows * 8, low);
    fill(dtype, d, dense, rows * length);
    fill(dtype, l, larger, all * length);
    /* In any order, and different. */
    const size_t begin = pick_below(all), stride = all % 7 ? 7 : 1;
    for (size_t j = 0; j < rows; j++)
        indices[j] = (begin + j * stride) % all;

    const int stores = (int)pick_below(DROPFUSE_STORES_WOVEN + 1);
    const struct dropfuse_place place = {.tier = tier, .stores = stores};
    CHECK(!dropfuse_rows(&place, dtype, operation, gathers ? l : d, gathers ? d : l, indices,
                         (long long)rows, (long long)length, scale), "%s", dropfuse_last_error());
    for (size_t j = 0; j < rows; j++)
        for (size_t c = 0; c < length; c++) {
            const size_t here = j * length + c, there = indices[j] * length + c;
            uint64_t *const from = gathers ? larger + there : dense + here;
            uint64_t *const to = gathers ? dense + here : larger + there;
            *to = model_moved(dtype, operation, *from, *to, scale);
        }
    const int copies = operation == DROPFUSE_SCATTER || (gathers && scale == 1);
    const size_t parts[] = {rows * length, all * length};
    for (int part = 0; part < 2; part++)
        for (size_t e = 0; e < parts[part]; e++) {
            const uint64_t got = at(part ? l : d, e, size), want = (part ? larger : dense)[e];
            CHECK(got == want ||
                      (!copies && model_is_nan(dtype, got) && model_is_nan(dtype, want)),
                  "%s stores %d dtype %d operation %d rows %zu length %zu scale %g: element %zu of "
                  "the %s tensor is %llx, not %llx", dropfuse_tier_name(tier), stores, dtype,
                  operation, rows, length, scale, e, part ? "larger" : "dense",
                  (unsigned long long)got, (unsigned long long)want);
        }
}

int main(void)
{
    static const size_t lengths[] = {1,  2,  3,  4,  5,   7,   8,   9,   15,  16,  17, 31,
                                     32, 33, 64, 65, 100, 127, 128, 129, 255, 256, 257, 512, 700};
    static const double scales[] = {1, 0.5, 1 / 0.9};
    dense_memory = fenced_new(MOST * 8);
    larger_memory = fenced_new(LARGER * MOST * 8);
    index_memory = fenced_new(MOST * 8);
    for (const int *tier = tiers(); *tier >= 0; tier++)
        for (int dtype = 0; dtype < 4; dtype++)
            for (int operation = 0; operation < 3; operation++)
                for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++)
                    for (size_t s = 0; s < 3; s++) {
                        const size_t most = MOST / lengths[k] - 1;
                        move(*tier, dtype, operation, pick_below(4) ? pick_below(7) : most,
                             lengths[k], scales[s]);
                    }
    return finish("rows");
}
