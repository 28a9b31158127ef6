/*
 * What the library's functions do to elements.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_OPERATIONS_H
#define DROPFUSE_OPERATIONS_H

#include "loop.h"

extern const struct operation operation_drop, operation_affine, operation_branch, operation_sum;

/** Memory in which a short vector is repeated. */
struct repeated {
    unsigned char bytes[8192];
};

/** Repeats a job's vector, where it is short, so that more elements are done at a time. */
void repeat_vector(struct job *job, struct repeated *memory);

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
