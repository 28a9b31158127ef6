/*
 * check_draw() and threshold_of(), for all p, NaN among them, and all numbers of calls: what is
 * accepted lies in the ranges of the mask contract, and its threshold is in [0, 2^40].
 *
 * prove: --unsigned-overflow-check --conversion-check
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proof.h"

#include "../src/check.c"
#include "../src/job.c"

#define compute compute_of_front
#include "../src/front.c"

const struct tier *tier_for(int tier, int *status)
{
    (void)tier;
    (void)status;
    return NULL;
}

void host_run(const struct tier *tier, const struct job *job)
{
    (void)tier;
    (void)job;
}

int cuda_run(int device, void *stream, const struct job *job)
{
    (void)device;
    (void)stream;
    (void)job;
    return DROPFUSE_OK;
}

int cuda_check(int device)
{
    (void)device;
    return DROPFUSE_OK;
}

int main(void)
{
    const double p = nondet_double();
    const uint64_t offset = nondet_uint64();
    const int status = check_draw(p, offset);
    prove_status(status);
    PROVE((status == DROPFUSE_OK) == (p >= 0 && p <= 1 && offset <= INT64_MAX));
    ASSUME(!status);
    const uint64_t threshold = threshold_of(p);
    PROVE(threshold <= EVERY_UNIT);
    PROVE(p != 0 || threshold == EVERY_UNIT);
    PROVE(p != 1 || threshold == 0);
}
