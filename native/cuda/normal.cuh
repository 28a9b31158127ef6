/*
 * Normal numbers: a warp draws a tile, brings each lane the draws of its elements, transforms them
 * and passes over the memory once. Word number i of a tile, which block i % 32 makes, has the draws
 * of units i and i + 128: so the words in order are what a lane reads its elements' draws from, in
 * accesses as wide as those of the elements.
 *
 * The polynomials' coefficients lie in shared memory. A warp looks up some four different pieces at
 * once, which constant memory would serve one after the other. Here any eight neighbouring pieces
 * are in different banks, and 511 of 512 numbers are of eight such.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_NORMAL_CUH
#define DROPFUSE_NORMAL_CUH

#include "normal_draw.h"
#define NORMAL_TABLE static const __device__
#include "normal_table.h"
#include "units.cuh"

namespace dropfuse {

/** A lane's numbers of a tile: number n is for its access n / V, there for element n % V. */
constexpr int LANE_NUMBERS = NORMAL_TILE / 32;

template <int V> constexpr int NORMAL_CHUNK = V > 1 ? CUDA_NORMAL_ACCESSES * 32 * V : NORMAL_TILE;

/** A tile's words, and a warp's numbers where they are taken one by one. */
struct __align__(16) WarpRoom {
    uint32_t words[NORMAL_TILE / 2];
    float numbers[NORMAL_TILE];
};

struct NormalRoom {
    WarpRoom warps[CUDA_BLOCK / 32];
    /** Coefficients of the powers 2 to 5, and 0 and 1, of each piece. */
    float4 high[NORMAL_PIECES];
    float4 low[NORMAL_PIECES];

    /** All threads of the block have to call it together. */
    __device__ __forceinline__ void load_table()
    {
        static_assert(NORMAL_DEGREE == 5, "two accesses have six coefficients");
        const auto &t = normal_table;
        for (int i = threadIdx.x; i < NORMAL_PIECES; i += CUDA_BLOCK) {
            high[i] = {t[2][i], t[3][i], t[4][i], t[5][i]};
            low[i] = {t[0][i], t[1][i], 0, 0};
        }
        __syncthreads();
    }

    /** Q(t / 2^17). */
    __device__ __forceinline__ float quantile(float t) const
    {
        const uint32_t at = __float_as_uint(t) >> 19 & (NORMAL_PIECES - 1) << 4;
        const float4 c = *(const float4 *)((const char *)high + at);
        const float2 d = *(const float2 *)((const char *)low + at);
        const float n = __fmaf_rn(__fmaf_rn(__fmaf_rn(c.w, t, c.z), t, c.y), t, c.x);
        return __fmaf_rn(__fmaf_rn(n, t, d.y), t, d.x);
    }
};

/** The draws of a lane's numbers, each 16 bits from bit 1 of a word on. */
template <int V>
__device__ __forceinline__ void lane_draws(const uint4 &w, uint32_t *words,
                                           uint32_t (&draw)[LANE_NUMBERS])
{
    const uint32_t lane = lane_id();
    if constexpr (V == 1) {
        const uint32_t own[4] = {w.x, w.y, w.z, w.w};
#pragma unroll
        for (int n = 0; n < LANE_NUMBERS; n++) {
            draw[n] = n < 4 ? own[n] << 1 : own[n % 4] >> 15;
        }
        return;
    }
    __syncwarp();
    words[lane] = w.x;
    words[lane + 32] = w.y;
    words[lane + 64] = w.z;
    words[lane + 96] = w.w;
    __syncwarp();
    if constexpr (V == 2) {
        const uint2 a = *(const uint2 *)(words + lane * 2);
        const uint2 b = *(const uint2 *)(words + lane * 2 + 64);
        const uint32_t own[4] = {a.x, a.y, b.x, b.y};
#pragma unroll
        for (int n = 0; n < LANE_NUMBERS; n++) {
            draw[n] = n < 4 ? own[n] << 1 : own[n % 4] >> 15;
        }
    } else if constexpr (V == 4) {
        const uint4 a = *(const uint4 *)(words + lane * 4);
        const uint32_t own[4] = {a.x, a.y, a.z, a.w};
#pragma unroll
        for (int n = 0; n < LANE_NUMBERS; n++) {
            draw[n] = n < 4 ? own[n] << 1 : own[n % 4] >> 15;
        }
    } else if constexpr (V == 8) {
        const uint32_t turn = 1 + lane / 16 * 16;
        const uint4 a = *(const uint4 *)(words + lane % 16 * 8);
        const uint4 b = *(const uint4 *)(words + lane % 16 * 8 + 4);
        const uint32_t own[8] = {a.x, a.y, a.z, a.w, b.x, b.y, b.z, b.w};
#pragma unroll
        for (int n = 0; n < LANE_NUMBERS; n++) {
            draw[n] = __funnelshift_l(own[n], own[n], turn);
        }
    }
}

__device__ __forceinline__ float least(const float (&t)[LANE_NUMBERS])
{
    float found = t[0];
#pragma unroll
    for (int n = 1; n < LANE_NUMBERS; n++) {
        found = fminf(found, t[n]);
    }
    return found;
}

/** 2 a + 1 of a draw a: 2^23 more by its bits, as a conversion takes longer. */
__device__ __forceinline__ float drawn_slice(uint32_t draw)
{
    return __uint_as_float(merge(0xFFFEu, draw, 0x4B000001u)) - 0x1p23f;
}

/** A number with the sign that was drawn. */
__device__ __forceinline__ float signed_number(uint32_t draw, float z)
{
    return __uint_as_float(merge(0x80000000u, draw << 15, __float_as_uint(z)));
}

/** The number of unit e, whose slice t is cut by the words of its second draw. */
__device__ __forceinline__ float second_number(const NormalRoom &room, const uint4 &w, uint32_t e,
                                               float t)
{
    const uint32_t even = e & 4 ? w.z : w.x, odd = e & 4 ? w.w : w.y;
    const uint32_t bits = (e & 2 ? odd : even) >> e % 2 * 16 & 0xFFFF;
    const uint32_t slice = (uint32_t)t / 2;
    return room.quantile((float)(int)(2 * (slice << 16 | bits) + 1) * 0x1p-16f);
}

/** Below it are the outermost slices. */
constexpr float OUTERMOST = 2 * NORMAL_OUTERMOST;

/**
 * Second draws. A tile has one unit in the outermost slices every other time: each lane cuts the
 * slice of its next one in a Philox block that all lanes compute together.
 */
template <int V>
__device__ __forceinline__ void second_slices(const range_params &p, const NormalRoom &room,
                                              uint64_t block, float (&t)[LANE_NUMBERS],
                                              float (&z)[LANE_NUMBERS])
{
    constexpr float cut = 0x1p16f;
    const Counters same(p.draw, (uint32_t)(block >> 32) | NORMAL_SECOND, p.draw.c_second);
    float mine = least(t);
    while (__any_sync(ALL_LANES, mine < OUTERMOST)) {
        uint32_t n = 0;
#pragma unroll
        for (int j = 1; j < LANE_NUMBERS; j++) {
            n = t[j] == mine ? j : n;
        }
        const uint32_t e = n / V * (32 * V) + lane_id() * V + n % V;
        const uint4 w = philox(p.draw, same, (uint32_t)block + e / 8);
        const float number = second_number(room, w, e, mine);
#pragma unroll
        for (int j = 0; j < LANE_NUMBERS; j++) {
            const bool here = mine < OUTERMOST && n == j;
            z[j] = here ? number : z[j];
            t[j] = here ? cut : t[j];
        }
        mine = least(t);
    }
}

/** A lane's numbers of a tile. All lanes of the warp have to call it together. */
template <int V>
__device__ __forceinline__ void normal_numbers(const range_params &p, const NormalRoom &room,
                                               uint32_t *words, uint64_t tile,
                                               float (&z)[LANE_NUMBERS])
{
    const uint64_t block = tile * 32;
    const Counters same(p.draw, (uint32_t)(block >> 32) | NORMAL_DRAW, p.draw.c_second);
    uint32_t draw[LANE_NUMBERS];
    float t[LANE_NUMBERS];
    lane_draws<V>(philox(p.draw, same, (uint32_t)block + lane_id()), words, draw);
#pragma unroll
    for (int n = 0; n < LANE_NUMBERS; n++) {
        t[n] = drawn_slice(draw[n]);
        z[n] = room.quantile(t[n]);
    }
    second_slices<V>(p, room, block, t, z);
#pragma unroll
    for (int n = 0; n < LANE_NUMBERS; n++) {
        z[n] = signed_number(draw[n], z[n]);
    }
}

/** The number of one unit, by the calling lane alone. */
__device__ __forceinline__ float normal_number(const draw_params &d, const NormalRoom &room,
                                               uint64_t unit)
{
    const uint32_t e = (uint32_t)unit % NORMAL_TILE;
    const uint64_t block = unit / NORMAL_TILE * 32 + e % 32, second = unit / 8;
    const Counters first(d, (uint32_t)(block >> 32) | NORMAL_DRAW, d.c_second);
    const uint4 w = philox(d, first, (uint32_t)block);
    const uint32_t even = e & 64 ? w.z : w.x, odd = e & 64 ? w.w : w.y;
    const uint32_t word = e & 32 ? odd : even, draw = e & 128 ? word >> 15 : word << 1;
    const float t = drawn_slice(draw);
    float z = room.quantile(t);
    if (t < OUTERMOST) {
        const Counters same(d, (uint32_t)(second >> 32) | NORMAL_SECOND, d.c_second);
        z = second_number(room, philox(d, same, (uint32_t)second), e, t);
    }
    return signed_number(draw, z);
}

/** A value times, or plus, its noise. */
template <bool multiply> __device__ __forceinline__ float noisy(float sigma, float x, float z)
{
    return multiply ? __fmul_rn(x, __fmaf_rn(sigma, z, 1)) : __fmaf_rn(sigma, z, x);
}

template <bool multiply> __device__ __forceinline__ double noisy(double sigma, double x, float z)
{
    return multiply ? __dmul_rn(x, __fma_rn(sigma, z, 1)) : __fma_rn(sigma, z, x);
}

template <typename T, bool multiply>
__device__ __forceinline__ uint32_t noisy_pair(float sigma, uint32_t x, const float *z)
{
    const float2 v = T::widen(x);
    return T::narrow(noisy<multiply>(sigma, v.x, z[0]), noisy<multiply>(sigma, v.y, z[1]));
}

/** What numbers do to the values of a call. */
template <typename T> struct Noise {
    using compute = typename T::compute;
    compute sigma;
    bool multiply;

    __device__ __forceinline__ explicit Noise(const noise_params &p) : multiply(p.multiply != 0)
    {
        if constexpr (sizeof(sigma) == sizeof(double)) {
            sigma = p.on.value.factor64;
        } else {
            sigma = p.on.value.factor32;
        }
    }
    __device__ __forceinline__ typename T::bits one(typename T::bits x, float z) const
    {
        const compute v = T::widen(x);
        return T::narrow(multiply ? noisy<true>(sigma, v, z) : noisy<false>(sigma, v, z));
    }
    template <bool times>
    __device__ __forceinline__ uint4 access(uint4 x, const float *z) const
    {
        if constexpr (sizeof(typename T::bits) == 2) {
            return {noisy_pair<T, times>(sigma, x.x, z),
                    noisy_pair<T, times>(sigma, x.y, z + 2),
                    noisy_pair<T, times>(sigma, x.z, z + 4),
                    noisy_pair<T, times>(sigma, x.w, z + 6)};
        } else if constexpr (sizeof(typename T::bits) == 4) {
            return {T::narrow(noisy<times>(sigma, T::widen(x.x), z[0])),
                    T::narrow(noisy<times>(sigma, T::widen(x.y), z[1])),
                    T::narrow(noisy<times>(sigma, T::widen(x.z), z[2])),
                    T::narrow(noisy<times>(sigma, T::widen(x.w), z[3]))};
        } else {
            const double a = noisy<times>(sigma, __hiloint2double((int)x.y, (int)x.x), z[0]);
            const double b = noisy<times>(sigma, __hiloint2double((int)x.w, (int)x.z), z[1]);
            return {(uint32_t)__double2loint(a), (uint32_t)__double2hiint(a),
                    (uint32_t)__double2loint(b), (uint32_t)__double2hiint(b)};
        }
    }
};

/** A chunk that lies within the call, its accesses aligned and read before anything is drawn. */
template <typename T, int V>
__device__ __forceinline__ void whole_normal(const range_params &p, const Noise<T> &f,
                                             const NormalRoom &room, uint32_t *words,
                                             uint64_t element)
{
    constexpr int of_tile = LANE_NUMBERS / V, tiles = NORMAL_CHUNK<V> / NORMAL_TILE;
    const uint64_t at = (element + lane_id() * V) * sizeof(typename T::bits);
    const uint4 *x = (const uint4 *)(p.x + at);
    uint4 *y = (uint4 *)(p.y + at);
    uint4 v[tiles * of_tile];
#pragma unroll
    for (int r = 0; r < tiles * of_tile; r++) {
        v[r] = x[r * 32];
    }
#pragma unroll
    for (int k = 0; k < tiles; k++) {
        float z[LANE_NUMBERS];
        normal_numbers<V>(p, room, words, (p.start + element) / NORMAL_TILE + k, z);
        if (f.multiply) {
#pragma unroll
            for (int r = 0; r < of_tile; r++) {
                const uint4 x = v[k * of_tile + r];
                y[(k * of_tile + r) * 32] = f.template access<true>(x, z + r * V);
            }
        } else {
#pragma unroll
            for (int r = 0; r < of_tile; r++) {
                const uint4 x = v[k * of_tile + r];
                y[(k * of_tile + r) * 32] = f.template access<false>(x, z + r * V);
            }
        }
    }
}

/** A chunk of which some elements may lie outside the call, element by element. */
template <typename T, int V>
__device__ __forceinline__ void clipped_normal(const range_params &p, const Noise<T> &f,
                                               const NormalRoom &room, WarpRoom &own,
                                               uint64_t element)
{
    float *mine = own.numbers + lane_id();
#pragma unroll 1
    for (uint64_t from = element; from != element + NORMAL_CHUNK<V>; from += NORMAL_TILE) {
        float z[LANE_NUMBERS];
        normal_numbers<V>(p, room, own.words, (p.start + from) / NORMAL_TILE, z);
#pragma unroll
        for (int n = 0; n < LANE_NUMBERS; n++) {
            mine[n * 32] = z[n];
        }
#pragma unroll 1
        for (int n = 0; n < LANE_NUMBERS; n++) {
            const uint64_t e = from + n / V * (32 * V) + lane_id() * V + n % V;
            if (e - p.first < p.end - p.first) {
                const uint64_t at = e * sizeof(typename T::bits);
                const typename T::bits x = load_one<T>(p.x + at);
                store_one<T>(p.y + at, f.one(x, mine[n * 32]));
            }
        }
    }
}

template <typename T, int V>
__device__ __forceinline__ void normal(const range_params &p, const Noise<T> &f)
{
    __shared__ NormalRoom room;
    room.load_table();
    WarpRoom &own = room.warps[threadIdx.x / 32];
    const uint64_t warps = (uint64_t)gridDim.x * (CUDA_BLOCK / 32), size = p.end - p.first;
    uint64_t chunk = (uint64_t)blockIdx.x * (CUDA_BLOCK / 32) + threadIdx.x / 32;
    for (; chunk < p.chunks; chunk += warps) {
        const uint64_t element = p.anchor + chunk * NORMAL_CHUNK<V>;
        if (V > 1 && size >= NORMAL_CHUNK<V> && element - p.first <= size - NORMAL_CHUNK<V>) {
            if constexpr (V > 1) {
                whole_normal<T, V>(p, f, room, own.words, element);
            }
        } else {
            clipped_normal<T, V>(p, f, room, own, element);
        }
    }
}

/** Units that are no neighbours, element by element. */
template <typename T>
__device__ __forceinline__ void normal_units(const range_params &p, const Noise<T> &f)
{
    __shared__ NormalRoom room;
    room.load_table();
    uint64_t e = p.first + (uint64_t)blockIdx.x * CUDA_BLOCK + threadIdx.x;
    for (; e < p.end; e += (uint64_t)gridDim.x * CUDA_BLOCK) {
        const uint64_t at = e * sizeof(typename T::bits);
        const float z = normal_number(p.draw, room, Position(p, e).unit);
        store_one<T>(p.y + at, f.one(load_one<T>(p.x + at), z));
    }
}

} // namespace dropfuse

#endif
