/*
 * From a job to what its kernel is handed: see params.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_CUDA_FILL_H
#define DROPFUSE_CUDA_FILL_H

#include "job.h"
#include "params.h"

/** Bytes of a wide access. */
enum { ACCESS = 16 };

static inline uint64_t ceil_div(uint64_t n, uint64_t d)
{
    return n / d + (n % d != 0);
}

/** Elements are units, one after the other: bits of decisions are theirs, too. */
int by_element(const struct layout *layout);

/** Where element 0 would be of a range that begins at `range`: kernels count from there. */
char *element_0(const struct job *job, const void *range);

struct draw_params draw_params(const struct decisions *decisions);

struct divisor divisor(uint64_t d);

/** Constants of the compute type. */
struct value_params value_params(double factor, double shift, double dropped);

/** All but memory, chunks and values. */
struct range_params range_params(const struct job *job);

/** All; gives whether an access is one element, as the kernels' table has it. */
int fill_range(const struct job *job, struct range_params *params);

#endif
