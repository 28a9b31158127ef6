/*
 * Jobs that the host does without the loop over units.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_HOST_H
#define DROPFUSE_HOST_H

#include "job.h"

/** dropfuse_normal() */
void host_noise(const struct tier *tier, const struct job *job);

/** dropfuse_rows() */
void host_rows(const struct tier *tier, const struct job *job);

/** dropfuse_blocks() */
void host_blocks(const struct job *job);

#endif
