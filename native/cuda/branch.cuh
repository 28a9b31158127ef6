/*
 * A branch that is added to a residual, with or without a vector: see dropfuse_residual(). What is
 * left out is -0 where it would be added, which changes no value and no sign. And what has the same
 * operands, the previous state being the residual: see dropfuse_zoneout().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_BRANCH_CUH
#define DROPFUSE_BRANCH_CUH

#include "units.cuh"

namespace dropfuse {

/** What an element, or a register of two, takes beside x. */
template <typename Bits> struct Beside {
    Bits vector;
    Bits residual;
};

template <int i> __device__ __forceinline__ uint32_t word(const uint4 &v)
{
    return i == 0 ? v.x : i == 1 ? v.y : i == 2 ? v.z : v.w;
}

template <typename T> struct BranchOperands {
    uint4 vector;
    uint4 residual;

    template <int i> __device__ __forceinline__ auto part() const
    {
        if constexpr (sizeof(typename T::bits) == 8) {
            return Beside<float64::bits>{
                joined(word<2 * i>(vector), word<2 * i + 1>(vector)),
                joined(word<2 * i>(residual), word<2 * i + 1>(residual))};
        } else {
            return Beside<uint32_t>{word<i>(vector), word<i>(residual)};
        }
    }
};

template <typename T> struct Branch {
    using bits = typename T::bits;
    using compute = typename T::compute;
    using Operands = BranchOperands<T>;
    using Operand = Beside<bits>;
    static constexpr int IN_FLIGHT = 2, UNROLLED = 1;
    static constexpr bits MINUS_ZERO = (bits)1 << (8 * sizeof(bits) - 1);

    const branch_params &p;
    compute scale;
    uint32_t present;

    __device__ __forceinline__ Branch(const value_params &value, const branch_params &params)
        : p(params), present(params.residual ? 0xFFFFFFFFu : 0)
    {
        if constexpr (sizeof(scale) == sizeof(double)) {
            scale = value.factor64;
        } else {
            scale = value.factor32;
        }
    }

    static __device__ __forceinline__ uint4 minus_zeros()
    {
        const uint32_t high = sizeof(bits) == 2 ? 0x80008000u : 0x80000000u;
        const uint32_t low = sizeof(bits) == 8 ? 0 : high;
        return {low, high, low, high};
    }

    /** Where the vector's value for an element is. */
    __device__ __forceinline__ const char *column(uint64_t element) const
    {
        const uint64_t row = quotient(p.length, element);
        return p.vector + (element - row * p.length.value) * sizeof(bits);
    }

    __device__ __forceinline__ Operands remains(uint64_t element) const
    {
        Operands o = {minus_zeros(), minus_zeros()};
        if (p.residual) {
            o.residual = *(const uint4 *)(p.residual + element * sizeof(bits));
        }
        return o;
    }
    __device__ __forceinline__ Operands operands(uint64_t element) const
    {
        Operands o = remains(element);
        if (p.vector) {
            o.vector = *(const uint4 *)column(element);
        }
        return o;
    }
    __device__ __forceinline__ Operand operand(uint64_t element) const
    {
        return {p.vector ? load_one<T>(column(element)) : MINUS_ZERO,
                p.residual ? load_one<T>(p.residual + element * sizeof(bits)) : MINUS_ZERO};
    }

    __device__ __forceinline__ float sum(float v, float w, float residual) const
    {
        v = p.multiply ? __fmul_rn(v, w) : __fadd_rn(v, w);
        return __fadd_rn(residual, __fmul_rn(v, scale));
    }
    __device__ __forceinline__ double sum(double v, double w, double residual) const
    {
        v = p.multiply ? __dmul_rn(v, w) : __dadd_rn(v, w);
        return __dadd_rn(residual, __dmul_rn(v, scale));
    }
    __device__ __forceinline__ float2 sum(float2 v, float2 w, float2 residual) const
    {
        return {sum(v.x, w.x, residual.x), sum(v.y, w.y, residual.y)};
    }

    template <typename Bits>
    __device__ __forceinline__ Bits kept(Bits x, const Beside<Bits> &o) const
    {
        return T::narrow(sum(T::widen(x), T::widen(o.vector), T::widen(o.residual)));
    }
    __device__ __forceinline__ bits dropped_one(const Operand &o) const
    {
        return present ? o.residual : (bits)0;
    }
    __device__ __forceinline__ uint4 dropped(const Operands &o) const
    {
        return {o.residual.x & present, o.residual.y & present, o.residual.z & present,
                o.residual.w & present};
    }
    __device__ __forceinline__ bool untouched() const { return p.in_place != 0; }
};

/** x or the residual, bit by bit. */
template <typename T> struct Selection : Branch<T> {
    using Branch<T>::Branch;

    template <typename Bits>
    __device__ __forceinline__ Bits kept(Bits x, const Beside<Bits> &) const
    {
        return this->p.rest ? (Bits)0 : x;
    }
};

/** The factor times x plus the shift times the residual. */
template <typename T> struct Blend : Branch<T> {
    typename T::compute shift;

    __device__ __forceinline__ Blend(const value_params &value, const branch_params &params)
        : Branch<T>(value, params)
    {
        if constexpr (sizeof(shift) == sizeof(double)) {
            shift = value.shift64;
        } else {
            shift = value.shift32;
        }
    }

    __device__ __forceinline__ float sum(float v, float residual) const
    {
        return __fmaf_rn(v, this->scale, __fmul_rn(shift, residual));
    }
    __device__ __forceinline__ double sum(double v, double residual) const
    {
        return __fma_rn(v, this->scale, __dmul_rn(shift, residual));
    }
    __device__ __forceinline__ float2 sum(float2 v, float2 residual) const
    {
        return {sum(v.x, residual.x), sum(v.y, residual.y)};
    }

    template <typename Bits>
    __device__ __forceinline__ Bits kept(Bits x, const Beside<Bits> &o) const
    {
        return T::narrow(sum(T::widen(x), T::widen(o.residual)));
    }
};

} // namespace dropfuse

#endif
