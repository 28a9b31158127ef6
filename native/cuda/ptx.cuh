/*
 * Instructions spelled out, where the compiler's intermediate code would have two for one. Tests of
 * device code on the host have a header in place of this one: native/test/device.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_PTX_CUH
#define DROPFUSE_PTX_CUH

#include <stdint.h>

namespace dropfuse {

__device__ __forceinline__ uint32_t xor3(uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t d;
    asm("lop3.b32 %0, %1, %2, %3, 0x96;" : "=r"(d) : "r"(a), "r"(b), "r"(c));
    return d;
}

/** The bits that at least two of the three agree on. */
__device__ __forceinline__ uint32_t majority(uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t d;
    asm("lop3.b32 %0, %1, %2, %3, 0xE8;" : "=r"(d) : "r"(a), "r"(b), "r"(c));
    return d;
}

/** The bits of a where m is set, else those of b. */
__device__ __forceinline__ uint32_t merge(uint32_t m, uint32_t a, uint32_t b)
{
    uint32_t d;
    asm("lop3.b32 %0, %1, %2, %3, 0xCA;" : "=r"(d) : "r"(m), "r"(a), "r"(b));
    return d;
}

/** A product's two words. */
struct Product {
    uint32_t low;
    uint32_t high;

    __device__ __forceinline__ Product(uint32_t a, uint32_t b)
    {
        asm("{\n\t"
            ".reg .b64 product;\n\t"
            "mul.wide.u32 product, %2, %3;\n\t"
            "mov.b64 {%0, %1}, product;\n\t"
            "}"
            : "=r"(low), "=r"(high)
            : "r"(a), "r"(b));
    }
};

/** x * factor + shift, rounded once, of a float's bits. */
__device__ __forceinline__ uint32_t fused_bits(uint32_t x, float factor, float shift)
{
    uint32_t d;
    asm("fma.rn.f32 %0, %1, %2, %3;" : "=r"(d) : "r"(x), "f"(factor), "f"(shift));
    return d;
}

/** The floats of which a word's lower and upper half are the upper halves. */
__device__ __forceinline__ float from_lower_half(uint32_t pair)
{
    float f;
    asm("shl.b32 %0, %1, 16;" : "=f"(f) : "r"(pair));
    return f;
}
__device__ __forceinline__ float from_upper_half(uint32_t pair)
{
    float f;
    asm("and.b32 %0, %1, 0xFFFF0000;" : "=f"(f) : "r"(pair));
    return f;
}

/** A word's two halves. */
__device__ __forceinline__ void halve(uint32_t pair, uint16_t &low, uint16_t &high)
{
    asm("mov.b32 {%0, %1}, %2;" : "=h"(low), "=h"(high) : "r"(pair));
}

/** All ones where the sign bit of a byte of s is set; the selector names a byte for each of four. */
template <uint32_t selector> __device__ __forceinline__ uint32_t spread(uint32_t s)
{
    uint32_t d;
    asm("prmt.b32 %0, %1, 0, %2;" : "=r"(d) : "r"(s), "n"(selector));
    return d;
}

} // namespace dropfuse

#endif
