/*
 * Packed masks. Where elements are units a warp draws a window, brings its decisions into the order
 * of the units, and stores 32 of them per lane. By any other layout, or from a stored mask, a lane
 * makes a byte.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_MASK_CUH
#define DROPFUSE_MASK_CUH

#include "units.cuh"

namespace dropfuse {

/** Decisions of a window in the order of its units: lane i gets those of units 32 * i onward. */
__device__ __forceinline__ uint32_t in_order(uint32_t keep)
{
    const uint32_t word = lane_id() / 4, first = lane_id() % 4 * 8;
    uint32_t bits = 0;
#pragma unroll
    for (int i = 0; i < 8; i++) {
        // The sign bits of four bytes, gathered in the product's upper half byte.
        const uint32_t signs = __shfl_sync(ALL_LANES, keep, first + i) << word & SIGNS;
        bits |= (signs >> 7) * 0x10204080u >> 28 << 4 * i;
    }
    return bits;
}

/** Stores 32 bits from bit `done` of a mask on: the bytes that have one of its `count`, else 0. */
__device__ __forceinline__ void store_bits(unsigned char *mask, uint64_t count, uint64_t done,
                                           uint32_t bits)
{
    unsigned char *byte = mask + (int64_t)done / 8;
    if (done < count && count - done >= 32 && (uint64_t)byte % 4 == 0) {
        *(uint32_t *)byte = bits;
        return;
    }
#pragma unroll 1
    for (uint32_t j = 0; j < 32; j += 8) {
        if (done + j < count) {
            const uint64_t left = count - (done + j);
            const uint32_t used = left < 8 ? (1u << left) - 1 : 0xFF;
            byte[j / 8] = (unsigned char)(bits >> j & used);
        }
    }
}

__device__ __forceinline__ void mask(const mask_params &p)
{
    const uint64_t warps = (uint64_t)gridDim.x * (CUDA_BLOCK / 32);
    uint64_t chunk = (uint64_t)blockIdx.x * (CUDA_BLOCK / 32) + threadIdx.x / 32;
    for (; chunk < p.chunks; chunk += warps) {
        const uint64_t unit = p.anchor + chunk * CUDA_WINDOW;
        const uint32_t ahead = (uint32_t)(unit % CUDA_WINDOW);
        uint32_t bits = in_order(draw_window(p.draw, unit - ahead));
        if (ahead) {
            // The chunk's bits are a later stretch of this window and an earlier one of the next.
            const uint32_t next = in_order(draw_window(p.draw, unit - ahead + CUDA_WINDOW));
            const uint32_t from = lane_id() + ahead / 32;
            const uint32_t a = __shfl_sync(ALL_LANES, bits, from);
            const uint32_t b = __shfl_sync(ALL_LANES, bits, from + 1);
            const uint32_t c = __shfl_sync(ALL_LANES, next, from);
            const uint32_t d = __shfl_sync(ALL_LANES, next, from + 1);
            bits = __funnelshift_r(from < 32 ? a : c, from + 1 < 32 ? b : d, ahead % 32);
        }
        store_bits(p.mask, p.count, unit - p.start + lane_id() * 32, bits);
    }
}

/** The first element's bit is the first of a byte: that of element 0 is at y. */
__device__ __forceinline__ void mask_units(const range_params &p)
{
    constexpr int V = 8;
    const uint64_t warps = (uint64_t)gridDim.x * (CUDA_BLOCK / 32);
    uint64_t chunk = (uint64_t)blockIdx.x * (CUDA_BLOCK / 32) + threadIdx.x / 32;
    EitherUnits decisions(p);
    const auto store = [&](uint64_t element, uint32_t wanted, uint32_t bits) {
        if (wanted) {
            p.y[element / 8] = (char)bits;
        }
    };
    for (; chunk < p.chunks; chunk += warps) {
        requests<V>(p, decisions, p.anchor + chunk * (CUDA_REQUESTS * 32 * V), store);
    }
}

} // namespace dropfuse

#endif
