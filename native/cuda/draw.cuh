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

/** Spelled out, as the compiler's intermediate code would have two instructions for it. */
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

/** What all lanes' counters of a window have in common, carried through the first two rounds. */
struct Counters {
    uint32_t c;
    uint32_t high;
    uint32_t low;

    __device__ __forceinline__ Counters(const draw_params &d, uint32_t c1, uint32_t c3) : c(c3)
    {
        const uint64_t product = (uint64_t)M0 * (d.a ^ c1);
        high = (uint32_t)(product >> 32) ^ d.k1[1];
        low = (uint32_t)product;
    }
};

/** Philox4x32-10 of the counter whose low word is c0. */
__device__ __forceinline__ uint4 philox(const draw_params &d, const Counters &same, uint32_t c0)
{
    const uint64_t p = (uint64_t)M0 * c0;
    const uint64_t q = (uint64_t)M1 * ((uint32_t)(p >> 32) ^ same.c);
    uint4 w = {(uint32_t)(q >> 32) ^ d.b, (uint32_t)q, (uint32_t)p ^ same.high, same.low};
#pragma unroll
    for (int round = 2; round < 10; round++) {
        const uint64_t p0 = (uint64_t)M0 * w.x, p1 = (uint64_t)M1 * w.z;
        w = {xor3((uint32_t)(p1 >> 32), w.y, d.k0[round]), (uint32_t)p1,
             xor3((uint32_t)(p0 >> 32), w.w, d.k1[round]), (uint32_t)p0};
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

/**
 * Decisions of the window that begins at unit `window`, a multiple of CUDA_WINDOW. All lanes of the
 * warp have to call it together.
 */
__device__ __forceinline__ uint32_t draw_window(const draw_params &d, uint64_t window)
{
    if (d.hi > 0xFF) {
        return ALL_LANES;
    }
    const uint64_t block = window / 16;
    const Counters first(d, (uint32_t)(block >> 32), d.c_first);
    const uint4 one = philox(d, first, (uint32_t)block + lane_id());
    const uint4 two = philox(d, first, (uint32_t)block + 32 + lane_id());
    Comparison r;
    compare<0>(d, one.x, r);
    compare<1>(d, one.y, r);
    compare<2>(d, one.z, r);
    compare<3>(d, one.w, r);
    compare<4>(d, two.x, r);
    compare<5>(d, two.y, r);
    compare<6>(d, two.z, r);
    compare<7>(d, two.w, r);
    uint32_t keep = ~r.reached;
    if (d.lo == 0) {
        return keep;
    }
    // About four units of the window are open: each lane resolves its next one in a Philox block
    // that all lanes compute together.
    const uint64_t quad = window / 4;
    const Counters second(d, (uint32_t)(quad >> 32), d.c_second);
    uint32_t open = r.reached & ~r.passed;
    while (__any_sync(ALL_LANES, open != 0)) {
        const uint32_t bit = __clz(open);
        const uint32_t byte = 3 - bit / 8;
        const uint4 w = philox(d, second, (uint32_t)quad + bit % 8 * 32 + lane_id());
        const uint32_t even = byte & 2 ? w.z : w.x, odd = byte & 2 ? w.w : w.y;
        const uint32_t mask = 0x80000000u >> (bit & 31);
        if ((byte & 1 ? odd : even) < d.lo) {
            keep |= mask & open;
        }
        open &= ~mask;
    }
    return keep;
}

/** The decision of unit number v of a window, as bit 0. All lanes have to call it together. */
__device__ __forceinline__ uint32_t window_bit(uint32_t keep, uint32_t v)
{
    return __shfl_sync(ALL_LANES, keep, v / 4 % 32) >> (v % 4 * 8 + 7 - v / 128);
}

} // namespace dropfuse

#endif
