/*
 * The draw alone, on every tier against the model, where it decides closely: thresholds at the ends of
 * their range, second draws that equal the threshold's low word, and words of counters that wrap.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "harness.h"
#include "model.h"

enum { MOST = 40 * 512 };

static unsigned char mask[MOST / 8 + 1], keep[MOST];

/* p of a threshold, which is exact: (1 - p) * 2^40 is it again. */
static double p_of(uint64_t threshold)
{
    return 1 - (double)threshold * 0x1p-40;
}

static void draw(const struct units *u)
{
    model_decide(u, keep);
    for (const int *tier = tiers(); *tier >= 0; tier++) {
        memset(mask, 0xA5, sizeof mask);
        CHECK(!call_mask(*tier, mask, u), "%s", dropfuse_last_error());
        for (size_t e = 0; e < (size_t)u->count; e++)
            if ((mask[e / 8] >> e % 8 & 1) != keep[e])
                CHECK(0, "%s p=%.17g seed=%llx offset=%llx start=%llx n=%lld: unit %zu",
                      dropfuse_tier_name(*tier), u->p, (unsigned long long)u->seed,
                      (unsigned long long)u->offset, (unsigned long long)u->start, u->count, e);
    }
}

static void thresholds(void)
{
    static const uint64_t some[] = {1,
                                    2,
                                    0xFFFFFFFF,
                                    UINT64_C(1) << 32,
                                    (UINT64_C(1) << 32) + 1,
                                    UINT64_C(0x7F00000000),
                                    UINT64_C(0x7FFFFFFFFF),
                                    UINT64_C(0x8000000000),
                                    UINT64_C(0x8000000001),
                                    UINT64_C(0x8080000000),
                                    UINT64_C(0xFE80000001),
                                    UINT64_C(0xFF00000000),
                                    UINT64_C(0xFF00000001),
                                    UINT64_C(0xFF7FFFFFFF),
                                    UINT64_C(0xFFFFFFFFFF)};
    for (size_t k = 0; k < sizeof some / sizeof *some; k++) {
        struct units u = elements(3000 + (long long)pick_below(MOST - 3000));
        u.p = p_of(some[k]);
        u.seed = pick();
        u.offset = pick() >> 1;
        u.start = pick();
        draw(&u);
    }
}

/* The second draw of a unit is the low word of the threshold, or one less, which keeps it. */
static void ties(void)
{
    for (int round = 0; round < 12; round++) {
        struct units u = elements(2048);
        u.seed = pick();
        u.offset = pick() >> 1;
        u.start = pick() >> (round % 2 ? 1 : 40);
        const uint64_t unit = u.start + pick_below(2048);
        uint32_t second[4] = {(uint32_t)(unit / 4), (uint32_t)(unit / 4 >> 32), (uint32_t)u.offset,
                              (uint32_t)(u.offset >> 32) | 0x80000000};
        model_philox(second, (uint32_t)u.seed, (uint32_t)(u.seed >> 32));
        uint64_t first = 0; /* the first 8 bits of that unit: the model keeps it above them */
        while (first < 255 && !model_keep(p_of((first + 1) << 32), u.seed, u.offset, unit))
            first++;
        for (uint64_t more = 0; more < 2; more++) {
            u.p = p_of((first << 32) + second[unit % 4] + more);
            CHECK(model_keep(u.p, u.seed, u.offset, unit) == (int)more, "a tie, model");
            draw(&u);
        }
    }
}

/* A unit whose second draw is 0, which took 2^31 units to find: the least threshold keeps it. */
static void least_of_second_draws(void)
{
    struct units u = elements(1024);
    u.seed = 7;
    u.offset = 0;
    u.start = UINT64_C(2318281890) / 1024 * 1024;
    for (uint64_t hi = 0; hi < 256; hi++)
        for (uint64_t lo = 0; lo < 2; lo++) {
            u.p = p_of((hi << 32) + lo);
            draw(&u);
        }
}

/* Each of the counter's words, and of the group of tiles that is drawn at once, passes its end. */
static void wraps(void)
{
    static const uint64_t ends[] = {UINT64_C(1) << 34, UINT64_C(1) << 36, UINT64_C(1) << 41,
                                    UINT64_C(7) << 36, UINT64_C(5) << 34, UINT64_C(1) << 63, 0};
    static const uint64_t before[] = {1, 511, 512, 513, 2048, 16384, 16385, 18000};
    for (size_t k = 0; k < sizeof ends / sizeof *ends; k++)
        for (size_t j = 0; j < sizeof before / sizeof *before; j++) {
            struct units u = elements(ends[k] ? 18500 : (long long)before[j]);
            u.p = p_of(pick() >> 24);
            u.seed = pick();
            u.offset = pick() >> 1;
            u.start = ends[k] - before[j];
            draw(&u);
        }
}

int main(void)
{
    pick_from(44);
    thresholds();
    ties();
    least_of_second_draws();
    wraps();
    return finish("draw");
}
