/*
 * Residual forms: see dropfuse_residual().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dropfuse.h"
#include "launch.h"

/* What is left of the residual where the branch is dropped as a whole. */
static int residual_alone(const struct job *job, CUstream stream)
{
    const CUdeviceptr y = (CUdeviceptr)(uintptr_t)job->y;
    const uint64_t bytes = job->layout.count * job->size;
    if (!job->second)
        return CALL(cuMemsetD8Async, y, 0, bytes, stream);
    if (job->y == job->second)
        return DROPFUSE_OK;
    return CALL(cuMemcpyAsync, y, (CUdeviceptr)(uintptr_t)job->second, bytes, stream);
}

static int residual_form(const struct context *context, const struct job *job,
                         const struct decisions *d, CUstream stream)
{
    if (drops_all(d))
        return residual_alone(job, stream);
    const struct value_params value = value_params(job->scale, 0, 0);
    const struct branch_params branch = {
        .residual = job->second ? element_0(job, job->second) : NULL,
        .vector = job->form & FORM_VECTOR ? job->vector : NULL,
        .length = divisor(job->length),
        .multiply = (job->form & FORM_MULTIPLY) != 0,
        .in_place = job->second == job->y,
    };
    if (by_element(job)) {
        struct element_branch_params params = {.on.value = value, .branch = branch};
        const int kind = d->mask ? KERNEL_RESIDUAL_STORED : KERNEL_RESIDUAL_DRAWN;
        const int width = fill_elements(job, d, &params.on);
        return launch(&context->accesses[kind][job->dtype][width], params.on.chunks, &params,
                      stream);
    }
    struct unit_branch_params params = {.on.value = value, .branch = branch};
    const int width = fill_units(job, d, &params.on);
    return launch(&context->accesses[KERNEL_RESIDUAL_UNITS][job->dtype][width], params.on.chunks,
                  &params, stream);
}

int dropfuse_cuda_residual(int device, void *stream, int dtype, const void *x, int operation,
                           const void *vector, long long length, const void *residual, void *y,
                           long long first, long long count, long long run, long long cycle,
                           long long repeat, const void *mask, double p, unsigned long long seed,
                           unsigned long long offset, unsigned long long start, double scale)
{
    const struct decisions d = {dtype, first, count, run,    cycle, repeat,
                                mask,  p,     seed,  offset, start};
    struct job job = {.x = x,
                      .y = y,
                      .second = residual,
                      .form = (enum form)operation,
                      .vector = vector,
                      .length = (uint64_t)length,
                      .scale = scale};
    int status = launch_begin(&job, &d);
    if (!status && count)
        status = check_pointers("x", x, "y", y, count);
    if (!status)
        status = check_vector(&job, operation, vector, length);
    if (!status && count)
        status = check_overlap(&job);
    if (status || !count)
        return status;
    const struct context *context;
    status = context_enter(device, &context);
    if (status)
        return status;
    return context_leave(residual_form(context, &job, &d, stream));
}
