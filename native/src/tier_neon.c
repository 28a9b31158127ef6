/*
 * NEON as every armv8-a has it: how elements are loaded, computed and stored. The draw is in
 * draw_neon.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <arm_neon.h>
#include <string.h>

#include "tier.h"
#include "tier_neon.h"

#define INLINE static inline __attribute__((always_inline))
#define PREFER_LANES _Pragma("GCC unroll 16")

typedef float32x4_t raw_f32, wide_f32;
typedef float64x2_t raw_f64, wide_f64;
typedef uint16x8_t raw_f16, raw_bf16;
/* float16: lanes 0 to 3, and 4 to 7. bfloat16: lanes with even numbers, and with odd ones. */
typedef struct {
    float32x4_t a, b;
} wide_f16, wide_bf16;

enum { LANES_f32 = 4, LANES_f64 = 2, LANES_f16 = 8, LANES_bf16 = 8 };
enum { SIZE_f32 = 4, SIZE_f64 = 8, SIZE_f16 = 2, SIZE_bf16 = 2 };

/* Loads and stores of any address, and of a part of a vector, are alike for all types. */
#define MEMORY_OF(type)                                                                   \
    INLINE raw_##type load_##type(const char *p)                                          \
    {                                                                                     \
        raw_##type v;                                                                     \
        memcpy(&v, p, sizeof v);                                                          \
        return v;                                                                         \
    }                                                                                     \
    INLINE void store_##type(char *p, raw_##type v)                                       \
    {                                                                                     \
        memcpy(p, &v, sizeof v);                                                          \
    }                                                                                     \
    INLINE void stream_##type(char *p, raw_##type v)                                      \
    {                                                                                     \
        store_##type(p, v); /* no way past the cache in portable C */                     \
    }                                                                                     \
    INLINE raw_##type load_some_##type(const char *p, size_t n)                           \
    {                                                                                     \
        raw_##type v;                                                                     \
        memset(&v, 0, sizeof v);                                                          \
        memcpy(&v, p, n * SIZE_##type);                                                   \
        return v;                                                                         \
    }                                                                                     \
    INLINE void store_some_##type(char *p, raw_##type v, size_t n)                        \
    {                                                                                     \
        memcpy(p, &v, n * SIZE_##type);                                                   \
    }

MEMORY_OF(f32)
MEMORY_OF(f64)
MEMORY_OF(f16)
MEMORY_OF(bf16)

INLINE float32x4_t set_f32(double v)
{
    return vdupq_n_f32((float)v);
}

INLINE float32x4_t widen_f32(float32x4_t v)
{
    return v;
}

INLINE float32x4_t narrow_f32(float32x4_t v)
{
    return v;
}

INLINE float32x4_t mul_f32(float32x4_t a, float32x4_t b)
{
    return vmulq_f32(a, b);
}

INLINE float32x4_t only_f32(float32x4_t v, uint64_t word, size_t k)
{
    static const uint32_t lanes[4] = {1, 2, 4, 8};
    const uint32x4_t keep = vtstq_u32(vdupq_n_u32((uint32_t)(word >> k)), vld1q_u32(lanes));
    return vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(v), keep));
}

INLINE float64x2_t set_f64(double v)
{
    return vdupq_n_f64(v);
}

INLINE float64x2_t widen_f64(float64x2_t v)
{
    return v;
}

INLINE float64x2_t narrow_f64(float64x2_t v)
{
    return v;
}

INLINE float64x2_t mul_f64(float64x2_t a, float64x2_t b)
{
    return vmulq_f64(a, b);
}

INLINE float64x2_t only_f64(float64x2_t v, uint64_t word, size_t k)
{
    static const uint64_t lanes[2] = {1, 2};
    const uint64x2_t keep = vtstq_u64(vdupq_n_u64(word >> k), vld1q_u64(lanes));
    return vreinterpretq_f64_u64(vandq_u64(vreinterpretq_u64_f64(v), keep));
}

INLINE uint16x8_t only_16(uint16x8_t v, uint64_t word, size_t k)
{
    static const uint16_t lanes[8] = {1, 2, 4, 8, 16, 32, 64, 128};
    return vandq_u16(v, vtstq_u16(vdupq_n_u16((uint16_t)(word >> k)), vld1q_u16(lanes)));
}

#define only_f16 only_16
#define only_bf16 only_16

INLINE wide_f16 set_f16(double v)
{
    return (wide_f16){set_f32(v), set_f32(v)};
}

INLINE wide_f16 widen_f16(uint16x8_t v)
{
    const float16x8_t half = vreinterpretq_f16_u16(v);
    return (wide_f16){vcvt_f32_f16(vget_low_f16(half)), vcvt_high_f32_f16(half)};
}

INLINE uint16x8_t narrow_f16(wide_f16 v)
{
    return vreinterpretq_u16_f16(vcvt_high_f16_f32(vcvt_f16_f32(v.a), v.b));
}

INLINE wide_f16 mul_f16(wide_f16 a, wide_f16 b)
{
    return (wide_f16){vmulq_f32(a.a, b.a), vmulq_f32(a.b, b.b)};
}

INLINE wide_bf16 set_bf16(double v)
{
    return (wide_bf16){set_f32(v), set_f32(v)};
}

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

INLINE wide_bf16 mul_bf16(wide_bf16 a, wide_bf16 b)
{
    return (wide_bf16){vmulq_f32(a.a, b.a), vmulq_f32(a.b, b.b)};
}

#define TYPE f32
#include "apply.h"
#define TYPE f64
#include "apply.h"
#define TYPE f16
#include "apply.h"
#define TYPE bf16
#include "apply.h"

static void stream_end(void)
{
}

const struct tier tier_neon = {
    .draw = draw_neon,
    .select = {select_f32, select_f64, select_f16, select_bf16},
    .scale = {scale_f32, scale_f64, scale_f16, scale_bf16},
    .stream_end = stream_end,
};
