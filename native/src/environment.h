/*
 * The calling thread's floating-point environment. Between entering and leaving it is the default
 * one: round to nearest, keep subnormals, mask exceptions. What computes in between has to be a
 * function that is not inlined, as compilers move operations on numbers past these.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_ENVIRONMENT_H
#define DROPFUSE_ENVIRONMENT_H

#include <stdint.h>

#if defined(__x86_64__)

#include <xmmintrin.h>

/* Bits of MXCSR that are no flags: denormals are zeros, masks, rounding, flush to zero. */
enum { MODES = 0xFFC0, DEFAULT_MODES = 0x1F80 };

/** Sets the default environment, and gives the caller's. Writing is what costs, so seldom done. */
static inline uint64_t environment_enter(void)
{
    const unsigned callers = _mm_getcsr();
    if ((callers & MODES) != DEFAULT_MODES)
        _mm_setcsr((callers & ~(unsigned)MODES) | DEFAULT_MODES);
    return callers;
}

/** Restores the caller's, and with it the flags where modes differ. */
static inline void environment_leave(uint64_t callers)
{
    if ((callers & MODES) != DEFAULT_MODES)
        _mm_setcsr((unsigned)callers);
}

#elif defined(__aarch64__)

static inline void environment_set(uint64_t modes)
{
    __asm__ volatile("msr fpcr, %0" : : "r"(modes) : "memory");
}

/** Sets the default environment, which is 0, and gives the caller's. Flags are elsewhere. */
static inline uint64_t environment_enter(void)
{
    uint64_t callers;
    __asm__ volatile("mrs %0, fpcr" : "=r"(callers));
    if (callers)
        environment_set(0);
    return callers;
}

static inline void environment_leave(uint64_t callers)
{
    if (callers)
        environment_set(callers);
}

#endif

#endif
