/*
 * check_numbers(), for every kind of job and all arguments, NaN among them: nothing undefined, the job
 * is as it was, a refusal has a status and a text, and what is accepted is what dropfuse.h says. Where
 * there is no layout, no unsigned number wraps around; of layouts, check_layout.c proves that.
 *
 * prove: products --unwind 40 -DKIND=JOB_MASK
 * prove: products --unwind 40 -DKIND=JOB_DROP
 * prove: products --unwind 40 -DKIND=JOB_RESIDUAL
 * prove: products --unwind 40 -DKIND=JOB_ZONEOUT
 * prove: products --unwind 40 -DKIND=JOB_SUM_ROWS
 * prove: products --unwind 40 --unsigned-overflow-check -DKIND=JOB_SUM_TREE
 * prove: products --unwind 40 --unsigned-overflow-check -DKIND=JOB_MERSENNE
 * prove: products --unwind 40 -DKIND=JOB_PRODUCT
 * prove: products --unwind 40 -DKIND=JOB_NORMAL
 * prove: products --unwind 40 --unsigned-overflow-check -DKIND=JOB_ROWS
 * prove: products --unwind 40 -DKIND=JOB_BLOCKS
 * SPDX-License-Identifier: Apache-2.0
 */
#include "layout.h"
#include "lemmas.h"

#include "../src/check.c"
#include "../src/job.c"

#pragma CPROVER check push
#pragma CPROVER check disable "unsigned-overflow"

static void prove_accepted(const struct job *job, double p)
{
    const struct layout *l = &job->layout;
    const struct images *images = &job->images;
    const uint64_t most = PTRDIFF_MAX / (job->size ? job->size : 1);
    PROVE(job->dtype >= DROPFUSE_FLOAT32 && job->dtype <= DROPFUSE_BFLOAT16);
    if (has_layout(job->kind)) {
        PROVE(is_layout(l) && is_range(l, job->size));
        PROVE(job->decisions.mask || (p >= 0 && p <= 1 && job->decisions.offset <= INT64_MAX));
    }
    switch (job->kind) {
    case JOB_MASK:
        PROVE(l->first % 8 == 0);
        break;
    case JOB_RESIDUAL:
        PROVE(job->operation >= 0 && job->operation <= DROPFUSE_VECTOR_MULTIPLY);
        PROVE(is_positive(job->length));
        PROVE(job->operation == DROPFUSE_VECTOR_NONE || job->length <= most);
        break;
    case JOB_ZONEOUT:
        PROVE(job->operation >= 0 && job->operation <= DROPFUSE_EXPECT);
        break;
    case JOB_SUM_ROWS:
        PROVE(is_positive(job->length) && (wide)job->length * DROPFUSE_SUM_ROWS <= INT64_MAX);
        PROVE(l->first % (job->length * DROPFUSE_SUM_ROWS) == 0);
        PROVE(l->count % job->length == 0);
        PROVE(isfinite(job->dtype == DROPFUSE_FLOAT64 ? job->scale : (double)(float)job->scale));
        break;
    case JOB_SUM_TREE:
        PROVE(is_positive(job->length));
        PROVE((wide)job->sum_blocks * job->length < (wide)1 << 60 && job->length < 1ull << 60);
        break;
    case JOB_MERSENNE:
        PROVE(l->count <= INT64_MAX);
        break;
    case JOB_NORMAL:
        PROVE(job->operation >= 0 && job->operation <= DROPFUSE_MULTIPLY);
        PROVE(job->scale >= 0 && job->scale <= 0x1.fffffffffffffp1023);
        break;
    case JOB_ROWS:
        PROVE(job->operation >= 0 && job->operation <= DROPFUSE_SCATTER_ADD);
        PROVE(job->rows.count < 1ull << 60 && is_positive(job->length));
        ASSUME(product_grows(job->rows.count, most / job->length, job->length));
        PROVE((wide)job->rows.count * job->length <= most);
        break;
    case JOB_BLOCKS: {
        const uint64_t *extents = images->extents;
        const wide plane = (wide)extents[0] * extents[1];
        const wide positions = (wide)(uint64_t)plane * extents[2];
        const uint64_t all = images->first + images->count;
        PROVE(plane <= INT64_MAX && positions <= INT64_MAX);
        PROVE((wide)(uint64_t)positions * all <= INT64_MAX);
        PROVE(images->first * (uint64_t)positions % 8 == 0);
        uint64_t centres, same;
        image_bits(images, &centres, &same);
        uint64_t along[3];
        for (int d = 0; d < 3; d++)
            along[d] = extents[d] - (images->valid ? images->sides[d] - 1 : 0);
        ASSUME(product_grows(along[0], extents[0], along[1]));
        ASSUME(product_grows(along[1], extents[1], extents[0]));
        ASSUME(product_grows(along[0] * along[1], (uint64_t)plane, along[2]));
        ASSUME(product_grows(along[2], extents[2], (uint64_t)plane));
        PROVE(same == positions && centres >= 1 && centres <= positions);
        PROVE(images->first <= INT64_MAX && is_positive(images->sides[2]));
        PROVE((wide)images->first + images->count <= INT64_MAX);
        for (int d = 0; d < 3; d++)
            PROVE((int64_t)extents[d] >= (int64_t)images->sides[d]);
        break;
    }
    default:
        break;
    }
}

#pragma CPROVER check pop

int main(void)
{
    const struct job job = any_job(KIND), before = job;
    const uint64_t *sides = job.images.sides; /* one for all, as front.c has it, or none in depth */
    ASSUME(KIND != JOB_BLOCKS ||
           (sides[1] == sides[2] &&
            (sides[0] == sides[2] || (sides[0] == 1 && job.images.extents[0] == 1))));
    const double p = nondet_double();
    const int status = check_numbers(&job, p);
    prove_status(status);
    const uint64_t *now = (const uint64_t *)&job, *then = (const uint64_t *)&before;
    for (unsigned i = 0; i < sizeof job / sizeof *now; i++)
        PROVE(now[i] == then[i]);
    ASSUME(!status);
    prove_accepted(&job, p);
}
