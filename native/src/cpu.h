/*
 * Which tiers this processor, its operating system and this build can run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_CPU_H
#define DROPFUSE_CPU_H

struct tier;

enum { TIERS = 5 };

/** The tier's functions, or NULL with the failure's text set and its status in *status. */
const struct tier *tier_for(int tier, int *status);

/** The order in which streamed stores suit the processor: a dropfuse_stores. */
int cpu_order(void);

#if defined(__x86_64__)
/**
 * A cache's bytes by EBX and ECX of CPUID's leaf 4, or of 0x8000001D, which is alike. 0 for less than
 * 64 KiB, and for more than 16 GiB, which no largest cache has.
 */
long long cpu_cache_bytes(unsigned b, unsigned c);

/**
 * Sets the tiers that follow from CPUID's leaf 1 (ECX) and leaf 7 (EBX) and from XCR0, to 1, or to
 * -1 where the operating system has not enabled the registers.
 */
void cpu_tiers(unsigned leaf1, unsigned leaf7, unsigned state, signed char available[TIERS]);
#endif

#endif
