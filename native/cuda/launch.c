/*
 * The kernels' calls: check, choose a kernel, fill in its parameters, launch. Nothing is allocated,
 * and nothing waited for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <math.h>
#include <stdint.h>

#include "check.h"
#include "context.h"
#include "dropfuse.h"
#include "params.h"
#include "philox.h"

enum { ACCESS = 16, WARPS = CUDA_BLOCK / 32, WIDE = 0, SINGLE = 1 };

/* rint((1 - p) * 2^40): adding 2^52 rounds to an integer, to even in a tie. */
static uint64_t threshold(double p)
{
    const double exact = (1.0 - p) * 0x1p40;
    return (uint64_t)((exact + 0x1p52) - 0x1p52);
}

static struct draw_params draw_params(uint64_t limit, uint64_t seed, uint64_t offset)
{
    struct draw_params d;
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        d.k0[round] = k0;
        d.k1[round] = k1;
        k0 += PHILOX_W0;
        k1 += PHILOX_W1;
    }
    const uint64_t product = (uint64_t)PHILOX_M1 * (uint32_t)offset;
    const uint32_t c3 = (uint32_t)(offset >> 32);
    d.a = (uint32_t)(product >> 32) ^ d.k0[0];
    d.b = (uint32_t)product ^ d.k0[1];
    d.c_first = c3 ^ d.k1[0];
    d.c_second = (c3 | PHILOX_SECOND) ^ d.k1[0];
    d.hi = (uint32_t)(limit >> 32);
    d.lo = (uint32_t)limit;
    return d;
}

/* With l the bits of d - 1: m = ceil(2^(63 + l) / d) and n / d = n * m >> (63 + l), n < 2^63. */
static struct divisor divisor(uint64_t d)
{
    if (d == 1)
        return (struct divisor){1, 0, 0};
    unsigned l = 1;
    while (l < 63 && d > UINT64_C(1) << l)
        l++;
    const unsigned __int128 power = (unsigned __int128)1 << (63 + l);
    return (struct divisor){d, (uint64_t)((power + (d - 1)) / d), l - 1};
}

static uint64_t ceil_div(uint64_t n, uint64_t d)
{
    return n / d + (n % d != 0);
}

static int launch(const struct kernel *kernel, uint64_t chunks, void *params, CUstream stream)
{
    const uint64_t blocks = ceil_div(chunks, WARPS);
    const unsigned grid = blocks < kernel->blocks ? (unsigned)blocks : kernel->blocks;
    void *arguments[] = {params};
    return CALL(cuLaunchKernel, kernel->function, grid, 1, 1, CUDA_BLOCK, 1, 1, 0, stream,
                arguments, NULL);
}

int dropfuse_cuda_mask(int device, void *stream, double p, unsigned long long seed,
                       unsigned long long offset, unsigned long long start, long long count,
                       void *mask)
{
    int status = check_draw(p, offset);
    if (!status)
        status = check_mask(start, count, mask);
    if (status || !count)
        return status;
    /* Whole bytes from a multiple of 8 on are within one window each. */
    const uint64_t ahead = start % 8 ? 0 : start % CUDA_WINDOW;
    struct mask_params params = {
        .draw = draw_params(threshold(p), seed, offset),
        .start = start,
        .count = (uint64_t)count,
        .anchor = start - ahead,
        .chunks = ceil_div((uint64_t)count + ahead, CUDA_WINDOW),
        .mask = mask,
    };
    const struct context *context;
    status = context_enter(device, &context);
    if (status)
        return status;
    return context_leave(launch(&context->mask, params.chunks, &params, stream));
}

/* Where element 0 would be of a range that begins at `range`: kernels count from there. */
static void *element_0(const struct job *job, const void *range)
{
    return (void *)((uintptr_t)range - job->layout.first * job->size);
}

/* Whether accesses of 16 bytes from element `anchor` on are aligned in both tensors. */
static int aligned(const struct job *job, uint64_t anchor)
{
    const uint64_t ahead = (job->layout.first - anchor) * job->size;
    return ((uintptr_t)job->x - ahead) % ACCESS == 0 && ((uintptr_t)job->y - ahead) % ACCESS == 0;
}

/* The element at or before the first whose place in y is a multiple of 16 bytes. */
static uint64_t aligned_anchor(const struct job *job)
{
    return job->layout.first - (uintptr_t)job->y % ACCESS / job->size;
}

static int drop_elements(const struct context *context, const struct job *job,
                         const struct draw_params *draw, const struct value_params *value,
                         CUstream stream)
{
    const struct layout *l = &job->layout;
    const int kind = job->source.mask ? KIND_ELEMENTS_STORED : KIND_ELEMENTS_DRAWN;
    const uint64_t unit = l->start + l->first;
    uint64_t anchor = job->source.mask ? aligned_anchor(job) : l->first - unit % CUDA_WINDOW;
    const int width = aligned(job, anchor) ? WIDE : SINGLE;
    const uint64_t chunk =
        width == WIDE && job->size == 2 ? CUDA_WIDEST_WINDOWS * CUDA_WINDOW : CUDA_WINDOW;
    if (!job->source.mask)
        anchor = l->first - unit % chunk;
    else if (width == SINGLE)
        anchor = l->first;
    struct element_params params = {
        .draw = *draw,
        .x = element_0(job, job->x),
        .y = element_0(job, job->y),
        .first = l->first,
        .end = l->first + l->count,
        .start = l->start,
        .mask = (const unsigned char *)job->source.mask,
        .anchor = anchor,
        .chunks = ceil_div(l->first + l->count - anchor, chunk),
        .value = *value,
    };
    return launch(&context->drop[kind][job->dtype][width], params.chunks, &params, stream);
}

static int drop_units(const struct context *context, const struct job *job,
                      const struct draw_params *draw, const struct value_params *value,
                      CUstream stream)
{
    const struct layout *l = &job->layout;
    const int kind = job->source.mask ? KIND_UNITS_STORED : KIND_UNITS_DRAWN;
    uint64_t anchor = aligned_anchor(job);
    const int width = aligned(job, anchor) ? WIDE : SINGLE;
    if (width == SINGLE)
        anchor = l->first;
    const uint64_t span = 32 * (width == WIDE ? ACCESS / job->size : 1);
    struct unit_params params = {
        .draw = *draw,
        .x = element_0(job, job->x),
        .y = element_0(job, job->y),
        .first = l->first,
        .end = l->first + l->count,
        .start = l->start,
        .mask = (const unsigned char *)job->source.mask,
        .anchor = anchor,
        .chunks = ceil_div(l->first + l->count - anchor, span * CUDA_REQUESTS),
        .value = *value,
        .run = divisor(l->run),
        .cycle = divisor(l->cycle),
        .sample = divisor(l->run * l->cycle * l->repeat),
    };
    return launch(&context->drop[kind][job->dtype][width], params.chunks, &params, stream);
}

/* One kind of NaN, whose low bits are 0: narrowing to bfloat16 counts on it. */
static double constant(double value)
{
    return isnan(value) ? (double)NAN : value;
}

static struct value_params values(double factor, double shift, double dropped)
{
    return (struct value_params){
        .factor64 = constant(factor),
        .shift64 = constant(shift),
        .dropped64 = constant(dropped),
        .factor32 = (float)constant(factor),
        .shift32 = (float)constant(shift),
        .dropped32 = (float)constant(dropped),
    };
}

static int drop(const struct context *context, const struct job *job, uint64_t limit,
                const struct draw_params *draw, const struct value_params *value, CUstream stream)
{
    const struct layout *l = &job->layout;
    const int to_zero = value->dropped64 == 0 && !signbit(value->dropped64);
    if (!job->source.mask && limit == 0 && to_zero)
        return CALL(cuMemsetD8Async, (CUdeviceptr)(uintptr_t)job->y, 0, l->count * job->size,
                    stream);
    const int by_element = l->run == 1 && l->cycle == 1;
    return by_element ? drop_elements(context, job, draw, value, stream)
                      : drop_units(context, job, draw, value, stream);
}

/* Units that come once are in no cycle, and units in no cycle repeat as one run. */
static struct layout simplest(struct layout l)
{
    if (l.repeat == 1)
        l.cycle = 1;
    if (l.cycle == 1) {
        l.run *= l.repeat;
        l.repeat = 1;
    }
    return l;
}

int dropfuse_cuda_affine(int device, void *stream, int dtype, const void *x, void *y,
                         long long first, long long count, long long run, long long cycle,
                         long long repeat, const void *mask, double p, unsigned long long seed,
                         unsigned long long offset, unsigned long long start, double scale,
                         double shift, double dropped)
{
    static const unsigned char sizes[] = {4, 8, 2, 2};
    int status = check_dtype(dtype);
    if (!status)
        status = check_layout(first, count, run, cycle, repeat, start, sizes[dtype]);
    if (!status && !mask)
        status = check_draw(p, offset);
    if (!status && count)
        status = check_pointers("x", x, "y", y, count);
    if (status || !count)
        return status;
    const uint64_t before = (uint64_t)first * sizes[dtype];
    const struct job job = {
        .source = {.mask = (uintptr_t)mask},
        .layout = simplest((struct layout){(uint64_t)first, (uint64_t)count, (uint64_t)run,
                                           (uint64_t)cycle, (uint64_t)repeat, start}),
        .dtype = dtype,
        .size = sizes[dtype],
        .x = (const char *)((uintptr_t)x + before),
        .y = (char *)((uintptr_t)y + before),
    };
    status = check_overlap(&job);
    if (status)
        return status;
    const uint64_t limit = mask ? 0 : threshold(p);
    const struct draw_params draw = draw_params(limit, seed, offset);
    const struct value_params value = values(scale, shift, dropped);
    const struct context *context;
    status = context_enter(device, &context);
    if (status)
        return status;
    return context_leave(drop(context, &job, limit, &draw, &value, stream));
}

/* A product is a sum with -0, and so are its rounding and the sign of its zeros. */
int dropfuse_cuda_drop(int device, void *stream, int dtype, const void *x, void *y,
                       long long first, long long count, long long run, long long cycle,
                       long long repeat, const void *mask, double p, unsigned long long seed,
                       unsigned long long offset, unsigned long long start, double scale)
{
    return dropfuse_cuda_affine(device, stream, dtype, x, y, first, count, run, cycle, repeat, mask,
                                p, seed, offset, start, scale, -0.0, 0);
}
