/*
 * Second draws for tiers that resolve 8 units at a time but cannot squeeze vectors.
 *
 * One unit in 256 needs the second draw, one word in five: a branch on each would be mispredicted
 * all the time. So words that have such a unit are listed without branches, and the lowest open
 * units of 8 words are decided together; a word with more of them is listed again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_SECOND_DRAWS_H
#define DROPFUSE_SECOND_DRAWS_H

#include "philox.h"

enum { TOGETHER = 8 };

/** Bit j of the result: whether the second draw keeps units[j]. */
typedef unsigned resolve_function(const struct draw *draw, const uint64_t units[TOGETHER]);

/**
 * Decides the units from `first` on whose bits are set in the words `open`, which have room for
 * one word more and are zero afterwards.
 */
static inline void second_draws(const struct draw *draw, uint64_t first, uint64_t *open,
                                size_t words, uint64_t *bits, resolve_function *resolve)
{
    uint16_t list[DRAW_WORDS + TOGETHER];
    size_t count = 0;
    for (size_t w = 0; w < words; w++) {
        list[count] = (uint16_t)w;
        count += open[w] != 0;
    }
    open[words] = 0;
    while (count) {
        for (size_t j = 0; j < TOGETHER; j++)
            list[count + j] = (uint16_t)words; /* a word without open units, to fill up */
        size_t again = 0;
        for (size_t k = 0; k < count; k += TOGETHER) {
            uint16_t at[TOGETHER];
            uint64_t units[TOGETHER], lowest[TOGETHER];
            for (size_t j = 0; j < TOGETHER; j++) {
                const uint16_t w = list[k + j];
                const uint64_t word = open[w];
                at[j] = w < words ? w : 0;
                units[j] = first + 64 * (uint64_t)w + (word ? (unsigned)__builtin_ctzll(word) : 0);
                lowest[j] = word & -word;
                open[w] = word & (word - 1);
                list[again] = w; /* behind what is read */
                again += open[w] != 0;
            }
            const unsigned keep = resolve(draw, units);
            for (size_t j = 0; j < TOGETHER; j++)
                bits[at[j]] |= lowest[j] & -(uint64_t)(keep >> j & 1);
        }
        count = again;
    }
}

#endif
