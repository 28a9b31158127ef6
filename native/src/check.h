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
int check_pointers(const void *x, const void *y, long long count);
/** Of a job whose numbers and pointers have been checked. */
int check_overlap(const struct job *job);

#endif
