/*
 * Normal numbers in AVX2: blocks as in draw_avx2.c, and the polynomials' coefficients by one
 * permutation each.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <immintrin.h>

#define OWN_NUMBERS
#define TIER avx2
#include "normal.h"
#include "philox_avx2.h"

enum {
    /* Arguments from here on use the pieces 7 to 14, of which 8 and more are the table's others. */
    LEAST = 256,
    PIECES = 8
};

/* Piece 7 at place 7, and 8 to 14 from place 0 on. */
struct table {
    __m256 pieces[NORMAL_DEGREE + 1];
};

/* 8 numbers; a word's low 17 bits are T and, above it, anything; a sign is the top bit. */
INLINE void eight(const struct draw *draw, const struct table *table, uint64_t unit,
                  __m256i doubled, __m256i signs, float *z)
{
    const __m256i odd = _mm256_or_si256(_mm256_and_si256(doubled, both(0xFFFE)), both(1));
    const __m256 t = _mm256_cvtepi32_ps(odd);
    const __m256i piece = _mm256_srli_epi32(_mm256_castps_si256(t), 23);
    __m256 n = _mm256_permutevar8x32_ps(table->pieces[NORMAL_DEGREE], piece);
#pragma GCC unroll 8
    for (int power = NORMAL_DEGREE - 1; power >= 0; power--)
        n = _mm256_fmadd_ps(n, t, _mm256_permutevar8x32_ps(table->pieces[power], piece));
    const __m256i top = _mm256_and_si256(signs, both(0x80000000));
    _mm256_storeu_ps(z, _mm256_or_ps(n, _mm256_castsi256_ps(top)));
    const __m256i few = _mm256_cmpgt_epi32(both(LEAST), odd);
    const unsigned open = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(few));
    if (__builtin_expect(open, 0)) {
        float arguments[8];
        uint32_t tops[8];
        _mm256_storeu_ps(arguments, t);
        _mm256_storeu_si256((__m256i *)tops, top);
        outer_numbers(draw, unit, open, arguments, tops, z);
    }
}

static void numbers(const struct draw *draw, uint64_t tile, size_t tiles, float *z,
                    const struct ahead *ahead)
{
    struct ahead now = ahead ? *ahead : (struct ahead){0};
    struct draw marked = *draw;
    marked.offset[1] |= PHILOX_SECOND;
    const uint64_t block = tile * TILE_BLOCKS;
    struct plan plan;
    prepare(&plan, &marked, block | (uint64_t)NORMAL_DRAW << 32, 0);

    struct table table;
    for (int power = 0; power <= NORMAL_DEGREE; power++)
        table.pieces[power] = _mm256_blend_ps(_mm256_loadu_ps(normal_table[power] + PIECES),
                                              _mm256_loadu_ps(normal_table[power]), 0x80);
    for (size_t t = 0; t < tiles; t++) {
        for (unsigned part = 0; part < TILE_PARTS; part++) {
            __m256i words[4];
            philox8(&plan, (uint32_t)block + t * TILE_BLOCKS, part, words, ahead ? &now : NULL);
            for (unsigned w = 0; w < 4; w++) {
                const uint64_t low = t * NORMAL_TILE + w * TILE_BLOCKS + TOGETHER_BLOCKS * part;
                const uint64_t high = low + NORMAL_TILE / 2;
                const uint64_t first = tile * NORMAL_TILE;
                eight(draw, &table, first + low, _mm256_slli_epi32(words[w], 1),
                      _mm256_slli_epi32(words[w], 16), z + low);
                eight(draw, &table, first + high, _mm256_srli_epi32(words[w], 15), words[w],
                      z + high);
            }
        }
        if (ahead)
            now.at[0] += now.step;
    }
}
