/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* RUSAGE_THREAD */
#include "clock.h"

#include <stddef.h>
#include <sys/resource.h>
#include <time.h>

const char *const clock_lacks = NULL;

#ifndef RUSAGE_THREAD
#define RUSAGE_THREAD RUSAGE_SELF /* of a program of one thread */
#endif

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double clock_wall(void)
{
    return seconds(CLOCK_MONOTONIC);
}

double clock_cpu(void)
{
    return seconds(CLOCK_THREAD_CPUTIME_ID);
}

long clock_preemptions(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_THREAD, &usage) ? 0 : usage.ru_nivcsw;
}
