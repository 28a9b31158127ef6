/*
 * What the library's functions do to elements, and to sums of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_OPERATIONS_H
#define DROPFUSE_OPERATIONS_H

#include "loop.h"

extern const struct operation operation_mask, operation_drop, operation_affine, operation_branch,
    operation_sum, operation_product;

/** Memory in which a short vector is repeated. */
struct repeated {
    _Alignas(64) unsigned char bytes[8192];
};

/** Repeats a job's vector, where it is short, so that more elements are done at a time. */
void repeat_vector(struct work *work, struct repeated *memory);

/** What dropfuse_sum_tree() does. */
void sum_tree(const struct tier *tier, const struct job *job);

#endif
