/*
 * Rows moved between a dense tensor and their places in a larger one: row j of the dense one belongs
 * to row indices[j]. Lanes count the dense tensor's accesses, which are 16 bytes where rows are whole
 * numbers of them, or one element.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_ROWS_CUH
#define DROPFUSE_ROWS_CUH

#include "branch.cuh"

namespace dropfuse {

/** A lane's access: 16 bytes or one element. */
template <typename T, int V> struct RowAccess {
    using bits = uint4;
    static constexpr int size = 16;
    static __device__ __forceinline__ bits load(const char *at) { return *(const uint4 *)at; }
    static __device__ __forceinline__ void store(char *at, bits b) { *(uint4 *)at = b; }
};

template <typename T> struct RowAccess<T, 1> {
    using bits = typename T::bits;
    static constexpr int size = sizeof(bits);
    static __device__ __forceinline__ bits load(const char *at) { return load_one<T>(at); }
    static __device__ __forceinline__ void store(char *at, bits b) { store_one<T>(at, b); }
};

/** The same bits. */
template <typename T> struct Copied {
    static constexpr bool reads_output = false;
    __device__ __forceinline__ explicit Copied(const rows_params &) {}
    template <typename Bits> __device__ __forceinline__ Bits operator()(Bits x, Bits) const
    {
        return x;
    }
};

/** Times the scale. */
template <typename T> struct Scaled {
    static constexpr bool reads_output = false;
    const Affine<T> affine;
    __device__ __forceinline__ explicit Scaled(const rows_params &p) : affine(p.value) {}
    __device__ __forceinline__ uint4 operator()(uint4 x, uint4) const
    {
        return apply(T(), affine, x, Nothing(), AllKept(), AllKept());
    }
    __device__ __forceinline__ typename T::bits operator()(typename T::bits x,
                                                           typename T::bits) const
    {
        return affine.kept(x, Nothing());
    }
};

/** Times the scale, then added to what is there, as a branch to its residual. */
template <typename T> struct Added {
    static constexpr bool reads_output = true;
    const Branch<T> branch;
    __device__ __forceinline__ explicit Added(const rows_params &p) : branch(p.value, p.branch) {}
    __device__ __forceinline__ uint4 operator()(uint4 x, uint4 y) const
    {
        const BranchOperands<T> beside = {Branch<T>::minus_zeros(), y};
        return apply(T(), branch, x, beside, AllKept(), AllKept());
    }
    __device__ __forceinline__ typename T::bits operator()(typename T::bits x,
                                                           typename T::bits y) const
    {
        return branch.kept(x, Beside<typename T::bits>{Branch<T>::MINUS_ZERO, y});
    }
};

template <typename T, int V, typename Operation>
__device__ __forceinline__ void move_rows(const rows_params &p)
{
    using A = RowAccess<T, V>;
    constexpr int flight = V > 1 ? 4 : 1;
    const Operation operation(p);
    const uint64_t warps = (uint64_t)gridDim.x * (CUDA_BLOCK / 32);
    uint64_t chunk = (uint64_t)blockIdx.x * (CUDA_BLOCK / 32) + threadIdx.x / 32;
    for (; chunk < p.chunks; chunk += warps) {
        uint64_t dense = chunk * (CUDA_REQUESTS * 32) + lane_id();
#pragma unroll 1
        for (int from = 0; from < CUDA_REQUESTS; from += flight, dense += flight * 32) {
            typename A::bits x[flight], y[flight];
            char *to[flight];
#pragma unroll
            for (int i = 0; i < flight; i++) {
                const uint64_t a = dense + i * 32;
                if (a < p.accesses) {
                    const uint64_t j = quotient(p.row, a);
                    const uint64_t place = a + (p.indices[j] - j) * p.row.value;
                    to[i] = p.y + (p.gathers ? a : place) * A::size;
                    x[i] = A::load(p.x + (p.gathers ? place : a) * A::size);
                    if (Operation::reads_output) {
                        y[i] = A::load(to[i]);
                    }
                }
            }
#pragma unroll
            for (int i = 0; i < flight; i++) {
                if (dense + i * 32 < p.accesses) {
                    A::store(to[i], operation(x[i], y[i]));
                }
            }
        }
    }
}

template <typename T, int V> __device__ __forceinline__ void rows(const rows_params &p)
{
    if (p.operation == CUDA_ROWS_ADDED) {
        move_rows<T, V, Added<T>>(p);
    } else if (p.operation == CUDA_ROWS_SCALED) {
        move_rows<T, V, Scaled<T>>(p);
    } else {
        move_rows<T, V, Copied<T>>(p);
    }
}

} // namespace dropfuse

#endif
