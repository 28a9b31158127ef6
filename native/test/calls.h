/*
 * Calls of the library's functions, with what most of them take in one structure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CALLS_H
#define CALLS_H

#include <stdint.h>

#include "dropfuse.h"

/** Elements, the layout of their units, and what decides. */
struct units {
    long long first, count, run, cycle, repeat, step;
    const void *mask;
    double p;
    uint64_t seed, offset, start;
};

/** A decision for each of `count` elements, drawn from some numbers. */
struct units elements(long long count);

/** How calls write: a dropfuse_stores. */
extern int call_stores;

/** A tier as a place. */
struct dropfuse_place on(int tier);

int call_mask(int tier, void *out, const struct units *u);
/** Plain dropout. */
int call_drop(int tier, int dtype, const void *x, void *y, const struct units *u, double scale);
int call_affine(int tier, int dtype, const void *x, void *y, const struct units *u, double scale,
                double shift, double dropped);
int call_residual(int tier, int dtype, const void *x, int operation, const void *vector,
                  long long length, const void *residual, void *y, const struct units *u,
                  double scale);
int call_zoneout(int tier, int dtype, int operation, const void *x, const void *previous, void *y,
                 const struct units *u);
int call_sum_rows(int tier, int dtype, const void *dy, const void *x, void *sums,
                  long long length, const struct units *u, double scale);
int call_sum_tree(int tier, int dtype, void *sums, long long blocks, long long length, void *y);
int call_product(int tier, int dtype, const void *x, void *y, const struct units *u,
                 double divisor, double factor);
int call_normal(int tier, int dtype, const void *x, void *y, const struct units *u, int form,
                double sigma);

#endif
