/*
 * What the functions that launch kernels share: the preparation of a job, and the launch.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_CUDA_LAUNCH_H
#define DROPFUSE_CUDA_LAUNCH_H

#include "check.h"
#include "context.h"
#include "params.h"

/** Bytes of a wide access. */
enum { ACCESS = 16 };

/** What every function that decides on elements is given. */
struct decisions {
    int dtype;
    long long first, count, run, cycle, repeat;
    const void *mask;
    double p;
    unsigned long long seed, offset, start;
};

/**
 * Checks the decisions and fills in a job, whose pointers are taken to be element 0's and become
 * those of the range.
 */
int launch_begin(struct job *job, const struct decisions *d);

/** Whether all is dropped without a draw. */
int drops_all(const struct decisions *d);

/** Elements are units, so that bits of decisions are theirs too. */
int by_element(const struct job *job);

/** Where element 0 would be of a range that begins at `range`: kernels count from there. */
void *element_0(const struct job *job, const void *range);

struct draw_params draw_params(double p, uint64_t seed, uint64_t offset);

struct divisor divisor(uint64_t d);

struct value_params value_params(double factor, double shift, double dropped);

/** Fills in all but the value; gives whether an access is one element, as the kernels' tables do. */
int fill_elements(const struct job *job, const struct decisions *d, struct element_params *params);
int fill_units(const struct job *job, const struct decisions *d, struct unit_params *params);

/** Asks for a kernel on as many warps as there are chunks, or as the device holds. */
int launch(const struct kernel *kernel, uint64_t chunks, void *params, CUstream stream);

/** Draws a packed mask, whose first bit is unit `start`, of at least one unit. */
int launch_mask(const struct context *context, const struct draw_params *draw, uint64_t start,
                uint64_t count, void *mask, CUstream stream);

static inline uint64_t ceil_div(uint64_t n, uint64_t d)
{
    return n / d + (n % d != 0);
}

#endif
