/*
 * Checks of what callers pass. Each gives DROPFUSE_OK, or another status with the failure's text
 * set to name the argument, its value and what it may be.
 *
 * A job that is checked holds the arguments as they were given: its numbers are signed ones, its
 * pointers are to element 0, and it has no form yet.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_CHECK_H
#define DROPFUSE_CHECK_H

#include "job.h"

/** All numbers; of those that a job holds in another way, see below. */
int check_numbers(const struct job *job, double p);

/** That there is memory, where anything is to be done, and how it is aligned. */
int check_pointers(const struct job *job);

/** What may not overlap, in a job whose pointers are those of the range. */
int check_overlap(const struct job *job);

/** How a tier is to write. */
int check_stores(int stores);

/** dropfuse_mersenne_mask() */
int check_outputs(int outputs, int bits);

/** dropfuse_blocks() */
int check_dimensions(int dimensions);

#endif
