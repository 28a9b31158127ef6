/*
 * The draw in AVX2, from the blocks of philox_avx2.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "philox_avx2.h"
#include "second_draws.h"

/* Decisions of 32 units by their first 8 bits, and which of them need the second draw. */
INLINE void compare(__m256i word, __m256i hi, uint32_t *bits, uint32_t *open)
{
    const __m256i at_most = _mm256_cmpeq_epi8(_mm256_min_epu8(word, hi), word);
    const uint32_t equal = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(word, hi));
    *open = equal;
    *bits = (uint32_t)_mm256_movemask_epi8(at_most) & ~equal;
}

static __attribute__((noinline)) void draw_tile(const struct plan *plan, uint64_t block,
                                                uint32_t *bits, uint32_t *open,
                                                const struct ahead *ahead)
{
    enum { APART = 128 / 32 };
    struct state s[8];
    rounds(plan, block, s, ahead);
    for (unsigned part = 0; part < 4; part++) {
        __m256i words[4];
        last_round(plan, s[2 * part], s[2 * part + 1], words);
        for (unsigned w = 0; w < 4; w++)
            compare(words[w], plan->hi, bits + w * APART + part, open + w * APART + part);
    }
}

INLINE unsigned resolve4(const struct draw *draw, __m256i units)
{
    const __m256i c0 = _mm256_srli_epi64(units, 2);
    struct state s = {c0, high(c0), all(draw->offset[0]),
                      all(draw->offset[1] | PHILOX_SECOND)};
    uint32_t k0 = draw->key[0], k1 = draw->key[1];
#pragma GCC unroll 16
    for (int r = 0; r < PHILOX_ROUNDS; r++) {
        s = round_of(s, all(k0), all(k1));
        k0 += PHILOX_W0;
        k1 += PHILOX_W1;
    }
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
    return resolve4(draw, _mm256_loadu_si256((const __m256i *)units)) |
           resolve4(draw, _mm256_loadu_si256((const __m256i *)(units + 4))) << 4;
}

void draw_avx2(const struct draw *draw, uint64_t tile, size_t tiles, uint64_t *bits,
               struct meanwhile meanwhile)
{
    enum { PARTS = TILE / 32 };
    const uint64_t block = tile * TILE_BLOCKS;
    struct plan plan;
    prepare(&plan, draw, block);
    uint64_t open[DRAW_WORDS + 1];
    open[0] = 0;
    for (size_t t = 0; t < tiles; t++) {
        uint32_t decided[PARTS], undecided[PARTS];
        if (meanwhile.work)
            meanwhile.work(meanwhile.context, t, tiles);
        draw_tile(&plan, (uint32_t)block + t * TILE_BLOCKS, decided, undecided,
                  meanwhile.ahead);
        memcpy(bits + t * TILE_WORDS, decided, sizeof decided);
        memcpy(open + t * TILE_WORDS, undecided, sizeof undecided);
    }
    if (draw->lo)
        second_draws(draw, tile * TILE, open, tiles * TILE_WORDS, bits, resolve);
}
