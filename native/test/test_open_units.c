/*
 * Second draws of any number of units, up to all of a window's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>

#include "harness.h"
#include "open_units.h"
#define TIER scalar
#include "normal.h"

#if defined(__x86_64__)
static open_units_function *const functions[] = {[DROPFUSE_TIER_AVX2] = open_units_avx2,
                                                 [DROPFUSE_TIER_AVX512] = open_units_avx512};
#else
static open_units_function *const functions[] = {[DROPFUSE_TIER_NEON] = open_units_neon};
#endif

static void decide(open_units_function *function, const char *tier, const uint64_t *open)
{
    const struct draw draw = {.key = {(uint32_t)pick(), (uint32_t)pick()},
                              .offset = {(uint32_t)pick(), (uint32_t)pick() >> 1},
                              .lo = (uint32_t)pick()};
    const uint64_t tile = pick_below(UINT64_C(1) << 40);
    uint64_t bits[DRAW_WORDS], expected[DRAW_WORDS];
    for (size_t w = 0; w < DRAW_WORDS; w++) {
        bits[w] = expected[w] = pick() & ~open[w];
        for (uint64_t left = open[w]; left; left &= left - 1) {
            const uint64_t bit = (uint64_t)__builtin_ctzll(left);
            expected[w] |= second_draw(&draw, tile * TILE + w * 64 + bit) << bit;
        }
    }
    function(&draw, tile, open, bits);
    for (size_t w = 0; w < DRAW_WORDS; w++)
        CHECK(bits[w] == expected[w], "%s: word %zu is %" PRIx64 ", expected %" PRIx64, tier, w,
              bits[w], expected[w]);
}

#if defined(__x86_64__)
static void outermost(void)
{
    static float z[NORMAL_TILES * NORMAL_TILE], expected[NORMAL_TILES * NORMAL_TILE];
    const struct draw draw = {.key = {(uint32_t)pick(), (uint32_t)pick()},
                              .offset = {(uint32_t)pick(), (uint32_t)pick() >> 1}};
    const uint64_t tile = pick_below(UINT64_C(1) << 40);
    for (size_t k = 0; k < NORMAL_TILES * NORMAL_TILE; k++) {
        const float t = (float)(2 * pick_below(NORMAL_OUTERMOST) + 1), sign = pick() & 1 ? -1 : 1;
        z[k] = sign * t;
        expected[k] = sign * quantile(normal_second(&draw, tile * NORMAL_TILE + k, t));
    }
    outermost_units_avx512(&draw, tile, z);
    for (size_t k = 0; k < NORMAL_TILES * NORMAL_TILE; k++)
        CHECK(memcmp(&z[k], &expected[k], sizeof *z) == 0, "normal number %zu is %a, expected %a",
              k, z[k], expected[k]);
}
#endif

int main(void)
{
    static const size_t counts[] = {0, 1, 7, 8, 9, 63, 64, 247, 248, 249, 255, DRAW_WORDS};
    pick_from(13);
    for (const int *tier = tiers(); *tier >= 0; tier++) {
        if ((size_t)*tier >= sizeof functions / sizeof *functions || !functions[*tier])
            continue; /* scalar, which decides at once */
        for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
            for (int all = 0; all < 2; all++) {
                uint64_t open[DRAW_WORDS] = {0};
                for (size_t some = counts[k]; some;) {
                    const size_t w = pick_below(DRAW_WORDS);
                    some -= !open[w];
                    open[w] = all ? UINT64_MAX : open[w] ? open[w] : pick() | 1;
                }
                decide(functions[*tier], dropfuse_tier_name(*tier), open);
            }
    }
#if defined(__x86_64__)
    if (dropfuse_tier_available(DROPFUSE_TIER_AVX512) == 1)
        outermost();
#endif
    return finish("open_units");
}
