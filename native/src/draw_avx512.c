/*
 * The draw in AVX-512, from the blocks of philox_avx512.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "philox_avx512.h"

/* Decisions by the first 8 bits, and the units that need the second draw. */
INLINE void compare(const __m512i words[4], __m512i hi, uint64_t *bits, uint64_t *open)
{
    for (int w = 0; w < 4; w++) {
        bits[2 * w] = _mm512_cmplt_epu8_mask(words[w], hi);
        open[2 * w] = _mm512_cmpeq_epi8_mask(words[w], hi);
    }
}

static __attribute__((noinline)) void draw_tile(const struct plan *plan, uint64_t block,
                                                uint64_t *bits, uint64_t *open,
                                                const struct ahead *ahead)
{
    struct state s[4];
    rounds(plan, block, s, ahead);
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
static __attribute__((noinline)) void second_draws(const struct draw *draw,
                                                   const struct plan *plan, uint64_t first,
                                                   struct open_words *some, uint64_t *bits)
{
    const size_t count = some->count;
    some->count = 0; /* what is appended stays behind what is read */
    for (size_t k = 0; k < count; k += 8) {
        const size_t left = count - k;
        const __mmask8 here = (__mmask8)_bzhi_u32(0xFF, left < 8 ? (unsigned)left : 8);
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
    struct plan plan;
    prepare(&plan, draw, block);
    uint64_t open[DRAW_WORDS];
    struct open_words some;
    some.count = 0;
    for (size_t t = 0; t < tiles; t++) {
        if (meanwhile.work)
            meanwhile.work(meanwhile.context, t, tiles);
        draw_tile(&plan, (uint32_t)block + t * TILE_BLOCKS, bits + t * TILE_WORDS,
                  open + t * TILE_WORDS, meanwhile.ahead);
        if (draw->lo && t)
            append_tile(&some, open, t - 1);
    }
    if (draw->lo) {
        append_tile(&some, open, tiles - 1);
        while (some.count)
            second_draws(draw, &plan, tile * TILE, &some, bits);
    }
}
