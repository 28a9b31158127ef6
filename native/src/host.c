/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include <string.h>

#include "operations.h"

static const struct operation *operation_of(const struct job *job)
{
    switch (job->kind) {
    case JOB_MASK:
        return &operation_mask;
    case JOB_DROP:
        return job->form == FORM_AFFINE ? &operation_affine : &operation_drop;
    case JOB_RESIDUAL:
    case JOB_ZONEOUT:
        return &operation_branch;
    case JOB_SUM_ROWS:
        return &operation_sum;
    default:
        return &operation_product;
    }
}

static struct work work_on(const struct tier *tier, const struct job *job)
{
    const struct decisions *d = &job->decisions;
    return (struct work){
        .job = job,
        .operation = operation_of(job),
        .source = {.tier = tier,
                   .mask = d->mask,
                   .draw = {.key = {(uint32_t)d->seed, (uint32_t)(d->seed >> 32)},
                            .offset = {(uint32_t)d->offset, (uint32_t)(d->offset >> 32)},
                            .hi = (uint32_t)(d->threshold >> 32),
                            .lo = (uint32_t)d->threshold}},
        .vector = job->vector,
        .length = job->length,
    };
}

static void run_residual(const struct tier *tier, const struct job *job)
{
    struct work work = work_on(tier, job);
    struct repeated memory;
    repeat_vector(&work, &memory);
    loop_units(&work);
}

/* Copied, so that the state may be at any alignment. */
static void run_sequence(const struct tier *tier, const struct job *job)
{
    uint32_t state[SEQUENCE_WORDS + 1];
    memcpy(state, job->sequence.state, sizeof state);
    tier->sequence->mersenne(state, &job->sequence.rule, job->layout.count,
                             (unsigned char *)job->y);
    memcpy(job->sequence.state, state, sizeof state);
}

void host_run(const struct tier *tier, const struct job *job)
{
    switch (job->kind) {
    case JOB_SUM_TREE:
        sum_tree(tier, job);
        return;
    case JOB_MERSENNE:
        run_sequence(tier, job);
        return;
    case JOB_NORMAL:
        host_noise(tier, job);
        return;
    case JOB_ROWS:
        host_rows(tier, job);
        return;
    case JOB_BLOCKS:
        host_blocks(job);
        return;
    case JOB_RESIDUAL:
        run_residual(tier, job);
        return;
    case JOB_SUM_ROWS:
        memset(job->y, 0, rows_of_sums(job) * job->length * total_size(job->dtype));
        break;
    default:
        break;
    }
    const struct work work = work_on(tier, job);
    loop_units(&work);
}
