/*
 * Second draws for tiers that resolve 8 units at a time but cannot squeeze vectors.
 *
 * One unit in 256 needs the second draw, one word in five: a branch on each would be
 * mispredicted all the time. So words that have such a unit are listed without branches, and the lowest
 * open units of all of them are decided together; a word with more of them is listed again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_SECOND_DRAWS_H
#define DROPFUSE_SECOND_DRAWS_H

#include "philox.h"

enum { TOGETHER = 8 };

/** Bit j of the result: whether the second draw keeps units[j]. */
typedef unsigned resolve_function(const struct draw *draw, const uint64_t units[TOGETHER]);

/** Words whose bits are the units that need the second draw. At first, count is 0. */
struct open_words {
    size_t count;
    uint64_t bits[DRAW_WORDS];
    uint16_t list[DRAW_WORDS];
};

/** Sets a word that was not set before, and lists it if it has open units. */
static inline __attribute__((always_inline)) void open_word(struct open_words *open, size_t w,
                                                            uint64_t bits)
{
    open->bits[w] = bits;
    open->list[open->count] = (uint16_t)w;
    open->count += bits != 0;
}

/** Decides the open units, of which bit 0 of word 0 is the first; of `bits`, theirs are 0. */
static inline void second_draws(const struct draw *draw, uint64_t first, struct open_words *open,
                                uint64_t *bits, resolve_function *resolve)
{
    uint16_t *const list = open->list;
    uint64_t units[DRAW_WORDS + TOGETHER];
    uint8_t keep[DRAW_WORDS / TOGETHER];
    while (open->count) {
        const size_t count = open->count;
        for (size_t k = 0; k < count; k++)
            units[k] = first + 64 * (uint64_t)list[k] + (unsigned)__builtin_ctzll(open->bits[list[k]]);
        for (size_t k = 0; k < TOGETHER; k++)
            units[count + k] = first; /* to fill up */
        for (size_t k = 0; k < count; k += TOGETHER)
            keep[k / TOGETHER] = (uint8_t)resolve(draw, units + k);
        open->count = 0; /* what is listed again stays behind what is read */
        for (size_t k = 0; k < count; k++) {
            const size_t w = list[k];
            const uint64_t word = open->bits[w], kept = keep[k / TOGETHER] >> k % TOGETHER & 1;
            bits[w] |= word & -word & -kept;
            open_word(open, w, word & (word - 1));
        }
    }
}

#endif
