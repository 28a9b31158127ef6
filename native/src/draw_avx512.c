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

static struct plan prepare(const struct draw *draw, uint64_t block)
{
    struct plan plan;
    for (uint32_t r = 0; r < PHILOX_ROUNDS; r++) {
        plan.k0[r] = draw->key[0] + r * PHILOX_W0;
        plan.k1[r] = draw->key[1] + r * PHILOX_W1;
    }
    const uint64_t p1 = (uint64_t)PHILOX_M1 * draw->offset[0];
    const uint32_t c0 = (uint32_t)((p1 >> 32) ^ (block >> 32) ^ plan.k0[0]);
    const uint64_t p0 = (uint64_t)PHILOX_M0 * c0;
    plan.c2_key = draw->offset[1] ^ plan.k1[0];
    plan.c0_key = (uint32_t)p1 ^ plan.k0[1];
    plan.c2_second = (p0 >> 32) ^ plan.k1[1];
    plan.c3_second = (uint32_t)p0;
    plan.hi = draw->hi * UINT64_C(0x0101010101010101);
    return plan;
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

/* Two rounds of 8 blocks with even or odd numbers from the given one on. */
INLINE struct state begin(const struct plan *plan, uint64_t block)
{
    const __m512i even = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0);
    /* A product by parts: that of the even numbers is a constant. */
    const __m512i p0 = _mm512_add_epi64(_mm512_mul_epu32(even, all(PHILOX_M0)),
                                        all(PHILOX_M0 * block));
    const __m512i c2 = _mm512_xor_si512(high(p0), all(plan->c2_key));
    const __m512i p1 = _mm512_mul_epu32(c2, all(PHILOX_M1));
    return (struct state){_mm512_xor_si512(high(p1), all(plan->c0_key)), p1,
                          _mm512_xor_si512(p0, all(plan->c2_second)), all(plan->c3_second)};
}

/* Decisions by the first 8 bits, and the units that need the second draw. */
INLINE void compare(const __m512i words[4], __m512i hi, uint64_t *bits, uint64_t *open)
{
    for (int w = 0; w < 4; w++) {
        bits[2 * w] = _mm512_cmplt_epu8_mask(words[w], hi);
        open[2 * w] = _mm512_cmpeq_epi8_mask(words[w], hi);
    }
}

static __attribute__((noinline)) void draw_tile(const struct plan *plan, uint64_t block,
                                                uint64_t *bits, uint64_t *open)
{
    struct state s[4];
    for (unsigned v = 0; v < 4; v++)
        s[v] = begin(plan, block + v / 2 * 16 + v % 2);
#pragma GCC unroll 8
    for (int r = 2; r < PHILOX_ROUNDS - 1; r++)
        for (int v = 0; v < 4; v++)
            s[v] = round_of(s[v], plan->k0[r], plan->k1[r]);
    __m512i words[4];
    for (int half = 0; half < 2; half++) {
        last_round(s[2 * half], s[2 * half + 1], plan->k0[PHILOX_ROUNDS - 1],
                   plan->k1[PHILOX_ROUNDS - 1], words);
        compare(words, all(plan->hi), bits + half, open + half);
    }
}

/* Second draws of 8 units: which of them are kept. */
INLINE __mmask8 resolve(const struct draw *draw, const struct plan *plan, __m512i units)
{
    const __m512i c0 = _mm512_srli_epi64(units, 2);
    struct state s = {c0, high(c0), all(draw->offset[0]),
                      all(draw->offset[1] | PHILOX_SECOND)};
#pragma GCC unroll 16
    for (int r = 0; r < PHILOX_ROUNDS; r++)
        s = round_of(s, plan->k0[r], plan->k1[r]);
    const __mmask8 odd = _mm512_test_epi64_mask(units, all(1));
    const __mmask8 upper = _mm512_test_epi64_mask(units, all(2));
    const __m512i word = _mm512_mask_blend_epi64(
        upper, _mm512_mask_blend_epi64(odd, s.c0, s.c1),
        _mm512_mask_blend_epi64(odd, s.c2, s.c3));
    return _mm256_cmplt_epu32_mask(_mm512_cvtepi64_epi32(word),
                                   _mm256_set1_epi32((int)draw->lo));
}

/* Words that have bits set, and their numbers. */
struct open_words {
    uint64_t bits[DRAW_WORDS + 8], number[DRAW_WORDS + 8];
    size_t count;
};

/* Appends those of 8 words that have bits set; 8 places are written whatever their number. */
INLINE void append(struct open_words *to, __m512i bits, __m512i number)
{
    const __mmask8 set = _mm512_test_epi64_mask(bits, bits);
    _mm512_storeu_si512(to->bits + to->count, _mm512_maskz_compress_epi64(set, bits));
    _mm512_storeu_si512(to->number + to->count, _mm512_maskz_compress_epi64(set, number));
    to->count += (size_t)__builtin_popcount(set);
}

INLINE void append_tile(struct open_words *to, const uint64_t *open, size_t tile)
{
    const __m512i eight = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
    append(to, _mm512_loadu_si512(open + tile * TILE_WORDS),
           _mm512_add_epi64(eight, all(tile * TILE_WORDS)));
}

/* Decides the lowest open unit of each word; what remains open stays in the list. */
static __attribute__((noinline)) void second_draws(const struct draw *draw, const struct plan *plan, uint64_t first,
                         struct open_words *some, uint64_t *bits)
{
    const size_t count = some->count;
    some->count = 0; /* what is appended stays behind what is read */
    for (size_t k = 0; k < count; k += 8) {
        const __mmask8 here = (__mmask8)_bzhi_u32(0xFF, (unsigned)(count - k));
        const __m512i word = _mm512_maskz_loadu_epi64(here, some->bits + k);
        const __m512i number = _mm512_maskz_loadu_epi64(here, some->number + k);
        const __m512i less = _mm512_sub_epi64(word, all(1));
        const __m512i lowest = _mm512_andnot_si512(less, word);
        const __m512i unit = _mm512_add_epi64(
            _mm512_slli_epi64(number, 6),
            _mm512_sub_epi64(all(first + 63), _mm512_lzcnt_epi64(lowest)));
        append(some, _mm512_and_si512(word, less), number);

        uint64_t keep[8], at[8];
        _mm512_storeu_si512(keep, _mm512_maskz_mov_epi64(resolve(draw, plan, unit), lowest));
        _mm512_storeu_si512(at, number);
        for (int j = 0; j < 8; j++)
            bits[at[j]] |= keep[j];
    }
}

/*
 * One unit in 256 needs the second draw, one word in five: a branch on each would be mispredicted
 * all the time. So the words that have such a unit are squeezed together, and 8 units are decided
 * at a time. That is done a tile late, when loads need no longer wait for the words' stores.
 */
void draw_avx512(const struct draw *draw, uint64_t tile, size_t tiles, uint64_t *bits,
                 struct meanwhile meanwhile)
{
    const uint64_t block = tile * TILE_BLOCKS;
    const struct plan plan = prepare(draw, block);
    uint64_t open[DRAW_WORDS];
    struct open_words some;
    some.count = 0;
    for (size_t t = 0; t < tiles; t++) {
        if (meanwhile.work)
            meanwhile.work(meanwhile.context, t, tiles);
        draw_tile(&plan, (uint32_t)block + t * TILE_BLOCKS, bits + t * TILE_WORDS,
                  open + t * TILE_WORDS);
        if (draw->lo && t)
            append_tile(&some, open, t - 1);
    }
    if (draw->lo) {
        append_tile(&some, open, tiles - 1);
        while (some.count)
            second_draws(draw, &plan, tile * TILE, &some, bits);
    }
}
