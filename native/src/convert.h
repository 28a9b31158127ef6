/*
 * Conversions between what is stored and the compute types, one element at a time, in operations
 * that compilers turn into vectors.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_CONVERT_H
#define DROPFUSE_CONVERT_H

#include <stdint.h>
#include <string.h>

static inline float widen_f32(uint32_t v)
{
    float f;
    memcpy(&f, &v, sizeof f);
    return f;
}

static inline uint32_t narrow_f32(float f)
{
    uint32_t v;
    memcpy(&v, &f, sizeof v);
    return v;
}

static inline double widen_f64(uint64_t v)
{
    double f;
    memcpy(&f, &v, sizeof f);
    return f;
}

static inline uint64_t narrow_f64(double f)
{
    uint64_t v;
    memcpy(&v, &f, sizeof v);
    return v;
}

static inline float widen_bf16(uint16_t v)
{
    return widen_f32((uint32_t)v << 16);
}

/*
 * To nearest, ties to even. A NaN needs no care: it comes from a bfloat16 or is the processor's
 * own, so its low half is 0 and rounding carries nothing into its exponent or sign.
 */
static inline uint16_t narrow_bf16(float f)
{
    const uint32_t v = narrow_f32(f);
    return (uint16_t)((v + 0x7FFF + (v >> 16 & 1)) >> 16);
}

static inline float widen_f16(uint16_t v)
{
    const uint32_t magnitude = (uint32_t)(v & 0x7FFF) << 13, rebias = 112u << 23;
    const uint32_t small = narrow_f32((float)(int32_t)(v & 0x3FF) * 0x1p-24f);
    uint32_t wide = magnitude + rebias;
    wide = magnitude >= 31u << 23 ? wide + rebias : wide;
    wide = magnitude < 1u << 23 ? small : wide;
    return widen_f32(wide | (uint32_t)(v & 0x8000) << 16);
}

static inline uint16_t narrow_f16(float f)
{
    const uint32_t v = narrow_f32(f), magnitude = v & 0x7FFFFFFF;
    /* Next to 0.5 the last place of a float is that of the subnormal halves. */
    const uint32_t small = narrow_f32(widen_f32(magnitude) + 0.5f) - (126u << 23);
    uint32_t half = (magnitude - (112u << 23) + 0xFFF + (magnitude >> 13 & 1)) >> 13;
    half = magnitude < 113u << 23 ? small : half;
    half = magnitude >= 143u << 23 ? 0x7C00 : half;
    half = magnitude > 255u << 23 ? 0x7E00 : half;
    return (uint16_t)(half | (v >> 16 & 0x8000));
}

#endif
