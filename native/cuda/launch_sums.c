/*
 * Sums over rows: see dropfuse_sum_rows() and dropfuse_sum_tree().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dropfuse.h"
#include "launch.h"
#include "operations.h"

_Static_assert(CUDA_SUM_ROWS == DROPFUSE_SUM_ROWS, "rows that are added one after the other");

/* Where a lane's access of 16 bytes is part of one row. */
static int whole_accesses(const struct job *job)
{
    return ((uintptr_t)job->x | job->length * job->size) % ACCESS == 0;
}

static int sum_stored(const struct context *context, const struct job *job,
                      const struct decisions *d, CUstream stream)
{
    struct job rows = *job;
    rows.y = (char *)(uintptr_t)job->x; /* the sums' own place matters to no access */
    struct sum_params params = {
        .on.value = value_params(job->scale, 0, 0),
        .second = job->second ? element_0(job, job->second) : NULL,
        .length = job->length,
        .rows = job->layout.count / job->length,
    };
    int width = fill_units(&rows, d, &params.on);
    width = whole_accesses(job) ? width : SINGLE;
    params.on.y = job->y;
    params.stripes = ceil_div(job->length, 32 * (width == WIDE ? ACCESS / job->size : 1));
    params.on.chunks = params.stripes * rows_of_sums(job);
    return launch(&context->accesses[KERNEL_SUM_ROWS][job->dtype][width], params.on.chunks,
                  &params, stream);
}

/* From a multiple of a window on, so that each window is drawn once. */
static int sum_drawn(const struct context *context, const struct job *job,
                     const struct decisions *d, CUstream stream)
{
    uint64_t least, greatest;
    layout_units(&job->layout, &least, &greatest);
    least -= least % CUDA_WINDOW;
    const struct draw_params draw = draw_params(d->p, d->seed, d->offset);
    CUdeviceptr mask = 0;
    int status = CALL(cuMemAllocAsync, &mask, (greatest - least) / 8 + 1, stream);
    if (status)
        return status;
    struct decisions drawn = *d;
    drawn.mask = (const void *)(uintptr_t)mask;
    struct job stored = *job;
    stored.layout.start -= least;
    status = launch_mask(context, &draw, least, greatest - least + 1, (void *)(uintptr_t)mask,
                         stream);
    if (!status)
        status = sum_stored(context, &stored, &drawn, stream);
    const int freed = CALL(cuMemFreeAsync, mask, stream);
    return status ? status : freed;
}

static int sum_rows(const struct context *context, const struct job *job,
                    const struct decisions *d, CUstream stream)
{
    if (drops_all(d))
        return CALL(cuMemsetD8Async, (CUdeviceptr)(uintptr_t)job->y, 0,
                    rows_of_sums(job) * job->length * total_size(job->dtype), stream);
    return d->mask ? sum_stored(context, job, d, stream) : sum_drawn(context, job, d, stream);
}

int dropfuse_cuda_sum_rows(int device, void *stream, int dtype, const void *dy, const void *x,
                           void *sums, long long first, long long count, long long length,
                           long long run, long long cycle, long long repeat, const void *mask,
                           double p, unsigned long long seed, unsigned long long offset,
                           unsigned long long start, double scale)
{
    const struct decisions d = {dtype, first, count, run,    cycle, repeat,
                                mask,  p,     seed,  offset, start};
    struct job job = {.x = dy, .second = x, .scale = scale};
    int status = launch_begin(&job, &d);
    if (!status)
        status = check_rows(&job, length, scale);
    if (!status && count)
        status = check_pointers("dy", dy, "sums", sums, count);
    if (status || !count)
        return status;
    const uint64_t row = job.length * total_size(dtype);
    job.y = (char *)((uintptr_t)sums + job.layout.first / job.length / DROPFUSE_SUM_ROWS * row);
    status = check_row_memory(&job);
    if (status)
        return status;
    const struct context *context;
    status = context_enter(device, &context);
    if (status)
        return status;
    return context_leave(sum_rows(context, &job, &d, stream));
}

static int sum_levels(const struct kernel *kernel, struct tree_params *params, uint64_t blocks,
                      char *y, CUstream stream)
{
    int status;
    params->step = 1;
    do {
        const uint64_t groups = ceil_div(blocks, CUDA_SUM_LEAVES);
        params->rows = blocks;
        params->y = groups == 1 ? y : NULL;
        params->chunks = groups * params->stripes;
        status = launch(kernel, params->chunks, params, stream);
        params->step *= CUDA_SUM_LEAVES;
        blocks = groups;
    } while (!status && !params->y);
    return status;
}

int dropfuse_cuda_sum_tree(int device, void *stream, int dtype, void *sums, long long blocks,
                           long long length, void *y)
{
    int status = check_dtype(dtype);
    if (!status)
        status = check_sums(dtype, sums, blocks, length, y);
    if (status)
        return status;
    const struct context *context;
    status = context_enter(device, &context);
    if (status)
        return status;
    if (!blocks)
        return context_leave(CALL(cuMemsetD8Async, (CUdeviceptr)(uintptr_t)y, 0,
                                  (size_t)length * element_size(dtype), stream));
    struct tree_params params = {
        .sums = sums, .length = (uint64_t)length, .stripes = ceil_div((uint64_t)length, 32)};
    return context_leave(sum_levels(&context->types[KERNEL_SUM_TREE][dtype], &params,
                                    (uint64_t)blocks, y, stream));
}
