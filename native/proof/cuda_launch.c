/*
 * run.c and fill.c of the CUDA side, for ranges as check_layout.c has them accepted and all addresses: one
 * thing is asked of the device, but for elements that are to stay as they are. If it is a kernel, there is
 * such a one; it is handed at least one chunk; its chunks hold all elements, and none of them is empty;
 * those that are drawn begin where a draw does; and accesses of 16 bytes are aligned. Memory that is set or
 * copied is at least a byte and less than 2^63 of them. And launch() by itself: a grid has at least one
 * block, and no more than the device holds.
 *
 * That a layout's divisors are not 0 is check_layout.c's.
 *
 * prove: calls=launch:launched calls=divisor:any_divisor calls=draw_params:any_draw --unwind 4 -DKIND=JOB_MASK -DDTYPE=DROPFUSE_FLOAT32
 * prove: calls=launch:launched calls=divisor:any_divisor calls=draw_params:any_draw --unwind 4 -DKIND=JOB_DROP -DDTYPE=DROPFUSE_FLOAT16
 * prove: calls=launch:launched calls=divisor:any_divisor calls=draw_params:any_draw --unwind 4 -DKIND=JOB_DROP -DDTYPE=DROPFUSE_FLOAT64
 * prove: calls=launch:launched calls=divisor:any_divisor calls=draw_params:any_draw --unwind 4 -DKIND=JOB_RESIDUAL -DDTYPE=DROPFUSE_FLOAT16
 * prove: calls=launch:launched calls=divisor:any_divisor calls=draw_params:any_draw --unwind 4 -DKIND=JOB_NORMAL -DDTYPE=DROPFUSE_FLOAT16
 * prove: --unwind 4 -DKIND=JOB_KINDS -DDTYPE=DROPFUSE_FLOAT32
 * SPDX-License-Identifier: Apache-2.0
 */
#include "layout.h"

#include "../src/job.c"

#include "../cuda/fill.c"
#include "../cuda/run.c"

struct driver driver;
static struct job job;
static uint64_t asked;

int driver_status(const char *function, CUresult result)
{
    (void)function;
    (void)result;
    return DROPFUSE_OK;
}

int context_enter(int device, const struct context **context)
{
    (void)device;
    (void)context;
    return DROPFUSE_OK;
}

int context_leave(int status)
{
    return status;
}

static CUresult kernel_launch(CUfunction function, unsigned x, unsigned y, unsigned z, unsigned bx,
                              unsigned by, unsigned bz, unsigned shared, CUstream stream,
                              void **params, void **extra)
{
    PROVE(x >= 1 && x <= (uint64_t)(uintptr_t)stream && y == 1 && z == 1);
    PROVE(bx == CUDA_BLOCK && by == 1 && bz == 1);
    asked++;
    return CUDA_SUCCESS;
}

static CUresult set(CUdeviceptr memory, unsigned char value, size_t bytes, CUstream stream)
{
    PROVE(bytes >= 1 && bytes <= INT64_MAX);
    asked++;
    return CUDA_SUCCESS;
}

static CUresult copy_memory(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream)
{
    PROVE(bytes >= 1 && bytes <= INT64_MAX);
    asked++;
    return CUDA_SUCCESS;
}

struct divisor any_divisor(uint64_t d)
{
    return (struct divisor){d, 0, 0};
}

struct draw_params any_draw(const struct decisions *from)
{
    return (struct draw_params){.hi = (uint32_t)from->threshold};
}

/* All elements are in the chunks, and some in the first and the last of them. */
static void prove_chunks(const struct range_params *p, uint64_t chunk, uint64_t chunks)
{
    const uint64_t all = p->end - p->anchor;
    PROVE(chunks == p->chunks);
    PROVE(p->end - p->first == job.layout.count && p->first - p->anchor < chunk);
    PROVE(chunks <= all / chunk + 1 && (chunks - 1) * chunk < all && all - (chunks - 1) * chunk <= chunk);
}

/* Chunks begin where a draw of so many units does. */
static void prove_draws(const struct range_params *p, uint64_t units)
{
    PROVE(p->mask || (p->start + p->anchor) % units == 0);
}

/* Wide accesses are aligned. */
static void prove_aligned(const struct range_params *p, int width)
{
    const uint64_t at = p->anchor * job.size;
    PROVE(width == SINGLE || ((uint64_t)p->x + at) % ACCESS == 0);
    PROVE(width == SINGLE || ((uint64_t)p->y + at) % ACCESS == 0);
}

int launched(const struct queue *queue, enum kernel_kind kind, int type, int width, uint64_t chunks,
             void *params)
{
    const uint64_t lane = width ? 1 : ACCESS / element_size(DTYPE);
    PROVE((int)kind >= 0 && kind < KERNEL_KINDS && type >= 0 && type < TYPES);
    PROVE(width >= 0 && width < WIDTHS);
    PROVE(chunks >= 1);
    asked++;
    switch ((int)kind) {
    case KERNEL_MASK: {
        const struct mask_params *p = params;
        PROVE(p->start - p->anchor < CUDA_WINDOW && chunks == p->chunks);
        const uint64_t all = p->count + (p->start - p->anchor);
        PROVE(chunks <= all / CUDA_WINDOW + 1);
        PROVE((chunks - 1) * CUDA_WINDOW < all && all - (chunks - 1) * CUDA_WINDOW <= CUDA_WINDOW);
        break;
    }
    case KERNEL_MASK_UNITS:
        prove_chunks(params, 32 * 8 * CUDA_REQUESTS, chunks);
        break;
    case KERNEL_NORMAL_UNITS:
        PROVE(chunks <= job.layout.count / 32 + 1 && (chunks - 1) * 32 < job.layout.count);
        PROVE(job.layout.count - (chunks - 1) * 32 <= 32);
        break;
    case KERNEL_NORMAL:
        prove_chunks(params, width ? NORMAL_TILE : CUDA_NORMAL_ACCESSES * 32 * lane, chunks);
        prove_draws(params, NORMAL_TILE);
        prove_aligned(params, width);
        break;
    case KERNEL_UNITS_DRAWN:
    case KERNEL_UNITS_STORED:
    case KERNEL_RESIDUAL_UNITS:
        prove_chunks(params, 32 * lane * CUDA_REQUESTS, chunks);
        prove_aligned(params, width);
        break;
    default:
        prove_chunks(params, lane == 8 ? CUDA_WIDEST_WINDOWS * CUDA_WINDOW : CUDA_WINDOW, chunks);
        prove_draws(params, CUDA_WINDOW);
        prove_aligned(params, width);
        break;
    }
    return DROPFUSE_OK;
}

/* launch() itself: what the stream is stands for what the device holds. */
static void alone(void)
{
    const uint64_t chunks = nondet_uint64();
    static struct context context;
    struct kernel *kernel = &context.kernels[0][0][0];
    kernel->blocks = (unsigned)nondet_int();
    ASSUME(kernel->blocks >= 1 && chunks >= 1);
    const struct queue queue = {&context, (CUstream)(uintptr_t)kernel->blocks};
    launch(&queue, KERNEL_MASK, 0, 0, chunks, NULL);
    PROVE(asked == 1);
}

int main(void)
{
    driver.cuLaunchKernel = kernel_launch;
    driver.cuMemsetD8Async = set;
    driver.cuMemcpyAsync = copy_memory;
    if (KIND == JOB_KINDS) {
        alone();
        return 0;
    }
    job = any_job((enum kind)KIND);
    job.dtype = DTYPE;
    job.size = KIND == JOB_MASK ? 0 : DTYPE == DROPFUSE_FLOAT64 ? 8 : DTYPE == DROPFUSE_FLOAT32 ? 4 : 2;
    ASSUME(is_range(&job.layout, job.size) && job.layout.count);
    ASSUME(KIND != JOB_NORMAL || !job.decisions.mask); /* as front.c has it */
    cuda_run(0, NULL, &job);
    PROVE(asked == 1 || (KIND == JOB_RESIDUAL && job.second == job.y));
}
