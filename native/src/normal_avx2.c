/*
 * Normal numbers in AVX2: blocks as in draw_avx2.c, but 8 at a time, and the polynomials'
 * coefficients by one permutation each.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <immintrin.h>

#define OWN_NUMBERS
#define TIER avx2
#include "normal.h"
#include "philox_avx2.h"

enum {
    /* Of each block, two slices in every lane. */
    WORDS = 4,
    CALL_WORDS = NORMAL_TILES * TILE_PARTS * WORDS,
    /* Arguments from 256 = 2^8 on use the pieces 7 to 14. */
    SMALLER_BITS = 8
};

/* Piece 7 is at place 7, and 8 to 14 from place 0 on. */
struct table {
    __m256 pieces[NORMAL_DEGREE + 1];
};

/* The words of a call, in order, and which of their slices have smaller arguments. */
struct words {
    uint32_t open[CALL_WORDS]; /* bits 4 j and 4 j + 2: of lane j's low and high slice */
    __m256i words[CALL_WORDS];
};

/* With the signs' top bits. */
INLINE __m256 signed_as(__m256 n, __m256i signs)
{
    return _mm256_or_ps(n, _mm256_castsi256_ps(_mm256_and_si256(signs, both(0x80000000))));
}

/* 8 numbers of 2^23 + T, a float that ends with the bits of T; a sign is the top bit. */
INLINE void eight(const struct table *table, __m256i far, __m256i signs, float *z)
{
    const __m256 t = _mm256_sub_ps(_mm256_castsi256_ps(far), _mm256_set1_ps(0x1p23f));
    const __m256i piece = _mm256_srli_epi32(_mm256_castps_si256(t), 23);
    __m256 n = _mm256_permutevar8x32_ps(table->pieces[NORMAL_DEGREE], piece);
#pragma GCC unroll 8
    for (int power = NORMAL_DEGREE - 1; power >= 0; power--)
        n = _mm256_fmadd_ps(n, t, _mm256_permutevar8x32_ps(table->pieces[power], piece));
    _mm256_storeu_ps(z, signed_as(n, signs));
}

/* T of every slice. */
INLINE __m256i arguments(__m256i word)
{
    return _mm256_or_si256(_mm256_add_epi16(word, word), both(0x00010001));
}

/* Which of its slices have smaller arguments, as in struct words. */
INLINE uint32_t open_of(__m256i word)
{
    const __m256i few =
        _mm256_cmpeq_epi16(_mm256_srli_epi16(arguments(word), SMALLER_BITS), _mm256_setzero_si256());
    return (uint32_t)_mm256_movemask_epi8(few) & 0x55555555;
}

/* The second draws of 4 units: 16 bits in each 64. */
INLINE __m256i cuts(const struct draw *draw, __m256i units)
{
    struct state s = {_mm256_srli_epi64(units, 3),
                      _mm256_or_si256(_mm256_srli_epi64(units, 35), all(NORMAL_SECOND)),
                      all(draw->offset[0]), all(draw->offset[1] | PHILOX_SECOND)};
    uint32_t k0 = draw->key[0], k1 = draw->key[1];
    for (int r = 0; r < PHILOX_ROUNDS; r++) {
        s = round_with(s, both(k0), both(k1));
        k0 += PHILOX_W0;
        k1 += PHILOX_W1;
    }
    const __m256d second = _mm256_castsi256_pd(_mm256_slli_epi64(units, 62));
    const __m256d third = _mm256_castsi256_pd(_mm256_slli_epi64(units, 61));
    const __m256d low = _mm256_blendv_pd(_mm256_castsi256_pd(s.c0), _mm256_castsi256_pd(s.c1),
                                         second);
    const __m256d top = _mm256_blendv_pd(_mm256_castsi256_pd(s.c2), _mm256_castsi256_pd(s.c3),
                                         second);
    const __m256i word = _mm256_castpd_si256(_mm256_blendv_pd(low, top, third));
    const __m256i half = _mm256_slli_epi64(_mm256_and_si256(units, all(1)), 4);
    return _mm256_and_si256(_mm256_srlv_epi64(word, half), all(0xFFFF));
}

/* The numbers of 8 units by their slices, whatever these are; the given unit is at place 0. */
INLINE __m256 any_eight(const struct draw *draw, uint64_t unit, __m256i places, __m256i slices)
{
    const __m256i low = _mm256_cvtepu32_epi64(_mm256_castsi256_si128(places));
    const __m256i top = _mm256_cvtepu32_epi64(_mm256_extracti128_si256(places, 1));
    const __m256i cut = _mm256_permutevar8x32_epi32(
        _mm256_or_si256(cuts(draw, _mm256_add_epi64(low, all(unit))),
                        _mm256_slli_epi64(cuts(draw, _mm256_add_epi64(top, all(unit))), 32)),
        _mm256_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7));
    const __m256i a = _mm256_and_si256(slices, both(0x7FFF)), one = both(1);
    const __m256i whole = _mm256_or_si256(_mm256_slli_epi32(a, 1), one);
    const __m256i fine = _mm256_or_si256(
        _mm256_slli_epi32(_mm256_or_si256(_mm256_slli_epi32(a, 16), cut), 1), one);
    const __m256i outermost = _mm256_cmpgt_epi32(both(NORMAL_OUTERMOST), a);
    const __m256 t = _mm256_blendv_ps(
        _mm256_cvtepi32_ps(whole),
        _mm256_mul_ps(_mm256_cvtepi32_ps(fine), _mm256_set1_ps(0x1p-16f)),
        _mm256_castsi256_ps(outermost));
    const __m256i piece = _mm256_and_si256(_mm256_srli_epi32(_mm256_castps_si256(t), 23),
                                           both(NORMAL_PIECES - 1));
    __m256 n = _mm256_i32gather_ps(normal_table[NORMAL_DEGREE], piece, sizeof(float));
    for (int power = NORMAL_DEGREE - 1; power >= 0; power--)
        n = _mm256_fmadd_ps(n, t, _mm256_i32gather_ps(normal_table[power], piece, sizeof(float)));
    return signed_as(n, _mm256_slli_epi32(slices, 16));
}

/*
 * Decides the units of a call that have smaller arguments; the given one has its number at z. A
 * branch on each word would be mispredicted.
 */
static void outer_of(const struct words *drawn, size_t words, const struct draw *draw,
                     uint64_t unit, float *z)
{
    uint32_t places[16 * CALL_WORDS + 8], slices[16 * CALL_WORDS + 8];
    uint16_t list[CALL_WORDS + 1];
    size_t listed = 0, count = 0;
    for (size_t w = 0; w < words; w++) {
        list[listed] = (uint16_t)w;
        listed += drawn->open[w] != 0;
    }
    for (size_t i = 0; i < listed; i++) {
        const unsigned w = list[i], part = w / WORDS % TILE_PARTS;
        const unsigned place =
            w / (TILE_PARTS * WORDS) * NORMAL_TILE + w % WORDS * TILE_BLOCKS + 8 * part;
        uint32_t lanes[8];
        _mm256_storeu_si256((__m256i *)lanes, drawn->words[w]);
        for (uint32_t open = drawn->open[w]; open; open &= open - 1) {
            const unsigned bit = (unsigned)__builtin_ctz(open), high = bit % 4 / 2;
            places[count] = place + bit / 4 + high * NORMAL_TILE / 2;
            slices[count++] = lanes[bit / 4] >> 16 * high;
        }
    }
    for (size_t j = 0; j < 8; j++) /* to fill up */
        places[count + j] = slices[count + j] = 0;
    for (size_t i = 0; i < count; i += 8) {
        float numbers[8];
        _mm256_storeu_ps(numbers, any_eight(draw, unit,
                                            _mm256_loadu_si256((const __m256i *)(places + i)),
                                            _mm256_loadu_si256((const __m256i *)(slices + i))));
        for (size_t j = 0; j < 8 && i + j < count; j++)
            z[places[i + j]] = numbers[j];
    }
}

/*
 * The words of 8 blocks, in place of others, whose numbers are written to z between the rounds:
 * rounds wait for products, and numbers for permutations. Where z is NULL there are no others.
 */
INLINE void replace(const struct plan *plan, const struct table *table, uint64_t block,
                    __m256i words[WORDS], float *z)
{
    const __m256i far = both(0x4B000000);
    struct state a, b;
    begin8(plan, block, &a, &b);
#pragma GCC unroll 8
    for (unsigned v = 0; v < 2 * WORDS; v++) {
        const unsigned r = v + 2;
        if (r < PHILOX_ROUNDS - 1) {
            a = round_of(plan, (int)r, a);
            b = round_of(plan, (int)r, b);
        }
        if (!z)
            continue;
        const __m256i word = words[v / 2], t = arguments(word);
        float *const low = z + v / 2 * TILE_BLOCKS;
        if (v % 2)
            eight(table, _mm256_or_si256(_mm256_srli_epi32(t, 16), far), word,
                  low + NORMAL_TILE / 2);
        else
            eight(table, _mm256_blend_epi16(t, far, 0xAA), _mm256_slli_epi32(word, 16), low);
    }
    last_round(plan, a, b, words);
}

static void numbers(const struct draw *draw, uint64_t tile, size_t tiles, float *z,
                    struct meanwhile meanwhile)
{
    struct draw marked = *draw;
    marked.offset[1] |= PHILOX_SECOND;
    const uint64_t block = tile * TILE_BLOCKS;
    struct plan plan;
    prepare(&plan, &marked, block | (uint64_t)NORMAL_DRAW << 32, 0);

    struct table table;
    for (int power = 0; power <= NORMAL_DEGREE; power++)
        table.pieces[power] = _mm256_blend_ps(_mm256_loadu_ps(normal_table[power] + 8),
                                              _mm256_loadu_ps(normal_table[power]), 0x80);
    struct words drawn;
    size_t held = 0;
    __m256i words[WORDS];
    replace(&plan, &table, (uint32_t)block, words, NULL);
    for (size_t t = 0; t < tiles; t++) {
        if (meanwhile.work)
            meanwhile.work(meanwhile.context, t, tiles);
        for (unsigned part = 0; part < TILE_PARTS; part++) {
            for (unsigned w = 0; w < WORDS; w++, held++) {
                drawn.words[held] = words[w];
                drawn.open[held] = open_of(words[w]);
            }
            const uint64_t next = t * TILE_BLOCKS + 8 * (part + 1); /* not needed after the last */
            replace(&plan, &table, (uint32_t)block + next, words, z + t * NORMAL_TILE + 8 * part);
        }
    }
    outer_of(&drawn, held, draw, tile * NORMAL_TILE, z);
}
