/*
 * Which tiers this processor, its operating system and this build can run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_CPU_H
#define DROPFUSE_CPU_H

struct tier;

/** The tier's functions, or NULL with the failure's text set and its status in *status. */
const struct tier *tier_for(int tier, int *status);

#endif
