/*
 * A tier's second draws by themselves. A draw leaves one unit in 256 to them, and one normal number in
 * 512, so that no seed is known that leaves them many.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPEN_UNITS_H
#define OPEN_UNITS_H

#include "tier.h"

/** Decides the units of DRAW_TILES tiles whose bits are set in `open`; of `bits`, theirs are 0. */
typedef void open_units_function(const struct draw *draw, uint64_t tile, const uint64_t *open,
                                 uint64_t *bits);
open_units_function open_units_avx2, open_units_avx512, open_units_neon;

/**
 * Decides all units of NORMAL_TILES tiles, as if all were in the outermost slices: z has their signed
 * arguments, and then their numbers.
 */
void outermost_units_avx512(const struct draw *draw, uint64_t tile, float *z);

#endif
