/*
 * Checks of what callers pass. Each gives DROPFUSE_OK, or another status with the failure's text
 * set to name the argument, its value and what it may be.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_CHECK_H
#define DROPFUSE_CHECK_H

#include "loop.h"

int check_draw(double p, unsigned long long offset);
int check_mask(unsigned long long start, long long count, const void *mask);
int check_dtype(int dtype);
int check_layout(long long first, long long count, long long run, long long cycle,
                 long long repeat, unsigned long long start, size_t size);
int check_pointers(const char *x_name, const void *x, const char *y_name, const void *y,
                   long long count);
/** What dropfuse_normal() has beside other functions. */
int check_noise(int form, double sigma);
/** Bytes from `from` on, `bytes` of them, that have nothing to do with the output. */
int check_apart(const char *name, const void *from, uint64_t bytes, const char *out_name,
                const void *out, uint64_t out_bytes);
/** A mask that has to be there. */
int check_stored(const void *mask, long long count);
/** Of a job whose numbers and pointers have been checked. */
int check_overlap(const struct job *job);
/** What dropfuse_residual() has beside other functions. */
int check_vector(const struct job *job, int operation, const void *vector, long long length);
/** What dropfuse_sum_rows() has; takes the length. */
int check_rows(struct job *job, long long length, double scale);
int check_row_memory(const struct job *job);
int check_sums(int dtype, const void *sums, long long blocks, long long length, const void *y);

#endif
