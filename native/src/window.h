/*
 * Decisions of a stretch of units, drawn or read from a stored mask.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_WINDOW_H
#define DROPFUSE_WINDOW_H

#include "tier.h"

/** Where decisions come from: a stored mask, or where that is 0, the draw. */
struct source {
    const struct tier *tier;
    uintptr_t mask; /* of unit 0, which need not be there */
    struct draw draw;
};

/** Bit u - base of `bits` decides unit u, for base <= u < base + count; a spare word follows. */
struct window {
    uint64_t base;
    uint64_t count;
    uint64_t bits[DRAW_WORDS + 1];
};

/**
 * Fills the window from `unit` (or a little before) to at most `last`, as far as it reaches: past
 * the end of the draw's group of tiles or of `last`, whichever is first.
 */
void window_fill(struct window *window, const struct source *source, uint64_t unit, uint64_t last,
                 struct meanwhile meanwhile);

#endif
