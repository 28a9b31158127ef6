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
    CALL_WORDS = NORMAL_TILES * 2 * WORDS, /* 64, as outer_of() has it */
    /* The low 4 bits of the exponents of arguments below 2 * NORMAL_OUTERMOST are 15 and 0 to 5. */
    FIRST_PIECE = 6,
    LAST_PIECE = 14
};

/* Arguments in the outermost slices are their own numbers until decided; others use these pieces. */
struct table {
    __m512 pieces[NORMAL_DEGREE + 1];
    __m512 odd;
    __m512i far, sign, twice, outermost;
};

/* Else compilers make the constant anew at each use, which takes the port of permutations. */
#define SETTLE(v) __asm__("" : "+v"(v))

INLINE void prepare_table(struct table *table)
{
    const __mmask16 used = (2 << LAST_PIECE) - (1 << FIRST_PIECE);
    for (int power = 0; power <= NORMAL_DEGREE; power++)
        table->pieces[power] = _mm512_mask_loadu_ps(_mm512_set1_ps(power == 1), used,
                                                    normal_table[power]);
    table->odd = _mm512_set1_ps(0x1p23f - 1);
    table->far = _mm512_set1_epi32(0x4B000000);
    table->sign = _mm512_set1_epi32(INT32_MIN);
    table->twice = _mm512_set1_epi32(0xFFFE);
    table->outermost = _mm512_set1_epi16(0x7FFF & -NORMAL_OUTERMOST);
    SETTLE(table->odd);
    SETTLE(table->far);
    SETTLE(table->sign);
    SETTLE(table->twice);
    SETTLE(table->outermost);
}

/* 16 numbers of 2^23 + 2 a, a float that ends with the bits of 2 a; a sign is the top bit. */
INLINE void sixteen(const struct table *table, __m512i far, __m512i signs, float *z)
{
    enum { A_OR_B_AND_C = 0xF8 };
    const __m512 t = _mm512_sub_ps(_mm512_castsi512_ps(far), table->odd);
    const __m512i piece = _mm512_srli_epi32(_mm512_castps_si512(t), 23);
    __m512 n = _mm512_permutexvar_ps(piece, table->pieces[NORMAL_DEGREE]);
#pragma GCC unroll 8
    for (int power = NORMAL_DEGREE - 1; power >= 0; power--)
        n = _mm512_fmadd_ps(n, t, _mm512_permutexvar_ps(piece, table->pieces[power]));
    _mm512_storeu_si512(z, _mm512_ternarylogic_epi32(_mm512_castps_si512(n), signs,
                                                     table->sign, A_OR_B_AND_C));
}

enum step { DRAW = 1, WRITE = 2 };

/*
 * Draws the words of 16 blocks in place of others, whose numbers it writes to z between the rounds:
 * rounds wait for products, and numbers for permutations.
 */
INLINE void advance(enum step step, const struct plan *plan, const struct table *table,
                    uint64_t block, __m512i words[WORDS], float *z)
{
    enum { A_AND_B_OR_C = 0xEA, LOW = 0x55555555 };
    struct state even, odd;
    if (step & DRAW) {
        even = begin(plan, block);
        odd = begin(plan, block + 1);
    }
#pragma GCC unroll 8
    for (unsigned v = 0; v < 2 * WORDS; v++) {
        const unsigned r = v + 2;
        if (step & DRAW && r < PHILOX_ROUNDS - 1) {
            even = round_of(even, plan->k0[r], plan->k1[r]);
            odd = round_of(odd, plan->k0[r], plan->k1[r]);
        }
        if (!(step & WRITE))
            continue;
        const __m512i word = words[v / 2];
        float *const low = z + v / 2 * TILE_BLOCKS;
        if (v % 2)
            sixteen(table, _mm512_ternarylogic_epi32(_mm512_srli_epi32(word, 15), table->twice,
                                                     table->far, A_AND_B_OR_C),
                    word, low + NORMAL_TILE / 2);
        else
            sixteen(table, _mm512_mask_add_epi16(table->far, LOW, word, word),
                    _mm512_slli_epi32(word, 16), low);
    }
    if (step & DRAW)
        last_round(even, odd, plan->k0[PHILOX_ROUNDS - 1], plan->k1[PHILOX_ROUNDS - 1], words);
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

/* Decides 8 units of a call, of which the given one is the first; z has their signed arguments. */
INLINE void outer_eight(const struct draw *draw, uint64_t unit, __m512i place, __mmask8 here,
                        float *z)
{
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
static void outer_of(uint32_t open[CALL_WORDS], const struct draw *draw, uint64_t unit, float *z)
{
    uint16_t places[32 * CALL_WORDS];
    uint64_t left = 0;
    size_t count = 0;
    for (size_t w = 0; w < CALL_WORDS; w += 16) {
        const __m512i some = _mm512_loadu_si512(open + w);
        left |= (uint64_t)_mm512_test_epi32_mask(some, some) << w;
    }
    while (left) {
        const unsigned w = (unsigned)__builtin_ctzll(left), bits = open[w];
        const unsigned bit = (unsigned)__builtin_ctz(bits);
        places[count++] =
            (uint16_t)(w / (2 * WORDS) * NORMAL_TILE + w / WORDS % 2 * 16 +
                       w % WORDS * TILE_BLOCKS + bit % 2 * NORMAL_TILE / 2 + bit / 2);
        open[w] = bits & (bits - 1);
        left ^= (uint64_t)!open[w] << w;
    }
    for (size_t i = 0; i < count; i += 8) {
        const unsigned n = count - i < 8 ? (unsigned)(count - i) : 8;
        const __mmask8 here = (__mmask8)_bzhi_u32(0xFF, n);
        const __m128i place = _mm_maskz_loadu_epi16(here, places + i);
        outer_eight(draw, unit, _mm512_cvtepu16_epi64(place), here, z);
    }
}

static void numbers(const struct draw *draw, uint64_t tile, size_t tiles, float *z,
                    struct meanwhile meanwhile)
{
    struct draw marked = *draw;
    marked.offset[1] |= PHILOX_SECOND;
    const uint64_t block = tile * TILE_BLOCKS;
    struct plan plan;
    prepare(&plan, &marked, block | (uint64_t)NORMAL_DRAW << 32);

    struct table table;
    prepare_table(&table);
    uint32_t open[CALL_WORDS] = {0};
    __m512i words[WORDS];
    advance(DRAW, &plan, &table, (uint32_t)block, words, z);
    for (size_t h = 0; h < 2 * tiles; h++) {
        if (meanwhile.work && h % 2 == 0)
            meanwhile.work(meanwhile.context, h / 2, tiles);
        for (unsigned w = 0; w < WORDS; w++)
            open[WORDS * h + w] = _mm512_testn_epi16_mask(words[w], table.outermost);
        const uint64_t next = (uint32_t)block + 16 * (h + 1);
        float *const half = z + h / 2 * NORMAL_TILE + h % 2 * 16;
        if (h + 1 < 2 * tiles)
            advance(DRAW | WRITE, &plan, &table, next, words, half);
        else
            advance(WRITE, &plan, &table, next, words, half);
    }
    outer_of(open, draw, tile * NORMAL_TILE, z);
}
