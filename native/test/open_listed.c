/*
 * Of the tiers that list words by second_draws.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#if defined(__aarch64__)
#include "draw_neon.c"
#define open_units open_units_neon
#else
#include "draw_avx2.c"
#define open_units open_units_avx2
#endif

#include "open_units.h"

void open_units(const struct draw *draw, uint64_t tile, const uint64_t *open, uint64_t *bits)
{
    struct open_words some;
    some.count = 0;
    for (size_t w = 0; w < DRAW_WORDS; w++)
        open_word(&some, w, open[w]);
    second_draws(draw, tile * TILE, &some, bits, resolve);
}
