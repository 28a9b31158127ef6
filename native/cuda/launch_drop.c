/*
 * Masks, and kept and dropped values: check, choose a kernel, fill in its parameters, launch. Nothing
 * is allocated, and nothing waited for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <math.h>

#include "dropfuse.h"
#include "launch.h"

int launch_mask(const struct context *context, const struct draw_params *draw, uint64_t start,
                uint64_t count, void *mask, CUstream stream)
{
    /* Whole bytes from a multiple of 8 on are within one window each. */
    const uint64_t ahead = start % 8 ? 0 : start % CUDA_WINDOW;
    struct mask_params params = {
        .draw = *draw,
        .start = start,
        .count = count,
        .anchor = start - ahead,
        .chunks = ceil_div(count + ahead, CUDA_WINDOW),
        .mask = mask,
    };
    return launch(&context->mask, params.chunks, &params, stream);
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
    const struct draw_params draw = draw_params(p, seed, offset);
    const struct context *context;
    status = context_enter(device, &context);
    if (status)
        return status;
    return context_leave(launch_mask(context, &draw, start, (uint64_t)count, mask, stream));
}

static int drop(const struct context *context, const struct job *job, const struct decisions *d,
                const struct value_params *value, CUstream stream)
{
    const int to_zero = value->dropped64 == 0 && !signbit(value->dropped64);
    if (drops_all(d) && to_zero)
        return CALL(cuMemsetD8Async, (CUdeviceptr)(uintptr_t)job->y, 0,
                    job->layout.count * job->size, stream);
    if (by_element(job)) {
        struct element_params params = {.value = *value};
        const int kind = d->mask ? KERNEL_ELEMENTS_STORED : KERNEL_ELEMENTS_DRAWN;
        const int width = fill_elements(job, d, &params);
        return launch(&context->accesses[kind][job->dtype][width], params.chunks, &params, stream);
    }
    struct unit_params params = {.value = *value};
    const int kind = d->mask ? KERNEL_UNITS_STORED : KERNEL_UNITS_DRAWN;
    const int width = fill_units(job, d, &params);
    return launch(&context->accesses[kind][job->dtype][width], params.chunks, &params, stream);
}

int dropfuse_cuda_affine(int device, void *stream, int dtype, const void *x, void *y,
                         long long first, long long count, long long run, long long cycle,
                         long long repeat, const void *mask, double p, unsigned long long seed,
                         unsigned long long offset, unsigned long long start, double scale,
                         double shift, double dropped)
{
    const struct decisions d = {dtype, first, count, run,    cycle, repeat,
                                mask,  p,     seed,  offset, start};
    struct job job = {.x = x, .y = y};
    int status = launch_begin(&job, &d);
    if (!status && count)
        status = check_pointers("x", x, "y", y, count);
    if (!status && count)
        status = check_overlap(&job);
    if (status || !count)
        return status;
    const struct value_params value = value_params(scale, shift, dropped);
    const struct context *context;
    status = context_enter(device, &context);
    if (status)
        return status;
    return context_leave(drop(context, &job, &d, &value, stream));
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
