/* SPDX-License-Identifier: Apache-2.0 */
#include "operations.h"

#include <string.h>

#include "dropfuse.h"

/** Elements that are copied from a beginning that stays in the first cache. */
enum { IN_CACHE = 1024 };

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void drop_select(const struct job *job, uint64_t e, uint64_t n, const uint64_t *bits,
                        uint64_t bit, int stream)
{
    const uint64_t at = e * job->size;
    job->source.tier->scale[job->dtype](job->x + at, job->y + at, n, bits, bit, job->scale,
                                        stream);
}

static void drop_keep(const struct job *job, uint64_t e, uint64_t n, int stream)
{
    if (!job->in_place || job->scale != 1.0)
        drop_select(job, e, n, NULL, 0, stream);
}

static void drop_drop(const struct job *job, uint64_t e, uint64_t n)
{
    memset(job->y + e * job->size, 0, n * job->size);
}

const struct operation operation_drop = {drop_select, drop_keep, drop_drop};

static void affine_select(const struct job *job, uint64_t e, uint64_t n, const uint64_t *bits,
                          uint64_t bit, int stream)
{
    const uint64_t at = e * job->size;
    job->source.tier->affine[job->dtype](job->x + at, job->y + at, n, bits, bit, job->scale,
                                         job->shift, job->dropped, stream);
}

static void affine_keep(const struct job *job, uint64_t e, uint64_t n, int stream)
{
    affine_select(job, e, n, NULL, 0, stream);
}

static void affine_drop(const struct job *job, uint64_t e, uint64_t n)
{
    const uint64_t none[2] = {0};
    const unsigned char zero[8] = {0};
    char *y = job->y + e * job->size;
    job->source.tier->affine[job->dtype](zero, y, 1, none, 0, job->scale, job->shift,
                                         job->dropped, 0);
    for (uint64_t done = 1, more; done < n; done += more) {
        more = least(least(done, IN_CACHE), n - done);
        memcpy(y + done * job->size, y, more * job->size);
    }
}

const struct operation operation_affine = {affine_select, affine_keep, affine_drop};

static void branch_select(const struct job *job, uint64_t e, uint64_t n, const uint64_t *bits,
                          uint64_t bit, int stream)
{
    const int with_vector = (job->form & FORM_VECTOR) != 0;
    for (uint64_t k; n; n -= k, e += k, bit += k) {
        const uint64_t at = e * job->size;
        const uint64_t column = with_vector ? (job->layout.first + e) % job->length : 0;
        k = with_vector ? least(n, job->length - column) : n;
        job->source.tier->branch[job->dtype](
            job->x + at, job->form, with_vector ? job->vector + column * job->size : NULL,
            job->second ? job->second + at : NULL, job->y + at, k, bits, bit, job->scale, stream);
    }
}

static void branch_keep(const struct job *job, uint64_t e, uint64_t n, int stream)
{
    branch_select(job, e, n, NULL, 0, stream);
}

static void branch_drop(const struct job *job, uint64_t e, uint64_t n)
{
    const uint64_t at = e * job->size;
    if (!job->second)
        memset(job->y + at, 0, n * job->size);
    else if (job->y != job->second)
        memcpy(job->y + at, job->second + at, n * job->size);
}

const struct operation operation_branch = {branch_select, branch_keep, branch_drop};

void repeat_vector(struct job *job, struct repeated *memory)
{
    const uint64_t bytes = job->length * job->size;
    const uint64_t wanted = (job->layout.count - 1) / job->length + 2;
    if (!(job->form & FORM_VECTOR) || bytes > sizeof memory->bytes / 2 || wanted == 2)
        return;
    const uint64_t times = least(sizeof memory->bytes / bytes, wanted);
    for (uint64_t i = 0; i < times; i++)
        memcpy(memory->bytes + i * bytes, job->vector, bytes);
    job->vector = (const char *)memory->bytes;
    job->length *= times;
}

size_t element_size(int dtype)
{
    return dtype == DROPFUSE_FLOAT32 ? sizeof(float) : dtype == DROPFUSE_FLOAT64 ? sizeof(double)
                                                                                 : 2;
}

size_t total_size(int dtype)
{
    return dtype == DROPFUSE_FLOAT64 ? sizeof(double) : sizeof(float);
}

static void sum_select(const struct job *job, uint64_t e, uint64_t n, const uint64_t *bits,
                       uint64_t bit, int stream)
{
    (void)stream;
    for (uint64_t k; n; n -= k, e += k, bit += k) {
        const uint64_t at = e * job->size, column = e % job->length;
        const uint64_t block = e / job->length / DROPFUSE_SUM_ROWS;
        k = least(n, job->length - column);
        job->source.tier->sum[job->dtype](
            job->x + at, job->second ? job->second + at : NULL,
            job->y + (block * job->length + column) * total_size(job->dtype), k, bits, bit,
            job->scale);
    }
}

static void sum_keep(const struct job *job, uint64_t e, uint64_t n, int stream)
{
    sum_select(job, e, n, NULL, 0, stream);
}

static void sum_drop(const struct job *job, uint64_t e, uint64_t n)
{
    (void)job;
    (void)e;
    (void)n;
}

const struct operation operation_sum = {sum_select, sum_keep, sum_drop};

uint64_t rows_of_sums(const struct job *job)
{
    const uint64_t rows = job->layout.count / job->length;
    return rows / DROPFUSE_SUM_ROWS + (rows % DROPFUSE_SUM_ROWS != 0);
}

/* One kind of NaN, as constant(): what a device has added up holds its own kind. */
static void one_nan(float *sums, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        if (isnan(sums[i]))
            sums[i] = NAN;
}

void sum_tree(const struct tier *tier, int dtype, void *sums, uint64_t blocks, uint64_t length,
              void *y)
{
    if (!blocks) {
        memset(y, 0, length * element_size(dtype));
        return;
    }
    const int total = dtype == DROPFUSE_FLOAT64 ? DROPFUSE_FLOAT64 : DROPFUSE_FLOAT32;
    const uint64_t row = length * total_size(dtype);
    for (uint64_t step = 1; step < blocks; step *= 2) {
        for (uint64_t b = 0; b + step < blocks; b += 2 * step) {
            char *to = (char *)sums + b * row;
            tier->sum[total](to + step * row, NULL, to, length, NULL, 0, 1.0);
        }
    }
    if (dtype == DROPFUSE_BFLOAT16)
        one_nan(sums, length);
    tier->finish[dtype](sums, y, length);
}
