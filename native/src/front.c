/*
 * The functions of dropfuse.h that compute. Each puts its arguments into a job as they are given;
 * compute() does the rest, for all of them and for all places.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <limits.h>
#include <math.h>

#include "check.h"
#include "cpu.h"
#include "dropfuse.h"
#include "environment.h"
#include "error.h"

/* What most functions have, in the names of their parameters. */
#define LAYOUT                                                                             \
    (struct layout){(uint64_t)first,  (uint64_t)count, (uint64_t)run, (uint64_t)cycle,     \
                    (uint64_t)repeat, (uint64_t)step,  start}
#define DECISIONS (struct decisions){.mask = (uintptr_t)mask, .seed = seed, .offset = offset}
#define NO_LAYOUT (struct layout){0}
#define NO_DECISIONS (struct decisions){0}

/* rint((1 - p) * 2^40): adding 2^52 rounds to an integer, to even in a tie. */
static uint64_t threshold_of(double p)
{
    const double exact = (1.0 - p) * 0x1p40;
    return (uint64_t)((exact + 0x1p52) - 0x1p52);
}

/*
 * A constant as a type holds it, for the computing. One kind of NaN, whose low bits are 0:
 * narrowing to bfloat16 counts on it.
 */
static double constant(int dtype, double value)
{
    if (isnan(value))
        return (double)NAN;
    return dtype == DROPFUSE_FLOAT64 ? value : (double)(float)value;
}

static int is_nothing(const struct job *job)
{
    return job->kind == JOB_SUM_TREE ? 0
           : job->kind == JOB_ROWS   ? !job->rows.count
           : job->kind == JOB_BLOCKS ? !job->images.count
                                     : !job->layout.count;
}

static void simplify(struct layout *l)
{
    if (l->cycle == 1) {
        l->run *= l->repeat;
        l->repeat = 1;
    }
    if (l->repeat == 1 && l->step == l->cycle)
        l->cycle = l->step = 1;
}

/* From element 0, which may be no address, to the first element of the range. */
static void to_range(struct job *job)
{
    const uint64_t first = job->layout.first, before = first * job->size;
    uint64_t y_before = before, centres, positions;
    switch (job->kind) {
    case JOB_SUM_TREE:
    case JOB_MERSENNE:
    case JOB_ROWS:
        return;
    case JOB_MASK:
        y_before = first / 8;
        break;
    case JOB_BLOCKS:
        image_bits(&job->images, &centres, &positions);
        y_before = job->images.first * positions / 8;
        break;
    case JOB_SUM_ROWS:
        y_before = first / DROPFUSE_SUM_ROWS * total_size(job->dtype);
        break;
    default:
        break;
    }
    job->x = (const char *)((uintptr_t)job->x + before);
    job->y = (char *)((uintptr_t)job->y + y_before);
    if (job->second)
        job->second = (const char *)((uintptr_t)job->second + before);
}

/* The expectation needs no decisions. */
static void prepare_zoneout(struct job *job, double p)
{
    const int expects = job->operation == DROPFUSE_EXPECT && p > 0 && p < 1;
    job->form = expects ? FORM_BLEND : job->x ? FORM_SELECT : FORM_REST;
    if (expects) {
        job->decisions.threshold = EVERY_UNIT;
        job->scale = constant(job->dtype, 1 - p);
        job->shift = constant(job->dtype, p);
    }
    if (job->form == FORM_REST)
        job->x = job->second;
    else if (job->second)
        job->form |= FORM_RESIDUAL;
}

static void prepare_residual(struct job *job)
{
    job->form = job->operation == DROPFUSE_VECTOR_ADD        ? FORM_ADD
                : job->operation == DROPFUSE_VECTOR_MULTIPLY ? FORM_MULTIPLY
                                                             : FORM_SCALE;
    if (job->second)
        job->form |= FORM_RESIDUAL;
}

static void prepare(struct job *job, double p)
{
    job->decisions.threshold = job->decisions.mask ? 1 : threshold_of(p);
    job->scale = constant(job->dtype, job->scale);
    job->shift = constant(job->dtype, job->shift);
    job->dropped = constant(job->dtype, job->dropped);
    if (job->kind == JOB_ZONEOUT)
        prepare_zoneout(job, p);
    job->in_place = job->x == job->y || job->second == job->y || job->kind == JOB_SUM_ROWS;
    if (job->kind == JOB_DROP && (job->shift != 0 || !signbit(job->shift) || job->dropped != 0 ||
                                  signbit(job->dropped)))
        job->form = FORM_AFFINE;
    if (job->kind == JOB_RESIDUAL)
        prepare_residual(job);
    if (job->kind == JOB_NORMAL && job->operation == DROPFUSE_MULTIPLY)
        job->form = FORM_MULTIPLY;
    simplify(&job->layout);
    to_range(job);
}

/* How a tier writes the job's output, of the ways that there are in the end. */
static int stores_of(const struct job *job, int asked)
{
    const uint64_t count = job->kind == JOB_ROWS ? job->rows.count * job->length
                                                 : job->layout.count;
    if (asked == DROPFUSE_STORES_AUTO && count * job->size < (uint64_t)dropfuse_stream_bytes())
        return DROPFUSE_STORES_CACHED;
    if (job->in_place || job->kind == JOB_MASK || job->kind == JOB_PRODUCT)
        return DROPFUSE_STORES_CACHED;
    return asked == DROPFUSE_STORES_AUTO || asked == DROPFUSE_STORES_STREAMED ? cpu_order() : asked;
}

static __attribute__((noinline)) int in_default_environment(const struct dropfuse_place *place,
                                                            struct job *job, double p)
{
    const int on_device = place && place->tier == DROPFUSE_CUDA;
    const struct tier *tier = NULL;
    int status = DROPFUSE_OK;
    if (!on_device)
        tier = tier_for(place ? place->tier : DROPFUSE_TIER_AUTO, &status);
    else if (job->kind == JOB_MERSENNE)
        status = fail(DROPFUSE_UNSUPPORTED, "a sequence's mask is drawn by the host, not by CUDA");
    if (!status && !on_device && place)
        status = check_stores(place->stores);
    if (!status)
        status = check_numbers(job, p);
    if (status)
        return status;
    if (is_nothing(job))
        return on_device ? cuda_check(place->device) : DROPFUSE_OK;
    status = check_pointers(job);
    if (status)
        return status;
    prepare(job, p);
    status = check_overlap(job);
    if (status)
        return status;
    if (on_device)
        return cuda_run(place->device, place->stream, job);
    job->stores = stores_of(job, place ? place->stores : DROPFUSE_STORES_AUTO);
    host_run(tier, job);
    return DROPFUSE_OK;
}

static int compute(const struct dropfuse_place *place, struct job *job, double p)
{
    const uint64_t callers = environment_enter();
    const int status = in_default_environment(place, job, p);
    environment_leave(callers);
    return status;
}

/*
 * A job with no more than what most have. Member by member: compilers clear a structure as a whole
 * by instructions that small calls would feel.
 */
static inline __attribute__((always_inline)) void
begin(struct job *job, enum kind kind, int dtype, const void *x, void *y, struct layout layout,
      struct decisions decisions, double scale)
{
    job->kind = kind;
    job->dtype = dtype;
    job->size = kind == JOB_MASK ? 0 : element_size(dtype);
    job->layout = layout;
    job->decisions = decisions;
    job->x = x;
    job->y = y;
    job->second = NULL;
    job->scale = scale;
    job->shift = job->dropped = 0;
    job->operation = 0;
    job->form = FORM_SCALE;
    job->vector = NULL;
    job->length = 0;
}

int dropfuse_abi_version(void)
{
    return DROPFUSE_ABI_VERSION;
}

int dropfuse_mask(const struct dropfuse_place *place, void *out, long long first, long long count,
                  long long run, long long cycle, long long repeat, long long step,
                  const void *mask, double p, unsigned long long seed, unsigned long long offset,
                  unsigned long long start)
{
    struct job job;
    begin(&job, JOB_MASK, DROPFUSE_FLOAT32, NULL, out, LAYOUT, DECISIONS, 0);
    return compute(place, &job, p);
}

int dropfuse_drop(const struct dropfuse_place *place, int dtype, const void *x, void *y,
                  long long first, long long count, long long run, long long cycle,
                  long long repeat, long long step, const void *mask, double p,
                  unsigned long long seed, unsigned long long offset, unsigned long long start,
                  double scale, double shift, double dropped)
{
    struct job job;
    begin(&job, JOB_DROP, dtype, x, y, LAYOUT, DECISIONS, scale);
    job.shift = shift;
    job.dropped = dropped;
    return compute(place, &job, p);
}

int dropfuse_residual(const struct dropfuse_place *place, int dtype, const void *x, int operation,
                      const void *vector, long long length, const void *residual, void *y,
                      long long first, long long count, long long run, long long cycle,
                      long long repeat, long long step, const void *mask, double p,
                      unsigned long long seed, unsigned long long offset,
                      unsigned long long start, double scale)
{
    struct job job;
    begin(&job, JOB_RESIDUAL, dtype, x, y, LAYOUT, DECISIONS, scale);
    job.operation = operation;
    job.vector = vector;
    job.length = (uint64_t)length;
    job.second = residual;
    return compute(place, &job, p);
}

int dropfuse_zoneout(const struct dropfuse_place *place, int dtype, int operation, const void *x,
                     const void *previous, void *y, long long first, long long count,
                     long long run, long long cycle, long long repeat, long long step,
                     const void *mask, double p, unsigned long long seed,
                     unsigned long long offset, unsigned long long start)
{
    const struct layout one_unit = {(uint64_t)first, (uint64_t)count, LLONG_MAX, 1, 1, 1, 0};
    const int expects = operation == DROPFUSE_EXPECT;
    struct job job;
    begin(&job, JOB_ZONEOUT, dtype, x, y, expects ? one_unit : LAYOUT,
          expects ? NO_DECISIONS : DECISIONS, 0);
    job.operation = operation;
    job.second = previous;
    return compute(place, &job, p);
}

int dropfuse_sum_rows(const struct dropfuse_place *place, int dtype, const void *dy, const void *x,
                      void *sums, long long length, long long first, long long count,
                      long long run, long long cycle, long long repeat, long long step,
                      const void *mask, double p, unsigned long long seed,
                      unsigned long long offset, unsigned long long start, double scale)
{
    struct job job;
    begin(&job, JOB_SUM_ROWS, dtype, dy, sums, LAYOUT, DECISIONS, scale);
    job.second = x;
    job.length = (uint64_t)length;
    return compute(place, &job, p);
}

int dropfuse_sum_tree(const struct dropfuse_place *place, int dtype, void *sums, long long blocks,
                      long long length, void *y)
{
    struct job job;
    begin(&job, JOB_SUM_TREE, dtype, sums, y, NO_LAYOUT, NO_DECISIONS, 0);
    job.sum_blocks = (uint64_t)blocks;
    job.length = (uint64_t)length;
    return compute(place, &job, 0);
}

int dropfuse_mersenne_mask(const struct dropfuse_place *place, unsigned int *state, int outputs,
                           int bits, unsigned long long threshold, int above, long long count,
                           void *mask)
{
    const int status = check_outputs(outputs, bits);
    if (status)
        return status;
    struct job job;
    begin(&job, JOB_MERSENNE, DROPFUSE_FLOAT32, NULL, mask,
          (struct layout){.count = (uint64_t)count}, NO_DECISIONS, 0);
    job.sequence = (struct sequence_draw){state,
                                          {.outputs = (uint32_t)outputs,
                                           .above = above,
                                           .low = ~UINT64_C(0) >> (64 - bits),
                                           .threshold = threshold}};
    return compute(place, &job, 0);
}

int dropfuse_product(const struct dropfuse_place *place, int dtype, const void *x, void *y,
                     long long first, long long count, long long run, long long cycle,
                     long long repeat, long long step, const void *mask, unsigned long long start,
                     double divisor, double factor)
{
    struct job job;
    begin(&job, JOB_PRODUCT, dtype, x, y, LAYOUT, (struct decisions){.mask = (uintptr_t)mask},
          factor);
    job.shift = divisor;
    return compute(place, &job, 0);
}

int dropfuse_normal(const struct dropfuse_place *place, int dtype, const void *x, void *y,
                    long long first, long long count, long long cycle, long long step,
                    unsigned long long seed, unsigned long long offset, unsigned long long start,
                    int form, double sigma)
{
    const void *const mask = NULL;
    const long long run = 1, repeat = 1;
    struct job job;
    begin(&job, JOB_NORMAL, dtype, x, y, LAYOUT, DECISIONS, sigma);
    job.operation = form;
    return compute(place, &job, 0);
}

int dropfuse_rows(const struct dropfuse_place *place, int dtype, int operation, const void *x,
                  void *y, const void *indices, long long rows, long long length, double scale)
{
    struct job job;
    begin(&job, JOB_ROWS, dtype, x, y, NO_LAYOUT, NO_DECISIONS, scale);
    job.length = (uint64_t)length;
    job.operation = operation;
    job.rows = (struct rows){indices, (uint64_t)rows};
    return compute(place, &job, 0);
}

int dropfuse_blocks(const struct dropfuse_place *place, const void *centres, void *mask,
                    long long first, long long images, int dimensions, long long depth,
                    long long height, long long width, long long side, int valid)
{
    const int status = check_dimensions(dimensions);
    if (status)
        return status;
    const int deep = dimensions == 3;
    struct job job;
    begin(&job, JOB_BLOCKS, DROPFUSE_FLOAT32, NULL, mask, NO_LAYOUT, NO_DECISIONS, 0);
    job.images = (struct images){
        centres, (uint64_t)first, (uint64_t)images,
        {deep ? (uint64_t)depth : 1, (uint64_t)height, (uint64_t)width},
        {deep ? (uint64_t)side : 1, (uint64_t)side, (uint64_t)side}, valid};
    return compute(place, &job, 0);
}
