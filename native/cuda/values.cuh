/*
 * Element types, what happens to a kept and a dropped value, and both applied to 16 bytes at once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_VALUES_CUH
#define DROPFUSE_VALUES_CUH

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include "draw.cuh"

namespace dropfuse {

struct float32 {
    using compute = float;
    using bits = uint32_t;
    static __device__ __forceinline__ float widen(uint32_t b) { return __uint_as_float(b); }
    static __device__ __forceinline__ uint32_t narrow(float v) { return __float_as_uint(v); }
};

struct float64 {
    using compute = double;
    using bits = unsigned long long;
    static __device__ __forceinline__ double widen(bits b)
    {
        return __longlong_as_double((long long)b);
    }
    static __device__ __forceinline__ bits narrow(double v)
    {
        return (bits)__double_as_longlong(v);
    }
};

struct float16 {
    using compute = float;
    using bits = uint16_t;
    static __device__ __forceinline__ float widen(uint16_t b)
    {
        return __half2float(__ushort_as_half(b));
    }
    static __device__ __forceinline__ uint16_t narrow(float v)
    {
        return __half_as_ushort(__float2half_rn(v));
    }
    static __device__ __forceinline__ float2 widen(uint32_t pair)
    {
        uint16_t low, high;
        halve(pair, low, high);
        return {widen(low), widen(high)};
    }
    static __device__ __forceinline__ uint32_t narrow(float low, float high)
    {
        const __half2 h = __floats2half2_rn(low, high);
        return *(const uint32_t *)&h;
    }
    static __device__ __forceinline__ uint32_t narrow(float2 v) { return narrow(v.x, v.y); }
};

struct bfloat16 {
    using compute = float;
    using bits = uint16_t;
    static __device__ __forceinline__ float widen(uint16_t b)
    {
        return __uint_as_float((uint32_t)b << 16);
    }
    static __device__ __forceinline__ float2 widen(uint32_t pair)
    {
        return {from_lower_half(pair), from_upper_half(pair)};
    }

#if __CUDA_ARCH__ >= 800
    static __device__ __forceinline__ uint32_t narrow(float low, float high)
    {
        const __nv_bfloat162 h = __floats2bfloat162_rn(low, high);
        return *(const uint32_t *)&h;
    }
#else
    /** To nearest, ties to even. A product's NaN is 0x7FFFFFFF here, which would become -0. */
    static __device__ __forceinline__ uint32_t rounded(float v)
    {
        const uint32_t b = (uint32_t)min(__float_as_int(v), 0x7FFF0000);
        return b + (b >> 16 & 1) + 0x7FFF;
    }
    static __device__ __forceinline__ uint32_t narrow(float low, float high)
    {
        return __byte_perm(rounded(low), rounded(high), 0x7632);
    }
#endif
    static __device__ __forceinline__ uint16_t narrow(float v) { return (uint16_t)narrow(v, 0); }
    static __device__ __forceinline__ uint32_t narrow(float2 v) { return narrow(v.x, v.y); }
};

/** Elements in one access of 16 bytes. */
template <typename T> constexpr int WIDTH = 16 / (int)sizeof(typename T::bits);

/*
 * What becomes of values is a type with
 *
 *     Operands, Operand           what 16 bytes, and one element, take beside x
 *     operands(e), operand(e)     those of the elements from e on, loaded; valid where x is
 *     remains(e)                  Operands as far as dropped elements need them
 *     operands.part<i>()          those of a register: 4 bytes, or the 8 of a float64
 *     kept(bits, part)            of an element or of a register
 *     dropped(operands), dropped_one(operand)
 *     untouched()                 whether dropped elements are in their place already
 *     IN_FLIGHT                   accesses whose loads are under way before the first of their stores
 *     UNROLLED                    how many times that is unrolled
 */

/** No operands. */
struct Nothing {
    template <int i> __device__ __forceinline__ Nothing part() const { return {}; }
};

/**
 * Kept values times a factor plus a shift, rounded once; dropped ones a constant, as its bits. With a
 * shift of -0 the sum is the product, the sign of zeros included.
 */
template <typename T> struct Affine {
    using Operands = Nothing;
    using Operand = Nothing;
    static constexpr int IN_FLIGHT = 4, UNROLLED = 8;

    typename T::compute factor;
    typename T::compute shift;
    typename T::bits constant;

    __device__ __forceinline__ explicit Affine(const value_params &p)
    {
        if constexpr (sizeof(factor) == sizeof(double)) {
            factor = p.factor64;
            shift = p.shift64;
            constant = T::narrow(p.dropped64);
        } else {
            factor = p.factor32;
            shift = p.shift32;
            constant = T::narrow(p.dropped32);
        }
    }
    __device__ __forceinline__ Nothing operands(uint64_t) const { return {}; }
    __device__ __forceinline__ Nothing operand(uint64_t) const { return {}; }
    __device__ __forceinline__ Nothing remains(uint64_t) const { return {}; }
    __device__ __forceinline__ bool untouched() const { return false; }

    __device__ __forceinline__ float fused(float v) const { return __fmaf_rn(v, factor, shift); }
    __device__ __forceinline__ double fused(double v) const { return __fma_rn(v, factor, shift); }
    __device__ __forceinline__ float2 fused(float2 v) const { return {fused(v.x), fused(v.y)}; }

    template <typename Bits> __device__ __forceinline__ Bits kept(Bits x, Nothing) const
    {
        if constexpr (sizeof(typename T::bits) == 4) {
            return fused_bits(x, factor, shift);
        } else {
            return T::narrow(fused(T::widen(x)));
        }
    }
    __device__ __forceinline__ typename T::bits dropped_one(Nothing) const { return constant; }
    __device__ __forceinline__ uint4 dropped(Nothing) const
    {
        uint32_t low = (uint32_t)constant, high = low;
        if constexpr (sizeof(constant) == 2) {
            low = high = low * 0x10001u;
        } else if constexpr (sizeof(constant) == 8) {
            high = (uint32_t)(constant >> 32);
        }
        return {low, high, low, high};
    }
};

/** Stands for sign bits that are all set. */
struct AllKept {};

template <uint32_t> __device__ __forceinline__ uint32_t spread(AllKept)
{
    return 0xFFFFFFFFu;
}

template <typename T, typename Value>
__device__ __forceinline__ typename T::bits one(const Value &value, typename T::bits x,
                                                const typename Value::Operand &o, bool keep)
{
    return keep ? value.kept(x, o) : value.dropped_one(o);
}

/** Elements 0 to 3 are kept by the sign bits of s's bytes, elements 4 to 7 by those of t. */
template <typename Value, typename Signs>
__device__ __forceinline__ uint4 apply(float32, const Value &value, uint4 x,
                                       const typename Value::Operands &o, Signs s, Signs)
{
    const uint4 d = value.dropped(o);
    return {merge(spread<0x8888>(s), value.kept(x.x, o.template part<0>()), d.x),
            merge(spread<0x9999>(s), value.kept(x.y, o.template part<1>()), d.y),
            merge(spread<0xAAAA>(s), value.kept(x.z, o.template part<2>()), d.z),
            merge(spread<0xBBBB>(s), value.kept(x.w, o.template part<3>()), d.w)};
}

__device__ __forceinline__ float64::bits joined(uint32_t low, uint32_t high)
{
    return float64::narrow(__hiloint2double((int)high, (int)low));
}

template <typename Value, typename Signs>
__device__ __forceinline__ uint4 apply(float64, const Value &value, uint4 x,
                                       const typename Value::Operands &o, Signs s, Signs)
{
    const double a = float64::widen(value.kept(joined(x.x, x.y), o.template part<0>()));
    const double b = float64::widen(value.kept(joined(x.z, x.w), o.template part<1>()));
    const uint32_t m = spread<0x8888>(s), n = spread<0x9999>(s);
    const uint4 d = value.dropped(o);
    return {merge(m, (uint32_t)__double2loint(a), d.x), merge(m, (uint32_t)__double2hiint(a), d.y),
            merge(n, (uint32_t)__double2loint(b), d.z), merge(n, (uint32_t)__double2hiint(b), d.w)};
}

template <typename T, typename Value, typename Signs>
__device__ __forceinline__ uint4 apply(T, const Value &value, uint4 x,
                                       const typename Value::Operands &o, Signs s, Signs t)
{
    const uint4 d = value.dropped(o);
    return {merge(spread<0x9988>(s), value.kept(x.x, o.template part<0>()), d.x),
            merge(spread<0xBBAA>(s), value.kept(x.y, o.template part<1>()), d.y),
            merge(spread<0x9988>(t), value.kept(x.z, o.template part<2>()), d.z),
            merge(spread<0xBBAA>(t), value.kept(x.w, o.template part<3>()), d.w)};
}

/** A quotient rounded down. */
__device__ __forceinline__ uint64_t quotient(const divisor &d, uint64_t n)
{
    return d.multiplier ? __umul64hi(n, d.multiplier) >> d.shift : n;
}

/** Bits 0 to 3 of n as the sign bits of four bytes. */
__device__ __forceinline__ uint32_t signs_of(uint32_t n)
{
    return (n & 0xF) * 0x10204080u;
}

/** One element at an address of any alignment. */
template <typename T> __device__ __forceinline__ typename T::bits load_one(const char *at)
{
    using bits = typename T::bits;
    if ((uint64_t)at % sizeof(bits) == 0) {
        return *(const bits *)at;
    }
    bits b = 0;
    for (int i = (int)sizeof(bits) - 1; i >= 0; i--) {
        b = (bits)((unsigned long long)b << 8 | (uint8_t)at[i]);
    }
    return b;
}

template <typename T> __device__ __forceinline__ void store_one(char *at, typename T::bits b)
{
    if ((uint64_t)at % sizeof(b) == 0) {
        *(typename T::bits *)at = b;
        return;
    }
    for (int i = 0; i < (int)sizeof(b); i++) {
        at[i] = (char)((unsigned long long)b >> 8 * i);
    }
}

} // namespace dropfuse

#endif
