/*
 * dropfuse_drop and dropfuse_mask on every tier against the model: types, places, sizes,
 * alignments, starts, layouts and boxes, drawn and stored, with every buffer flush against a page
 * that may not be touched.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

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

/* Decisions of the model on the elements of a case. */
static unsigned char keep[MOST];

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

struct place_case {
    int in_place, low;
    size_t x_gap, y_gap;
};

static void drop_case(int tier, int dtype, const struct place_case *at, const struct units *u)
{
    call_stores = (int)pick_below(DROPFUSE_STORES_WOVEN + 1);
    const size_t size = (size_t)model_size(dtype), n = (size_t)u->count, bytes = n * size;
    const uint64_t first = (uint64_t)u->first;
    unsigned char *x = place(&x_memory, bytes, at->low, at->x_gap);
    unsigned char *y = at->in_place ? x : place(&y_memory, bytes, at->low, at->y_gap);
    const struct fenced *y_fenced = at->in_place ? &x_memory : &y_memory;
    sentinels(y_fenced, y, bytes, 1, "y");
    memset(y, SENTINEL, bytes);
    memcpy(x, inputs[dtype], bytes);

    const int status = call_drop(tier, dtype, element0(x, first, size), element0(y, first, size), u,
                                 scale);
    CHECK(status == DROPFUSE_OK, "status %d: %s", status, dropfuse_last_error());

    for (size_t e = 0; e < n; e++) {
        uint64_t got = 0;
        memcpy(&got, y + e * size, size);
        const uint64_t want = keep[e] ? scaled[dtype][e] : 0;
        if (got != want && !(model_is_nan(dtype, got) && model_is_nan(dtype, want)))
            CHECK(0,
                  "%s stores %d dtype %d n=%zu in_place=%d low=%d gaps %zu %zu first=%lld run=%lld "
                  "cycle=%lld repeat=%lld step=%lld stored=%d start=%llu p=%.17g: element %zu is "
                  "%llx, not %llx", dropfuse_tier_name(tier), call_stores, dtype, n, at->in_place, at->low,
                  at->x_gap, at->y_gap, u->first, u->run, u->cycle, u->repeat, u->step,
                  u->mask != NULL, (unsigned long long)u->start, u->p, e, (unsigned long long)got,
                  (unsigned long long)want);
    }
    CHECK(at->in_place || !memcmp(x, inputs[dtype], bytes), "the input was written");
    sentinels(y_fenced, y, bytes, 0, "y");
}

/* Makes it an error to read words of a mask that decide nothing, where that can be done. */
static void forbid(const unsigned char *mask, const unsigned char *decides, size_t bytes)
{
#if defined(__SANITIZE_ADDRESS__)
    for (size_t k = (size_t)(-(uintptr_t)mask % 8); k + 8 <= bytes; k += 8)
        if (!memchr(decides + k, 1, 8))
            __asan_poison_memory_region(mask + k, 8);
#endif
    (void)mask, (void)decides, (void)bytes;
}

static void allow_all(void)
{
#if defined(__SANITIZE_ADDRESS__)
    __asan_unpoison_memory_region(mask_memory.low, (size_t)(mask_memory.high - mask_memory.low));
#endif
}

/*
 * The same units with their decisions in a packed mask at its fence, that of unit 0 at some bit of
 * a byte before it. Other bits are either.
 */
static struct units stored(struct units u, int low)
{
    static unsigned char decides[MOST / 8 + 2];
    uint64_t least = ~UINT64_C(0), greatest = 0;
    allow_all();
    memset(decides, 0, sizeof decides);
    u.start = pick_below(600);
    for (uint64_t e = 0; e < (uint64_t)u.count; e++) {
        const uint64_t unit = model_unit(&u, (uint64_t)u.first + e);
        least = unit < least ? unit : least;
        greatest = unit > greatest ? unit : greatest;
    }
    const size_t bytes = u.count ? (size_t)(greatest / 8 - least / 8 + 1) : 0;
    unsigned char *mask = place(&mask_memory, bytes, low, pick_below(2) * pick_below(70));
    for (size_t k = 0; k < bytes; k++)
        mask[k] = (unsigned char)pick();
    for (uint64_t e = 0; e < (uint64_t)u.count; e++) {
        const uint64_t at = model_unit(&u, (uint64_t)u.first + e) - least / 8 * 8;
        mask[at / 8] = (unsigned char)((mask[at / 8] & ~(1u << at % 8)) | keep[e] << at % 8);
        decides[at / 8] = 1;
    }
    forbid(mask, decides, bytes);
    u.mask = (const void *)((uintptr_t)mask - (uintptr_t)(least / 8));
    return u;
}

static void mask_case(int tier, const struct units *u, size_t gap, int low)
{
    const size_t n = (size_t)u->count, bytes = (n + 7) / 8;
    unsigned char *mask = place(&y_memory, bytes, low, gap);
    sentinels(&y_memory, mask, bytes, 1, "mask");
    memset(mask, SENTINEL, bytes);
    const int status = call_mask(tier, element0(mask, (uint64_t)u->first / 8, 1), u);
    CHECK(status == DROPFUSE_OK, "status %d: %s", status, dropfuse_last_error());
    for (size_t e = 0; e < 8 * bytes; e++)
        if ((mask[e / 8] >> e % 8 & 1) != (e < n ? keep[e] : 0))
            CHECK(0, "%s mask n=%zu first=%lld run=%lld cycle=%lld repeat=%lld step=%lld stored=%d "
                  "start=%llu p=%.17g: bit %zu", dropfuse_tier_name(tier), n, u->first, u->run,
                  u->cycle, u->repeat, u->step, u->mask != NULL, (unsigned long long)u->start, u->p,
                  e);
    sentinels(&y_memory, mask, bytes, 0, "mask");
}

/* What decides, for a layout that has this many units from its first element's on. */
static struct units pick_draw(struct units u, uint64_t units)
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
    u.p = ps[pick_below(sizeof ps / sizeof *ps)];
    u.seed = pick();
    u.offset = pick() >> 1;
    u.mask = NULL;
    u.start = 0;
    const uint64_t kind = pick_below(sizeof starts / sizeof *starts + 2);
    u.start = kind < sizeof starts / sizeof *starts ? starts[kind]
              : kind % 2 ? 0 - units - (model_unit(&u, (uint64_t)u.first) - u.start)
                         : pick() >> 2;
    if (pick_below(4) == 0)
        u.offset = (UINT64_C(1) << 63) - 1 - pick_below(3);
    return u;
}

/* All types and places of one size and draw. */
static void all_places(int tier, const struct units *u)
{
    static const size_t gaps[] = {0, 1, 2, 3, 4, 8, 12, 16, 20, 32, 48, 60, 64};
    enum { GAPS = sizeof gaps / sizeof *gaps };
    for (int dtype = 0; dtype < 4; dtype++)
        for (int low = 0; low < 2; low++)
            for (int in_place = 0; in_place < 2; in_place++)
                for (int turn = 0; turn < 4; turn++) {
                    struct place_case at = {in_place, low, 0, 0};
                    if (turn % 2) {
                        at.x_gap = gaps[pick_below(GAPS)];
                        at.y_gap = gaps[pick_below(GAPS)];
                    }
                    const struct units these = turn / 2 ? stored(*u, low) : *u;
                    drop_case(tier, dtype, &at, &these);
                }
}

static void by_element(void)
{
    for (int k = 0; k < SIZES; k++)
        for (int round = 0; round < (sizes[k] > 60000 ? 2 : 6); round++) {
            struct units u = elements(sizes[k]);
            u.first = (long long)(round % 3 == 0   ? 0
                                  : round % 3 == 1 ? pick_below(1500)
                                                   : pick_below(UINT64_C(1) << 40));
            u = pick_draw(u, (uint64_t)sizes[k]);
            model_decide(&u, keep);
            for (const int *tier = tiers(); *tier >= 0; tier++)
                all_places(*tier, &u);
        }
}

static void masks(void)
{
    for (int k = 0; k < SIZES; k++)
        for (int round = 0; round < 6; round++) {
            const struct units u = pick_draw(elements(sizes[k]), (uint64_t)sizes[k]);
            model_decide(&u, keep);
            for (const int *tier = tiers(); *tier >= 0; tier++) {
                mask_case(*tier, &u, pick_below(70), round % 2);
                mask_case(*tier, &u, 0, round % 2);
            }
        }
}

/* Also of a mask that holds the decisions, where it fits into memory. */
static void layout_on(int tier, uint64_t units, const struct units *u)
{
    for (int in_place = 0; in_place < 2; in_place++) {
        const struct place_case at = {in_place, (int)pick_below(2), pick_below(70),
                                      pick_below(70)};
        const int dtype = (int)pick_below(4);
        drop_case(tier, dtype, &at, u);
        mask_case(tier, u, at.y_gap, at.low);
        if (units > MOST)
            continue;
        const struct units these = stored(*u, at.low);
        drop_case(tier, dtype, &at, &these);
        mask_case(tier, &these, at.y_gap, at.low);
    }
}

#define ONE_OF(list) ((long long)list[pick_below(sizeof list / sizeof *list)])

static void by_layout(int boxes)
{
    static const int runs[] = {1,  1,  1,   2,   3,   7,    16,   49,
                               63, 64, 65, 100, 196, 513, 1000, 5000};
    static const int cycles[] = {1,  1,  2,   3,    5,    8,    63,  64,
                                 65, 200, 1000, 3584, 3585, 5000, 16384, 20000};
    static const int repeats[] = {1, 1, 2, 3, 7, 49, 100, 1000};
    static const int gaps[] = {1, 3, 7, 8, 9, 15, 60, 500, 511, 512, 513, 1100, 9000, 1 << 20};
    for (int round = 0; round < 500; round++) {
        struct units u = elements(0);
        u.run = ONE_OF(runs);
        u.cycle = ONE_OF(cycles);
        u.repeat = ONE_OF(repeats);
        if (round % 10 == 0)
            u.run = (1LL << 31) + (long long)pick_below(9);
        if (boxes && pick_below(2))
            u.run = u.repeat = 1;
        u.step = u.cycle + (boxes ? ONE_OF(gaps) : 0);
        const long long period = u.run * u.cycle, block = period * u.repeat;
        u.count = (long long)(pick_below(3) ? pick_below(6000) : pick_below(30000));
        switch (pick_below(4)) {
        case 0:
            break;
        case 1: /* in some block far away, across the end of a cycle */
            u.first = (long long)pick_below(1 << 20) % (1 + (1LL << 58) / block) * block + period -
                      (long long)(pick_below((uint64_t)period) % 999);
            break;
        case 2: /* around the end of a block */
            u.first = block * (long long)(1 + pick_below(9)) -
                      (long long)(pick_below(300) % (uint64_t)period);
            break;
        default:
            u.first = (long long)pick_below(20000);
        }
        u.first -= u.first % 8; /* so that masks can be made, too */
        if (u.first > 1LL << 59)
            continue;
        const uint64_t blocks = (uint64_t)((u.first + u.count) / block - u.first / block + 1);
        const uint64_t units = blocks * (uint64_t)u.step;
        u = pick_draw(u, units);
        model_decide(&u, keep);
        for (const int *tier = tiers(); *tier >= 0; tier++)
            layout_on(*tier, units, &u);
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
    by_layout(0);
    by_layout(1);
    return finish("drop");
}
