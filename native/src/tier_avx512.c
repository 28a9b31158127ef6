/*
 * AVX-512 with F, BW, VL, DQ and CD: how elements are loaded, computed and stored. The draw is in
 * draw_avx512.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <immintrin.h>

#include "lanes.h"
#include "tier.h"

#define PREFER_LANES(type) _Pragma("GCC unroll 8")

typedef __m512 raw_f32, wide_f32;
typedef __m512d raw_f64, wide_f64;
typedef __m256i raw_f16;
typedef __m512i raw_bf16;
typedef __m512 wide_f16;
/* Lanes with even numbers, and with odd ones. */
typedef struct {
    __m512 a, b;
} wide_bf16;

enum { LANES_f32 = 16, LANES_f64 = 8, LANES_f16 = 16, LANES_bf16 = 32 };

#define low_mask(type, n) ((type)((1ULL << (n)) - 1))

/*
 * Keeps a mask from being merged into the operation before it, and through that into a load: where
 * masked loads miss the first cache, some processors take twice the time.
 */
#define SETTLE(v) __asm__("" : "+v"(v))

INLINE __m512 load_f32(const char *p)
{
    return _mm512_loadu_ps(p);
}

INLINE void store_f32(char *p, __m512 v)
{
    _mm512_storeu_ps(p, v);
}

INLINE void stream_f32(char *p, __m512 v)
{
    _mm512_stream_ps((float *)(void *)p, v);
}

INLINE __m512 load_some_f32(const char *p, size_t n)
{
    return _mm512_maskz_loadu_ps(low_mask(__mmask16, n), p);
}

INLINE void store_some_f32(char *p, __m512 v, size_t n)
{
    _mm512_mask_storeu_ps(p, low_mask(__mmask16, n), v);
}

INLINE __m512 set_f32(double v)
{
    return _mm512_set1_ps((float)v);
}

PLAIN(f32, _mm512_mul_ps, _mm512_add_ps, _mm512_fmadd_ps)

INLINE __m512 pick_f32(__m512 v, __m512 other, uint64_t word, size_t k)
{
    SETTLE(v);
    return _mm512_mask_mov_ps(other, (__mmask16)(word >> k), v);
}

INLINE __m512 only_f32(__m512 v, uint64_t word, size_t k)
{
    SETTLE(v);
    return _mm512_maskz_mov_ps((__mmask16)(word >> k), v);
}

INLINE __m512d load_f64(const char *p)
{
    return _mm512_loadu_pd(p);
}

INLINE void store_f64(char *p, __m512d v)
{
    _mm512_storeu_pd(p, v);
}

INLINE void stream_f64(char *p, __m512d v)
{
    _mm512_stream_pd((double *)(void *)p, v);
}

INLINE __m512d load_some_f64(const char *p, size_t n)
{
    return _mm512_maskz_loadu_pd(low_mask(__mmask8, n), p);
}

INLINE void store_some_f64(char *p, __m512d v, size_t n)
{
    _mm512_mask_storeu_pd(p, low_mask(__mmask8, n), v);
}

INLINE __m512d set_f64(double v)
{
    return _mm512_set1_pd(v);
}

PLAIN(f64, _mm512_mul_pd, _mm512_add_pd, _mm512_fmadd_pd)

INLINE __m512d pick_f64(__m512d v, __m512d other, uint64_t word, size_t k)
{
    SETTLE(v);
    return _mm512_mask_mov_pd(other, (__mmask8)(word >> k), v);
}

INLINE __m512d only_f64(__m512d v, uint64_t word, size_t k)
{
    SETTLE(v);
    return _mm512_maskz_mov_pd((__mmask8)(word >> k), v);
}

/* What both 16-bit types share. */

INLINE __m512i load_16(const char *p)
{
    return _mm512_loadu_si512(p);
}

INLINE void store_16(char *p, __m512i v)
{
    _mm512_storeu_si512(p, v);
}

INLINE void stream_16(char *p, __m512i v)
{
    _mm512_stream_si512((__m512i *)(void *)p, v);
}

INLINE __m512i load_some_16(const char *p, size_t n)
{
    return _mm512_maskz_loadu_epi16(low_mask(__mmask32, n), p);
}

INLINE void store_some_16(char *p, __m512i v, size_t n)
{
    _mm512_mask_storeu_epi16(p, low_mask(__mmask32, n), v);
}

INLINE __m512i only_16(__m512i v, uint64_t word, size_t k)
{
    SETTLE(v);
    return _mm512_maskz_mov_epi16((__mmask32)(word >> k), v);
}

INLINE __m512i pick_16(__m512i v, __m512i other, uint64_t word, size_t k)
{
    SETTLE(v);
    return _mm512_mask_mov_epi16(other, (__mmask32)(word >> k), v);
}

#define load_bf16 load_16
#define store_bf16 store_16
#define stream_bf16 stream_16
#define load_some_bf16 load_some_16
#define store_some_bf16 store_some_16
#define only_bf16 only_16
#define pick_bf16 pick_16

INLINE __m256i load_f16(const char *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

INLINE void store_f16(char *p, __m256i v)
{
    _mm256_storeu_si256((__m256i *)(void *)p, v);
}

INLINE void stream_f16(char *p, __m256i v)
{
    _mm256_stream_si256((__m256i *)(void *)p, v);
}

INLINE __m256i load_some_f16(const char *p, size_t n)
{
    return _mm256_maskz_loadu_epi16(low_mask(__mmask16, n), p);
}

INLINE void store_some_f16(char *p, __m256i v, size_t n)
{
    _mm256_mask_storeu_epi16(p, low_mask(__mmask16, n), v);
}

INLINE __m256i only_f16(__m256i v, uint64_t word, size_t k)
{
    SETTLE(v);
    return _mm256_maskz_mov_epi16((__mmask16)(word >> k), v);
}

INLINE __m256i pick_f16(__m256i v, __m256i other, uint64_t word, size_t k)
{
    SETTLE(v);
    return _mm256_mask_mov_epi16(other, (__mmask16)(word >> k), v);
}

INLINE __m512 widen_f16(__m256i v)
{
    return _mm512_cvtph_ps(v);
}

INLINE __m256i narrow_f16(__m512 v)
{
    return _mm512_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

#define set_f16 set_f32
#define mul_f16 mul_f32
#define add_f16 add_f32
#define fma_f16 fma_f32
#define load_total_f16 load_total_f32
#define store_total_f16 store_total_f32

PAIR(bf16)

INLINE wide_bf16 widen_bf16(__m512i v)
{
    return (wide_bf16){
        _mm512_castsi512_ps(_mm512_slli_epi32(v, 16)),
        _mm512_castsi512_ps(_mm512_and_si512(v, _mm512_set1_epi32((int)0xFFFF0000u)))};
}

/*
 * To nearest, ties to even, in the upper half of each lane. AVX512_BF16 would flush subnormals.
 * A NaN needs no care: it comes from a bfloat16 or is the processor's own, so its low half is 0
 * and rounding carries nothing into its exponent or sign.
 */
INLINE __m512i round_bf16(__m512 f)
{
    const __m512i v = _mm512_castps_si512(f);
    const __mmask16 odd = _mm512_test_epi32_mask(v, _mm512_set1_epi32(0x10000));
    const __m512i up = _mm512_mask_blend_epi32(odd, _mm512_set1_epi32(0x7FFF),
                                               _mm512_set1_epi32(0x8000));
    return _mm512_add_epi32(v, up);
}

INLINE __m512i narrow_bf16(wide_bf16 v)
{
    return _mm512_mask_mov_epi16(_mm512_srli_epi32(round_bf16(v.a), 16), 0xAAAAAAAA,
                                 round_bf16(v.b));
}

INLINE wide_bf16 load_total_bf16(const char *p)
{
    const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28,
                                           30);
    const __m512i odd = _mm512_or_si512(even, _mm512_set1_epi32(1));
    const __m512 low = load_f32(p), high = load_f32(p + 64);
    return (wide_bf16){_mm512_permutex2var_ps(low, even, high),
                       _mm512_permutex2var_ps(low, odd, high)};
}

INLINE void store_total_bf16(char *p, wide_bf16 v)
{
    /* Index bit 4 chooses the second operand, the odd lanes. */
    const __m512i low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const __m512i high = _mm512_add_epi32(low, _mm512_set1_epi32(8));
    store_f32(p, _mm512_permutex2var_ps(v.a, low, v.b));
    store_f32(p + 64, _mm512_permutex2var_ps(v.a, high, v.b));
}

#define TIER avx512
#define STREAMS 1
#define STREAM_END _mm_sfence
#include "tier_table.h"
