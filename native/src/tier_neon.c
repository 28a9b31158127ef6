/*
 * NEON as every armv8-a has it: how elements are loaded, computed and stored. The draw is in
 * draw_neon.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <arm_neon.h>

#include "lanes.h"
#include "tier.h"

#define PREFER_LANES(type) _Pragma("GCC unroll 16")

typedef float32x4_t raw_f32, wide_f32;
typedef float64x2_t raw_f64, wide_f64;
typedef uint16x8_t raw_f16, raw_bf16;
/* float16: lanes 0 to 3, and 4 to 7. bfloat16: lanes with even numbers, and with odd ones. */
typedef struct {
    float32x4_t a, b;
} wide_f16, wide_bf16;

enum { LANES_f32 = 4, LANES_f64 = 2, LANES_f16 = 8, LANES_bf16 = 8 };

MEMORY_OF(f32)
MEMORY_OF(f64)
MEMORY_OF(f16)
MEMORY_OF(bf16)

INLINE float32x4_t set_f32(double v)
{
    return vdupq_n_f32((float)v);
}

#define FMA_F32(a, b, c) vfmaq_f32(c, a, b)
#define FMA_F64(a, b, c) vfmaq_f64(c, a, b)

PLAIN(f32, vmulq_f32, vaddq_f32, FMA_F32)

/* Ones in the lanes whose bits are set. */
INLINE uint32x4_t chosen_f32(uint64_t word, size_t k)
{
    static const uint32_t lanes[4] = {1, 2, 4, 8};
    return vtstq_u32(vdupq_n_u32((uint32_t)(word >> k)), vld1q_u32(lanes));
}

INLINE float32x4_t only_f32(float32x4_t v, uint64_t word, size_t k)
{
    return vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(v), chosen_f32(word, k)));
}

INLINE float32x4_t pick_f32(float32x4_t v, float32x4_t other, uint64_t word, size_t k)
{
    return vbslq_f32(chosen_f32(word, k), v, other);
}

INLINE float64x2_t set_f64(double v)
{
    return vdupq_n_f64(v);
}

PLAIN(f64, vmulq_f64, vaddq_f64, FMA_F64)

/* Ones in the lanes whose bits are set. */
INLINE uint64x2_t chosen_f64(uint64_t word, size_t k)
{
    static const uint64_t lanes[2] = {1, 2};
    return vtstq_u64(vdupq_n_u64(word >> k), vld1q_u64(lanes));
}

INLINE float64x2_t only_f64(float64x2_t v, uint64_t word, size_t k)
{
    return vreinterpretq_f64_u64(vandq_u64(vreinterpretq_u64_f64(v), chosen_f64(word, k)));
}

INLINE float64x2_t pick_f64(float64x2_t v, float64x2_t other, uint64_t word, size_t k)
{
    return vbslq_f64(chosen_f64(word, k), v, other);
}

INLINE uint16x8_t chosen_16(uint64_t word, size_t k)
{
    static const uint16_t lanes[8] = {1, 2, 4, 8, 16, 32, 64, 128};
    return vtstq_u16(vdupq_n_u16((uint16_t)(word >> k)), vld1q_u16(lanes));
}

INLINE uint16x8_t only_16(uint16x8_t v, uint64_t word, size_t k)
{
    return vandq_u16(v, chosen_16(word, k));
}

INLINE uint16x8_t pick_16(uint16x8_t v, uint16x8_t other, uint64_t word, size_t k)
{
    return vbslq_u16(chosen_16(word, k), v, other);
}

#define only_f16 only_16
#define pick_f16 pick_16
#define only_bf16 only_16
#define pick_bf16 pick_16

PAIR(f16)

INLINE wide_f16 widen_f16(uint16x8_t v)
{
    const float16x8_t half = vreinterpretq_f16_u16(v);
    return (wide_f16){vcvt_f32_f16(vget_low_f16(half)), vcvt_high_f32_f16(half)};
}

INLINE uint16x8_t narrow_f16(wide_f16 v)
{
    return vreinterpretq_u16_f16(vcvt_high_f16_f32(vcvt_f16_f32(v.a), v.b));
}

INLINE wide_f16 load_total_f16(const char *p)
{
    return (wide_f16){load_f32(p), load_f32(p + 16)};
}

INLINE void store_total_f16(char *p, wide_f16 v)
{
    store_f32(p, v.a);
    store_f32(p + 16, v.b);
}

PAIR(bf16)

INLINE wide_bf16 widen_bf16(uint16x8_t v)
{
    const uint32x4_t pairs = vreinterpretq_u32_u16(v);
    return (wide_bf16){vreinterpretq_f32_u32(vshlq_n_u32(pairs, 16)),
                       vreinterpretq_f32_u32(vandq_u32(pairs, vdupq_n_u32(0xFFFF0000)))};
}

/*
 * To nearest, ties to even, in the upper half of each lane. A NaN needs no care: it comes from a
 * bfloat16 or is the processor's own, so its low half is 0 and rounding carries nothing into its
 * exponent or sign.
 */
INLINE uint32x4_t round_bf16(float32x4_t f)
{
    const uint32x4_t v = vreinterpretq_u32_f32(f);
    const uint32x4_t odd = vandq_u32(vshrq_n_u32(v, 16), vdupq_n_u32(1));
    return vaddq_u32(vaddq_u32(v, vdupq_n_u32(0x7FFF)), odd);
}

INLINE uint16x8_t narrow_bf16(wide_bf16 v)
{
    return vreinterpretq_u16_u32(vsriq_n_u32(round_bf16(v.b), round_bf16(v.a), 16));
}

INLINE wide_bf16 load_total_bf16(const char *p)
{
    const float32x4_t low = load_f32(p), high = load_f32(p + 16);
    return (wide_bf16){vuzp1q_f32(low, high), vuzp2q_f32(low, high)};
}

INLINE void store_total_bf16(char *p, wide_bf16 v)
{
    store_f32(p, vzip1q_f32(v.a, v.b));
    store_f32(p + 16, vzip2q_f32(v.a, v.b));
}

#define TIER neon
#define STREAMS 0
#define STREAM_END()
#include "tier_table.h"
