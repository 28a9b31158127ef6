/*
 * What time it is for this thread, on the wall and on the processor.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLOCK_H
#define CLOCK_H

/** What this system's clocks do not tell; NULL where they tell everything. */
extern const char *const clock_lacks;

/** Seconds from some moment on. */
double clock_wall(void);

/** Seconds that the thread has been on a processor; -1 where that is not known finely enough. */
double clock_cpu(void);

/** How often the thread was taken off a processor; 0 where that is not known. */
long clock_preemptions(void);

#endif
