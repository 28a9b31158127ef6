/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"

#include <windows.h>

/* GetThreadTimes counts ticks of 15.6 ms, and the system counts no preemptions for a thread. */
const char *const clock_lacks =
    "there is no fine clock of the thread's processor time: preempted samples are not seen";

double clock_wall(void)
{
    LARGE_INTEGER now, frequency;
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&now);
    return (double)now.QuadPart / (double)frequency.QuadPart;
}

double clock_cpu(void)
{
    return -1;
}

long clock_preemptions(void)
{
    return 0;
}
