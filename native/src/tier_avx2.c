/*
 * AVX2 with F16C: how elements are loaded, computed and stored. The draw is in draw_avx2.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <immintrin.h>

#include "lanes.h"
#include "tier.h"

#define PREFER_LANES _Pragma("GCC unroll 16")

typedef __m256 raw_f32, wide_f32;
typedef __m256d raw_f64, wide_f64;
typedef __m256i raw_f16, raw_bf16;
/* float16: lanes 0 to 7, and 8 to 15. bfloat16: lanes with even numbers, and with odd ones. */
typedef struct {
    __m256 a, b;
} wide_f16, wide_bf16;

enum { LANES_f32 = 8, LANES_f64 = 4, LANES_f16 = 16, LANES_bf16 = 16 };

/* Ones in the first n lanes of 32 or 64 bits. */
INLINE __m256i first32(size_t n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n),
                              _mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0));
}

INLINE __m256i first64(size_t n)
{
    return _mm256_cmpgt_epi64(_mm256_set1_epi64x((long long)n), _mm256_set_epi64x(3, 2, 1, 0));
}

INLINE __m256 load_f32(const char *p)
{
    return _mm256_loadu_ps((const float *)(const void *)p);
}

INLINE void store_f32(char *p, __m256 v)
{
    _mm256_storeu_ps((float *)(void *)p, v);
}

INLINE void stream_f32(char *p, __m256 v)
{
    _mm256_stream_ps((float *)(void *)p, v);
}

INLINE __m256 load_some_f32(const char *p, size_t n)
{
    return _mm256_maskload_ps((const float *)(const void *)p, first32(n));
}

INLINE void store_some_f32(char *p, __m256 v, size_t n)
{
    _mm256_maskstore_ps((float *)(void *)p, first32(n), v);
}

INLINE __m256 set_f32(double v)
{
    return _mm256_set1_ps((float)v);
}

PLAIN(f32, _mm256_mul_ps, _mm256_add_ps, _mm256_fmadd_ps)

/* Ones in the lanes whose bits are set. */
INLINE __m256 chosen_f32(uint64_t word, size_t k)
{
    const __m256i lane = _mm256_slli_epi32(_mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128),
                                           k & 24);
    const __m256i bits = _mm256_set1_epi32((int)(word >> (k & 32)));
    return _mm256_castsi256_ps(_mm256_cmpeq_epi32(_mm256_and_si256(bits, lane), lane));
}

INLINE __m256 only_f32(__m256 v, uint64_t word, size_t k)
{
    return _mm256_and_ps(v, chosen_f32(word, k));
}

INLINE __m256 pick_f32(__m256 v, __m256 other, uint64_t word, size_t k)
{
    return _mm256_blendv_ps(other, v, chosen_f32(word, k));
}

INLINE __m256d load_f64(const char *p)
{
    return _mm256_loadu_pd((const double *)(const void *)p);
}

INLINE void store_f64(char *p, __m256d v)
{
    _mm256_storeu_pd((double *)(void *)p, v);
}

INLINE void stream_f64(char *p, __m256d v)
{
    _mm256_stream_pd((double *)(void *)p, v);
}

INLINE __m256d load_some_f64(const char *p, size_t n)
{
    return _mm256_maskload_pd((const double *)(const void *)p, first64(n));
}

INLINE void store_some_f64(char *p, __m256d v, size_t n)
{
    _mm256_maskstore_pd((double *)(void *)p, first64(n), v);
}

INLINE __m256d set_f64(double v)
{
    return _mm256_set1_pd(v);
}

PLAIN(f64, _mm256_mul_pd, _mm256_add_pd, _mm256_fmadd_pd)

/* Ones in the lanes whose bits are set. */
INLINE __m256d chosen_f64(uint64_t word, size_t k)
{
    const __m256i lane = _mm256_slli_epi64(_mm256_setr_epi64x(1, 2, 4, 8), k & 60);
    const __m256i bits = _mm256_set1_epi64x((long long)word);
    return _mm256_castsi256_pd(_mm256_cmpeq_epi64(_mm256_and_si256(bits, lane), lane));
}

INLINE __m256d only_f64(__m256d v, uint64_t word, size_t k)
{
    return _mm256_and_pd(v, chosen_f64(word, k));
}

INLINE __m256d pick_f64(__m256d v, __m256d other, uint64_t word, size_t k)
{
    return _mm256_blendv_pd(other, v, chosen_f64(word, k));
}

/* What both 16-bit types share. */

INLINE __m256i load_16(const char *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

INLINE void store_16(char *p, __m256i v)
{
    _mm256_storeu_si256((__m256i *)(void *)p, v);
}

INLINE void stream_16(char *p, __m256i v)
{
    _mm256_stream_si256((__m256i *)(void *)p, v);
}

INLINE __m256i load_some_16(const char *p, size_t n)
{
    __m256i v = _mm256_setzero_si256();
    memcpy(&v, p, 2 * n);
    return v;
}

INLINE void store_some_16(char *p, __m256i v, size_t n)
{
    memcpy(p, &v, 2 * n);
}

INLINE __m256i chosen_16(uint64_t word, size_t k)
{
    const __m256i lane = _mm256_setr_epi16(1, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6,
                                           1 << 7, 1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12,
                                           1 << 13, 1 << 14, INT16_MIN);
    const __m256i bits = _mm256_set1_epi16((short)(word >> k));
    return _mm256_cmpeq_epi16(_mm256_and_si256(bits, lane), lane);
}

INLINE __m256i only_16(__m256i v, uint64_t word, size_t k)
{
    return _mm256_and_si256(v, chosen_16(word, k));
}

INLINE __m256i pick_16(__m256i v, __m256i other, uint64_t word, size_t k)
{
    return _mm256_blendv_epi8(other, v, chosen_16(word, k));
}

#define load_f16 load_16
#define store_f16 store_16
#define stream_f16 stream_16
#define load_some_f16 load_some_16
#define store_some_f16 store_some_16
#define only_f16 only_16
#define pick_f16 pick_16
#define load_bf16 load_16
#define store_bf16 store_16
#define stream_bf16 stream_16
#define load_some_bf16 load_some_16
#define store_some_bf16 store_some_16
#define only_bf16 only_16
#define pick_bf16 pick_16

PAIR(f16)

INLINE wide_f16 widen_f16(__m256i v)
{
    return (wide_f16){_mm256_cvtph_ps(_mm256_castsi256_si128(v)),
                      _mm256_cvtph_ps(_mm256_extracti128_si256(v, 1))};
}

INLINE __m256i narrow_f16(wide_f16 v)
{
    return _mm256_inserti128_si256(
        _mm256_castsi128_si256(_mm256_cvtps_ph(v.a, _MM_FROUND_TO_NEAREST_INT)),
        _mm256_cvtps_ph(v.b, _MM_FROUND_TO_NEAREST_INT), 1);
}

INLINE wide_f16 load_total_f16(const char *p)
{
    return (wide_f16){load_f32(p), load_f32(p + 32)};
}

INLINE void store_total_f16(char *p, wide_f16 v)
{
    store_f32(p, v.a);
    store_f32(p + 32, v.b);
}

PAIR(bf16)

INLINE wide_bf16 widen_bf16(__m256i v)
{
    return (wide_bf16){
        _mm256_castsi256_ps(_mm256_slli_epi32(v, 16)),
        _mm256_castsi256_ps(_mm256_and_si256(v, _mm256_set1_epi32((int)0xFFFF0000u)))};
}

/*
 * To nearest, ties to even, in the upper half of each lane. A NaN needs no care: it comes from a
 * bfloat16 or is the processor's own, so its low half is 0 and rounding carries nothing into its
 * exponent or sign.
 */
INLINE __m256i round_bf16(__m256 f)
{
    const __m256i v = _mm256_castps_si256(f);
    const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(v, 16), _mm256_set1_epi32(1));
    return _mm256_add_epi32(_mm256_add_epi32(v, _mm256_set1_epi32(0x7FFF)), odd);
}

INLINE __m256i narrow_bf16(wide_bf16 v)
{
    return _mm256_blend_epi16(_mm256_srli_epi32(round_bf16(v.a), 16), round_bf16(v.b), 0xAA);
}

/* Pairs of 64 bits 0, 2, 1, 3: shuffles work within each half of a register. */
INLINE __m256 across_halves(__m256 v)
{
    return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(v), 0xD8));
}

INLINE wide_bf16 load_total_bf16(const char *p)
{
    const __m256 low = load_f32(p), high = load_f32(p + 32);
    return (wide_bf16){across_halves(_mm256_shuffle_ps(low, high, 0x88)),
                       across_halves(_mm256_shuffle_ps(low, high, 0xDD))};
}

INLINE void store_total_bf16(char *p, wide_bf16 v)
{
    const __m256 low = _mm256_unpacklo_ps(v.a, v.b), high = _mm256_unpackhi_ps(v.a, v.b);
    store_f32(p, _mm256_permute2f128_ps(low, high, 0x20));
    store_f32(p + 32, _mm256_permute2f128_ps(low, high, 0x31));
}

#define TIER avx2
#define STREAM_END _mm_sfence
#include "tier_table.h"
