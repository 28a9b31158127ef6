/*
 * Normal numbers in AVX-512: blocks as in draw_avx512.c, and the polynomials' coefficients by one
 * permutation each.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <immintrin.h>

#define OWN_NUMBERS
#define TIER avx512
#include "normal.h"
#include "philox_avx512.h"

/* Arguments that are not in the outermost slices use pieces 6 to 14. */
struct table {
    __m512 pieces[NORMAL_DEGREE + 1];
};

/* 16 numbers; a word's low 17 bits are T and, above it, anything; a sign is the top bit. */
INLINE void sixteen(const struct draw *draw, const struct table *table, uint64_t unit,
                    __m512i doubled, __m512i signs, float *z)
{
    enum { A_AND_B_OR_C = 0xEA, A_OR_B_AND_C = 0xF8 };
    const __m512i odd = _mm512_ternarylogic_epi32(doubled, _mm512_set1_epi32(0xFFFE),
                                                  _mm512_set1_epi32(1), A_AND_B_OR_C);
    const __m512 t = _mm512_cvtepi32_ps(odd);
    const __m512i piece = _mm512_srli_epi32(_mm512_castps_si512(t), 23);
    __m512 n = _mm512_permutexvar_ps(piece, table->pieces[NORMAL_DEGREE]);
#pragma GCC unroll 8
    for (int power = NORMAL_DEGREE - 1; power >= 0; power--)
        n = _mm512_fmadd_ps(n, t, _mm512_permutexvar_ps(piece, table->pieces[power]));
    _mm512_storeu_si512(z, _mm512_ternarylogic_epi32(_mm512_castps_si512(n), signs,
                                                     _mm512_set1_epi32(INT32_MIN),
                                                     A_OR_B_AND_C));
    const __mmask16 open = _mm512_cmplt_epi32_mask(odd, _mm512_set1_epi32(2 * NORMAL_OUTERMOST));
    if (__builtin_expect(open, 0)) {
        float arguments[16];
        uint32_t tops[16];
        _mm512_storeu_ps(arguments, t);
        _mm512_storeu_si512(tops, signs);
        outer_numbers(draw, unit, open, arguments, tops, z);
    }
}

/* 128 units of a tile from 16 blocks. */
INLINE void half_tile(const struct draw *draw, const struct table *table,
                      const __m512i words[4], uint64_t unit, float *z)
{
#pragma GCC unroll 4
    for (int w = 0; w < 4; w++) {
        const unsigned low = (unsigned)w * TILE_BLOCKS, high = low + NORMAL_TILE / 2;
        sixteen(draw, table, unit + low, _mm512_slli_epi32(words[w], 1),
                _mm512_slli_epi32(words[w], 16), z + low);
        sixteen(draw, table, unit + high, _mm512_srli_epi32(words[w], 15), words[w], z + high);
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
    prepare(&plan, &marked, block | (uint64_t)NORMAL_DRAW << 32);

    struct table table;
    for (int power = 0; power <= NORMAL_DEGREE; power++)
        table.pieces[power] = _mm512_loadu_ps(normal_table[power]);
    for (size_t t = 0; t < tiles; t++) {
        struct state s[4];
        rounds(&plan, (uint32_t)block + t * TILE_BLOCKS, s, ahead ? &now : NULL);
        if (ahead)
            now.at[0] += now.step;
        for (unsigned half = 0; half < 2; half++) {
            __m512i words[4];
            last_round(s[2 * half], s[2 * half + 1], plan.k0[PHILOX_ROUNDS - 1],
                       plan.k1[PHILOX_ROUNDS - 1], words);
            const uint64_t first = t * NORMAL_TILE + 16 * half;
            half_tile(draw, &table, words, tile * NORMAL_TILE + first, z + first);
        }
    }
}
