/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "dropfuse.h"
#include "error.h"

static const unsigned long long OFFSETS = 1ULL << 63;

int check_draw(double p, unsigned long long offset)
{
    if (!(p >= 0 && p <= 1))
        return fail(DROPFUSE_INVALID_ARGUMENT, "p = %.17g is not in [0, 1]", p);
    if (offset >= OFFSETS)
        return fail(DROPFUSE_INVALID_ARGUMENT, "offset = %llu is not in [0, 2^63)", offset);
    return DROPFUSE_OK;
}

static int at_least(const char *name, long long value, long long minimum)
{
    if (value >= minimum)
        return DROPFUSE_OK;
    return fail(DROPFUSE_INVALID_ARGUMENT, "%s = %lld is not in [%lld, 2^63)", name, value,
                minimum);
}

int check_mask(unsigned long long start, long long count, const void *mask)
{
    const int status = at_least("count", count, 0);
    if (status || !count)
        return status;
    if ((unsigned long long)count - 1 > ~0ULL - start)
        return fail(DROPFUSE_INVALID_ARGUMENT,
                    "start = %llu is not in [0, %llu]: no unit after 2^64 - 1 exists, and count "
                    "= %lld",
                    start, ~0ULL - ((unsigned long long)count - 1), count);
    if (!mask)
        return fail(DROPFUSE_INVALID_ARGUMENT, "mask = NULL is allowed only when count = 0, not "
                    "%lld", count);
    return DROPFUSE_OK;
}

int check_dtype(int dtype)
{
    if (dtype < DROPFUSE_FLOAT32 || dtype > DROPFUSE_BFLOAT16)
        return fail(DROPFUSE_INVALID_ARGUMENT, "dtype = %d is not in [0, 3]", dtype);
    return DROPFUSE_OK;
}

int check_layout(long long first, long long count, long long run, long long cycle,
                 long long repeat, unsigned long long start, size_t size)
{
    int status = at_least("first", first, 0);
    if (!status)
        status = at_least("count", count, 0);
    if (!status)
        status = at_least("run", run, 1);
    if (!status)
        status = at_least("cycle", cycle, 1);
    if (!status)
        status = at_least("repeat", repeat, 1);
    if (status)
        return status;

    const long long most = (long long)(PTRDIFF_MAX / size);
    if (first > most || count > most - first)
        return fail(DROPFUSE_INVALID_ARGUMENT,
                    "first + count = %lld + %lld is not in [0, %lld], the elements that memory "
                    "can hold", first, count, most);
    long long block;
    if (__builtin_mul_overflow(run, cycle, &block) ||
        __builtin_mul_overflow(block, repeat, &block))
        return fail(DROPFUSE_INVALID_ARGUMENT,
                    "run * cycle * repeat = %lld * %lld * %lld is not in [1, 2^63)", run, cycle,
                    repeat);
    if (!count)
        return DROPFUSE_OK;

    /* Unsigned, from 0, the units cannot pass the elements: no overflow before the sum. */
    const struct layout layout = {(uint64_t)first, (uint64_t)count, (uint64_t)run,
                                  (uint64_t)cycle, (uint64_t)repeat, 0};
    uint64_t least, greatest;
    layout_units(&layout, &least, &greatest);
    if (greatest > ~0ULL - start)
        return fail(DROPFUSE_INVALID_ARGUMENT,
                    "start = %llu is not in [0, %llu]: no unit after 2^64 - 1 exists", start,
                    (unsigned long long)(~0ULL - greatest));
    return DROPFUSE_OK;
}

static int overlap(uintptr_t a, uint64_t a_bytes, uintptr_t b, uint64_t b_bytes)
{
    return a < b ? b - a < a_bytes : a - b < b_bytes;
}

int check_pointers(const void *x, const void *y, long long count)
{
    if (x && y)
        return DROPFUSE_OK;
    return fail(DROPFUSE_INVALID_ARGUMENT, "%s = NULL is allowed only when count = 0, not %lld",
                x ? "y" : "x", count);
}

int check_overlap(const struct job *job)
{
    const struct layout *l = &job->layout;
    const uint64_t bytes = l->count * job->size;
    const uintptr_t x = (uintptr_t)job->x, y = (uintptr_t)job->y;
    if (x != y && overlap(x, bytes, y, bytes))
        return fail(DROPFUSE_INVALID_ARGUMENT,
                    "y = x %c %llu bytes overlaps x: y must be exactly x, or at least %llu bytes "
                    "away", y < x ? '-' : '+', (unsigned long long)(y < x ? x - y : y - x),
                    (unsigned long long)bytes);
    if (job->source.mask) {
        uint64_t least, greatest;
        layout_units(l, &least, &greatest);
        if (overlap(job->source.mask + least / 8, greatest / 8 - least / 8 + 1, y, bytes))
            return fail(DROPFUSE_INVALID_ARGUMENT,
                        "mask overlaps y: its bytes %llu to %llu must be apart from the output",
                        (unsigned long long)(least / 8), (unsigned long long)(greatest / 8));
    }
    return DROPFUSE_OK;
}
