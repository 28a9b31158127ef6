/* SPDX-License-Identifier: Apache-2.0 */
#include "draw_avx512.c"

#include "open_units.h"

void open_units_avx512(const struct draw *draw, uint64_t tile, const uint64_t *open,
                       uint64_t *bits)
{
    struct plan plan;
    prepare(&plan, draw, tile * TILE_BLOCKS);
    struct open_words some;
    some.count = 0;
    for (size_t t = 0; t < DRAW_TILES; t++)
        append_tile(&some, open, t);
    while (some.count)
        second_draws(draw, &plan, tile * TILE, &some, bits);
}
