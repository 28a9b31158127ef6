/*
 * Philox in AVX2: a 64-bit lane holds one block, of which the low halves count. 8 blocks are computed
 * together, in two vectors. That is what registers hold: with more, Zen 2 spends its time on spills.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_PHILOX_AVX2_H
#define DROPFUSE_PHILOX_AVX2_H

#include <immintrin.h>

#include "philox.h"

#define INLINE static inline __attribute__((always_inline))

enum { TILE_BLOCKS = TILE / 16, TOGETHER_BLOCKS = 8, TILE_PARTS = TILE_BLOCKS / TOGETHER_BLOCKS };

/*
 * What all tiles of a call share. The high half of a product is used by its own round, and the low
 * half by the next one. So the keys of two rounds go in by one XOR, in even rounds into the products
 * of c0, in odd ones into those of c2.
 */
struct plan {
    uint64_t keys[PHILOX_ROUNDS];
};

/* c1 and c3 are the products of the round before: their low halves are what counts. */
struct state {
    __m256i c0, c1, c2, c3;
};

INLINE __m256i all(uint64_t v)
{
    return _mm256_set1_epi64x((long long)v);
}

INLINE __m256i both(uint32_t v)
{
    return _mm256_set1_epi32((int)v);
}

INLINE uint64_t halves(uint32_t high, uint32_t low)
{
    return (uint64_t)high << 32 | low;
}

/* `flip` is XORed into words 0 and 2 of the output. */
static inline void prepare(struct plan *plan, const struct draw *draw, uint64_t block,
                           uint32_t flip)
{
    enum { LAST = PHILOX_ROUNDS - 1 };
    const uint32_t key0 = draw->key[0], key1 = draw->key[1];
    for (uint32_t r = 0; r < LAST; r += 2) {
        plan->keys[r] = halves(key1 + r * PHILOX_W1, key1 + (r + 1) * PHILOX_W1);
        plan->keys[r + 1] = halves(key0 + (r + 1) * PHILOX_W0, key0 + (r + 2) * PHILOX_W0);
    }
    /* The blocks share c1, c2 and c3, so the first round's product of c2 and the second's of c0. */
    const uint64_t p1 = (uint64_t)PHILOX_M1 * draw->offset[0];
    const uint64_t p0 = (uint64_t)PHILOX_M0 * (uint32_t)((p1 >> 32) ^ (block >> 32) ^ key0);
    plan->keys[0] ^= halves(draw->offset[1], (uint32_t)(p0 >> 32));
    plan->keys[1] ^= halves((uint32_t)p1, 0);
    plan->keys[2] ^= halves((uint32_t)p0, 0);
    /* The last round takes its key for words, not for products. */
    plan->keys[LAST - 1] ^= flip;
    const uint32_t last = (key0 + LAST * PHILOX_W0) ^ flip;
    plan->keys[LAST] = halves(last, last);
}

/* By a shuffle, which more of the processors' units do than a shift. */
INLINE __m256i high(__m256i product)
{
    return _mm256_shuffle_epi32(product, 0xF5);
}

INLINE __m256i times(__m256i c, uint32_t multiplier)
{
    return _mm256_mul_epu32(c, all(multiplier));
}

/* Two rounds of 4 blocks, which the lanes of `numbers` count from `block` on. */
INLINE struct state begin(const struct plan *plan, uint64_t block, __m256i numbers)
{
    /* A product by parts: that of the lanes' numbers is a constant. */
    const __m256i p0 = _mm256_xor_si256(
        _mm256_add_epi64(times(numbers, PHILOX_M0), all(PHILOX_M0 * block)), all(plan->keys[0]));
    const __m256i p1 = _mm256_xor_si256(times(high(p0), PHILOX_M1), all(plan->keys[1]));
    return (struct state){high(p1), p1, p0, _mm256_setzero_si256()};
}

INLINE struct state round_of(const struct plan *plan, int r, struct state s)
{
    __m256i p0 = times(s.c0, PHILOX_M0), p1 = times(s.c2, PHILOX_M1);
    if (r % 2 == 0)
        p0 = _mm256_xor_si256(p0, all(plan->keys[r]));
    else
        p1 = _mm256_xor_si256(p1, all(plan->keys[r]));
    return (struct state){_mm256_xor_si256(high(p1), s.c1), p1, _mm256_xor_si256(high(p0), s.c3), p0};
}

/* The same with keys of its own, for blocks that share nothing else. */
INLINE struct state round_with(struct state s, __m256i k0, __m256i k1)
{
    const __m256i p0 = times(s.c0, PHILOX_M0), p1 = times(s.c2, PHILOX_M1);
    return (struct state){_mm256_xor_si256(high(p1), _mm256_xor_si256(s.c1, k0)), p1,
                          _mm256_xor_si256(high(p0), _mm256_xor_si256(s.c3, k1)), p0};
}

/* Low halves of a, and those of b behind them, in each half of a register; and high halves. */
INLINE __m256i lows(__m256i a, __m256i b)
{
    return _mm256_castps_si256(
        _mm256_shuffle_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b), 0x88));
}

INLINE __m256i highs(__m256i a, __m256i b)
{
    return _mm256_castps_si256(
        _mm256_shuffle_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b), 0xDD));
}

/* Two rounds of 8 blocks, in the places that last_round() puts in order. */
INLINE void begin8(const struct plan *plan, uint64_t block, struct state *a, struct state *b)
{
    *a = begin(plan, block, _mm256_set_epi64x(5, 4, 1, 0));
    *b = begin(plan, block, _mm256_set_epi64x(7, 6, 3, 2));
}

/* The last round: word w of the 8 blocks, in the blocks' order, for w from 0 to 3. */
INLINE void last_round(const struct plan *plan, struct state a, struct state b, __m256i words[4])
{
    const __m256i a0 = times(a.c0, PHILOX_M0), a1 = times(a.c2, PHILOX_M1);
    const __m256i b0 = times(b.c0, PHILOX_M0), b1 = times(b.c2, PHILOX_M1);
    const __m256i c1 = _mm256_xor_si256(lows(a.c1, b.c1), all(plan->keys[PHILOX_ROUNDS - 1]));
    words[0] = _mm256_xor_si256(highs(a1, b1), c1);
    words[1] = lows(a1, b1);
    words[2] = _mm256_xor_si256(highs(a0, b0), lows(a.c3, b.c3));
    words[3] = lows(a0, b0);
}

#endif
