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

enum {
    WORDS = 4,
    CALL_WORDS = NORMAL_TILES * 2 * WORDS,
    /* The low 4 bits of the exponents of arguments below 2 * NORMAL_OUTERMOST are 15 and 0 to 5. */
    FIRST_PIECE = 6,
    LAST_PIECE = 14
};

/* Other arguments use pieces 6 to 14. Of the others, each is its own number for the time being. */
struct table {
    __m512 pieces[NORMAL_DEGREE + 1];
};

INLINE void prepare_table(struct table *table)
{
    const __mmask16 used = (2 << LAST_PIECE) - (1 << FIRST_PIECE);
    for (int power = 0; power <= NORMAL_DEGREE; power++)
        table->pieces[power] = _mm512_mask_loadu_ps(_mm512_set1_ps(power == 1), used,
                                                    normal_table[power]);
}

/* 16 numbers of 2^23 + 2 a, a float that ends with the bits of 2 a; a sign is the top bit. */
INLINE void sixteen(const struct table *table, __m512i far, __m512i signs, float *z)
{
    enum { A_OR_B_AND_C = 0xF8 };
    const __m512 t = _mm512_sub_ps(_mm512_castsi512_ps(far), _mm512_set1_ps(0x1p23f - 1));
    const __m512i piece = _mm512_srli_epi32(_mm512_castps_si512(t), 23);
    __m512 n = _mm512_permutexvar_ps(piece, table->pieces[NORMAL_DEGREE]);
#pragma GCC unroll 8
    for (int power = NORMAL_DEGREE - 1; power >= 0; power--)
        n = _mm512_fmadd_ps(n, t, _mm512_permutexvar_ps(piece, table->pieces[power]));
    _mm512_storeu_si512(z, _mm512_ternarylogic_epi32(_mm512_castps_si512(n), signs,
                                                     _mm512_set1_epi32(INT32_MIN),
                                                     A_OR_B_AND_C));
}

/* 128 units of a tile from 16 blocks. Bits 2 j and 2 j + 1 of open: lane j's outermost slices. */
INLINE void half_tile(const struct table *table, const __m512i words[WORDS], float *z,
                      uint32_t open[WORDS])
{
    enum { A_AND_B_OR_C = 0xEA, LOW = 0x55555555 };
    const __m512i far = _mm512_set1_epi32(0x4B000000);
#pragma GCC unroll 4
    for (int w = 0; w < WORDS; w++) {
        float *const low = z + w * TILE_BLOCKS;
        open[w] = _mm512_testn_epi16_mask(words[w],
                                          _mm512_set1_epi16(0x7FFF & -NORMAL_OUTERMOST));
        sixteen(table, _mm512_mask_add_epi16(far, LOW, words[w], words[w]),
                _mm512_slli_epi32(words[w], 16), low);
        sixteen(table, _mm512_ternarylogic_epi32(_mm512_srli_epi32(words[w], 15),
                                                 _mm512_set1_epi32(0xFFFE), far, A_AND_B_OR_C),
                words[w], low + NORMAL_TILE / 2);
    }
}

/* The second draws of 8 units: 16 bits in each 64. */
INLINE __m512i cuts(const struct draw *draw, __m512i units)
{
    struct state s = {_mm512_srli_epi64(units, 3),
                      _mm512_or_si512(_mm512_srli_epi64(units, 35), all(NORMAL_SECOND)),
                      all(draw->offset[0]), all(draw->offset[1] | PHILOX_SECOND)};
    uint32_t k0 = draw->key[0], k1 = draw->key[1];
    for (int r = 0; r < PHILOX_ROUNDS; r++) {
        s = round_of(s, k0, k1);
        k0 += PHILOX_W0;
        k1 += PHILOX_W1;
    }
    const __mmask8 second = _mm512_test_epi64_mask(units, all(2));
    const __mmask8 third = _mm512_test_epi64_mask(units, all(4));
    const __m512i word = _mm512_mask_blend_epi64(
        third, _mm512_mask_blend_epi64(second, s.c0, s.c1),
        _mm512_mask_blend_epi64(second, s.c2, s.c3));
    const __m512i half = _mm512_slli_epi64(_mm512_and_si512(units, all(1)), 4);
    return _mm512_and_si512(_mm512_srlv_epi64(word, half), all(0xFFFF));
}

/* Of a power, for whatever pieces. */
INLINE __m512 coefficients(int power, __m512i piece)
{
    return _mm512_permutex2var_ps(_mm512_loadu_ps(normal_table[power]), piece,
                                  _mm512_loadu_ps(normal_table[power] + 16));
}

/* Decides 8 units, or fewer, whose signed arguments are at z. */
INLINE void outer_eight(const struct draw *draw, uint64_t unit, const uint64_t places[8],
                        __mmask8 here, float *z)
{
    const __m512i place = _mm512_loadu_si512(places);
    const __m512i whole = _mm512_castps_si512(_mm512_zextps256_ps512(
        _mm512_mask_i64gather_ps(_mm256_setzero_ps(), here, place, z, sizeof *z)));
    const __m512i sign = _mm512_and_si512(whole, _mm512_set1_epi32(INT32_MIN));
    const __m512i odd = _mm512_cvtps_epi32(_mm512_castsi512_ps(_mm512_xor_si512(whole, sign)));
    const __m512i cut = _mm512_zextsi256_si512(
        _mm512_cvtepi64_epi32(cuts(draw, _mm512_add_epi64(place, all(unit)))));
    const __m512i slice = _mm512_or_si512(_mm512_slli_epi32(_mm512_srli_epi32(odd, 1), 16), cut);
    const __m512i fine = _mm512_or_si512(_mm512_slli_epi32(slice, 1), _mm512_set1_epi32(1));
    const __m512 t = _mm512_mul_ps(_mm512_cvtepi32_ps(fine), _mm512_set1_ps(0x1p-16f));
    const __m512i piece = _mm512_srli_epi32(_mm512_castps_si512(t), 23);
    __m512 n = coefficients(NORMAL_DEGREE, piece);
    for (int power = NORMAL_DEGREE - 1; power >= 0; power--)
        n = _mm512_fmadd_ps(n, t, coefficients(power, piece));
    n = _mm512_or_ps(n, _mm512_castsi512_ps(sign));
    _mm512_mask_i64scatter_ps(z, here, place, _mm512_castps512_ps256(n), sizeof *z);
}

/*
 * Decides the units of a call that are in the outermost slices; the given one has its number at z.
 * A branch on each word would be mispredicted.
 */
static void outer_of(uint32_t open[CALL_WORDS], size_t words, const struct draw *draw,
                     uint64_t unit, float *z)
{
    uint64_t places[16 * 2 * CALL_WORDS], left = 0;
    size_t count = 0;
    for (size_t w = 0; w < words; w += 16) {
        const __m512i some = _mm512_loadu_si512(open + w);
        left |= (uint64_t)_mm512_test_epi32_mask(some, some) << w;
    }
    while (left) {
        const unsigned w = (unsigned)__builtin_ctzll(left), bits = open[w];
        const unsigned bit = (unsigned)__builtin_ctz(bits);
        places[count++] = w / (2 * WORDS) * NORMAL_TILE + w / WORDS % 2 * 16 +
                          w % WORDS * TILE_BLOCKS + bit % 2 * NORMAL_TILE / 2 + bit / 2;
        open[w] = bits & (bits - 1);
        left ^= (uint64_t)!open[w] << w;
    }
    for (size_t i = 0; i < count; i += 8)
        outer_eight(draw, unit, places + i, (__mmask8)_bzhi_u32(0xFF, (unsigned)(count - i)), z);
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
    prepare_table(&table);
    uint32_t open[CALL_WORDS] = {0};
    size_t drawn = 0;
    for (size_t t = 0; t < tiles; t++) {
        struct state s[4];
        rounds(&plan, (uint32_t)block + t * TILE_BLOCKS, s, ahead ? &now : NULL);
        if (ahead)
            now.at[0] += now.step;
        for (unsigned half = 0; half < 2; half++, drawn += WORDS) {
            __m512i words[WORDS];
            last_round(s[2 * half], s[2 * half + 1], plan.k0[PHILOX_ROUNDS - 1],
                       plan.k1[PHILOX_ROUNDS - 1], words);
            half_tile(&table, words, z + t * NORMAL_TILE + 16 * half, open + drawn);
        }
    }
    outer_of(open, drawn, draw, tile * NORMAL_TILE, z);
}
