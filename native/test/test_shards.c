/*
 * Any cut of a tensor gives what the whole gives. The whole is large enough here to be written
 * past the cache, the pieces are not.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "model.h"

enum { BYTES = (16 << 20) + 12345, MOST_PIECE = 4 << 20 };

static unsigned char *x, *whole, *pieces;

struct form {
    const char *name;
    long long run, cycle, repeat, step;
    double p;
};

static const struct form forms[] = {
    {"elements", 1, 1, 1, 1, 0.3},
    {"rows", 5000, 1, 1, 1, 0.5},
    {"short rows", 49, 1, 1, 1, 0.1},
    {"channels last", 1, 96, 57, 96, 0.1},
    {"columns", 1, 40000, 1, 70000, 0.3},
    {"few columns", 1, 5, 1, 31, 0.3},
    {"all kept", 1, 1, 1, 1, 0},
    {"all dropped", 1, 1, 1, 1, 1},
};

static void drop(int tier, int dtype, unsigned char *y, long long first, long long count,
                 const struct form *form)
{
    const struct units u = {first,      count, form->run, form->cycle, form->repeat,
                            form->step, NULL,  form->p,   11,          12,
                            (1ULL << 40) - 77};
    CHECK(!call_drop(tier, dtype, x, y, &u, 1.25), "%s", dropfuse_last_error());
}

static void cut(int tier, int dtype, size_t shift, const struct form *form)
{
    const int size = model_size(dtype);
    const long long count = (BYTES - 64) / size;
    memset(whole, 0x5A, BYTES);
    memset(pieces, 0x5A, BYTES);
    drop(tier, dtype, whole + shift, 0, count, form);
    for (long long first = 0; first < count;) {
        long long n = 1 + (long long)pick_below(MOST_PIECE / (unsigned)size);
        if (n > count - first)
            n = count - first;
        drop(tier, dtype, pieces + shift, first, n, form);
        first += n;
    }
    CHECK(!memcmp(whole, pieces, BYTES), "%s, dtype %d, %s, shifted by %zu: the pieces differ",
          dropfuse_tier_name(tier), dtype, form->name, shift);
}

int main(void)
{
    x = malloc(BYTES);
    whole = malloc(BYTES);
    pieces = malloc(BYTES);
    if (!x || !whole || !pieces)
        return puts("no memory"), 1;
    for (size_t k = 0; k < BYTES / 8; k++) {
        const uint64_t bits = pick() & 0xBFFFBFFFBFFFBFFF; /* no NaNs: they have many patterns */
        memcpy(x + 8 * k, &bits, 8);
    }
    for (const int *tier = tiers(); *tier >= 0; tier++)
        for (int dtype = 0; dtype < 4; dtype++)
            for (size_t f = 0; f < sizeof forms / sizeof *forms; f++)
                cut(*tier, dtype, (size_t[]){0, 16, 1, 8}[(f + (size_t)dtype) % 4], forms + f);
    return finish("shards");
}
