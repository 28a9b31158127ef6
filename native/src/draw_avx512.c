/*
 * The draw in AVX-512. A 64-bit lane holds one block: the multiplier reads the low half of each
 * lane and the upper halves are left to whatever they are. A round is then two products, two
 * shifts and two three-way XORs for 8 blocks. Blocks with even and odd numbers live in vectors of
 * their own, which the last round merges into words in order at no cost.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <immintrin.h>

#include "philox.h"
#include "tier_avx512.h"

#define INLINE static inline __attribute__((always_inline))

enum { TILE_BLOCKS = TILE / 16, XOR3 = 0x96, EVEN = 0x5555, ODD = 0xAAAA };

struct keys {
    uint64_t k0[PHILOX_ROUNDS], k1[PHILOX_ROUNDS];
};

/* c1 and c3 are the products of the round before: their low halves are what counts. */
struct state {
    __m512i c0, c1, c2, c3;
};

static struct keys schedule(const struct draw *draw)
{
    struct keys keys;
    for (uint32_t r = 0; r < PHILOX_ROUNDS; r++) {
        keys.k0[r] = draw->key[0] + r * PHILOX_W0;
        keys.k1[r] = draw->key[1] + r * PHILOX_W1;
    }
    return keys;
}

INLINE __m512i all(uint64_t v)
{
    return _mm512_set1_epi64((long long)v);
}

INLINE __m512i high(__m512i product)
{
    return _mm512_srli_epi64(product, 32);
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

/* What the first two rounds have in common over all blocks of a call. */
struct shared {
    uint64_t c2_key; /* XORed into c2 by the first round */
    uint64_t c0_key; /* XORed into c0 by the second */
    uint64_t c2_second, c3_second;
};

static struct shared first_rounds(const struct draw *draw, const struct keys *keys,
                                  uint64_t block)
{
    const uint64_t p1 = (uint64_t)PHILOX_M1 * draw->offset[0];
    const uint32_t c0 = (uint32_t)((p1 >> 32) ^ (block >> 32) ^ keys->k0[0]);
    const uint64_t p0 = (uint64_t)PHILOX_M0 * c0;
    return (struct shared){
        .c2_key = draw->offset[1] ^ keys->k1[0],
        .c0_key = (uint32_t)p1 ^ keys->k0[1],
        .c2_second = (p0 >> 32) ^ keys->k1[1],
        .c3_second = (uint32_t)p0,
    };
}

/* Two rounds of 8 blocks whose first counter words times M0 are given. */
INLINE struct state begin(__m512i p0, const struct shared *shared)
{
    const __m512i c2 = _mm512_xor_si512(high(p0), all(shared->c2_key));
    const __m512i p1 = _mm512_mul_epu32(c2, all(PHILOX_M1));
    return (struct state){_mm512_xor_si512(high(p1), all(shared->c0_key)), p1,
                          _mm512_xor_si512(p0, all(shared->c2_second)),
                          all(shared->c3_second)};
}

/* Decisions by the first 8 bits, and the units that need the second draw. */
INLINE void compare(const __m512i words[4], __m512i hi, uint64_t *bits, uint64_t *open)
{
    for (int w = 0; w < 4; w++) {
        bits[2 * w] = _mm512_cmplt_epu8_mask(words[w], hi);
        open[2 * w] = _mm512_cmpeq_epi8_mask(words[w], hi);
    }
}

INLINE void draw_tile(const __m512i p0[4], const struct shared *shared, const struct keys *keys,
                      __m512i hi, uint64_t *bits, uint64_t *open)
{
    struct state s[4];
    for (int v = 0; v < 4; v++)
        s[v] = begin(p0[v], shared);
#pragma GCC unroll 8
    for (int r = 2; r < PHILOX_ROUNDS - 1; r++)
        for (int v = 0; v < 4; v++)
            s[v] = round_of(s[v], keys->k0[r], keys->k1[r]);
    __m512i words[4];
    for (int half = 0; half < 2; half++) {
        last_round(s[2 * half], s[2 * half + 1], keys->k0[PHILOX_ROUNDS - 1],
                   keys->k1[PHILOX_ROUNDS - 1], words);
        compare(words, hi, bits + half, open + half);
    }
}

/* Positions of the set bits; their number. Room for 8 more than there are is needed. */
static size_t positions(const uint64_t *open, size_t words, uint32_t *found)
{
    size_t n = 0;
    for (size_t w = 0; w < words; w++)
        for (uint64_t word = open[w]; word; word &= word - 1)
            found[n++] = (uint32_t)(64 * w + (size_t)__builtin_ctzll(word));
    return n;
}

/* Second draws of 8 units: a bit for each that is kept. */
INLINE unsigned resolve(const struct draw *draw, const struct keys *keys, __m512i units)
{
    const __m512i c0 = _mm512_srli_epi64(units, 2);
    struct state s = {c0, high(c0), all(draw->offset[0]),
                      all(draw->offset[1] | PHILOX_SECOND)};
#pragma GCC unroll 16
    for (int r = 0; r < PHILOX_ROUNDS; r++)
        s = round_of(s, keys->k0[r], keys->k1[r]);
    const __mmask8 odd = _mm512_test_epi64_mask(units, all(1));
    const __mmask8 upper = _mm512_test_epi64_mask(units, all(2));
    const __m512i word = _mm512_mask_blend_epi64(
        upper, _mm512_mask_blend_epi64(odd, s.c0, s.c1),
        _mm512_mask_blend_epi64(odd, s.c2, s.c3));
    return _mm256_cmplt_epu32_mask(_mm512_cvtepi64_epi32(word),
                                   _mm256_set1_epi32((int)draw->lo));
}

static void second_draws(const struct draw *draw, const struct keys *keys, uint64_t unit,
                         const uint64_t *open, size_t words, uint64_t *bits)
{
    uint32_t found[DRAW_TILES * TILE + 16];
    const size_t n = positions(open, words, found);
    for (size_t k = 0; k < 16; k++)
        found[n + k] = 0;
    for (size_t k = 0; k < n; k += 16) {
        const __m512i base = all(unit);
        const __m512i at = _mm512_loadu_si512(found + k);
        const __m512i a = _mm512_cvtepu32_epi64(_mm512_castsi512_si256(at));
        const __m512i b = _mm512_cvtepu32_epi64(_mm512_extracti64x4_epi64(at, 1));
        unsigned kept = resolve(draw, keys, _mm512_add_epi64(base, a)) |
                        resolve(draw, keys, _mm512_add_epi64(base, b)) << 8;
        kept &= n - k < 16 ? (1u << (n - k)) - 1 : 0xFFFF;
        for (size_t j = 0; j < 16; j++)
            bits[found[k + j] / 64] |= (uint64_t)(kept >> j & 1) << found[k + j] % 64;
    }
}

void draw_avx512(const struct draw *draw, uint64_t tile, size_t tiles, uint64_t *bits,
                 struct prefetch prefetch)
{
    const struct keys keys = schedule(draw);
    const uint64_t block = tile * TILE_BLOCKS;
    const struct shared shared = first_rounds(draw, &keys, block);
    const __m512i hi = _mm512_set1_epi8((char)draw->hi);
    const __m512i even = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0);

    /* M0 times the first counter words: even and odd blocks of each half tile. */
    __m512i p0[4];
    for (unsigned v = 0; v < 4; v++) {
        const __m512i c0 = _mm512_add_epi64(even, all((uint32_t)block + v / 2 * 16 + v % 2));
        p0[v] = _mm512_mul_epu32(c0, all(PHILOX_M0));
    }
    const __m512i step = all((uint64_t)PHILOX_M0 * TILE_BLOCKS);

    uint64_t open[DRAW_WORDS];
    const char *ahead = prefetch.from;
    for (size_t t = 0; t < tiles; t++) {
        const char *until = (const char *)prefetch.from + prefetch.bytes * (t + 1) / tiles;
        for (; ahead < until; ahead += 64)
            _mm_prefetch(ahead, _MM_HINT_T0);
        draw_tile(p0, &shared, &keys, hi, bits + t * TILE_WORDS, open + t * TILE_WORDS);
        for (int v = 0; v < 4; v++)
            p0[v] = _mm512_add_epi64(p0[v], step);
    }
    if (draw->lo)
        second_draws(draw, &keys, tile * TILE, open, tiles * TILE_WORDS, bits);
}
