/*
 * The draw: a warp decides a window of two tiles at once.
 *
 * Each lane computes the Philox block of its number in both tiles, 32 units in all, and keeps their
 * decisions in one word: byte b of word w of the block in tile t is decided by bit
 *
 *     8 * b + 7 - (4 * t + w)
 *
 * so that after a shift by 4 * t + w to the left, four neighbouring units' decisions are the sign
 * bits of the word's four bytes. That is where byte-wise comparisons leave them, and where PRMT can
 * spread them into masks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_DRAW_CUH
#define DROPFUSE_DRAW_CUH

#include "params.h"
#include "ptx.cuh"

namespace dropfuse {

constexpr uint32_t ALL_LANES = 0xFFFFFFFFu;
constexpr uint32_t SIGNS = 0x80808080u;
constexpr uint32_t BYTES = 0x01010101u;
constexpr uint32_t M0 = 0xD2511F53u;
constexpr uint32_t M1 = 0xCD9E8D57u;

__device__ __forceinline__ uint32_t lane_id()
{
    return threadIdx.x % 32;
}

/** What all lanes' counters of a window have in common, carried through the first two rounds. */
struct Counters {
    uint32_t c;
    uint32_t high;
    uint32_t low;

    __device__ __forceinline__ Counters(const draw_params &d, uint32_t c1, uint32_t c3) : c(c3)
    {
        const Product product(d.a ^ c1, M0);
        high = product.high ^ d.k1[1];
        low = product.low;
    }
};

/** Philox4x32-10 of the counter whose low word is c0. */
__device__ __forceinline__ uint4 philox(const draw_params &d, const Counters &same, uint32_t c0)
{
    const Product p(c0, M0);
    const Product q(p.high ^ same.c, M1);
    uint4 w = {q.high ^ d.b, q.low, p.low ^ same.high, same.low};
#pragma unroll
    for (int round = 2; round < 10; round++) {
        const Product p0(w.x, M0), p1(w.z, M1);
        w = {xor3(p1.high, w.y, d.k0[round]), p1.low, xor3(p0.high, w.w, d.k1[round]), p0.low};
    }
    return w;
}

/** First draws of one window, compared with the threshold's upper 8 bits. */
struct Comparison {
    uint32_t reached;
    uint32_t passed;
};

/** Puts the sign bits of `signs` where those of the window's word number `index` belong. */
template <int index>
__device__ __forceinline__ uint32_t placed(uint32_t signs, uint32_t others)
{
    return index == 0 ? signs : merge(SIGNS >> index, signs >> index, others);
}

/** Whether each byte of w is at least hi, and above it: 7 bits in the byte, then the top one. */
template <int index>
__device__ __forceinline__ void compare(const draw_params &d, uint32_t w, Comparison &to)
{
    const uint32_t hi = d.hi * BYTES;
    const uint32_t difference = (w | SIGNS) - (hi & ~SIGNS);
    to.reached = placed<index>(majority(w, difference, ~hi), to.reached);
    to.passed = placed<index>(majority(w, difference - BYTES, ~hi), to.passed);
}

/** First draws of one window: a lane's decisions, and those of them that are open. */
__device__ __forceinline__ void first_draws(const draw_params &d, const Counters &same,
                                            uint32_t block, uint32_t &keep, uint32_t &open)
{
    const uint4 one = philox(d, same, block + lane_id());
    const uint4 two = philox(d, same, block + 32 + lane_id());
    Comparison r;
    compare<0>(d, one.x, r);
    compare<1>(d, one.y, r);
    compare<2>(d, one.z, r);
    compare<3>(d, one.w, r);
    compare<4>(d, two.x, r);
    compare<5>(d, two.y, r);
    compare<6>(d, two.z, r);
    compare<7>(d, two.w, r);
    keep = ~r.reached;
    open = r.reached & ~r.passed;
}

/**
 * Second draws. About four units of each window are open: each lane resolves its next one in a
 * Philox block that all lanes compute together.
 */
template <int N>
__device__ __forceinline__ void second_draws(const draw_params &d, const Counters &same,
                                             uint32_t quad, uint32_t (&keep)[N],
                                             uint32_t (&open)[N])
{
    while (__any_sync(ALL_LANES, (open[0] | open[N - 1]) != 0)) {
        const bool later = N > 1 && open[0] == 0;
        const uint32_t bits = later ? open[N - 1] : open[0];
        const uint32_t bit = __clz((int)bits), byte = 3 - bit / 8;
        const uint32_t base = later ? quad + CUDA_WINDOW / 4 : quad;
        const uint4 w = philox(d, same, base + bit % 8 * 32 + lane_id());
        const uint32_t even = byte & 2 ? w.z : w.x, odd = byte & 2 ? w.w : w.y;
        const uint32_t mask = (0x80000000u >> (bit & 31)) & bits;
        const uint32_t kept = (byte & 1 ? odd : even) < d.lo ? mask : 0;
        if constexpr (N == 1) {
            keep[0] |= kept;
            open[0] ^= mask;
        } else {
            keep[0] |= later ? 0 : kept;
            keep[1] |= later ? kept : 0;
            open[0] ^= later ? 0 : mask;
            open[1] ^= later ? mask : 0;
        }
    }
}

/**
 * Decisions of N windows, 1 or 2, of which the first begins at unit `window`, a multiple of
 * N * CUDA_WINDOW. All lanes of the warp have to call it together.
 */
template <int N>
__device__ __forceinline__ void draw_windows(const draw_params &d, uint64_t window,
                                             uint32_t (&keep)[N])
{
    if (d.hi > 0xFF) {
#pragma unroll
        for (int n = 0; n < N; n++) {
            keep[n] = ALL_LANES;
        }
        return;
    }
    const uint64_t block = window / 16, quad = window / 4;
    const Counters first(d, (uint32_t)(block >> 32), d.c_first);
    uint32_t open[N];
#pragma unroll
    for (int n = 0; n < N; n++) {
        first_draws(d, first, (uint32_t)block + n * (CUDA_WINDOW / 16), keep[n], open[n]);
    }
    if (d.lo != 0) {
        const Counters second(d, (uint32_t)(quad >> 32), d.c_second);
        second_draws<N>(d, second, (uint32_t)quad, keep, open);
    }
}

__device__ __forceinline__ uint32_t draw_window(const draw_params &d, uint64_t window)
{
    uint32_t keep[1];
    draw_windows<1>(d, window, keep);
    return keep[0];
}

/** The decision of unit number v of a window, as bit 0. All lanes have to call it together. */
__device__ __forceinline__ uint32_t window_bit(uint32_t keep, uint32_t v)
{
    return __shfl_sync(ALL_LANES, keep, v / 4 % 32) >> (v % 4 * 8 + 7 - v / 128);
}

} // namespace dropfuse

#endif
