/*
 * dropfuse_cuda_normal: check, fill in the kernel's parameters, launch.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dropfuse.h"
#include "launch.h"

int dropfuse_cuda_normal(int device, void *stream, int dtype, const void *x, void *y,
                         long long first, long long count, unsigned long long seed,
                         unsigned long long offset, unsigned long long start, int form,
                         double sigma)
{
    const struct decisions d = {.dtype = dtype, .first = first, .count = count, .run = 1,
                                .cycle = 1,     .repeat = 1,    .seed = seed,   .offset = offset,
                                .start = start};
    struct job job = {.x = x, .y = y};
    int status = launch_begin(&job, &d);
    if (!status)
        status = check_noise(form, sigma);
    if (!status && count)
        status = check_pointers("x", x, "y", y, count);
    if (!status && count)
        status = check_overlap(&job);
    if (status || !count)
        return status;
    struct noise_params params = {.sigma64 = sigma,
                                  .sigma32 = (float)sigma,
                                  .multiply = form == DROPFUSE_MULTIPLY};
    struct element_params *e = &params.elements;
    const int width = fill_elements(&job, &d, e);
    const uint64_t chunk =
        width == WIDE ? CUDA_NORMAL_ACCESSES * 32 * (ACCESS / job.size) : NORMAL_TILE;
    e->anchor = e->first - (e->start + e->first) % NORMAL_TILE;
    e->chunks = ceil_div(e->end - e->anchor, chunk);
    const struct context *context;
    status = context_enter(device, &context);
    if (status)
        return status;
    return context_leave(
        launch(&context->accesses[KERNEL_NORMAL][dtype][width], e->chunks, &params, stream));
}
