/*
 * dropfuse_cuda_product: check, fill in the kernel's parameters, launch.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dropfuse.h"
#include "launch.h"

static int product(const struct context *context, const struct job *job, const struct decisions *d,
                   const struct quotient_params *quotient, CUstream stream)
{
    if (by_element(job)) {
        struct element_product_params params = {.quotient = *quotient};
        const int width = fill_elements(job, d, &params.elements);
        return launch(&context->accesses[KERNEL_PRODUCT_ELEMENTS][job->dtype][width],
                      params.elements.chunks, &params, stream);
    }
    struct unit_product_params params = {.quotient = *quotient};
    const int width = fill_units(job, d, &params.units);
    return launch(&context->accesses[KERNEL_PRODUCT_UNITS][job->dtype][width], params.units.chunks,
                  &params, stream);
}

int dropfuse_cuda_product(int device, void *stream, int dtype, const void *x, void *y,
                          long long first, long long count, long long run, long long cycle,
                          long long repeat, const void *mask, unsigned long long start,
                          double divisor, double factor)
{
    const struct decisions d = {.dtype = dtype, .first = first,   .count = count, .run = run,
                                .cycle = cycle, .repeat = repeat, .mask = mask,   .start = start};
    struct job job = {.x = x, .y = y};
    int status = launch_begin(&job, &d);
    if (!status)
        status = check_stored(mask, count);
    if (!status && count)
        status = check_pointers("x", x, "y", y, count);
    if (!status && count)
        status = check_overlap(&job);
    if (status || !count)
        return status;
    const struct value_params value = value_params(factor, divisor, 0);
    const struct quotient_params quotient = {.divisor64 = value.shift64,
                                             .factor64 = value.factor64,
                                             .divisor32 = value.shift32,
                                             .factor32 = value.factor32};
    const struct context *context;
    status = context_enter(device, &context);
    if (status)
        return status;
    return context_leave(product(context, &job, &d, &quotient, stream));
}
