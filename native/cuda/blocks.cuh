/*
 * DropBlock's packed masks: from the decisions on centres, one bit for each position, which is kept
 * when all centres are whose blocks cover it. A thread makes 32 bits, line by line: those centres of
 * a line's positions are rows of bits, which are joined first, and then with themselves along the
 * line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_BLOCKS_CUH
#define DROPFUSE_BLOCKS_CUH

#include "mask.cuh"

namespace dropfuse {

/** Centres of one dimension, from `from` to before `to`, that cover a position. */
struct Covering {
    uint64_t from;
    uint64_t to;

    __device__ __forceinline__ Covering(const block_axis &axis, uint64_t position)
    {
        from = position > axis.before ? position - axis.before : 0;
        to = position + axis.after + 1;
        to = to < axis.centres ? to : axis.centres;
    }
};

/** 64 bits of a line of centres, from the given one on; those that there are not, are kept. */
__device__ __forceinline__ uint64_t line_bits(const block_params &p, uint64_t line, int64_t from)
{
    const int64_t end = (int64_t)p.axes[2].centres;
    if (from >= end || from <= -64) {
        return ~0ull;
    }
    const uint32_t ahead = from < 0 ? (uint32_t)-from : 0;
    const uint64_t bit = line + (uint64_t)(from + ahead), word = bit / 64;
    const uint64_t left = (uint64_t)(end - (from + ahead));
    uint64_t bits = p.centres[word] >> bit % 64;
    if (bit % 64 && left > 64 - bit % 64) {
        bits |= p.centres[word + 1] << (64 - bit % 64);
    }
    if (left < 64) {
        bits |= ~0ull << left;
    }
    return ahead ? bits << ahead | ~0ull >> (64 - ahead) : bits;
}

/** Bit i is whether the line's position x + i is kept, for the 32 from x on. */
__device__ __forceinline__ uint32_t line_kept(const block_params &p, uint64_t image, uint64_t z,
                                              uint64_t y, uint64_t x)
{
    constexpr uint64_t reach = 33;
    const Covering depth(p.axes[0], z), height(p.axes[1], y);
    const uint64_t side = p.axes[2].before + p.axes[2].after + 1;
    uint64_t kept = ~0ull;
#pragma unroll 1
    for (uint64_t along = 0; along < side; along += reach) {
        const int64_t from = (int64_t)(x + along) - (int64_t)p.axes[2].before;
        uint64_t bits = ~0ull;
#pragma unroll 1
        for (uint64_t k = depth.from; k < depth.to; k++) {
#pragma unroll 1
            for (uint64_t j = height.from; j < height.to; j++) {
                const uint64_t line = (image * p.axes[0].centres + k) * p.axes[1].centres + j;
                bits &= line_bits(p, line * p.axes[2].centres, from);
            }
        }
        const uint32_t steps = (uint32_t)(side - along < reach ? side - along : reach);
        // Bit i stands for `joined` bits from i on, then for twice as many.
        uint32_t joined = 1;
#pragma unroll 1
        for (; joined * 2 <= steps; joined *= 2) {
            bits &= bits >> joined;
        }
        bits &= bits >> (steps - joined);
        kept &= bits;
    }
    return (uint32_t)kept;
}

__device__ __forceinline__ void blocks(const block_params &p)
{
    const uint64_t threads = (uint64_t)gridDim.x * CUDA_BLOCK;
    uint64_t word = (uint64_t)blockIdx.x * CUDA_BLOCK + threadIdx.x;
    for (; word * 32 < p.bits; word += threads) {
        const uint64_t position = p.first + word * 32;
        uint64_t line = quotient(p.width, position), x = position - line * p.width.value;
        uint32_t bits = 0;
#pragma unroll 1
        for (uint32_t done = 0; done < 32 && word * 32 + done < p.bits; line++, x = 0) {
            const uint64_t plane = quotient(p.height, line), image = quotient(p.depth, plane);
            const uint64_t z = plane - image * p.depth.value, y = line - plane * p.height.value;
            const uint64_t some = p.width.value - x;
            const uint32_t n = some < 32 - done ? (uint32_t)some : 32 - done;
            bits |= (line_kept(p, image, z, y, x) & ~0u >> (32 - n)) << done;
            done += n;
        }
        store_bits(p.mask, p.bits, word * 32, bits);
    }
}

} // namespace dropfuse

#endif
