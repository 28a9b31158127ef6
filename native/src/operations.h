/*
 * What the library's functions do to elements.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_OPERATIONS_H
#define DROPFUSE_OPERATIONS_H

#include <math.h>

#include "dropfuse.h"
#include "loop.h"

extern const struct operation operation_drop, operation_affine, operation_branch, operation_sum;

/** Memory in which a short vector is repeated. */
struct repeated {
    unsigned char bytes[8192];
};

/** Repeats a job's vector, where it is short, so that more elements are done at a time. */
void repeat_vector(struct job *job, struct repeated *memory);

/**
 * A constant as a type holds it, for the computing. One kind of NaN, whose low bits are 0: narrowing
 * to bfloat16 counts on it.
 */
static inline double constant(int dtype, double value)
{
    if (isnan(value))
        return (double)NAN;
    return dtype == DROPFUSE_FLOAT64 ? value : (double)(float)value;
}

/** Bytes of an element. */
size_t element_size(int dtype);

/** Bytes of an element of the compute type. */
size_t total_size(int dtype);

/** Rows of sums that a job of summing writes. */
uint64_t rows_of_sums(const struct job *job);

/** What dropfuse_sum_tree() does. */
void sum_tree(const struct tier *tier, int dtype, void *sums, uint64_t blocks, uint64_t length,
              void *y);

#endif
