/*
 * One decision per element: a warp takes a chunk of elements, draws or reads its decisions, and
 * passes over the memory once. A lane's access is V elements: 16 bytes' worth, or 1 where the
 * addresses forbid that. A chunk is a window, or two where an access is 8 elements.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_ELEMENTS_CUH
#define DROPFUSE_ELEMENTS_CUH

#include "values.cuh"

namespace dropfuse {

template <int V> constexpr int WINDOWS = V == 8 ? CUDA_WIDEST_WINDOWS : 1;
template <int V> constexpr int CHUNK = WINDOWS<V> * CUDA_WINDOW;

/** Decisions of a chunk, drawn: those of a lane's access number r as sign bits of bytes. */
template <int V> struct Drawn {
    static constexpr int WORDS = V < 4 ? 4 / V : 1;
    uint32_t keep[WORDS];

    /** Brings each lane the words of those Philox blocks that decide on its elements. */
    __device__ __forceinline__ Drawn(const range_params &p, uint64_t element)
    {
        const uint32_t mine = draw_window(p.draw, p.start + element), lane = lane_id();
        if constexpr (V == 4) {
            keep[0] = mine;
        } else {
#pragma unroll
            for (int q = 0; q < WORDS; q++) {
                keep[q] = __shfl_sync(ALL_LANES, mine, (q * 32 + lane) * V / 4) >> lane * V % 4 * 8;
            }
        }
    }

    __device__ __forceinline__ uint32_t low(int r) const
    {
        if constexpr (V == 4) {
            return keep[0] << r;
        } else if constexpr (V == 2) {
            return (r % 2 ? keep[1] : keep[0]) << r / 2;
        } else {
            return (r % 4 < 2 ? r % 2 ? keep[1] : keep[0] : r % 2 ? keep[3] : keep[2]) << r / 4;
        }
    }

    __device__ __forceinline__ uint32_t high(int) const { return 0; }
    __device__ __forceinline__ const Drawn &within() const { return *this; }
};

/** A lane's 8 elements are of two neighbouring Philox blocks. */
template <> struct Drawn<8> {
    uint32_t even[2];
    uint32_t odd[2];

    __device__ __forceinline__ Drawn(const range_params &p, uint64_t element)
    {
        const uint32_t lane = lane_id();
        uint32_t mine[2];
        draw_windows<2>(p.draw, p.start + element, mine);
#pragma unroll
        for (int n = 0; n < 2; n++) {
            even[n] = __shfl_sync(ALL_LANES, mine[n], lane * 2) << lane / 16;
            odd[n] = __shfl_sync(ALL_LANES, mine[n], lane * 2 + 1) << lane / 16;
        }
    }

    __device__ __forceinline__ uint32_t low(int r) const
    {
        return (r < 4 ? even[0] : even[1]) << r % 4 * 2;
    }

    __device__ __forceinline__ uint32_t high(int r) const
    {
        return (r < 4 ? odd[0] : odd[1]) << r % 4 * 2;
    }

    __device__ __forceinline__ const Drawn &within() const { return *this; }
};

/** A bit of a stored mask and up to 7 more; no byte is touched that has none of them. */
__device__ __forceinline__ uint32_t stored_bits(const unsigned char *mask, uint64_t bit,
                                                uint64_t more)
{
    const unsigned char *byte = mask + bit / 8;
    uint32_t b = byte[0];
    if (bit % 8 + more > 7) {
        b |= (uint32_t)byte[1] << 8;
    }
    return b >> bit % 8;
}

/** Decisions of a chunk that lies within the call: its bits are in one byte, or that and the next. */
template <int V> struct StoredWithin {
    const unsigned char *byte;
    const unsigned char *last;
    uint32_t shift;

    __device__ __forceinline__ StoredWithin(const range_params &p, uint64_t element)
    {
        const uint64_t bit = p.start + element;
        byte = p.mask + bit / 8;
        last = p.mask + (bit + (V - 1)) / 8;
        shift = (uint32_t)(bit % 8);
    }

    __device__ __forceinline__ uint32_t bits(int r) const
    {
        const int at = r * (32 * V / 8);
        return ((uint32_t)byte[at] | (uint32_t)last[at] << 8) >> shift;
    }
    __device__ __forceinline__ uint32_t low(int r) const { return signs_of(bits(r)); }
    __device__ __forceinline__ uint32_t high(int r) const { return signs_of(bits(r) >> 4); }
};

/** Decisions of a chunk, read from a stored mask of which no bit outside the call is touched. */
template <int V> struct Stored {
    const range_params &p;
    uint64_t element;

    __device__ __forceinline__ Stored(const range_params &params, uint64_t chunk)
        : p(params), element(chunk + lane_id() * V)
    {
    }

    __device__ __forceinline__ uint32_t bits(int r) const
    {
        const uint64_t from = element + r * 32 * V;
        const uint64_t begin = from - p.first < p.end - p.first ? from : p.first;
        const uint64_t last = from + (V - 1) - p.first < p.end - p.first ? from + (V - 1)
                                                                        : p.end - 1;
        if (last - begin >= V) {
            return 0;
        }
        return stored_bits(p.mask, p.start + begin, last - begin) << (begin - from);
    }

    __device__ __forceinline__ uint32_t low(int r) const { return signs_of(bits(r)); }
    __device__ __forceinline__ uint32_t high(int r) const { return signs_of(bits(r) >> 4); }
    __device__ __forceinline__ StoredWithin<V> within() const { return {p, element}; }
};

/** One access of which some elements may lie outside the call, element by element. */
template <typename T, int V, typename Value>
__device__ __forceinline__ void clipped(const range_params &p, const Value &value,
                                        uint64_t element, uint32_t low, uint32_t high)
{
#pragma unroll 1
    for (int j = 0; j < V; j++) {
        const uint64_t e = element + j;
        if (e - p.first < p.end - p.first) {
            const bool keep = (j < 4 ? low : high) >> (j % 4 * 8 + 7) & 1;
            const uint64_t at = e * sizeof(typename T::bits);
            if (keep || !value.untouched()) {
                store_one<T>(p.y + at,
                             one<T>(value, load_one<T>(p.x + at), value.operand(e), keep));
            }
        }
    }
}

/** A chunk that lies within the call, its accesses aligned. */
template <typename T, int V, typename Value, typename Decisions>
__device__ __forceinline__ void whole(const range_params &p, const Value &value,
                                      uint64_t element, const Decisions &decisions)
{
    constexpr int accesses = CHUNK<V> / (32 * V);
    constexpr int flight = Value::IN_FLIGHT, unrolled = Value::UNROLLED;
    const uint64_t at = element * sizeof(typename T::bits);
    const uint4 *x = (const uint4 *)(p.x + at);
    uint4 *y = (uint4 *)(p.y + at);
#pragma unroll unrolled
    for (int from = 0; from < accesses; from += flight) {
        uint4 v[flight];
        typename Value::Operands o[flight];
#pragma unroll
        for (int i = 0; i < flight; i++) {
            v[i] = x[(from + i) * 32];
            o[i] = value.operands(element + (from + i) * 32 * V);
        }
#pragma unroll
        for (int i = 0; i < flight; i++) {
            const int r = from + i;
            const uint32_t high = V > 4 ? decisions.high(r) : 0;
            y[r * 32] = apply(T(), value, v[i], o[i], decisions.low(r), high);
        }
    }
}

template <typename T, int V, typename Value, typename Decisions>
__device__ __forceinline__ void elements(const range_params &p, const Value &value)
{
    const uint64_t warps = (uint64_t)gridDim.x * (CUDA_BLOCK / 32);
    uint64_t chunk = (uint64_t)blockIdx.x * (CUDA_BLOCK / 32) + threadIdx.x / 32;
    for (; chunk < p.chunks; chunk += warps) {
        const uint64_t begin = p.anchor + chunk * CHUNK<V>, size = p.end - p.first;
        const uint64_t element = begin + lane_id() * V;
        const Decisions decisions(p, begin);
        if (V > 1 && size >= CHUNK<V> && begin - p.first <= size - CHUNK<V>) {
            whole<T, V>(p, value, element, decisions.within());
        } else {
#pragma unroll 1
            for (int r = 0; r < CHUNK<V> / (32 * V); r++) {
                clipped<T, V>(p, value, element + r * 32 * V, decisions.low(r),
                              V > 4 ? decisions.high(r) : 0);
            }
        }
    }
}

} // namespace dropfuse

#endif
