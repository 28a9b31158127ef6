/*
 * What is asked of a device for a job: for each kind a kernel, and what it is handed. Nothing is
 * waited for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <math.h>

#include "context.h"
#include "dropfuse.h"
#include "fill.h"
#include "normal_draw.h"

enum { WARPS = CUDA_BLOCK / 32 };

_Static_assert(CUDA_SUM_ROWS == DROPFUSE_SUM_ROWS, "rows that are added one after the other");

/** Where work is asked for. */
struct queue {
    const struct context *context;
    CUstream stream;
};

/* As many warps as there are chunks, or as the device holds. */
static int launch(const struct queue *queue, enum kernel_kind kind, int type, int width,
                  uint64_t chunks, void *params)
{
    const struct kernel *kernel = &queue->context->kernels[kind][type][width];
    const uint64_t blocks = ceil_div(chunks, WARPS);
    const unsigned grid = blocks < kernel->blocks ? (unsigned)blocks : kernel->blocks;
    void *arguments[] = {params};
    return CALL(cuLaunchKernel, kernel->function, grid, 1, 1, CUDA_BLOCK, 1, 1, 0, queue->stream,
                arguments, NULL);
}

static int set_zero(const struct queue *queue, void *memory, uint64_t bytes)
{
    return CALL(cuMemsetD8Async, (CUdeviceptr)(uintptr_t)memory, 0, bytes, queue->stream);
}

/* Whether all is dropped without a draw. */
static int drops_all(const struct job *job)
{
    return !job->decisions.mask && !job->decisions.threshold;
}

static int mask_of_units(const struct queue *queue, const struct job *job)
{
    const uint64_t start = job->layout.start + job->layout.first, count = job->layout.count;
    /* Whole bytes from a multiple of 8 on are within one window each. */
    const uint64_t ahead = start % 8 ? 0 : start % CUDA_WINDOW;
    struct mask_params params = {
        .draw = draw_params(&job->decisions),
        .start = start,
        .count = count,
        .anchor = start - ahead,
        .chunks = ceil_div(count + ahead, CUDA_WINDOW),
        .mask = (unsigned char *)job->y,
    };
    return launch(queue, KERNEL_MASK, 0, 0, params.chunks, &params);
}

static int mask(const struct queue *queue, const struct job *job)
{
    if (by_element(&job->layout) && !job->decisions.mask)
        return mask_of_units(queue, job);
    struct range_params params = range_params(job);
    params.y = (char *)((uintptr_t)job->y - params.first / 8);
    params.anchor = params.first;
    params.chunks = ceil_div(job->layout.count, 32 * 8 * CUDA_REQUESTS);
    return launch(queue, KERNEL_MASK_UNITS, 0, 0, params.chunks, &params);
}

static int drop(const struct queue *queue, const struct job *job)
{
    if (drops_all(job) && job->dropped == 0 && !signbit(job->dropped))
        return set_zero(queue, job->y, job->layout.count * job->size);
    struct range_params params;
    const int width = fill_range(job, &params), stored = job->decisions.mask != 0;
    const enum kernel_kind kind =
        by_element(&job->layout) ? stored ? KERNEL_ELEMENTS_STORED : KERNEL_ELEMENTS_DRAWN
                                 : stored ? KERNEL_UNITS_STORED : KERNEL_UNITS_DRAWN;
    return launch(queue, kind, job->dtype, width, params.chunks, &params);
}

/* An input itself, or +0 where it is NULL. */
static int copy(const struct queue *queue, const struct job *job, const char *input)
{
    const uint64_t bytes = job->layout.count * job->size;
    if (!input)
        return set_zero(queue, job->y, bytes);
    if (job->y == input)
        return DROPFUSE_OK;
    return CALL(cuMemcpyAsync, (CUdeviceptr)(uintptr_t)job->y, (CUdeviceptr)(uintptr_t)input,
                bytes, queue->stream);
}

/* With a kernel for each way to decide. */
static int beside_second(const struct queue *queue, const struct job *job,
                         enum kernel_kind drawn, enum kernel_kind stored, enum kernel_kind units)
{
    if (drops_all(job))
        return copy(queue, job, job->second);
    struct residual_params params = {
        .branch = {.residual = job->second ? element_0(job, job->second) : NULL,
                   .vector = job->form & FORM_VECTOR ? job->vector : NULL,
                   .length = divisor(job->form & FORM_VECTOR ? job->length : 1),
                   .multiply = (job->form & FORM_MULTIPLY) != 0,
                   .in_place = job->second == job->y,
                   .rest = (job->form & FORM_REST) != 0},
    };
    const int width = fill_range(job, &params.on);
    const enum kernel_kind kind = !by_element(&job->layout) ? units
                                  : job->decisions.mask     ? stored
                                                            : drawn;
    return launch(queue, kind, job->dtype, width, params.on.chunks, &params);
}

static int residual(const struct queue *queue, const struct job *job)
{
    return beside_second(queue, job, KERNEL_RESIDUAL_DRAWN, KERNEL_RESIDUAL_STORED,
                         KERNEL_RESIDUAL_UNITS);
}

/* An expectation's layout is one long unit, which is kept. */
static int zoneout(const struct queue *queue, const struct job *job)
{
    if (job->form & FORM_BLEND)
        return beside_second(queue, job, KERNEL_BLEND, KERNEL_BLEND, KERNEL_BLEND);
    if (job->decisions.threshold == EVERY_UNIT)
        return copy(queue, job, job->form & FORM_REST ? NULL : job->x);
    return beside_second(queue, job, KERNEL_ZONEOUT_DRAWN, KERNEL_ZONEOUT_STORED,
                         KERNEL_ZONEOUT_UNITS);
}

static int product(const struct queue *queue, const struct job *job)
{
    struct range_params params;
    const int width = fill_range(job, &params);
    const enum kernel_kind kind =
        by_element(&job->layout) ? KERNEL_PRODUCT_ELEMENTS : KERNEL_PRODUCT_UNITS;
    return launch(queue, kind, job->dtype, width, params.chunks, &params);
}

static int normal(const struct queue *queue, const struct job *job)
{
    struct noise_params params = {.multiply = (job->form & FORM_MULTIPLY) != 0};
    struct range_params *on = &params.on;
    const int width = fill_range(job, on);
    if (!by_element(&job->layout)) {
        on->chunks = ceil_div(job->layout.count, 32);
        return launch(queue, KERNEL_NORMAL_UNITS, job->dtype, 0, on->chunks, &params);
    }
    const uint64_t chunk =
        width == WIDE ? CUDA_NORMAL_ACCESSES * 32 * (ACCESS / job->size) : NORMAL_TILE;
    on->anchor = on->first - (on->start + on->first) % NORMAL_TILE;
    on->chunks = ceil_div(on->end - on->anchor, chunk);
    return launch(queue, KERNEL_NORMAL, job->dtype, width, on->chunks, &params);
}

static int sum_stored(const struct queue *queue, const struct job *job)
{
    const uint64_t places =
        (uintptr_t)job->x | (uintptr_t)job->second | job->length * job->size;
    const int width = places % ACCESS == 0 ? WIDE : SINGLE;
    struct sum_params params = {
        .on = range_params(job),
        .second = job->second ? element_0(job, job->second) : NULL,
        .length = job->length,
        .rows = job->layout.count / job->length,
        .stripes = ceil_div(job->length, 32 * (width == WIDE ? ACCESS / job->size : 1)),
    };
    params.on.x = element_0(job, job->x);
    params.on.y = job->y;
    params.on.value = value_params(job->scale, 0, 0);
    params.on.chunks = params.stripes * rows_of_sums(job);
    return launch(queue, KERNEL_SUM_ROWS, job->dtype, width, params.on.chunks, &params);
}

/*
 * Decisions that are drawn before they are used. Those of all units from a multiple of a window on,
 * so that each window is drawn once; or where a box has more units beside it, those of its elements.
 */
static int sum_drawn(const struct queue *queue, const struct job *job)
{
    uint64_t least, greatest;
    layout_units(&job->layout, &least, &greatest);
    least -= least % CUDA_WINDOW;
    struct job drawn = *job, stored = *job;
    if (greatest - least <= CUDA_WINDOW + job->layout.count) {
        drawn.layout = (struct layout){0, greatest - least + 1, 1, 1, 1, 1, least};
        stored.layout.start -= least;
    } else {
        stored.layout = (struct layout){job->layout.first, job->layout.count, 1, 1, 1, 1,
                                        -job->layout.first};
    }
    CUdeviceptr memory = 0;
    int status = CALL(cuMemAllocAsync, &memory, ceil_div(drawn.layout.count, 8), queue->stream);
    if (status)
        return status;
    drawn.y = (char *)(uintptr_t)memory;
    stored.decisions.mask = (uintptr_t)memory;
    status = mask(queue, &drawn);
    if (!status)
        status = sum_stored(queue, &stored);
    const int freed = CALL(cuMemFreeAsync, memory, queue->stream);
    return status ? status : freed;
}

static int sum_rows(const struct queue *queue, const struct job *job)
{
    if (drops_all(job))
        return set_zero(queue, job->y, rows_of_sums(job) * job->length * total_size(job->dtype));
    return job->decisions.mask ? sum_stored(queue, job) : sum_drawn(queue, job);
}

static int sum_tree(const struct queue *queue, const struct job *job)
{
    uint64_t rows = job->sum_blocks;
    if (!rows)
        return set_zero(queue, job->y, job->length * job->size);
    struct tree_params params = {.sums = (char *)(uintptr_t)job->x,
                                 .length = job->length,
                                 .step = 1,
                                 .stripes = ceil_div(job->length, 32)};
    int status;
    do {
        const uint64_t groups = ceil_div(rows, CUDA_SUM_LEAVES);
        params.rows = rows;
        params.y = groups == 1 ? job->y : NULL;
        params.chunks = groups * params.stripes;
        status = launch(queue, KERNEL_SUM_TREE, job->dtype, 0, params.chunks, &params);
        params.step *= CUDA_SUM_LEAVES;
        rows = groups;
    } while (!status && !params.y);
    return status;
}

static int rows(const struct queue *queue, const struct job *job)
{
    const uint64_t bytes = job->length * job->size;
    const int width = (bytes | (uintptr_t)job->x | (uintptr_t)job->y) % ACCESS ? SINGLE : WIDE;
    const uint64_t of_row = width == WIDE ? bytes / ACCESS : job->length;
    const int operation = job->operation;
    const int copies =
        operation == DROPFUSE_SCATTER || (operation == DROPFUSE_GATHER && job->scale == 1);
    struct rows_params params = {
        .x = job->x,
        .y = job->y,
        .indices = job->rows.indices,
        .accesses = job->rows.count * of_row,
        .chunks = ceil_div(job->rows.count * of_row, 32 * CUDA_REQUESTS),
        .row = divisor(of_row),
        .gathers = operation == DROPFUSE_GATHER,
        .operation = operation == DROPFUSE_SCATTER_ADD ? CUDA_ROWS_ADDED
                     : copies                          ? CUDA_ROWS_COPIED
                                                       : CUDA_ROWS_SCALED,
        .value = value_params(job->scale, -0.0, 0),
        .branch = {.residual = job->y, .length = divisor(1)},
    };
    return launch(queue, KERNEL_ROWS, job->dtype, width, params.chunks, &params);
}

static int blocks(const struct queue *queue, const struct job *job)
{
    const struct images *images = &job->images;
    const uint64_t *extents = images->extents;
    const uint64_t of_image = extents[0] * extents[1] * extents[2];
    struct block_params params = {
        .centres = images->centres,
        .mask = (unsigned char *)job->y,
        .first = images->first * of_image,
        .bits = images->count * of_image,
        .depth = divisor(extents[0]),
        .height = divisor(extents[1]),
        .width = divisor(extents[2]),
    };
    for (int i = 0; i < 3; i++) {
        const uint64_t side = images->sides[i];
        params.axes[i] = images->valid
                             ? (struct block_axis){extents[i] - side + 1, side - 1, 0}
                             : (struct block_axis){extents[i], side / 2, (side - 1) / 2};
    }
    return launch(queue, KERNEL_BLOCKS, 0, 0, ceil_div(params.bits, 32 * 32), &params);
}

int cuda_run(int device, void *stream, const struct job *job)
{
    /* No device draws a sequence, as the front says. */
    static int (*const functions[JOB_KINDS])(const struct queue *, const struct job *) = {
        [JOB_MASK] = mask,         [JOB_DROP] = drop,         [JOB_RESIDUAL] = residual,
        [JOB_SUM_ROWS] = sum_rows, [JOB_SUM_TREE] = sum_tree, [JOB_PRODUCT] = product,
        [JOB_NORMAL] = normal,     [JOB_ROWS] = rows,         [JOB_BLOCKS] = blocks,
        [JOB_ZONEOUT] = zoneout,
    };
    struct queue queue = {.stream = stream};
    const int status = context_enter(device, &queue.context);
    return status ? status : context_leave(functions[job->kind](&queue, job));
}

int cuda_check(int device)
{
    const struct context *context;
    const int status = context_enter(device, &context);
    return status ? status : context_leave(DROPFUSE_OK);
}
