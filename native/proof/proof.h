/*
 * What proofs have in common: any numbers, any job, and a stand-in for the text of failures.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_PROOF_H
#define DROPFUSE_PROOF_H

#include <math.h>
#include <stdint.h>

#include "dropfuse.h"
#include "error.h"
#include "job.h"

/* In words that cbmc has of its own. */
#undef isfinite
#undef isinf
#define isfinite(x) __CPROVER_isfinited(x)
#define isinf(x) __CPROVER_isinfd(x)

typedef unsigned __int128 wide;

#define ASSUME(condition) __CPROVER_assume(condition)
#define PROVE(condition) __CPROVER_assert(condition, #condition)

/* Any value: cbmc takes these names so. */
int nondet_int(void);
uint64_t nondet_uint64(void);
double nondet_double(void);
struct job nondet_job(void);
struct layout nondet_layout(void);

/* How often a failure's text has been set. */
static int failures;

int fail(int status, const char *format, ...)
{
    PROVE(status == DROPFUSE_INVALID_ARGUMENT);
    PROVE(format != NULL);
    failures++;
    return status;
}

/* A job as front.c makes it from arguments of which nothing is known. */
static struct job any_job(enum kind kind)
{
    struct job job = nondet_job();
    job.kind = kind;
    job.size = kind == JOB_MASK ? 0 : element_size(job.dtype);
    return job;
}

/* A refusal has a text, and nothing else has one. */
static void prove_status(int status)
{
    PROVE(failures == (status != DROPFUSE_OK));
}

#endif
