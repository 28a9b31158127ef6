/*
 * check_pointers(), for every kind of job and all arguments: nothing undefined, a refusal has a
 * status and a text, and where it accepts a job with something to do, all memory that the job needs
 * is there and aligned, and a sequence's state is one.
 *
 * prove: --unwind 2 --unsigned-overflow-check
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proof.h"

#include "../src/check.c"
#include "../src/job.c"

static int is_aligned(const void *memory, uint64_t bytes)
{
    return (uintptr_t)memory % bytes == 0;
}

int main(void)
{
    static uint32_t state[SEQUENCE_WORDS + 1];
    const int kind = nondet_int();
    ASSUME(kind >= 0 && kind < JOB_KINDS);
    struct job job = any_job((enum kind)kind);
    state[SEQUENCE_WORDS] = (uint32_t)nondet_int();
    if (kind == JOB_MERSENNE)
        job.sequence.state = nondet_int() ? state : NULL;
    const int status = check_pointers(&job);
    prove_status(status);
    ASSUME(!status);
    PROVE(job.y);
    switch (job.kind) {
    case JOB_DROP:
    case JOB_NORMAL:
        PROVE(job.x);
        break;
    case JOB_RESIDUAL:
        PROVE(job.x && (job.vector || job.operation == DROPFUSE_VECTOR_NONE));
        break;
    case JOB_ZONEOUT:
        PROVE(job.operation == DROPFUSE_EXPECT ? job.x && job.second : job.x || job.second);
        break;
    case JOB_SUM_ROWS:
        PROVE(job.x && is_aligned(job.y, total_size(job.dtype)));
        break;
    case JOB_SUM_TREE:
        PROVE((job.x || !job.sum_blocks) && is_aligned(job.x, total_size(job.dtype)));
        break;
    case JOB_MERSENNE:
        PROVE(job.sequence.state && state[SEQUENCE_WORDS] <= SEQUENCE_WORDS);
        break;
    case JOB_PRODUCT:
        PROVE(job.x && job.decisions.mask);
        break;
    case JOB_ROWS:
        PROVE(job.x && job.rows.indices && is_aligned(job.rows.indices, 8));
        break;
    case JOB_BLOCKS:
        PROVE(job.images.centres && is_aligned(job.images.centres, 8));
        break;
    default:
        break;
    }
}
