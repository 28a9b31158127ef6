/*
 * What `speed` measures.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SPEED_KERNELS_H
#define SPEED_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "versions.h"

/** Memory of a call, and what it is to compute. */
struct call {
    const struct version *version;
    int tier, dtype, size; /* bytes of an element */
    /** Elements. */
    long long n;
    double p;
    /** Another one at each call: branch predictors learn a small mask by heart. */
    uint64_t offset;
    char *x, *y, *other;
    /** Decisions for every element, drawn from p; room for as many. */
    char *mask, *bits, *more_bits;
    /** Numbers of every other row, of as many as there are of 64 bytes. */
    const uint64_t *indices;
    /** A token's elements; and sums of rows of as many, of the compute type. */
    char *vector, *sums;
};

/** Elements of a row, and of a vector. */
enum { TOKEN = 768 };

/** What a kernel's time is divided by. */
enum limit_kind { COPY, SUM, SUM_IN_PLACE };

enum output { TO_X, TO_Y, TO_OTHER, TO_BITS, TO_MORE_BITS, TO_SUMS };

struct kernel {
    const char *name;
    /** Gives a dropfuse_status. */
    int (*run)(const struct call *call);
    enum limit_kind limit;
    /** What is moved: the tensor's elements by `part`, rounded down to a multiple of `grain`. */
    int part;
    long long grain;
    enum output output;
    /** Whether the output is an input too, so that it has to be restored from time to time. */
    int in_place;
    /** The function that it needs. */
    size_t function;
};

extern const struct kernel kernels[];
extern const int kernels_count;

/** Draws the decisions that some kernels read: `mask`, and in `bits` centres of blocks. */
int draw_inputs(const struct call *call);

#endif
