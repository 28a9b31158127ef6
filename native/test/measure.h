/*
 * How times are measured, and when they are believed.
 *
 * Contenders take turns: a round is a batch of calls of each, in an order that is reversed from
 * round to round, and a ratio is one of two batches of the same round. Before, between and after
 * the batches a short loop of known work in registers tells how fast the core is. A neighbour on
 * the same physical core, which no clock of the system shows, makes it slow.
 *
 * A round is discarded where the thread was preempted, or where the core changed. What is left is
 * divided by the core's state: fast is within CORE_CHANGE of the best that this process has seen.
 * Figures of the two states are never mixed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MEASURE_H
#define MEASURE_H

enum { MOST_CONTENDERS = 3, MOST_ROUNDS = 1001, LEAST_KEPT = 7 };

/** By this factor a core has changed. */
#define CORE_CHANGE 1.15

/** A median that is not known better than to within so much of it is not believed. */
#define LEAST_SURE 0.05

/** Rounds are taken until it is known to within so much, or the time is up. */
#define SURE 0.01

enum state { FAST, SLOW };

struct contender {
    void (*call)(void *context);
    /** Run before `calls` calls, outside of the time; NULL for none. */
    void (*prepare)(void *context);
    void *context;
    /** Most calls after each `prepare`; 0 for no limit. */
    long calls;
};

struct plan {
    /** Rounds of one state that are wanted at least. */
    int rounds;
    /** When to stop in any case, but for LEAST_KEPT rounds. */
    double seconds;
    /** Most calls of a batch; 0 for as many as its time allows. */
    long calls;
};

/** Times of a call, in seconds, of the rounds that were kept. */
struct samples {
    int contenders, kept, preempted, changed;
    enum state state[MOST_ROUNDS];
    double wall[MOST_CONTENDERS][MOST_ROUNDS], cpu[MOST_CONTENDERS][MOST_ROUNDS];
};

struct figure {
    int n;
    /** The minimum, and quartiles. */
    double least, lower, median, upper;
    /** The width of the median's 95 % confidence interval, by ranks, relative to the median. */
    double unsure;
    /** Why it is not to be believed; NULL if it is. */
    const char *doubt;
};

/** The figure of some values, which are left sorted. */
struct figure figure_of(double *values, int n);

/** Measures; `samples` is overwritten. */
void measure(const struct contender *contenders, int n, const struct plan *plan,
             struct samples *samples);

/** How many kept rounds had this state. */
int samples_of(const struct samples *samples, enum state state);

/** Wall times of a contender. */
struct figure wall_times(const struct samples *samples, int contender, enum state state);

/** Processor times of a contender, negative where there is no clock. */
struct figure cpu_times(const struct samples *samples, int contender, enum state state);

/** Ratios of wall times of the same rounds. */
struct figure ratios(const struct samples *samples, int contender, int to, enum state state);

/** The best time of the loop of known work so far, in seconds. */
double best_core(void);

/** Looks for the best time for a while, so that the first figures have something to go by. */
void find_best_core(double seconds);

#endif
