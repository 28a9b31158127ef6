/*
 * float16 in device code, on the host, by the model.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CUDA_FP16_H
#define CUDA_FP16_H

extern "C" {
#include "dropfuse.h"
#include "model.h"
}

struct __half {
    uint16_t bits;
};

struct __half2 {
    __half low, high;
};

static inline __half __ushort_as_half(uint16_t bits) { return {bits}; }
static inline uint16_t __half_as_ushort(__half h) { return h.bits; }
static inline float __half2float(__half h) { return (float)model_value(DROPFUSE_FLOAT16, h.bits); }
static inline __half __float2half_rn(float v) { return {(uint16_t)model_bits(DROPFUSE_FLOAT16, v)}; }
static inline __half2 __floats2half2_rn(float low, float high)
{
    return {__float2half_rn(low), __float2half_rn(high)};
}

#endif
