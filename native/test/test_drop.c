/*
 * dropfuse_drop and dropfuse_mask on every tier against the model: types, places, sizes,
 * alignments, starts and layouts, with every buffer flush against a page that may not be touched.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "model.h"

enum { MOST = 65537, SENTINEL = 0xA5, MARGIN = 96 };

static const int sizes[] = {0,   1,   2,   3,   15,  16,  17,   63,   64,   65,   127,
                            255, 511, 512, 513, 1023, 1025, 4095, 4097, 65537};
enum { SIZES = sizeof sizes / sizeof *sizes };

/* Inputs of each type, any bit pattern among them, and what scaling makes of them. */
static unsigned char *inputs[4];
static uint64_t *scaled[4];
static const double scale = 1 / (1 - 0.37);

static void make_inputs(void)
{
    for (int dtype = 0; dtype < 4; dtype++) {
        const size_t size = (size_t)model_size(dtype);
        inputs[dtype] = malloc(MOST * size);
        scaled[dtype] = malloc(MOST * sizeof **scaled);
        for (size_t e = 0; e < MOST; e++) {
            uint64_t bits = pick();
            if (size < 8)
                bits &= (UINT64_C(1) << 8 * size) - 1;
            memcpy(inputs[dtype] + e * size, &bits, size);
            scaled[dtype][e] = model_scale(dtype, bits, scale);
        }
    }
}

struct draw_case {
    double p;
    uint64_t seed, offset, start;
};

/* Decisions of the model for the case's units from keep_from on. */
static unsigned char keep[MOST];
static uint64_t keep_from;

static void decide(const struct draw_case *c, uint64_t from, size_t units)
{
    keep_from = from;
    for (size_t u = 0; u < units; u++)
        keep[u] = (unsigned char)model_keep(c->p, c->seed, c->offset, c->start + from + u);
}

/* Memory for n bytes: flush with the high fence less `gap` bytes, or with the low one plus it. */
static unsigned char *place(const struct fenced *memory, size_t n, int low, size_t gap)
{
    return low ? memory->low + gap : memory->high - gap - n;
}

static void sentinels(const struct fenced *memory, unsigned char *at, size_t n, int write,
                      const char *what)
{
    unsigned char *from = (size_t)(at - memory->low) > MARGIN ? at - MARGIN : memory->low;
    unsigned char *to = (size_t)(memory->high - (at + n)) > MARGIN ? at + n + MARGIN : memory->high;
    if (write) {
        memset(from, SENTINEL, (size_t)(at - from));
        memset(at + n, SENTINEL, (size_t)(to - (at + n)));
        return;
    }
    for (; from < at; from++)
        CHECK(*from == SENTINEL, "%s: byte %td before its memory was written", what, at - from);
    for (from = at + n; from < to; from++)
        CHECK(*from == SENTINEL, "%s: byte %td after its memory was written", what,
              from - (at + n));
}

static struct fenced x_memory, y_memory, mask_memory;

struct layout_case {
    uint64_t first, run, cycle, repeat;
};

struct place_case {
    int in_place, low;
    size_t x_gap, y_gap;
};

static void *element0(unsigned char *at, uint64_t first, size_t size)
{
    return (void *)((uintptr_t)at - (uintptr_t)(first * size));
}

/* `stored`: a mask that holds the decisions, whose bit `mask_start` is unit 0's; else NULL. */
struct stored {
    const unsigned char *mask;
    uint64_t start;
};
static const struct stored drawn;

static void drop_case(int tier, int dtype, size_t n, const struct place_case *at,
                      const struct layout_case *l, const struct draw_case *c,
                      struct stored stored)
{
    const size_t size = (size_t)model_size(dtype), bytes = n * size;
    unsigned char *x = place(&x_memory, bytes, at->low, at->x_gap);
    unsigned char *y = at->in_place ? x : place(&y_memory, bytes, at->low, at->y_gap);
    const struct fenced *y_fenced = at->in_place ? &x_memory : &y_memory;
    sentinels(y_fenced, y, bytes, 1, "y");
    memset(y, SENTINEL, bytes);
    memcpy(x, inputs[dtype], bytes);

    const int status =
        dropfuse_drop(tier, dtype, element0(x, l->first, size), element0(y, l->first, size),
                      (long long)l->first, (long long)n, (long long)l->run, (long long)l->cycle,
                      (long long)l->repeat, stored.mask, c->p, c->seed, c->offset,
                      stored.mask ? stored.start : c->start, scale);
    CHECK(status == DROPFUSE_OK, "status %d: %s", status, dropfuse_last_error());

    for (size_t e = 0; e < n; e++) {
        uint64_t got = 0;
        memcpy(&got, y + e * size, size);
        const uint64_t unit = model_unit(l->first + e, l->run, l->cycle, l->repeat, 0);
        const uint64_t want = keep[unit - keep_from] ? scaled[dtype][e] : 0;
        if (got != want && !(model_is_nan(dtype, got) && model_is_nan(dtype, want)))
            CHECK(0,
                  "%s dtype %d n=%zu in_place=%d low=%d gaps %zu %zu first=%llu run=%llu "
                  "cycle=%llu repeat=%llu stored=%d start=%llu p=%.17g: element %zu is %llx, not "
                  "%llx", dropfuse_tier_name(tier), dtype, n, at->in_place, at->low, at->x_gap,
                  at->y_gap, (unsigned long long)l->first, (unsigned long long)l->run,
                  (unsigned long long)l->cycle, (unsigned long long)l->repeat, stored.mask != NULL,
                  (unsigned long long)c->start, c->p, e, (unsigned long long)got,
                  (unsigned long long)want);
    }
    CHECK(at->in_place || !memcmp(x, inputs[dtype], bytes), "the input was written");
    sentinels(y_fenced, y, bytes, 0, "y");
}

/* The decisions as a packed mask at its fence, unit 0 at some bit of a byte before it. */
static struct stored store_mask(size_t units, int low)
{
    const uint64_t start = pick_below(600), bit = (start + keep_from) % 8;
    const size_t bytes = units ? (bit + units + 7) / 8 : 0;
    unsigned char *mask = place(&mask_memory, bytes, low, pick_below(2) * pick_below(70));
    memset(mask, SENTINEL, bytes); /* bits that are no unit's mean nothing */
    for (size_t u = 0; u < units; u++) {
        const size_t at = bit + u;
        mask[at / 8] = (unsigned char)((mask[at / 8] & ~(1u << at % 8)) | keep[u] << at % 8);
    }
    const uintptr_t byte0 = (uintptr_t)mask - (uintptr_t)((start + keep_from) / 8);
    return (struct stored){(const unsigned char *)byte0, start};
}

static void mask_case(int tier, size_t n, const struct draw_case *c, size_t gap, int low)
{
    const size_t bytes = (n + 7) / 8;
    unsigned char *mask = place(&mask_memory, bytes, low, gap);
    sentinels(&mask_memory, mask, bytes, 1, "mask");
    memset(mask, SENTINEL, bytes);
    const int status =
        dropfuse_mask(tier, c->p, c->seed, c->offset, c->start, (long long)n, mask);
    CHECK(status == DROPFUSE_OK, "status %d: %s", status, dropfuse_last_error());
    for (size_t u = 0; u < 8 * bytes; u++)
        if ((mask[u / 8] >> u % 8 & 1) != (u < n ? keep[u] : 0))
            CHECK(0, "%s mask n=%zu start=%llu p=%.17g: bit %zu", dropfuse_tier_name(tier), n,
                  (unsigned long long)c->start, c->p, u);
    sentinels(&mask_memory, mask, bytes, 0, "mask");
}

static struct draw_case pick_draw(uint64_t units)
{
    static const double ps[] = {0.1,  0.5,  0.37,       0.999, 1e-9, 0.9999990463256836,
                                0.25, 0.75, 0.99609375, 0.004, 0,    1};
    static const uint64_t starts[] = {0,
                                      1,
                                      3,
                                      63,
                                      511,
                                      4095,
                                      4096 + 77,
                                      (UINT64_C(1) << 32) - 5,
                                      UINT64_C(68719476736) - 600, /* block numbers pass 2^32 */
                                      UINT64_C(17592186044416) + 9};
    struct draw_case c = {ps[pick_below(sizeof ps / sizeof *ps)], pick(), pick() >> 1, 0};
    const uint64_t kind = pick_below(sizeof starts / sizeof *starts + 2);
    c.start = kind < sizeof starts / sizeof *starts ? starts[kind]
              : kind % 2                            ? 0 - units
                                                    : pick() >> 2;
    if (pick_below(4) == 0)
        c.offset = (UINT64_C(1) << 63) - 1 - pick_below(3);
    return c;
}

/* All types and places of one size and draw. */
static void all_places(int tier, size_t n, const struct draw_case *c)
{
    static const size_t gaps[] = {0, 1, 2, 3, 4, 8, 12, 16, 20, 32, 48, 60, 64};
    enum { GAPS = sizeof gaps / sizeof *gaps };
    const struct layout_case l = {keep_from, 1, 1, 1};
    for (int dtype = 0; dtype < 4; dtype++)
        for (int low = 0; low < 2; low++)
            for (int in_place = 0; in_place < 2; in_place++)
                for (int turn = 0; turn < 4; turn++) {
                    struct place_case at = {in_place, low, 0, 0};
                    if (turn % 2) {
                        at.x_gap = gaps[pick_below(GAPS)];
                        at.y_gap = gaps[pick_below(GAPS)];
                    }
                    drop_case(tier, dtype, n, &at, &l, c, turn / 2 ? store_mask(n, low) : drawn);
                }
}

static void by_element(void)
{
    for (int k = 0; k < SIZES; k++)
        for (int round = 0; round < (sizes[k] > 60000 ? 2 : 6); round++) {
            const size_t n = (size_t)sizes[k];
            const uint64_t first = round % 3 == 0   ? 0
                                   : round % 3 == 1 ? pick_below(1500)
                                                    : pick_below(UINT64_C(1) << 40);
            struct draw_case c = pick_draw(n);
            if (c.start > UINT64_C(1) << 63)
                c.start -= first;
            decide(&c, first, n);
            for (const int *tier = tiers(); *tier >= 0; tier++)
                all_places(*tier, n, &c);
        }
}

static void masks(void)
{
    for (int k = 0; k < SIZES; k++)
        for (int round = 0; round < 6; round++) {
            const size_t n = (size_t)sizes[k];
            const struct draw_case c = pick_draw(n);
            decide(&c, 0, n);
            for (const int *tier = tiers(); *tier >= 0; tier++) {
                mask_case(*tier, n, &c, pick_below(70), round % 2);
                mask_case(*tier, n, &c, 0, round % 2);
            }
        }
}

static void layout_on(int tier, size_t n, size_t units, const struct layout_case *l,
                      const struct draw_case *c)
{
    for (int in_place = 0; in_place < 2; in_place++) {
        const struct place_case at = {in_place, (int)pick_below(2), pick_below(70),
                                      pick_below(70)};
        const int dtype = (int)pick_below(4);
        drop_case(tier, dtype, n, &at, l, c, drawn);
        drop_case(tier, dtype, n, &at, l, c, store_mask(units, at.low));
    }
}

static void by_layout(void)
{
    static const uint64_t runs[] = {1,  1,  1,   2,   3,   7,    16,   49,
                                    63, 64, 65, 100, 196, 513, 1000, 5000};
    static const uint64_t cycles[] = {1,  1,  2,   3,    5,    8,    63,  64,
                                      65, 200, 1000, 3584, 3585, 5000};
    static const uint64_t repeats[] = {1, 1, 2, 3, 7, 49, 100, 1000};
    for (int round = 0; round < 500; round++) {
        struct layout_case l = {0, runs[pick_below(sizeof runs / sizeof *runs)],
                                cycles[pick_below(sizeof cycles / sizeof *cycles)],
                                repeats[pick_below(sizeof repeats / sizeof *repeats)]};
        if (round % 10 == 0)
            l.run = (UINT64_C(1) << 31) + pick_below(9);
        const uint64_t period = l.run * l.cycle;
        const size_t n = pick_below(3) ? pick_below(6000) : pick_below(30000);
        switch (pick_below(4)) {
        case 0:
            break;
        case 1: /* in some block far away, across the end of a cycle */
            l.first = pick_below(1 << 20) * period * l.repeat + period - pick_below(period) % 999;
            break;
        case 2: /* around the end of a block */
            l.first = period * l.repeat * (1 + pick_below(9)) - pick_below(300) % period;
            break;
        default:
            l.first = pick_below(20000);
        }
        const uint64_t block0 = l.first / (period * l.repeat);
        const uint64_t block1 = (l.first + n) / (period * l.repeat);
        const uint64_t from = block0 * l.cycle, units = (block1 - block0 + 1) * l.cycle;
        if (units > MOST || l.first > UINT64_C(1) << 59)
            continue;
        struct draw_case c = pick_draw(units);
        if (c.start > UINT64_C(1) << 63)
            c.start -= from;
        decide(&c, from, units);
        for (const int *tier = tiers(); *tier >= 0; tier++)
            layout_on(*tier, n, units, &l, &c);
    }
}

int main(void)
{
    make_inputs();
    x_memory = fenced_new(MOST * 8 + 128);
    y_memory = fenced_new(MOST * 8 + 128);
    mask_memory = fenced_new(MOST / 8 + 256);
    by_element();
    masks();
    by_layout();
    return finish("drop");
}
