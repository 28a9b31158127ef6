/*
 * Normal numbers in AVX2: the polynomials' coefficients by permutations. Arguments that are not in
 * the outermost slices use pieces 6 to 14 only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <immintrin.h>

#define TIER avx2
#define OWN_QUANTILES
#include "normal.h"

static inline __attribute__((always_inline)) __m256 coefficient(int power, __m256i piece)
{
    const __m256 low = _mm256_loadu_ps(normal_table[power]);
    const __m256 high = _mm256_loadu_ps(normal_table[power] + 8);
    /* The piece's bit 3 as the sign bit. */
    const __m256 upper = _mm256_castsi256_ps(_mm256_slli_epi32(piece, 28));
    return _mm256_blendv_ps(_mm256_permutevar8x32_ps(low, piece),
                            _mm256_permutevar8x32_ps(high, piece), upper);
}

static void quantiles(const float t[NORMAL_TILE], float z[NORMAL_TILE])
{
    for (int e = 0; e < NORMAL_TILE; e += 8) {
        const __m256 at = _mm256_loadu_ps(t + e);
        const __m256i piece = _mm256_srli_epi32(_mm256_castps_si256(at), 23);
        __m256 n = coefficient(NORMAL_DEGREE, piece);
#pragma GCC unroll 8
        for (int power = NORMAL_DEGREE - 1; power >= 0; power--)
            n = _mm256_fmadd_ps(n, at, coefficient(power, piece));
        _mm256_storeu_ps(z + e, n);
    }
}
