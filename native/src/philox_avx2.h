/*
 * Philox in AVX2, in the manner of philox_avx512.h: a 64-bit lane holds one block, of which the low
 * halves count, and blocks with even and odd numbers live in vectors of their own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_PHILOX_AVX2_H
#define DROPFUSE_PHILOX_AVX2_H

#include <immintrin.h>

#include "philox.h"

#define INLINE static inline __attribute__((always_inline))

enum { TILE_BLOCKS = TILE / 16, ODD = 0xAA };

/* What all tiles of a call share, as vectors in memory: operations take them from there. */
struct plan {
    __m256i k0[PHILOX_ROUNDS], k1[PHILOX_ROUNDS];
    __m256i c2_key;               /* XORed into c2 by the first round */
    __m256i c0_key;               /* XORed into c0 by the second */
    __m256i c2_second, c3_second; /* c3 after the second round, and what goes into c2 */
    __m256i hi;                   /* in each byte */
};

/* c1 and c3 are the products of the round before: their low halves are what counts. */
struct state {
    __m256i c0, c1, c2, c3;
};

INLINE __m256i all(uint64_t v)
{
    return _mm256_set1_epi64x((long long)v);
}

/* In both halves, so that the merged words of the last round can take it too. */
INLINE __m256i both(uint32_t v)
{
    return _mm256_set1_epi32((int)v);
}

static inline void prepare(struct plan *plan, const struct draw *draw, uint64_t block)
{
    uint32_t k0[PHILOX_ROUNDS], k1[PHILOX_ROUNDS];
    for (uint32_t r = 0; r < PHILOX_ROUNDS; r++) {
        k0[r] = draw->key[0] + r * PHILOX_W0;
        k1[r] = draw->key[1] + r * PHILOX_W1;
        plan->k0[r] = both(k0[r]);
        plan->k1[r] = both(k1[r]);
    }
    const uint64_t p1 = (uint64_t)PHILOX_M1 * draw->offset[0];
    const uint64_t p0 = (uint64_t)PHILOX_M0 *
                        (uint32_t)((p1 >> 32) ^ (block >> 32) ^ k0[0]);
    plan->c2_key = both(draw->offset[1] ^ k1[0]);
    plan->c0_key = both((uint32_t)p1 ^ k0[1]);
    plan->c2_second = both((uint32_t)(p0 >> 32) ^ k1[1]);
    plan->c3_second = both((uint32_t)p0);
    plan->hi = _mm256_set1_epi8((char)draw->hi);
}

INLINE __m256i high(__m256i product)
{
    return _mm256_srli_epi64(product, 32);
}

INLINE __m256i xor3(__m256i a, __m256i b, __m256i c)
{
    return _mm256_xor_si256(_mm256_xor_si256(a, b), c);
}

INLINE struct state round_of(struct state s, __m256i k0, __m256i k1)
{
    const __m256i p0 = _mm256_mul_epu32(s.c0, all(PHILOX_M0));
    const __m256i p1 = _mm256_mul_epu32(s.c2, all(PHILOX_M1));
    return (struct state){xor3(high(p1), s.c1, k0), p1, xor3(high(p0), s.c3, k1), p0};
}

/* Low halves of the even lanes' results below those of the odd ones; and high halves. */
INLINE __m256i merge_low(__m256i even, __m256i odd)
{
    return _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), ODD);
}

INLINE __m256i merge_high(__m256i even, __m256i odd)
{
    return _mm256_blend_epi32(high(even), odd, ODD);
}

/* Two rounds of 4 blocks with even or odd numbers from the given one on. */
INLINE struct state begin(const struct plan *plan, uint64_t block)
{
    const __m256i even = _mm256_set_epi64x(6, 4, 2, 0);
    /* A product by parts: that of the even numbers is a constant. */
    const __m256i p0 = _mm256_add_epi64(_mm256_mul_epu32(even, all(PHILOX_M0)),
                                        all(PHILOX_M0 * block));
    const __m256i c2 = _mm256_xor_si256(high(p0), plan->c2_key);
    const __m256i p1 = _mm256_mul_epu32(c2, all(PHILOX_M1));
    return (struct state){_mm256_xor_si256(high(p1), plan->c0_key), p1,
                          _mm256_xor_si256(p0, plan->c2_second), plan->c3_second};
}

/*
 * All rounds of 32 blocks but the last: even and odd ones of each quarter. The registers do not
 * hold 8 vectors side by side, but latencies matter more.
 */
INLINE void rounds(const struct plan *plan, uint64_t block, struct state s[8],
                   const struct ahead *ahead)
{
    for (unsigned v = 0; v < 8; v++)
        s[v] = begin(plan, block + v / 2 * 8 + v % 2);
#pragma GCC unroll 8
    for (int r = 2; r < PHILOX_ROUNDS - 1; r++) {
        fetch_ahead(ahead, (size_t)r - 2);
        for (int v = 0; v < 8; v++)
            s[v] = round_of(s[v], plan->k0[r], plan->k1[r]);
    }
}

/* The last round of 8 blocks: word w of them all, in the blocks' order. */
INLINE void last_round(const struct plan *plan, struct state even, struct state odd,
                       __m256i words[4])
{
    enum { LAST = PHILOX_ROUNDS - 1 };
    const __m256i e0 = _mm256_mul_epu32(even.c0, all(PHILOX_M0));
    const __m256i e1 = _mm256_mul_epu32(even.c2, all(PHILOX_M1));
    const __m256i o0 = _mm256_mul_epu32(odd.c0, all(PHILOX_M0));
    const __m256i o1 = _mm256_mul_epu32(odd.c2, all(PHILOX_M1));
    words[0] = xor3(merge_high(e1, o1), merge_low(even.c1, odd.c1), plan->k0[LAST]);
    words[1] = merge_low(e1, o1);
    words[2] = xor3(merge_high(e0, o0), merge_low(even.c3, odd.c3), plan->k1[LAST]);
    words[3] = merge_low(e0, o0);
}

#endif
