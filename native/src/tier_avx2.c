/*
 * AVX2 with F16C: how elements are loaded, computed and stored. The draw is in draw_avx2.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <immintrin.h>

#include "lanes.h"
#include "tier.h"

#define PREFER_LANES(type) _Pragma("GCC unroll 16")

typedef __m256 raw_f32, wide_f32;
typedef __m256d raw_f64, wide_f64;
typedef __m256i raw_bf16;
typedef struct {
    __m128i a, b;
} raw_f16;
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

/*
 * Bits of the word, from the last one before bit k on whose number is a multiple of 16, in the low
 * half of each lane. On Zen 2 moves from general registers or between halves of a vector, shifts
 * and stores share one port, so the word is moved once, for 64 elements.
 */
INLINE __m256i bits_16(uint64_t word, size_t k)
{
    const int low = (int)(k >> 3 & 6), none = INT16_MIN * 65536 + 0x800000;
    return _mm256_shuffle_epi8(_mm256_set1_epi64x((long long)word),
                               _mm256_set1_epi32(none | (low + 1) << 8 | low));
}

/*
 * Bits k, k + 1, ... of the word, one in each lane, elsewhere zeros, and never in a lane's sign. So
 * they can be the second operand of a sign operation: 0 makes the lane 0, others leave it.
 */
INLINE __m256i lane_bits_32(uint64_t word, size_t k)
{
    const __m256i lanes = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    return _mm256_and_si256(bits_16(word, k), _mm256_slli_epi32(lanes, k & 8));
}

INLINE __m256 only_f32(__m256 v, uint64_t word, size_t k)
{
    return _mm256_castsi256_ps(_mm256_sign_epi32(_mm256_castps_si256(v), lane_bits_32(word, k)));
}

INLINE __m256 pick_f32(__m256 v, __m256 other, uint64_t word, size_t k)
{
    const __m256i dropped = _mm256_cmpeq_epi32(lane_bits_32(word, k), _mm256_setzero_si256());
    return _mm256_blendv_ps(v, other, _mm256_castsi256_ps(dropped));
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

/* Each bit in both halves of a lane of 64 bits. */
INLINE __m256i lane_bits_64(uint64_t word, size_t k)
{
    const __m256i halves = _mm256_setr_epi32(1, 1, 2, 2, 4, 4, 8, 8);
    return _mm256_and_si256(bits_16(word, k), _mm256_slli_epi32(halves, k & 12));
}

INLINE __m256d only_f64(__m256d v, uint64_t word, size_t k)
{
    return _mm256_castsi256_pd(_mm256_sign_epi32(_mm256_castpd_si256(v), lane_bits_64(word, k)));
}

INLINE __m256d pick_f64(__m256d v, __m256d other, uint64_t word, size_t k)
{
    const __m256i dropped = _mm256_cmpeq_epi32(lane_bits_64(word, k), _mm256_setzero_si256());
    return _mm256_blendv_pd(v, other, _mm256_castsi256_pd(dropped));
}

PAIR(f16)

/* Conversions take and give halves of a vector, which they would have to wait for: see bits_16(). */
INLINE raw_f16 load_f16(const char *p)
{
    return (raw_f16){_mm_loadu_si128((const __m128i *)(const void *)p),
                     _mm_loadu_si128((const __m128i *)(const void *)(p + 16))};
}

INLINE void store_f16(char *p, raw_f16 v)
{
    _mm_storeu_si128((__m128i *)(void *)p, v.a);
    _mm_storeu_si128((__m128i *)(void *)(p + 16), v.b);
}

INLINE void stream_f16(char *p, raw_f16 v)
{
    _mm_stream_si128((__m128i *)(void *)p, v.a);
    _mm_stream_si128((__m128i *)(void *)(p + 16), v.b);
}

INLINE raw_f16 load_some_f16(const char *p, size_t n)
{
    raw_f16 v = {_mm_setzero_si128(), _mm_setzero_si128()};
    memcpy(&v, p, 2 * n);
    return v;
}

INLINE void store_some_f16(char *p, raw_f16 v, size_t n)
{
    memcpy(p, &v, 2 * n);
}

INLINE __m128i lane_bits_8(uint64_t word, size_t k)
{
    const __m128i bytes = _mm_shuffle_epi8(
        _mm_set1_epi64x((long long)word), _mm_set1_epi16((short)((int)(k >> 3) + INT16_MIN)));
    return _mm_and_si128(bytes, _mm_setr_epi16(1, 2, 4, 8, 16, 32, 64, 128));
}

INLINE raw_f16 only_f16(raw_f16 v, uint64_t word, size_t k)
{
    return (raw_f16){_mm_sign_epi16(v.a, lane_bits_8(word, k)),
                     _mm_sign_epi16(v.b, lane_bits_8(word, k + 8))};
}

INLINE raw_f16 pick_f16(raw_f16 v, raw_f16 other, uint64_t word, size_t k)
{
    const __m128i zero = _mm_setzero_si128();
    return (raw_f16){
        _mm_blendv_epi8(v.a, other.a, _mm_cmpeq_epi16(lane_bits_8(word, k), zero)),
        _mm_blendv_epi8(v.b, other.b, _mm_cmpeq_epi16(lane_bits_8(word, k + 8), zero))};
}

INLINE wide_f16 widen_f16(raw_f16 v)
{
    return (wide_f16){_mm256_cvtph_ps(v.a), _mm256_cvtph_ps(v.b)};
}

INLINE raw_f16 narrow_f16(wide_f16 v)
{
    return (raw_f16){_mm256_cvtps_ph(v.a, _MM_FROUND_TO_NEAREST_INT),
                     _mm256_cvtps_ph(v.b, _MM_FROUND_TO_NEAREST_INT)};
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

INLINE __m256i load_bf16(const char *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

INLINE void store_bf16(char *p, __m256i v)
{
    _mm256_storeu_si256((__m256i *)(void *)p, v);
}

INLINE void stream_bf16(char *p, __m256i v)
{
    _mm256_stream_si256((__m256i *)(void *)p, v);
}

INLINE __m256i load_some_bf16(const char *p, size_t n)
{
    __m256i v = _mm256_setzero_si256();
    memcpy(&v, p, 2 * n);
    return v;
}

INLINE void store_some_bf16(char *p, __m256i v, size_t n)
{
    memcpy(p, &v, 2 * n);
}

/* 16 bits, of which the lower half of the vector has 8. */
INLINE __m256i lane_bits_16(uint64_t word, size_t k)
{
    const short low = (short)(INT16_MIN + (int)(k >> 3)), high = (short)(low + 1);
    const __m256i bytes = _mm256_shuffle_epi8(
        _mm256_set1_epi64x((long long)word),
        _mm256_setr_epi16(low, low, low, low, low, low, low, low, high, high, high, high, high,
                          high, high, high));
    return _mm256_and_si256(bytes, _mm256_setr_epi16(1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16,
                                                     32, 64, 128));
}

INLINE __m256i only_bf16(__m256i v, uint64_t word, size_t k)
{
    return _mm256_sign_epi16(v, lane_bits_16(word, k));
}

INLINE __m256i pick_bf16(__m256i v, __m256i other, uint64_t word, size_t k)
{
    const __m256i dropped = _mm256_cmpeq_epi16(lane_bits_16(word, k), _mm256_setzero_si256());
    return _mm256_blendv_epi8(v, other, dropped);
}

/* The lower half of each lane of 32 bits as its upper one, and the other way round. */
INLINE __m256i upwards(__m256i v)
{
    return _mm256_slli_epi32(v, 16);
}

/* Not a shift: see bits_16(). */
INLINE __m256i downwards(__m256i v)
{
    return _mm256_shuffle_epi8(v, _mm256_setr_epi8(2, 3, -1, -1, 6, 7, -1, -1, 10, 11, -1, -1, 14,
                                                   15, -1, -1, 2, 3, -1, -1, 6, 7, -1, -1, 10, 11,
                                                   -1, -1, 14, 15, -1, -1));
}

INLINE wide_bf16 widen_bf16(__m256i v)
{
    return (wide_bf16){
        _mm256_castsi256_ps(upwards(v)),
        _mm256_castsi256_ps(_mm256_and_si256(v, _mm256_set1_epi32((int)0xFFFF0000u)))};
}

/*
 * To nearest, ties to even: the upper half is one more where the lower one is above 0x8000, or is
 * that and the upper one is odd. A NaN needs no care: it comes from a bfloat16 or is the
 * processor's own, so its lower half is 0 and nothing is carried into its exponent or sign.
 */
INLINE __m256i narrow_bf16(wide_bf16 v)
{
    const __m256i a = _mm256_castps_si256(v.a), b = _mm256_castps_si256(v.b);
    const __m256i upper = _mm256_blend_epi16(downwards(a), b, 0xAA);
    const __m256i lower = _mm256_blend_epi16(a, upwards(b), 0xAA);
    const __m256i even = _mm256_andnot_si256(upper, _mm256_set1_epi16(1));
    const __m256i above = _mm256_subs_epu16(lower, even); /* its top bit */
    return _mm256_sub_epi16(upper, _mm256_cmpgt_epi16(_mm256_setzero_si256(), above));
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
#define STREAMS 1
#define STREAM_END _mm_sfence
#include "tier_table.h"
