/*
 * Sums over rows: a lane adds up the columns of one access over 64 rows, one row after the other, so
 * that the order is the one that dropfuse_sum_rows() documents. Decisions are stored ones: what is
 * drawn is drawn into a mask before, where each window is drawn once, however the rows lie in it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_SUMS_CUH
#define DROPFUSE_SUMS_CUH

#include "elements.cuh"
#include "units.cuh"

namespace dropfuse {

/** One access: 16 bytes, or one element. */
template <typename T, int V> struct Access {
    uint4 v;

    __device__ __forceinline__ void load(const char *at) { v = *(const uint4 *)at; }

    __device__ __forceinline__ void values(typename T::compute (&to)[V]) const
    {
        const uint32_t words[] = {v.x, v.y, v.z, v.w};
#pragma unroll
        for (int i = 0; i < 4; i++) {
            if constexpr (V == 4) {
                to[i] = T::widen(words[i]);
            } else if constexpr (V == 8) {
                const float2 pair = T::widen(words[i]);
                to[2 * i] = pair.x;
                to[2 * i + 1] = pair.y;
            } else if (i % 2 == 0) {
                to[i / 2] = T::widen(joined(words[i], words[i + 1]));
            }
        }
    }
};

template <typename T> struct Access<T, 1> {
    typename T::bits v;

    __device__ __forceinline__ void load(const char *at) { v = load_one<T>(at); }
    __device__ __forceinline__ void values(typename T::compute (&to)[1]) const
    {
        to[0] = T::widen(v);
    }
};

__device__ __forceinline__ float product(float a, float b)
{
    return __fmul_rn(a, b);
}

__device__ __forceinline__ double product(double a, double b)
{
    return __dmul_rn(a, b);
}

__device__ __forceinline__ float sum(float a, float b)
{
    return __fadd_rn(a, b);
}

__device__ __forceinline__ double sum(double a, double b)
{
    return __dadd_rn(a, b);
}

/* With a hint, as plain ones the compiler makes one with stores of single elements. */
__device__ __forceinline__ void store_16(float *to, const float *v)
{
    __stcg((float4 *)to, make_float4(v[0], v[1], v[2], v[3]));
}

__device__ __forceinline__ void store_16(double *to, const double *v)
{
    __stcg((double2 *)to, make_double2(v[0], v[1]));
}

/** The factor in the compute type. */
__device__ __forceinline__ void factor(const value_params &p, float &scale)
{
    scale = p.factor32;
}

__device__ __forceinline__ void factor(const value_params &p, double &scale)
{
    scale = p.factor64;
}

/** Adds the terms of the kept elements of one access. Others would add a zero, which changes nothing. */
template <typename T, int V>
__device__ __forceinline__ void add_terms(typename T::compute (&sums)[V], const Access<T, V> &dy,
                                          const Access<T, V> &x, bool two,
                                          typename T::compute scale, uint32_t bits)
{
    typename T::compute terms[V], others[V];
    dy.values(terms);
    x.values(others);
#pragma unroll
    for (int j = 0; j < V; j++) {
        const typename T::compute term = product(terms[j], scale);
        const typename T::compute sum_j = sum(sums[j], two ? product(term, others[j]) : term);
        sums[j] = bits >> j & 1 ? sum_j : sums[j];
    }
}

/** One stripe of columns, a block of rows of it, whose first row begins at element `row`. */
template <typename T, int V>
__device__ __forceinline__ void sum_stripe(const sum_params &p, uint64_t row, uint32_t rows,
                                           uint64_t stripe, typename T::compute (&sums)[V])
{
    constexpr int flight = 4;
    const uint64_t column = stripe + lane_id() * V;
    const uint64_t width = p.length - stripe < 32 * V ? p.length - stripe : 32 * V;
    const uint32_t wanted = column < p.length ? (1u << V) - 1 : 0;
    typename T::compute scale;
    factor(p.on.value, scale);
    const bool by_unit = (p.on.block.value | p.on.step) > 1;
    StoredUnits decisions(p.on);
    Runs<StoredUnits> runs(p.on, row);
#pragma unroll 1
    for (uint32_t from = 0; from < rows; from += flight) {
        uint32_t bits[flight];
        Access<T, V> dy[flight], x[flight];
#pragma unroll
        for (int i = 0; i < flight; i++, row += p.length) {
            const uint64_t element = row + column;
            bits[i] = 0;
            if (from + i >= rows) {
                continue;
            }
            if (by_unit) {
                bits[i] = runs.template decide<V>(decisions, row + stripe, row + stripe + width,
                                                  element, wanted);
            } else if (wanted) {
                bits[i] = stored_bits(p.on.mask, p.on.start + element, V - 1) & wanted;
            }
            dy[i].v = {};
            x[i].v = {};
            if (bits[i]) {
                dy[i].load(p.on.x + element * sizeof(typename T::bits));
                if (p.second) {
                    x[i].load(p.second + element * sizeof(typename T::bits));
                }
            }
        }
#pragma unroll
        for (int i = 0; i < flight; i++) {
            add_terms<T, V>(sums, dy[i], x[i], p.second != nullptr, scale, bits[i]);
        }
    }
}

template <typename T, int V> __device__ __forceinline__ void sum_rows(const sum_params &p)
{
    const uint64_t warps = (uint64_t)gridDim.x * (CUDA_BLOCK / 32);
    uint64_t chunk = (uint64_t)blockIdx.x * (CUDA_BLOCK / 32) + threadIdx.x / 32;
    for (; chunk < p.on.chunks; chunk += warps) {
        const uint64_t block = chunk / p.stripes, stripe = (chunk - block * p.stripes) * 32 * V;
        const uint64_t left = p.rows - block * CUDA_SUM_ROWS;
        const uint64_t row = p.on.first + block * CUDA_SUM_ROWS * p.length;
        typename T::compute sums[V] = {};
        sum_stripe<T, V>(p, row, left < CUDA_SUM_ROWS ? (uint32_t)left : CUDA_SUM_ROWS, stripe,
                         sums);
        const uint64_t column = stripe + lane_id() * V;
        if (column < p.length) {
            typename T::compute *to = (typename T::compute *)p.on.y + block * p.length + column;
            constexpr int n = 16 / sizeof(*to);
            const bool wide = V > 1 && (uint64_t)to % 16 == 0;
#pragma unroll
            for (int j = 0; j < V; j += n) {
                if (wide) {
                    store_16(to + j, sums + j);
                    continue;
                }
#pragma unroll
                for (int k = j; k < j + n && k < V; k++) {
                    to[k] = sums[k];
                }
            }
        }
    }
}

/** A lane adds up to CUDA_SUM_LEAVES rows of one column, as the tree does. */
template <typename T> __device__ __forceinline__ void sum_tree(const tree_params &p)
{
    using total = typename T::compute;
    const uint64_t warps = (uint64_t)gridDim.x * (CUDA_BLOCK / 32);
    uint64_t chunk = (uint64_t)blockIdx.x * (CUDA_BLOCK / 32) + threadIdx.x / 32;
    for (; chunk < p.chunks; chunk += warps) {
        const uint64_t group = chunk / p.stripes;
        const uint64_t column = (chunk - group * p.stripes) * 32 + lane_id();
        const uint64_t first = group * CUDA_SUM_LEAVES, left = p.rows - first;
        if (column >= p.length) {
            continue;
        }
        total *at = (total *)p.sums + first * p.step * p.length + column;
        total v[CUDA_SUM_LEAVES];
#pragma unroll
        for (int i = 0; i < CUDA_SUM_LEAVES; i++) {
            v[i] = i < left ? at[i * p.step * p.length] : 0;
        }
#pragma unroll
        for (int step = 1; step < CUDA_SUM_LEAVES; step *= 2) {
#pragma unroll
            for (int i = 0; i + step < CUDA_SUM_LEAVES; i += 2 * step) {
                v[i] = i + step < left ? sum(v[i], v[i + step]) : v[i];
            }
        }
        if (p.y) {
            // The sum makes a NaN the one kind that narrowing knows.
            store_one<T>(p.y + column * sizeof(typename T::bits), T::narrow(sum(v[0], -(total)0)));
        } else {
            *at = v[0];
        }
    }
}

} // namespace dropfuse

#endif
