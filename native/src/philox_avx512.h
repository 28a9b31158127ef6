/*
 * Philox in AVX-512. A 64-bit lane holds one block: the multiplier reads the low half of each lane
 * and the upper halves are left to whatever they are. A round is then two products, two shifts and
 * two three-way XORs for 8 blocks. Blocks with even and odd numbers live in vectors of their own,
 * which the last round merges into words in order at no cost.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_PHILOX_AVX512_H
#define DROPFUSE_PHILOX_AVX512_H

#include <immintrin.h>

#include "philox.h"

#define INLINE static inline __attribute__((always_inline))

enum { TILE_BLOCKS = 32, XOR3 = 0x96, EVEN = 0x5555, ODD = 0xAAAA };

/*
 * What all tiles of a call share. It stays in memory: a broadcast from there costs a load alone,
 * and nothing has to be saved around the work that is done between the tiles.
 */
struct plan {
    uint64_t k0[PHILOX_ROUNDS], k1[PHILOX_ROUNDS];
    uint64_t c2_key;               /* XORed into c2 by the first round */
    uint64_t c0_key;               /* XORed into c0 by the second */
    uint64_t c2_second, c3_second; /* c3 after the second round, and what goes into c2 */
    uint64_t hi;                   /* in each byte */
};

/* c1 and c3 are the products of the round before: their low halves are what counts. */
struct state {
    __m512i c0, c1, c2, c3;
};

static inline void prepare(struct plan *plan, const struct draw *draw, uint64_t block)
{
    for (uint32_t r = 0; r < PHILOX_ROUNDS; r++) {
        plan->k0[r] = draw->key[0] + r * PHILOX_W0;
        plan->k1[r] = draw->key[1] + r * PHILOX_W1;
    }
    const uint64_t p1 = (uint64_t)PHILOX_M1 * draw->offset[0];
    const uint32_t c0 = (uint32_t)((p1 >> 32) ^ (block >> 32) ^ plan->k0[0]);
    const uint64_t p0 = (uint64_t)PHILOX_M0 * c0;
    plan->c2_key = draw->offset[1] ^ plan->k1[0];
    plan->c0_key = (uint32_t)p1 ^ plan->k0[1];
    plan->c2_second = (p0 >> 32) ^ plan->k1[1];
    plan->c3_second = (uint32_t)p0;
    plan->hi = draw->hi * UINT64_C(0x0101010101010101);
}

INLINE __m512i all(uint64_t v)
{
    return _mm512_set1_epi64((long long)v);
}

/* By a shuffle: it leaves the shifts' port to the products of some processors. */
INLINE __m512i high(__m512i product)
{
    return _mm512_shuffle_epi32(product, _MM_PERM_DDBB);
}

INLINE __m512i xor3(__m512i a, __m512i b, __m512i c)
{
    return _mm512_ternarylogic_epi64(a, b, c, XOR3);
}

INLINE struct state round_of(struct state s, uint64_t k0, uint64_t k1)
{
    const __m512i p0 = _mm512_mul_epu32(s.c0, all(PHILOX_M0));
    const __m512i p1 = _mm512_mul_epu32(s.c2, all(PHILOX_M1));
    return (struct state){xor3(high(p1), s.c1, all(k0)), p1, xor3(high(p0), s.c3, all(k1)), p0};
}

/* Low halves of the even lanes' results below those of the odd ones. */
INLINE __m512i merge_low(__m512i even, __m512i odd)
{
    return _mm512_mask_shuffle_epi32(even, ODD, odd, _MM_PERM_CDAB);
}

INLINE __m512i merge_high(__m512i even, __m512i odd)
{
    return _mm512_mask_shuffle_epi32(odd, EVEN, even, _MM_PERM_CDAB);
}

/* The last round of 16 blocks: word w of them all, in the blocks' order. */
INLINE void last_round(struct state even, struct state odd, uint64_t k0, uint64_t k1,
                       __m512i words[4])
{
    const __m512i e0 = _mm512_mul_epu32(even.c0, all(PHILOX_M0));
    const __m512i e1 = _mm512_mul_epu32(even.c2, all(PHILOX_M1));
    const __m512i o0 = _mm512_mul_epu32(odd.c0, all(PHILOX_M0));
    const __m512i o1 = _mm512_mul_epu32(odd.c2, all(PHILOX_M1));
    words[0] = xor3(merge_high(e1, o1), merge_low(even.c1, odd.c1),
                    _mm512_set1_epi32((int)(uint32_t)k0));
    words[1] = merge_low(e1, o1);
    words[2] = xor3(merge_high(e0, o0), merge_low(even.c3, odd.c3),
                    _mm512_set1_epi32((int)(uint32_t)k1));
    words[3] = merge_low(e0, o0);
}

/* Two rounds of 8 blocks with even or odd numbers from the given one on. */
INLINE struct state begin(const struct plan *plan, uint64_t block)
{
    const __m512i even = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0);
    /* A product by parts: that of the even numbers is a constant. */
    const __m512i p0 = _mm512_add_epi64(_mm512_mul_epu32(even, all(PHILOX_M0)),
                                        all(PHILOX_M0 * block));
    const __m512i c2 = _mm512_xor_si512(_mm512_srli_epi64(p0, 32), all(plan->c2_key));
    const __m512i p1 = _mm512_mul_epu32(c2, all(PHILOX_M1));
    return (struct state){_mm512_xor_si512(_mm512_srli_epi64(p1, 32), all(plan->c0_key)), p1,
                          _mm512_xor_si512(p0, all(plan->c2_second)), all(plan->c3_second)};
}

/* All rounds of 32 blocks but the last: even and odd ones of each half. */
INLINE void rounds(const struct plan *plan, uint64_t block, struct state s[4],
                   const struct ahead *ahead)
{
    for (unsigned v = 0; v < 4; v++)
        s[v] = begin(plan, block + v / 2 * 16 + v % 2);
#pragma GCC unroll 8
    for (int r = 2; r < PHILOX_ROUNDS - 1; r++) {
        fetch_ahead(ahead, (size_t)r - 2);
        for (int v = 0; v < 4; v++)
            s[v] = round_of(s[v], plan->k0[r], plan->k1[r]);
    }
}

#endif
