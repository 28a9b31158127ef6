/*
 * What check.c calls apart is apart: for all addresses and lengths of memory that does not wrap
 * around, no byte is in both, and an input that is accepted is exactly the output, or no byte of it.
 *
 * prove: --unsigned-overflow-check
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proof.h"

#include "../src/check.c"
#include "../src/job.c"

static int is_within(uint64_t byte, uint64_t from, uint64_t bytes)
{
    return byte >= from && byte - from < bytes;
}

int main(void)
{
    struct job job = any_job(JOB_DROP);
    const uint64_t x = nondet_uint64(), y = nondet_uint64(), byte = nondet_uint64();
    const uint64_t x_bytes = nondet_uint64(), y_bytes = nondet_uint64();
    ASSUME(x && x_bytes <= PTRDIFF_MAX && y_bytes <= PTRDIFF_MAX);
    ASSUME(x <= UINT64_MAX - x_bytes && y <= UINT64_MAX - y_bytes);
    ASSUME(x_bytes && y_bytes);
    job.y = (char *)y;
    const int apart = check_apart(&job, "x", (const void *)x, x_bytes, y_bytes);
    prove_status(apart);
    PROVE(apart || !is_within(byte, x, x_bytes) || !is_within(byte, y, y_bytes));
    failures = 0;
    const int same = check_input(&job, "x", (const char *)x, x_bytes);
    prove_status(same);
    PROVE(same || x == y || !is_within(byte, x, x_bytes) || !is_within(byte, y, x_bytes));
    failures = 0;
    const int outputs = nondet_int(), bits = nondet_int();
    const int sequence = check_outputs(outputs, bits);
    prove_status(sequence);
    PROVE(sequence || (outputs >= 1 && outputs <= 2 && bits >= 1 && bits <= 32 * outputs));
    failures = 0;
    const int dimensions = nondet_int(), known = check_dimensions(dimensions);
    prove_status(known);
    PROVE((known == DROPFUSE_OK) == (dimensions == 2 || dimensions == 3));
}
