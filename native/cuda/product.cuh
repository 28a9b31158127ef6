/*
 * PyTorch's arithmetic with a stored mask: a quotient and a product, each rounded to the type. What
 * is dropped is multiplied with 0, so that everything is read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_PRODUCT_CUH
#define DROPFUSE_PRODUCT_CUH

#include "elements.cuh"
#include "units.cuh"

namespace dropfuse {

__device__ __forceinline__ float divided(float a, float b)
{
    return __fdiv_rn(a, b);
}

__device__ __forceinline__ double divided(double a, double b)
{
    return __ddiv_rn(a, b);
}

/** Every value divided, then times a factor where kept, else times 0. */
template <typename T> struct Quotient {
    using Operands = Nothing;
    using Operand = Nothing;
    static constexpr int IN_FLIGHT = 4, UNROLLED = 8;

    typename T::compute divisor;
    typename T::compute factor;

    __device__ __forceinline__ explicit Quotient(const value_params &p)
    {
        if constexpr (sizeof(factor) == sizeof(double)) {
            divisor = p.shift64;
            factor = p.factor64;
        } else {
            divisor = p.shift32;
            factor = p.factor32;
        }
    }
    __device__ __forceinline__ Nothing operands(uint64_t) const { return {}; }
    __device__ __forceinline__ Nothing operand(uint64_t) const { return {}; }
    __device__ __forceinline__ bool untouched() const { return false; }

    /** The factor where the mask has ones, 0 where it has none. */
    __device__ __forceinline__ float masked(uint32_t mask) const
    {
        return __uint_as_float(mask & __float_as_uint(factor));
    }
};

template <typename T>
__device__ __forceinline__ typename T::bits one_product(const Quotient<T> &q, typename T::bits x,
                                                        bool keep)
{
    const typename T::bits quotient = T::narrow(divided(T::widen(x), q.divisor));
    return T::narrow(T::widen(quotient) * (keep ? q.factor : 0));
}

template <uint32_t selector>
__device__ __forceinline__ uint32_t product(const Quotient<float32> &q, uint32_t x, uint32_t s)
{
    const float quotient = divided(float32::widen(x), q.divisor);
    return float32::narrow(quotient * q.masked(spread<selector>(s)));
}

__device__ __forceinline__ uint4 product_access(const Quotient<float32> &q, uint4 x, uint32_t s,
                                                uint32_t)
{
    return {product<0x8888>(q, x.x, s), product<0x9999>(q, x.y, s), product<0xAAAA>(q, x.z, s),
            product<0xBBBB>(q, x.w, s)};
}

__device__ __forceinline__ uint4 product_access(const Quotient<float64> &q, uint4 x, uint32_t s,
                                                uint32_t)
{
    const float64::bits a = one_product(q, joined(x.x, x.y), s >> 7 & 1);
    const float64::bits b = one_product(q, joined(x.z, x.w), s >> 15 & 1);
    return {(uint32_t)a, (uint32_t)(a >> 32), (uint32_t)b, (uint32_t)(b >> 32)};
}

template <uint32_t first, uint32_t second, typename T>
__device__ __forceinline__ uint32_t products(const Quotient<T> &q, uint32_t x, uint32_t s)
{
    const float2 v = T::widen(x);
    const float2 w = T::widen(T::narrow(divided(v.x, q.divisor), divided(v.y, q.divisor)));
    return T::narrow(w.x * q.masked(spread<first>(s)), w.y * q.masked(spread<second>(s)));
}

template <typename T>
__device__ __forceinline__ uint4 product_access(const Quotient<T> &q, uint4 x, uint32_t s,
                                                uint32_t t)
{
    return {products<0x8888, 0x9999>(q, x.x, s), products<0xAAAA, 0xBBBB>(q, x.y, s),
            products<0x8888, 0x9999>(q, x.z, t), products<0xAAAA, 0xBBBB>(q, x.w, t)};
}

/* What values.cuh does with values whose dropped ones do not depend on x. */
#define PRODUCT_VALUES(T)                                                                          \
    template <>                                                                                    \
    __device__ __forceinline__ T::bits one<T, Quotient<T>>(const Quotient<T> &q, T::bits x,        \
                                                           const Nothing &, bool keep)             \
    {                                                                                              \
        return one_product(q, x, keep);                                                            \
    }                                                                                              \
    __device__ __forceinline__ uint4 apply(T, const Quotient<T> &q, uint4 x, const Nothing &,      \
                                           uint32_t s, uint32_t t)                                 \
    {                                                                                              \
        return product_access(q, x, s, t);                                                         \
    }

PRODUCT_VALUES(float32)
PRODUCT_VALUES(float64)
PRODUCT_VALUES(float16)
PRODUCT_VALUES(bfloat16)
#undef PRODUCT_VALUES

/** Units of several elements, request by request. */
template <typename T, int V>
__device__ __forceinline__ void product_units(const range_params &p, const Quotient<T> &value)
{
    constexpr uint32_t all = (1u << V) - 1;
    StoredUnits decisions(p);
    const uint64_t warps = (uint64_t)gridDim.x * (CUDA_BLOCK / 32);
    uint64_t chunk = (uint64_t)blockIdx.x * (CUDA_BLOCK / 32) + threadIdx.x / 32;
    const auto multiply = [&](uint64_t element, uint32_t wanted, uint32_t bits) {
        const uint64_t at = element * sizeof(typename T::bits);
        if (V > 1 && wanted == all) {
            const uint4 v = *(const uint4 *)(p.x + at);
            *(uint4 *)(p.y + at) = product_access(value, v, signs_of(bits), signs_of(bits >> 4));
            return;
        }
#pragma unroll 1
        for (int j = 0; j < V; j++) {
            if (wanted >> j & 1) {
                const uint64_t e = at + j * sizeof(typename T::bits);
                store_one<T>(p.y + e, one_product(value, load_one<T>(p.x + e), bits >> j & 1));
            }
        }
    };
    for (; chunk < p.chunks; chunk += warps) {
        requests<V>(p, decisions, p.anchor + chunk * (CUDA_REQUESTS * 32 * V), multiply);
    }
}

} // namespace dropfuse

#endif
