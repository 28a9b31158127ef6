/*
 * Units of several elements, and boxes: a warp takes CUDA_REQUESTS consecutive requests, each one
 * access of each lane. Requests within one run have one decision, and are not read where that is to
 * drop; the others find the unit of each element, by multiplication and then by counting.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_UNITS_CUH
#define DROPFUSE_UNITS_CUH

#include "values.cuh"

namespace dropfuse {

/** Where an element stands: its unit, and what is left of the stretches that it belongs to. */
struct Position {
    uint64_t unit;
    uint64_t in_run;
    uint64_t in_cycle;
    uint64_t in_block;

    __device__ __forceinline__ Position(const range_params &p, uint64_t element)
    {
        const uint64_t stretch = quotient(p.run, element);
        const uint64_t pass = quotient(p.cycle, stretch);
        const uint64_t block = quotient(p.block, element);
        const uint64_t index = stretch - pass * p.cycle.value;
        unit = p.start + block * p.step + index;
        in_run = (stretch + 1) * p.run.value - element;
        in_cycle = p.cycle.value - index;
        in_block = (block + 1) * p.block.value - element;
    }

    __device__ __forceinline__ void next(const range_params &p)
    {
        const bool run = --in_run == 0, block = --in_block == 0;
        if (run) {
            const bool cycle = --in_cycle == 0;
            unit += block ? p.leap : cycle ? 1 - p.cycle.value : 1;
            in_run = p.run.value;
            in_cycle = cycle ? p.cycle.value : in_cycle;
        }
        in_block = block ? p.block.value : in_block;
    }
};

/** Decisions drawn a window at a time; the window drawn last is kept. */
struct DrawnUnits {
    const range_params &p;
    uint64_t window;
    uint32_t keep;
    bool drawn;

    __device__ __forceinline__ explicit DrawnUnits(const range_params &params)
        : p(params), window(0), keep(0), drawn(false)
    {
    }

    __device__ __forceinline__ void draw(uint64_t unit)
    {
        window = unit - unit % CUDA_WINDOW;
        keep = draw_window(p.draw, window);
        drawn = true;
    }

    /** The decision of a unit that is the same for all lanes. */
    __device__ __forceinline__ bool one(uint64_t unit)
    {
        if (!drawn || unit - window >= CUDA_WINDOW) {
            draw(unit);
        }
        return window_bit(keep, (uint32_t)(unit - window)) & 1;
    }

    /** Bit j is the decision of unit[j], for the bits that are set in `wanted`. */
    template <int V>
    __device__ __forceinline__ uint32_t each(const uint64_t (&unit)[V], uint32_t wanted)
    {
        uint32_t bits = 0;
        while (true) {
            uint64_t next = ~0ull;
#pragma unroll
            for (int j = 0; j < V; j++) {
                const uint64_t v = unit[j] - window;
                const uint32_t bit = window_bit(keep, (uint32_t)v % CUDA_WINDOW) & 1;
                if (wanted >> j & 1) {
                    if (drawn && v < CUDA_WINDOW) {
                        bits |= bit << j;
                        wanted ^= 1u << j;
                    } else {
                        next = unit[j] < next ? unit[j] : next;
                    }
                }
            }
            const uint32_t open = __ballot_sync(ALL_LANES, wanted != 0);
            if (open == 0) {
                return bits;
            }
            draw(__shfl_sync(ALL_LANES, next, __ffs((int)open) - 1));
        }
    }
};

/** Decisions read from a stored mask, the wanted ones alone. */
struct StoredUnits {
    const unsigned char *mask;

    __device__ __forceinline__ explicit StoredUnits(const range_params &p)
        : mask(p.mask)
    {
    }

    __device__ __forceinline__ bool one(uint64_t unit) const
    {
        return mask[unit / 8] >> unit % 8 & 1;
    }

    template <int V>
    __device__ __forceinline__ uint32_t each(const uint64_t (&unit)[V], uint32_t wanted) const
    {
        uint32_t bits = 0;
#pragma unroll
        for (int j = 0; j < V; j++) {
            if (wanted >> j & 1) {
                bits |= (uint32_t)one(unit[j]) << j;
            }
        }
        return bits;
    }
};

/** Decisions drawn or stored, as the call says. */
struct EitherUnits {
    DrawnUnits drawn;

    __device__ __forceinline__ explicit EitherUnits(const range_params &p) : drawn(p) {}

    __device__ __forceinline__ bool one(uint64_t unit)
    {
        return drawn.p.mask ? StoredUnits(drawn.p).one(unit) : drawn.one(unit);
    }

    template <int V>
    __device__ __forceinline__ uint32_t each(const uint64_t (&unit)[V], uint32_t wanted)
    {
        return drawn.p.mask ? StoredUnits(drawn.p).each<V>(unit, wanted)
                            : drawn.each<V>(unit, wanted);
    }
};

/** One access: bit j of `bits` decides on element j, for the bits that are set in `wanted`. */
template <typename T, int V, typename Value>
__device__ __forceinline__ void access(const range_params &p, const Value &value, uint64_t element,
                                       uint32_t wanted, uint32_t bits)
{
    constexpr uint32_t all = (1u << V) - 1;
    const uint64_t at = element * sizeof(typename T::bits);
    if (bits == 0 && value.untouched()) {
        return;
    }
    if (V > 1 && wanted == all) {
        uint4 v = {};
        if (bits) {
            v = *(const uint4 *)(p.x + at);
        }
        const auto o = bits ? value.operands(element) : value.remains(element);
        *(uint4 *)(p.y + at) = apply(T(), value, v, o, signs_of(bits), signs_of(bits >> 4));
        return;
    }
#pragma unroll 1
    for (int j = 0; j < V; j++) {
        if (wanted >> j & 1) {
            const bool keep = bits >> j & 1;
            const uint64_t place = at + j * sizeof(typename T::bits);
            const typename T::bits x = keep ? load_one<T>(p.x + place) : (typename T::bits)0;
            store_one<T>(p.y + place, one<T>(value, x, value.operand(element + j), keep));
        }
    }
}

/** A chunk of one decision, its accesses aligned. */
template <typename T, int V, typename Value>
__device__ __forceinline__ void uniform(const range_params &p, const Value &value,
                                        uint64_t element, bool keep)
{
    const uint64_t at = element * sizeof(typename T::bits);
    const uint4 *x = (const uint4 *)(p.x + at);
    uint4 *y = (uint4 *)(p.y + at);
    constexpr int flight = Value::IN_FLIGHT, unrolled = Value::UNROLLED;
    if (!keep && value.untouched()) {
        return;
    }
    if (!keep) {
#pragma unroll 1
        for (int from = 0; from < CUDA_REQUESTS; from += flight) {
            typename Value::Operands o[flight];
#pragma unroll
            for (int i = 0; i < flight; i++) {
                o[i] = value.remains(element + (from + i) * 32 * V);
            }
#pragma unroll
            for (int i = 0; i < flight; i++) {
                y[(from + i) * 32] = value.dropped(o[i]);
            }
        }
        return;
    }
#pragma unroll unrolled
    for (int from = 0; from < CUDA_REQUESTS; from += flight) {
        uint4 v[flight];
        typename Value::Operands o[flight];
#pragma unroll
        for (int i = 0; i < flight; i++) {
            v[i] = x[(from + i) * 32];
            o[i] = value.operands(element + (from + i) * 32 * V);
        }
#pragma unroll
        for (int i = 0; i < flight; i++) {
            y[(from + i) * 32] = apply(T(), value, v[i], o[i], AllKept(), AllKept());
        }
    }
}

/** Decisions on stretches that follow one another, the one of a run being found once. */
template <typename Decisions> struct Runs {
    const range_params &p;
    uint64_t run_end;
    bool keep;

    __device__ __forceinline__ Runs(const range_params &params, uint64_t before)
        : p(params), run_end(before), keep(false)
    {
    }

    /**
     * Bit j decides on element `element + j`, for the bits that are set in `wanted`; these are of the
     * stretch [begin, end), which is the same for all lanes.
     */
    template <int V>
    __device__ __forceinline__ uint32_t decide(Decisions &decisions, uint64_t begin, uint64_t end,
                                               uint64_t element, uint32_t wanted)
    {
        if (end > run_end) {
            const Position position(p, begin);
            run_end = begin + position.in_run;
            if (end <= run_end) {
                keep = decisions.one(position.unit);
            }
        }
        if (end <= run_end) {
            return keep ? wanted : 0;
        }
        uint64_t unit[V];
        Position position(p, element - begin < end - begin ? element : begin);
#pragma unroll
        for (int j = 0; j < V; j++) {
            unit[j] = position.unit;
            if (wanted >> j & 1) {
                position.next(p);
            }
        }
        run_end = begin;
        return decisions.template each<V>(unit, wanted);
    }
};

/**
 * Calls f(element, wanted, bits) for each lane's access in each request of a chunk, of which the
 * first is given: bit j of `bits` decides on element `element + j`, for the bits that are set in
 * `wanted`, which are those of elements in the call.
 */
template <int V, typename Decisions, typename F>
__device__ __forceinline__ void requests(const range_params &p, Decisions &decisions,
                                         uint64_t request, const F &f)
{
    constexpr uint32_t span = 32 * V, all = (1u << V) - 1;
    Runs<Decisions> runs(p, p.first);
#pragma unroll 1
    for (int r = 0; r < CUDA_REQUESTS; r++, request += span) {
        // What the request has before the call's first element is not in it.
        const uint64_t begin = request - p.first < p.end - p.first ? request : p.first;
        if (begin - request >= span) {
            continue;
        }
        const uint64_t end = p.end - request < span ? p.end : request + span;
        const uint64_t element = request + lane_id() * V;
        uint32_t wanted = all;
        if (end - begin < span) {
#pragma unroll
            for (int j = 0; j < V; j++) {
                wanted ^= element + j - begin < end - begin ? 0 : 1u << j;
            }
        }
        f(element, wanted, runs.template decide<V>(decisions, begin, end, element, wanted));
    }
}

template <typename T, int V, typename Value, typename Decisions>
__device__ __forceinline__ void units(const range_params &p, const Value &value)
{
    constexpr uint64_t whole = CUDA_REQUESTS * 32 * V;
    const uint64_t warps = (uint64_t)gridDim.x * (CUDA_BLOCK / 32), size = p.end - p.first;
    uint64_t chunk = (uint64_t)blockIdx.x * (CUDA_BLOCK / 32) + threadIdx.x / 32;
    Decisions decisions(p);
    for (; chunk < p.chunks; chunk += warps) {
        const uint64_t begin = p.anchor + chunk * whole;
        if (V > 1 && size >= whole && begin - p.first <= size - whole) {
            const Position position(p, begin);
            if (position.in_run >= whole) {
                uniform<T, V>(p, value, begin + lane_id() * V, decisions.one(position.unit));
                continue;
            }
        }
        requests<V>(p, decisions, begin, [&](uint64_t element, uint32_t wanted, uint32_t bits) {
            access<T, V>(p, value, element, wanted, bits);
        });
    }
}

} // namespace dropfuse

#endif
