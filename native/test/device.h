/*
 * CUDA's language on the host, as far as the tests of device code need it. The lanes of a warp take
 * turns: each runs up to the next function that all of them call together.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DEVICE_H
#define DEVICE_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#define __device__
#define __forceinline__ inline

struct uint4 {
    alignas(16) uint32_t x;
    uint32_t y, z, w;
};

struct float2 {
    float x, y;
};

struct index_in_grid {
    unsigned x;
};
static index_in_grid threadIdx, blockIdx, gridDim;

enum { LANES = 32, MOST_EXCHANGES = 1 << 16 };

/** The warp that runs. What lanes exchange is kept twice, as some read while others write again. */
struct warp {
    ucontext_t caller, contexts[LANES];
    char stacks[LANES][1 << 16];
    uint64_t exchanged[2][LANES];
    unsigned exchanges[LANES];
    bool ended[LANES];
    unsigned lane, first_thread;
    void (*code)(const void *);
    const void *argument;
};
static warp now;

static void next_lane(ucontext_t *from)
{
    for (unsigned k = 1; k <= LANES; k++) {
        const unsigned lane = (now.lane + k) % LANES;
        if (!now.ended[lane]) {
            now.lane = lane;
            threadIdx.x = now.first_thread + lane;
            swapcontext(from, &now.contexts[lane]);
            return;
        }
    }
    swapcontext(from, &now.caller);
}

static void run_lane()
{
    now.code(now.argument);
    now.ended[now.lane] = true;
    next_lane(&now.contexts[now.lane]);
}

/** Runs one warp, whose first thread has that number in its block. */
static void run_warp(unsigned first_thread, void (*code)(const void *), const void *argument)
{
    now.code = code;
    now.argument = argument;
    now.first_thread = first_thread;
    memset(now.exchanges, 0, sizeof now.exchanges);
    memset(now.ended, 0, sizeof now.ended);
    /* Volatile, as getcontext might return twice for all that a compiler knows. */
    for (volatile unsigned lane = 0; lane < LANES; lane = lane + 1) {
        getcontext(&now.contexts[lane]);
        now.contexts[lane].uc_stack.ss_sp = now.stacks[lane];
        now.contexts[lane].uc_stack.ss_size = sizeof now.stacks[lane];
        makecontext(&now.contexts[lane], run_lane, 0);
    }
    now.lane = LANES - 1;
    next_lane(&now.caller);
    for (unsigned lane = 1; lane < LANES; lane++)
        if (now.exchanges[lane] != now.exchanges[0]) {
            fprintf(stderr, "lanes 0 and %u did not call the same functions together\n", lane);
            exit(1);
        }
}

/** Gives what all lanes give, in their order. */
static const uint64_t *exchange(uint64_t mine)
{
    const unsigned lane = now.lane;
    if (now.exchanges[lane] == MOST_EXCHANGES) {
        fprintf(stderr, "a warp does not end\n");
        exit(1);
    }
    uint64_t *const all = now.exchanged[now.exchanges[lane]++ % 2];
    all[lane] = mine;
    next_lane(&now.contexts[lane]);
    return all;
}

static void all_take_part(uint32_t lanes)
{
    if (lanes != 0xFFFFFFFF) {
        fprintf(stderr, "not all lanes take part: %x\n", lanes);
        exit(1);
    }
}

template <typename T> T __shfl_sync(uint32_t lanes, T mine, int from)
{
    all_take_part(lanes);
    return (T)exchange(mine)[from & (LANES - 1)];
}

static inline uint32_t __ballot_sync(uint32_t lanes, bool mine)
{
    all_take_part(lanes);
    const uint64_t *const all = exchange(mine);
    uint32_t bits = 0;
    for (int lane = 0; lane < LANES; lane++)
        bits |= (uint32_t)all[lane] << lane;
    return bits;
}

static inline int __any_sync(uint32_t lanes, bool mine)
{
    return __ballot_sync(lanes, mine) != 0;
}

static inline int __all_sync(uint32_t lanes, bool mine)
{
    return __ballot_sync(lanes, mine) == 0xFFFFFFFF;
}

static inline int __clz(int v)
{
    return v ? __builtin_clz((unsigned)v) : 32;
}

static inline int __ffs(int v)
{
    return __builtin_ffs(v);
}

static inline uint32_t __funnelshift_r(uint32_t low, uint32_t high, uint32_t by)
{
    return (uint32_t)(((uint64_t)high << 32 | low) >> (by & 31));
}

static inline uint32_t __funnelshift_l(uint32_t low, uint32_t high, uint32_t by)
{
    return (uint32_t)(((uint64_t)high << 32 | low) << (by & 31) >> 32);
}

static inline uint64_t __umul64hi(uint64_t a, uint64_t b)
{
    return (uint64_t)((unsigned __int128)a * b >> 64);
}

template <typename To, typename From> To same_bits(From from)
{
    static_assert(sizeof(To) == sizeof(From), "as many bits");
    To to;
    memcpy(&to, &from, sizeof to);
    return to;
}

static inline float __uint_as_float(uint32_t v) { return same_bits<float>(v); }
static inline uint32_t __float_as_uint(float v) { return same_bits<uint32_t>(v); }
static inline int __float_as_int(float v) { return same_bits<int>(v); }
static inline double __longlong_as_double(long long v) { return same_bits<double>(v); }
static inline long long __double_as_longlong(double v) { return same_bits<long long>(v); }
static inline int __double2loint(double v) { return (int)same_bits<uint64_t>(v); }
static inline int __double2hiint(double v) { return (int)(same_bits<uint64_t>(v) >> 32); }
static inline double __hiloint2double(int high, int low)
{
    return same_bits<double>((uint64_t)(uint32_t)high << 32 | (uint32_t)low);
}
static inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
static inline double __fma_rn(double a, double b, double c) { return fma(a, b, c); }
static inline int min(int a, int b) { return a < b ? a : b; }

/** The upper halves of two words, which is all that is asked of it. */
static inline uint32_t __byte_perm(uint32_t low, uint32_t high, uint32_t selector)
{
    if (selector != 0x7632)
        abort();
    return low >> 16 | (high & 0xFFFF0000);
}

/* In place of native/cuda/ptx.cuh. */
#define DROPFUSE_PTX_CUH

namespace dropfuse {

static inline uint32_t xor3(uint32_t a, uint32_t b, uint32_t c) { return a ^ b ^ c; }
static inline uint32_t majority(uint32_t a, uint32_t b, uint32_t c)
{
    return (a & b) | (a & c) | (b & c);
}
static inline uint32_t merge(uint32_t m, uint32_t a, uint32_t b) { return (m & a) | (~m & b); }

struct Product {
    uint32_t low, high;

    Product(uint32_t a, uint32_t b) : low(a * b), high((uint32_t)((uint64_t)a * b >> 32)) {}
};

static inline uint32_t fused_bits(uint32_t x, float factor, float shift)
{
    return __float_as_uint(fmaf(__uint_as_float(x), factor, shift));
}

static inline float from_lower_half(uint32_t pair) { return __uint_as_float(pair << 16); }
static inline float from_upper_half(uint32_t pair) { return __uint_as_float(pair & 0xFFFF0000); }

static inline void halve(uint32_t pair, uint16_t &low, uint16_t &high)
{
    low = (uint16_t)pair;
    high = (uint16_t)(pair >> 16);
}

/** The selector's digits are 8 and the number of a byte whose sign is spread. */
template <uint32_t selector> uint32_t spread(uint32_t s)
{
    uint32_t bits = 0;
    for (int k = 0; k < 4; k++)
        if (s >> (8 * (selector >> 4 * k & 3) + 7) & 1)
            bits |= 0xFFu << 8 * k;
    return bits;
}

} // namespace dropfuse

#endif
