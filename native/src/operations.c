/* SPDX-License-Identifier: Apache-2.0 */
#include "operations.h"

#include <math.h>
#include <string.h>

#include "dropfuse.h"

enum {
    /* Words of decisions in memory of an operation's own. */
    WORDS = 64
};

/* Has elements selected by bits that are all alike. */
static void select_alike(const struct work *work, uint64_t e, uint64_t n, int keep)
{
    uint64_t bits[WORDS + 1];
    memset(bits, keep ? 0xFF : 0, sizeof bits);
    for (uint64_t k; n; n -= k, e += k) {
        k = least(n, 64 * WORDS);
        work->operation->select(work, e, k, bits, 0, 0);
    }
}

static void keep_alike(const struct work *work, uint64_t e, uint64_t n, int stream)
{
    (void)stream;
    select_alike(work, e, n, 1);
}

static void drop_alike(const struct work *work, uint64_t e, uint64_t n, int stream)
{
    (void)stream;
    select_alike(work, e, n, 0);
}

/* Elements come in order, so a byte that is begun holds the bits before, and zeros. */
static void mask_select(const struct work *work, uint64_t e, uint64_t n, const uint64_t *bits,
                        uint64_t bit, int stream)
{
    (void)stream;
    unsigned char *out = (unsigned char *)work->job->y + e / 8;
    const unsigned begun = e % 8;
    if (begun) {
        const uint64_t k = least(n, 8 - begun);
        *out++ |= (unsigned char)((bits_from(bits, bit) & low_bits(k)) << begun);
        bit += k;
        n -= k;
    }
    if (bit % 64 == 0 && n >= TILE) {
        memcpy(out, bits + bit / 64, n / 64 * 8);
        out += n / 64 * 8;
        bit += n / 64 * 64;
        n %= 64;
    }
    for (; n >= 64; n -= 64, bit += 64, out += 8) {
        const uint64_t word = bits_from(bits, bit);
        memcpy(out, &word, sizeof word);
    }
    if (!n)
        return;
    const uint64_t word = bits_from(bits, bit) & low_bits(n);
    memcpy(out, &word, (n + 7) / 8);
}

const struct operation operation_mask = {mask_select, keep_alike, drop_alike};

static void drop_select(const struct work *work, uint64_t e, uint64_t n, const uint64_t *bits,
                        uint64_t bit, int stream)
{
    const struct job *job = work->job;
    const uint64_t at = e * job->size;
    work->source.tier->scale[job->dtype](job->x + at, job->y + at, n, bits, bit, job->scale,
                                         stream);
}

static void drop_keep(const struct work *work, uint64_t e, uint64_t n, int stream)
{
    if (!work->job->in_place || work->job->scale != 1.0)
        drop_select(work, e, n, NULL, 0, stream);
}

static void fill(const struct work *work, uint64_t e, uint64_t n, double value, int stream)
{
    const struct job *job = work->job;
    work->source.tier->fill[job->dtype](job->y + e * job->size, n, value, stream);
}

static void drop_drop(const struct work *work, uint64_t e, uint64_t n, int stream)
{
    fill(work, e, n, 0, stream);
}

const struct operation operation_drop = {drop_select, drop_keep, drop_drop};

static void affine_select(const struct work *work, uint64_t e, uint64_t n, const uint64_t *bits,
                          uint64_t bit, int stream)
{
    const struct job *job = work->job;
    const uint64_t at = e * job->size;
    work->source.tier->affine[job->dtype](job->x + at, job->y + at, n, bits, bit, job->scale,
                                          job->shift, job->dropped, stream);
}

static void affine_keep(const struct work *work, uint64_t e, uint64_t n, int stream)
{
    affine_select(work, e, n, NULL, 0, stream);
}

static void affine_drop(const struct work *work, uint64_t e, uint64_t n, int stream)
{
    fill(work, e, n, work->job->dropped, stream);
}

const struct operation operation_affine = {affine_select, affine_keep, affine_drop};

static void branch_select(const struct work *work, uint64_t e, uint64_t n, const uint64_t *bits,
                          uint64_t bit, int stream)
{
    const struct job *job = work->job;
    const int with_vector = (job->form & FORM_VECTOR) != 0;
    for (uint64_t k; n; n -= k, e += k, bit += k) {
        const uint64_t at = e * job->size;
        const uint64_t column = with_vector ? (job->layout.first + e) % work->length : 0;
        k = with_vector ? least(n, work->length - column) : n;
        work->source.tier->branch[job->dtype](
            job->x + at, job->form, with_vector ? work->vector + column * job->size : NULL,
            job->second ? job->second + at : NULL, job->y + at, k, bits, bit, job->scale,
            job->shift, stream);
    }
}

static void branch_keep(const struct work *work, uint64_t e, uint64_t n, int stream)
{
    if (!(work->job->form & FORM_SELECT) || work->job->x != work->job->y)
        branch_select(work, e, n, NULL, 0, stream);
}

static void branch_drop(const struct work *work, uint64_t e, uint64_t n, int stream)
{
    const struct job *job = work->job;
    const uint64_t at = e * job->size;
    if (!job->second)
        fill(work, e, n, 0, stream);
    else if (job->y != job->second)
        work->source.tier->branch[job->dtype](job->second + at, FORM_SELECT, NULL, NULL,
                                              job->y + at, n, NULL, 0, 1, 0, stream);
}

const struct operation operation_branch = {branch_select, branch_keep, branch_drop};

void repeat_vector(struct work *work, struct repeated *memory)
{
    const struct job *job = work->job;
    const uint64_t bytes = job->length * job->size;
    const uint64_t wanted = (job->layout.count - 1) / job->length + 2;
    if (!(job->form & FORM_VECTOR) || bytes > sizeof memory->bytes / 2 || wanted == 2)
        return;
    const uint64_t times = least(sizeof memory->bytes / bytes, wanted);
    for (uint64_t i = 0; i < times; i++)
        memcpy(memory->bytes + i * bytes, job->vector, bytes);
    work->vector = (const char *)memory->bytes;
    work->length *= times;
}

static void sum_select(const struct work *work, uint64_t e, uint64_t n, const uint64_t *bits,
                       uint64_t bit, int stream)
{
    (void)stream;
    const struct job *job = work->job;
    for (uint64_t k; n; n -= k, e += k, bit += k) {
        const uint64_t at = e * job->size, column = e % job->length;
        const uint64_t block = e / job->length / DROPFUSE_SUM_ROWS;
        k = least(n, job->length - column);
        work->source.tier->sum[job->dtype](
            job->x + at, job->second ? job->second + at : NULL,
            job->y + (block * job->length + column) * total_size(job->dtype), k, bits, bit,
            job->scale);
    }
}

static void sum_keep(const struct work *work, uint64_t e, uint64_t n, int stream)
{
    sum_select(work, e, n, NULL, 0, stream);
}

static void sum_drop(const struct work *work, uint64_t e, uint64_t n, int stream)
{
    (void)stream;
    (void)work;
    (void)e;
    (void)n;
}

const struct operation operation_sum = {sum_select, sum_keep, sum_drop};

/* One kind of NaN, as with constants: what a device has added up holds its own kind. */
static void one_nan(float *sums, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        if (isnan(sums[i]))
            sums[i] = NAN;
}

void sum_tree(const struct tier *tier, const struct job *job)
{
    if (!job->sum_blocks) {
        memset(job->y, 0, job->length * job->size);
        return;
    }
    void *sums = (void *)(uintptr_t)job->x;
    const int total = job->dtype == DROPFUSE_FLOAT64 ? DROPFUSE_FLOAT64 : DROPFUSE_FLOAT32;
    const uint64_t row = job->length * total_size(job->dtype);
    for (uint64_t step = 1; step < job->sum_blocks; step *= 2) {
        for (uint64_t b = 0; b + step < job->sum_blocks; b += 2 * step) {
            char *to = (char *)sums + b * row;
            tier->sum[total](to + step * row, NULL, to, job->length, NULL, 0, 1.0);
        }
    }
    if (job->dtype == DROPFUSE_BFLOAT16)
        one_nan(sums, job->length);
    tier->finish[job->dtype](sums, job->y, job->length);
}

static void product_select(const struct work *work, uint64_t e, uint64_t n, const uint64_t *bits,
                           uint64_t bit, int stream)
{
    (void)stream;
    const struct job *job = work->job;
    for (uint64_t k; n; n -= k, e += k, bit += k) {
        const uint64_t at = e * job->size;
        uint64_t shifted[WORDS];
        k = least(n, 64 * WORDS);
        for (uint64_t w = 0; bit % 64 && 64 * w < k; w++)
            shifted[w] = bits_from(bits, bit + 64 * w);
        work->source.tier->sequence->product[job->dtype](
            job->x + at, job->y + at, k, bit % 64 ? shifted : bits + bit / 64, job->shift,
            job->scale);
    }
}

const struct operation operation_product = {product_select, keep_alike, drop_alike};
