/*
 * Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3, SC'11).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_PHILOX_H
#define DROPFUSE_PHILOX_H

#include <stdint.h>

#include "normal_draw.h"
#include "tier.h"

#define PHILOX_M0 0xD2511F53u
#define PHILOX_M1 0xCD9E8D57u
#define PHILOX_W0 0x9E3779B9u
#define PHILOX_W1 0xBB67AE85u
/** Set in the last counter word of every second draw, and in no first one. */
#define PHILOX_SECOND 0x80000000u

enum { PHILOX_ROUNDS = 10 };

/** Fetches a round's share of what is ahead, for one of a tile's FETCHING_ROUNDS. */
static inline __attribute__((always_inline)) void fetch_ahead(const struct ahead *ahead,
                                                              size_t round)
{
    if (!ahead || (round & ahead->woven))
        return;
    const size_t from = (round >> ahead->woven) * ahead->stride;
    for (int k = 0; k < 2 && ahead->at[k]; k++)
        for (size_t line = 0; line < ahead->lines; line++) {
            const char *p = ahead->at[k] + from + line * CACHE_LINE;
            if (ahead->woven) /* the second cache: its buffers are not those of the stores */
                __builtin_prefetch(p, 0, 2);
            else
                __builtin_prefetch(p);
        }
}

static inline void philox(uint32_t c[4], uint32_t k0, uint32_t k1)
{
    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        const uint64_t p0 = (uint64_t)PHILOX_M0 * c[0], p1 = (uint64_t)PHILOX_M1 * c[2];
        c[0] = (uint32_t)(p1 >> 32) ^ c[1] ^ k0;
        c[1] = (uint32_t)p1;
        c[2] = (uint32_t)(p0 >> 32) ^ c[3] ^ k1;
        c[3] = (uint32_t)p0;
        k0 += PHILOX_W0;
        k1 += PHILOX_W1;
    }
}

/** The second draw's verdict on a unit whose first 8 bits equalled the threshold's. */
static inline uint64_t second_draw(const struct draw *draw, uint64_t unit)
{
    uint32_t c[4] = {(uint32_t)(unit / 4), (uint32_t)(unit / 4 >> 32), draw->offset[0],
                     draw->offset[1] | PHILOX_SECOND};
    philox(c, draw->key[0], draw->key[1]);
    return c[unit % 4] < draw->lo;
}

/** Cuts the slice of a unit that lies in the tail: T from 2 a + 1. */
static inline float normal_second(const struct draw *draw, uint64_t unit, float t)
{
    uint32_t c[4] = {(uint32_t)(unit / 8), (uint32_t)(unit / 8 >> 32) | NORMAL_SECOND,
                     draw->offset[0], draw->offset[1] | PHILOX_SECOND};
    philox(c, draw->key[0], draw->key[1]);
    const uint32_t slice = (uint32_t)t / 2, cut = c[unit / 2 % 4] >> 16 * (unit % 2) & 0xFFFF;
    return (float)(2 * (slice << 16 | cut) + 1) * 0x1p-16f;
}

#endif
