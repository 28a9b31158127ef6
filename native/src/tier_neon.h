/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DROPFUSE_TIER_NEON_H
#define DROPFUSE_TIER_NEON_H

#include "tier.h"

void draw_neon(const struct draw *draw, uint64_t tile, size_t tiles, uint64_t *bits,
               struct meanwhile meanwhile);

#endif
