/*
 * The draw in AVX2, from the blocks of philox_avx2.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "philox_avx2.h"
#include "second_draws.h"

enum { PARTS = TILE / 32 };

/* Bytes are compared as signed ones. Philox flips half of the words by itself. */
static const uint32_t signs = 0x80808080;

/* The words of the 8 blocks of a tile's part, whose share of what is ahead is fetched meanwhile. */
INLINE void philox8(const struct plan *plan, uint64_t block, size_t part, __m256i words[4],
                    const struct ahead *ahead)
{
    struct state a, b;
    begin8(plan, block + part * TOGETHER_BLOCKS, &a, &b);
#pragma GCC unroll 8
    for (int r = 2; r < PHILOX_ROUNDS - 1; r++) {
        if (r == 2)
            fetch_ahead(ahead, 2 * part);
        if (r == 6 && part + 1 < TILE_PARTS)
            fetch_ahead(ahead, 2 * part + 1);
        a = round_of(plan, r, a);
        b = round_of(plan, r, b);
    }
    last_round(plan, a, b, words);
}

/* No parameter is a vector: upper halves would stay set, which slow what is called next. */
static __attribute__((noinline)) void draw_tile(const struct plan *plan, uint64_t block,
                                                uint32_t least, uint32_t *bits, uint32_t *open,
                                                const struct ahead *ahead)
{
    const __m256i hi = _mm256_set1_epi8((char)least);
    for (size_t part = 0; part < TILE_PARTS; part++) {
        __m256i words[4];
        philox8(plan, block, part, words, ahead);
        words[1] = _mm256_xor_si256(words[1], both(signs));
        words[3] = _mm256_xor_si256(words[3], both(signs));
        for (size_t w = 0; w < 4; w++) {
            const size_t at = w * TILE_PARTS + part;
            const __m256i less = _mm256_cmpgt_epi8(hi, words[w]);
            const __m256i equal = _mm256_cmpeq_epi8(hi, words[w]);
            bits[at] = (uint32_t)_mm256_movemask_epi8(less);
            open[at] = (uint32_t)_mm256_movemask_epi8(equal);
        }
    }
}

INLINE struct state counters(const struct draw *draw, __m256i units)
{
    const __m256i c0 = _mm256_srli_epi64(units, 2);
    return (struct state){c0, high(c0), both(draw->offset[0]),
                          both(draw->offset[1] | PHILOX_SECOND)};
}

INLINE unsigned verdicts(const struct draw *draw, __m256i units, struct state s)
{
    const __m256d odd = _mm256_castsi256_pd(_mm256_slli_epi64(units, 63));
    const __m256d upper = _mm256_castsi256_pd(_mm256_slli_epi64(units, 62));
    const __m256d low =
        _mm256_blendv_pd(_mm256_castsi256_pd(s.c0), _mm256_castsi256_pd(s.c1), odd);
    const __m256d top =
        _mm256_blendv_pd(_mm256_castsi256_pd(s.c2), _mm256_castsi256_pd(s.c3), odd);
    const __m256i word = _mm256_and_si256(
        _mm256_castpd_si256(_mm256_blendv_pd(low, top, upper)), all(0xFFFFFFFF));
    return (unsigned)_mm256_movemask_pd(
        _mm256_castsi256_pd(_mm256_cmpgt_epi64(all(draw->lo), word)));
}

static unsigned resolve(const struct draw *draw, const uint64_t units[TOGETHER])
{
    const __m256i first = _mm256_loadu_si256((const __m256i *)units);
    const __m256i last = _mm256_loadu_si256((const __m256i *)(units + 4));
    struct state a = counters(draw, first), b = counters(draw, last);
    __m256i k0 = both(draw->key[0]), k1 = both(draw->key[1]);
#pragma GCC unroll 16
    for (int r = 0; r < PHILOX_ROUNDS; r++) {
        a = round_with(a, k0, k1);
        b = round_with(b, k0, k1);
        k0 = _mm256_add_epi32(k0, both(PHILOX_W0));
        k1 = _mm256_add_epi32(k1, both(PHILOX_W1));
    }
    return verdicts(draw, first, a) | verdicts(draw, last, b) << 4;
}

/* Lists a tile's words that have open units. */
INLINE void list_tile(struct open_words *open, size_t tile, const uint32_t *undecided)
{
    for (size_t w = 0; w < TILE_WORDS; w++) {
        uint64_t word;
        memcpy(&word, undecided + tile * PARTS + 2 * w, sizeof word);
        open_word(open, tile * TILE_WORDS + w, word);
    }
}

void draw_avx2(const struct draw *draw, uint64_t tile, size_t tiles, uint64_t *bits,
               struct meanwhile meanwhile)
{
    const uint64_t block = tile * TILE_BLOCKS;
    struct plan plan;
    prepare(&plan, draw, block, signs);
    uint32_t decided[DRAW_TILES * PARTS], undecided[DRAW_TILES * PARTS];
    struct open_words open;
    open.count = 0;
    for (size_t t = 0; t < tiles; t++) {
        if (meanwhile.work)
            meanwhile.work(meanwhile.context, t, tiles);
        draw_tile(&plan, (uint32_t)block + t * TILE_BLOCKS, draw->hi ^ 0x80, decided + t * PARTS,
                  undecided + t * PARTS, meanwhile.ahead);
        /* A tile late: loads of whole words would wait for the stores of their halves. */
        if (t && draw->lo)
            list_tile(&open, t - 1, undecided);
    }
    memcpy(bits, decided, tiles * PARTS * sizeof *decided);
    if (draw->lo) {
        list_tile(&open, tiles - 1, undecided);
        second_draws(draw, tile * TILE, &open, bits, resolve);
    }
}
