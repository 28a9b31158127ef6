/* SPDX-License-Identifier: Apache-2.0 */
#include "normal_avx512.c"

#include "open_units.h"

void outermost_units_avx512(const struct draw *draw, uint64_t tile, float *z)
{
    uint32_t open[CALL_WORDS];
    memset(open, 0xFF, sizeof open);
    outer_of(open, draw, tile * NORMAL_TILE, z);
}
