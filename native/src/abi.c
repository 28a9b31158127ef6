/*
 * The functions of dropfuse.h: check, prepare, hand on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "check.h"
#include "cpu.h"
#include "dropfuse.h"
#include "operations.h"

static const uint64_t EVERY_UNIT = UINT64_C(1) << 40;

/* rint((1 - p) * 2^40): adding 2^52 rounds to an integer, to even in a tie. */
static uint64_t threshold(double p)
{
    const double exact = (1.0 - p) * 0x1p40;
    return (uint64_t)((exact + 0x1p52) - 0x1p52);
}

static struct draw prepare(uint64_t threshold, uint64_t seed, uint64_t offset)
{
    return (struct draw){
        .key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
        .offset = {(uint32_t)offset, (uint32_t)(offset >> 32)},
        .hi = (uint32_t)(threshold >> 32),
        .lo = (uint32_t)threshold,
    };
}

int dropfuse_abi_version(void)
{
    return DROPFUSE_ABI_VERSION;
}

int dropfuse_mask(int tier, double p, unsigned long long seed, unsigned long long offset,
                  unsigned long long start, long long count, void *mask)
{
    int status = DROPFUSE_OK;
    const struct tier *functions = tier_for(tier, &status);
    if (!status)
        status = check_draw(p, offset);
    if (!status)
        status = check_mask(start, count, mask);
    if (status || !count)
        return status;

    const uint64_t limit = threshold(p);
    if (limit == 0 || limit == EVERY_UNIT) {
        loop_mask_all(limit != 0, (uint64_t)count, mask);
        return DROPFUSE_OK;
    }
    const struct source source = {functions, 0, prepare(limit, seed, offset)};
    loop_mask(&source, start, (uint64_t)count, mask);
    return DROPFUSE_OK;
}

/* What every function that decides on elements is given. */
struct decisions {
    int tier, dtype;
    long long first, count, run, cycle, repeat;
    const void *mask;
    double p;
    unsigned long long seed, offset, start;
};

/* Only the range has to be there: element 0 may be no address at all. */
static const char *range(const struct job *job, const void *element0)
{
    return (const char *)((uintptr_t)element0 + (uintptr_t)(job->layout.first * job->size));
}

static int begin(struct job *job, const struct decisions *d)
{
    int status = DROPFUSE_OK;
    const struct tier *functions = tier_for(d->tier, &status);
    if (!status)
        status = check_dtype(d->dtype);
    if (!status)
        status = check_layout(d->first, d->count, d->run, d->cycle, d->repeat, d->start,
                              element_size(d->dtype));
    if (!status && !d->mask)
        status = check_draw(d->p, d->offset);
    if (status)
        return status;
    job->source = (struct source){
        functions, (uintptr_t)d->mask, prepare(d->mask ? 1 : threshold(d->p), d->seed, d->offset)};
    job->layout = (struct layout){(uint64_t)d->first,  (uint64_t)d->count, (uint64_t)d->run,
                                  (uint64_t)d->cycle, (uint64_t)d->repeat, d->start};
    job->dtype = d->dtype;
    job->size = element_size(d->dtype);
    job->x = range(job, job->x);
    job->y = (char *)(uintptr_t)range(job, job->y);
    job->second = job->second ? range(job, job->second) : NULL;
    return DROPFUSE_OK;
}

static int run_job(const struct job *job, const struct decisions *d)
{
    const uint64_t limit = d->mask ? 1 : threshold(d->p);
    if (limit == 0 || limit == EVERY_UNIT)
        loop_all(job, limit != 0);
    else
        loop_units(job);
    return DROPFUSE_OK;
}

int dropfuse_drop(int tier, int dtype, const void *x, void *y, long long first, long long count,
                  long long run, long long cycle, long long repeat, const void *mask, double p,
                  unsigned long long seed, unsigned long long offset, unsigned long long start,
                  double scale)
{
    const struct decisions d = {tier, dtype, first, count,  run,   cycle, repeat,
                                mask, p,     seed,  offset, start};
    struct job job = {.operation = &operation_drop, .x = x, .y = y, .in_place = x == y};
    int status = begin(&job, &d);
    if (!status && count)
        status = check_pointers("x", x, "y", y, count);
    if (!status && count)
        status = check_overlap(&job);
    if (status || !count)
        return status;
    job.scale = constant(dtype, scale);
    return run_job(&job, &d);
}

int dropfuse_affine(int tier, int dtype, const void *x, void *y, long long first, long long count,
                    long long run, long long cycle, long long repeat, const void *mask, double p,
                    unsigned long long seed, unsigned long long offset, unsigned long long start,
                    double scale, double shift, double dropped)
{
    const struct decisions d = {tier, dtype, first, count,  run,   cycle, repeat,
                                mask, p,     seed,  offset, start};
    struct job job = {.operation = &operation_affine, .x = x, .y = y, .in_place = x == y};
    int status = begin(&job, &d);
    if (!status && count)
        status = check_pointers("x", x, "y", y, count);
    if (!status && count)
        status = check_overlap(&job);
    if (status || !count)
        return status;
    job.scale = constant(dtype, scale);
    job.shift = constant(dtype, shift);
    job.dropped = constant(dtype, dropped);
    return run_job(&job, &d);
}

int dropfuse_residual(int tier, int dtype, const void *x, int operation, const void *vector,
                      long long length, const void *residual, void *y, long long first,
                      long long count, long long run, long long cycle, long long repeat,
                      const void *mask, double p, unsigned long long seed,
                      unsigned long long offset, unsigned long long start, double scale)
{
    const struct decisions d = {tier, dtype, first, count,  run,   cycle, repeat,
                                mask, p,     seed,  offset, start};
    struct job job = {.operation = &operation_branch,
                      .x = x,
                      .y = y,
                      .in_place = x == y || residual == y,
                      .second = residual,
                      .form = (enum form)operation | (residual ? FORM_RESIDUAL : 0)};
    int status = begin(&job, &d);
    if (!status && count)
        status = check_pointers("x", x, "y", y, count);
    if (!status)
        status = check_vector(&job, operation, vector, length);
    if (!status && count)
        status = check_overlap(&job);
    if (status || !count)
        return status;
    job.scale = constant(dtype, scale);
    job.vector = vector;
    job.length = (uint64_t)length;
    struct repeated memory;
    repeat_vector(&job, &memory);
    return run_job(&job, &d);
}

int dropfuse_sum_rows(int tier, int dtype, const void *dy, const void *x, void *sums,
                      long long first, long long count, long long length, long long run,
                      long long cycle, long long repeat, const void *mask, double p,
                      unsigned long long seed, unsigned long long offset,
                      unsigned long long start, double scale)
{
    const struct decisions d = {tier, dtype, first, count,  run,   cycle, repeat,
                                mask, p,     seed,  offset, start};
    struct job job = {.operation = &operation_sum, .x = dy, .in_place = 1, .second = x};
    int status = begin(&job, &d);
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
    job.scale = constant(dtype, scale);
    memset(job.y, 0, rows_of_sums(&job) * row);
    return run_job(&job, &d);
}

int dropfuse_sum_tree(int tier, int dtype, void *sums, long long blocks, long long length,
                      void *y)
{
    int status = DROPFUSE_OK;
    const struct tier *functions = tier_for(tier, &status);
    if (!status)
        status = check_dtype(dtype);
    if (!status)
        status = check_sums(dtype, sums, blocks, length, y);
    if (status)
        return status;
    sum_tree(functions, dtype, sums, (uint64_t)blocks, (uint64_t)length, y);
    return DROPFUSE_OK;
}
