/* SPDX-License-Identifier: Apache-2.0 */
#include "draw_avx2.c"

#include "open_units.h"

void open_units_avx2(const struct draw *draw, uint64_t tile, const uint64_t *open, uint64_t *bits)
{
    struct open_words some;
    some.count = 0;
    for (size_t w = 0; w < DRAW_WORDS; w++)
        open_word(&some, w, open[w]);
    second_draws(draw, tile * TILE, &some, bits, resolve);
}
