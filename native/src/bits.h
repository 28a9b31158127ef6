/*
 * Words of packed bits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_BITS_H
#define DROPFUSE_BITS_H

#include <stdint.h>
#include <string.h>

/** 64 bits from any position; the word after the one that holds the position is read too. */
static inline __attribute__((always_inline)) uint64_t bits_from(const uint64_t *bits, uint64_t bit)
{
    const uint64_t *word = bits + bit / 64;
    return word[0] >> bit % 64 | word[1] << 1 << (63 - bit % 64);
}

static inline uint64_t low_bits(uint64_t n)
{
    return n < 64 ? (UINT64_C(1) << n) - 1 : ~UINT64_C(0);
}

/** 64 bytes of 0 or 1 to 64 bits: the product moves the lowest bits of 8 bytes into the top one. */
static inline uint64_t packed(const unsigned char flags[64])
{
    uint64_t word = 0;
    for (int k = 0; k < 8; k++) {
        uint64_t eight;
        memcpy(&eight, flags + 8 * k, sizeof eight);
        word |= eight * UINT64_C(0x0102040810204080) >> 56 << 8 * k;
    }
    return word;
}

#endif
