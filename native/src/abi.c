/*
 * The functions of dropfuse.h: check, prepare, hand on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <math.h>

#include "check.h"
#include "cpu.h"
#include "dropfuse.h"
#include "loop.h"

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

int dropfuse_drop(int tier, int dtype, const void *x, void *y, long long first, long long count,
                  long long run, long long cycle, long long repeat, const void *mask, double p,
                  unsigned long long seed, unsigned long long offset, unsigned long long start,
                  double scale)
{
    static const unsigned char sizes[] = {4, 8, 2, 2};
    int status = DROPFUSE_OK;
    const struct tier *functions = tier_for(tier, &status);
    if (!status)
        status = check_dtype(dtype);
    if (!status)
        status = check_layout(first, count, run, cycle, repeat, start, sizes[dtype]);
    if (!status && !mask)
        status = check_draw(p, offset);
    if (!status && count)
        status = check_pointers(x, y, count);
    if (status || !count)
        return status;

    /* One kind of NaN, whose low bits are 0: narrowing to bfloat16 counts on it. */
    if (isnan(scale))
        scale = NAN;
    const double rounded = dtype == DROPFUSE_FLOAT64 ? scale : (double)(float)scale;
    const uintptr_t before = (uintptr_t)first * sizes[dtype];
    const uint64_t limit = mask ? 1 : threshold(p);
    const struct job job = {
        .source = {functions, (uintptr_t)mask, prepare(limit, seed, offset)},
        .layout = {(uint64_t)first, (uint64_t)count, (uint64_t)run, (uint64_t)cycle,
                   (uint64_t)repeat, start},
        .dtype = dtype,
        .size = sizes[dtype],
        /* Only the range has to be there: element 0 may be no address at all. */
        .x = (const char *)((uintptr_t)x + before),
        .y = (char *)((uintptr_t)y + before),
        .scale = rounded,
        .untouched = x == y && rounded == 1.0,
    };
    status = check_overlap(&job);
    if (status)
        return status;
    if (limit == 0)
        loop_drop_all(&job);
    else if (limit == EVERY_UNIT)
        loop_keep_all(&job);
    else
        loop_drop(&job);
    return DROPFUSE_OK;
}
