/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <math.h>

#include "dropfuse.h"
#include "error.h"
#include "operations.h"

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
    return check_stored(mask, count);
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

int check_apart(const char *name, const void *from, uint64_t bytes, const char *out_name,
                const void *out, uint64_t out_bytes)
{
    if (!overlap((uintptr_t)from, bytes, (uintptr_t)out, out_bytes))
        return DROPFUSE_OK;
    return fail(DROPFUSE_INVALID_ARGUMENT,
                "%s overlaps %s: its %llu bytes must be apart from the output", name, out_name,
                (unsigned long long)bytes);
}

static int check_mask_apart(const struct job *job, const char *out_name, const void *out,
                            uint64_t out_bytes)
{
    if (!job->source.mask)
        return DROPFUSE_OK;
    uint64_t least, greatest;
    layout_units(&job->layout, &least, &greatest);
    if (overlap(job->source.mask + least / 8, greatest / 8 - least / 8 + 1,
                (uintptr_t)out, out_bytes))
        return fail(DROPFUSE_INVALID_ARGUMENT,
                    "mask overlaps %s: its bytes %llu to %llu must be apart from the output",
                    out_name, (unsigned long long)(least / 8),
                    (unsigned long long)(greatest / 8));
    return DROPFUSE_OK;
}

/* One input of a job against its output: the same elements, or none of them. */
static int check_input(const struct job *job, const char *name, const char *input)
{
    const uint64_t bytes = job->layout.count * job->size;
    const uintptr_t x = (uintptr_t)input, y = (uintptr_t)job->y;
    if (x == y || !overlap(x, bytes, y, bytes))
        return DROPFUSE_OK;
    return fail(DROPFUSE_INVALID_ARGUMENT,
                "y = %s %c %llu bytes overlaps %s: y must be exactly %s, or at least %llu bytes "
                "away", name, y < x ? '-' : '+', (unsigned long long)(y < x ? x - y : y - x),
                name, name, (unsigned long long)bytes);
}

int check_pointers(const char *x_name, const void *x, const char *y_name, const void *y,
                   long long count)
{
    if (x && y)
        return DROPFUSE_OK;
    return fail(DROPFUSE_INVALID_ARGUMENT, "%s = NULL is allowed only when count = 0, not %lld",
                x ? y_name : x_name, count);
}

int check_noise(int form, double sigma)
{
    if (form != DROPFUSE_ADD && form != DROPFUSE_MULTIPLY)
        return fail(DROPFUSE_INVALID_ARGUMENT, "form = %d is not in [0, 1]", form);
    if (!(sigma >= 0) || isinf(sigma))
        return fail(DROPFUSE_INVALID_ARGUMENT, "sigma = %.17g is not in [0, infinity)", sigma);
    return DROPFUSE_OK;
}

int check_stored(const void *mask, long long count)
{
    if (mask || !count)
        return DROPFUSE_OK;
    return fail(DROPFUSE_INVALID_ARGUMENT, "mask = NULL is allowed only when count = 0, not %lld",
                count);
}

int check_overlap(const struct job *job)
{
    int status = check_input(job, "x", job->x);
    if (!status && job->second)
        status = check_input(job, "residual", job->second);
    if (!status)
        status = check_mask_apart(job, "y", job->y, job->layout.count * job->size);
    return status;
}

int check_vector(const struct job *job, int operation, const void *vector, long long length)
{
    if (operation < DROPFUSE_VECTOR_NONE || operation > DROPFUSE_VECTOR_MULTIPLY)
        return fail(DROPFUSE_INVALID_ARGUMENT, "operation = %d is not in [0, 2]", operation);
    const int status = at_least("length", length, 1);
    if (status || operation == DROPFUSE_VECTOR_NONE || !job->layout.count)
        return status;
    const long long most = (long long)(PTRDIFF_MAX / job->size);
    if (length > most)
        return fail(DROPFUSE_INVALID_ARGUMENT,
                    "length = %lld is not in [1, %lld], the elements that memory can hold", length,
                    most);
    if (!vector)
        return fail(DROPFUSE_INVALID_ARGUMENT,
                    "vector = NULL is allowed only when operation = 0, not %d", operation);
    return check_apart("vector", vector, (uint64_t)length * job->size, "y",
                       job->y, job->layout.count * job->size);
}

int check_rows(struct job *job, long long length, double scale)
{
    const struct layout *l = &job->layout;
    const int status = at_least("length", length, 1);
    if (status)
        return status;
    if (!isfinite(scale))
        return fail(DROPFUSE_INVALID_ARGUMENT, "scale = %g is not finite", scale);
    long long block;
    if (__builtin_mul_overflow(length, DROPFUSE_SUM_ROWS, &block))
        return fail(DROPFUSE_INVALID_ARGUMENT, "length = %lld is not in [1, 2^63 / %d)", length,
                    DROPFUSE_SUM_ROWS);
    if (l->first % (uint64_t)block)
        return fail(DROPFUSE_INVALID_ARGUMENT,
                    "first = %llu is not a multiple of %d * length = %lld",
                    (unsigned long long)l->first, DROPFUSE_SUM_ROWS, block);
    if (l->count % (uint64_t)length)
        return fail(DROPFUSE_INVALID_ARGUMENT, "count = %llu is not a multiple of length = %lld",
                    (unsigned long long)l->count, length);
    job->length = (uint64_t)length;
    return DROPFUSE_OK;
}

int check_row_memory(const struct job *job)
{
    const size_t size = total_size(job->dtype);
    if ((uintptr_t)job->y % size)
        return fail(DROPFUSE_INVALID_ARGUMENT, "sums is not at a multiple of %zu bytes", size);
    const uint64_t sum_bytes = rows_of_sums(job) * job->length * size;
    const uint64_t bytes = job->layout.count * job->size;
    int status = check_apart("dy", job->x, bytes, "sums", job->y, sum_bytes);
    if (!status && job->second)
        status = check_apart("x", job->second, bytes, "sums", job->y, sum_bytes);
    if (!status)
        status = check_mask_apart(job, "sums", job->y, sum_bytes);
    return status;
}

int check_sums(int dtype, const void *sums, long long blocks, long long length, const void *y)
{
    int status = at_least("blocks", blocks, 0);
    if (!status)
        status = at_least("length", length, 1);
    if (status)
        return status;
    long long all;
    if (__builtin_mul_overflow(blocks, length, &all) || all >= 1LL << 60 || length >= 1LL << 60)
        return fail(DROPFUSE_INVALID_ARGUMENT, "blocks * length = %lld * %lld is not below 2^60",
                    blocks, length);
    const size_t size = total_size(dtype);
    if (!y || (!sums && blocks))
        return fail(DROPFUSE_INVALID_ARGUMENT, "%s = NULL is not allowed", y ? "sums" : "y");
    if ((uintptr_t)sums % size)
        return fail(DROPFUSE_INVALID_ARGUMENT, "sums is not at a multiple of %zu bytes", size);
    return check_apart("sums", sums, (uint64_t)all * size, "y", y,
                       (uint64_t)length * element_size(dtype));
}
