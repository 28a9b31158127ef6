/* SPDX-License-Identifier: Apache-2.0 */
#include "measure.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "clock.h"

/* Long beside the clocks' own times, short beside the time slices of a system. */
static const double BATCH_SECONDS = 200e-6;

enum { CORE_ROUNDS = 5500, CORE_TRIES = 3 };

struct times {
    double wall, cpu;
};

static double best = 1e9;

/*
 * Eight chains of simple operations, more than any core can begin at once: what binds is how many
 * operations it begins, which is what a neighbour on the core takes away. About 20 microseconds.
 */
static double time_core(void)
{
    double least = 1e9;
    for (int k = 0; k < CORE_TRIES; k++) {
        uint64_t a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8;
        const double begun = clock_wall();
        for (int r = 0; r < CORE_ROUNDS; r++) {
#define STEP(v) v = (v << 7 | v >> 57) + (uint64_t)r
            STEP(a); STEP(b); STEP(c); STEP(d); STEP(e); STEP(f); STEP(g); STEP(h);
#undef STEP
            /* Neither vectors nor fewer operations. */
            __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d));
            __asm__ volatile("" : "+r"(e), "+r"(f), "+r"(g), "+r"(h));
        }
        const double taken = clock_wall() - begun;
        least = taken < least ? taken : least;
    }
    best = least < best ? least : best;
    return least;
}

double best_core(void)
{
    return best;
}

void find_best_core(double seconds)
{
    const double begun = clock_wall();
    do
        time_core();
    while (clock_wall() - begun < seconds);
}

/* Times of `calls` calls, all in all, less what clocks take by themselves. */
static struct times run(const struct contender *c, long calls)
{
    struct times sum = {0, 0};
    while (calls) {
        const long n = c->calls && c->calls < calls ? c->calls : calls;
        if (c->prepare)
            c->prepare(c->context);
        const double cpu = clock_cpu(), wall = clock_wall();
        for (long k = 0; k < n; k++)
            c->call(c->context);
        sum.wall += clock_wall() - wall;
        sum.cpu += clock_cpu() - cpu;
        calls -= n;
    }
    return sum;
}

static void nothing(void *context)
{
    (void)context;
}

/* What the clocks take of a time. */
static struct times clocks(void)
{
    static struct times least = {-1, -1};
    static const struct contender idle = {.call = nothing};
    for (int k = 0; least.wall < 0 || k < 100; k++) {
        const struct times t = run(&idle, 1);
        if (least.wall < 0 || t.wall < least.wall)
            least.wall = t.wall;
        if (least.cpu < 0 || t.cpu < least.cpu)
            least.cpu = t.cpu;
    }
    return least;
}

static struct times batch(const struct contender *c, long calls, struct times less)
{
    struct times t = run(c, calls);
    const double pieces = c->calls ? (double)((calls + c->calls - 1) / c->calls) : 1;
    t.wall -= pieces * less.wall;
    t.cpu -= pieces * less.cpu;
    return t;
}

static long calls_of(const struct contender *c, long most, struct times less)
{
    long calls = 1;
    while ((!most || 2 * calls <= most) && batch(c, calls, less).wall < BATCH_SECONDS)
        calls *= 2;
    return calls;
}

static int was_preempted(struct times t)
{
    const double away = t.wall - t.cpu;
    return clock_cpu() >= 0 && away > 5e-6 && away > 0.02 * t.wall;
}

/* Takes a round, and keeps or discards it. */
static void take(const struct contender *contenders, const long *calls, int backwards,
                struct times less, struct samples *s)
{
    const long before = clock_preemptions();
    double core = time_core(), least = core, most = core, sum = core;
    int preempted = 0;
    for (int k = 0; k < s->contenders; k++) {
        const int c = backwards ? s->contenders - 1 - k : k;
        const struct times t = batch(contenders + c, calls[c], less);
        preempted |= was_preempted(t);
        s->wall[c][s->kept] = t.wall / (double)calls[c];
        s->cpu[c][s->kept] = t.cpu / (double)calls[c];
        core = time_core();
        sum += core;
        least = core < least ? core : least;
        most = core > most ? core : most;
    }
    if (preempted || clock_preemptions() != before) {
        s->preempted++;
    } else if (most > CORE_CHANGE * least) {
        s->changed++;
    } else {
        s->state[s->kept] = sum / (s->contenders + 1) <= CORE_CHANGE * best ? FAST : SLOW;
        s->kept++;
    }
}

int samples_of(const struct samples *s, enum state state)
{
    int n = 0;
    for (int k = 0; k < s->kept; k++)
        n += s->state[k] == state;
    return n;
}

static int ascending(const void *a, const void *b)
{
    const double u = *(const double *)a, v = *(const double *)b;
    return (u > v) - (u < v);
}

/*
 * Whether sorted values fall into two heaps of a quarter at least, far apart beside the heaps' own
 * spread and by 5 % of the median. Evenly spread values are 3.5 times the deviation apart, normal
 * ones 2.7 times.
 */
static int two_heaps(const double *v, int n)
{
    double total = 0;
    for (int k = 0; k < n; k++)
        total += v[k];
    double sum = 0;
    for (int k = 1; k < n; k++) {
        sum += v[k - 1];
        if (4 * k < n || 4 * (n - k) < n)
            continue;
        const double low = sum / k, high = (total - sum) / (n - k);
        double squares = 0;
        for (int j = 0; j < n; j++) {
            const double away = v[j] - (j < k ? low : high);
            squares += away * away;
        }
        const double apart = high - low;
        if (apart > 0.05 * v[n / 2] && apart * apart * n > 25 * squares)
            return 1;
    }
    return 0;
}

struct figure figure_of(double *v, int n)
{
    if (!n)
        return (struct figure){.unsure = 1, .doubt = "too few"};
    qsort(v, (size_t)n, sizeof *v, ascending);
    struct figure f = {n, v[0], v[n / 4], (v[(n - 1) / 2] + v[n / 2]) / 2, v[n - 1 - n / 4], 1,
                       NULL};
    if (n < LEAST_KEPT) {
        f.doubt = "too few";
        return f;
    }
    int rank = (int)(n / 2.0 - 0.98 * sqrt(n));
    rank = rank < 0 ? 0 : rank;
    f.unsure = (v[n - 1 - rank] - v[rank]) / f.median;
    if (two_heaps(v, n))
        f.doubt = "two heaps";
    else if (f.unsure > LEAST_SURE)
        f.doubt = "unsure";
    return f;
}

/* Of times, or with others of ratios to those. */
static struct figure of_state(const struct samples *s, const double *values, const double *to,
                              enum state state)
{
    static double chosen[MOST_ROUNDS];
    int n = 0;
    for (int k = 0; k < s->kept; k++)
        if (s->state[k] == state)
            chosen[n++] = to ? values[k] / to[k] : values[k];
    return figure_of(chosen, n);
}

struct figure wall_times(const struct samples *s, int contender, enum state state)
{
    return of_state(s, s->wall[contender], NULL, state);
}

struct figure cpu_times(const struct samples *s, int contender, enum state state)
{
    return of_state(s, s->cpu[contender], NULL, state);
}

struct figure ratios(const struct samples *s, int contender, int to, enum state state)
{
    return of_state(s, s->wall[contender], s->wall[to], state);
}

/* Whether there are enough rounds of one state to know each ratio. */
static int enough(const struct samples *s, int rounds)
{
    for (int state = FAST; state <= SLOW; state++) {
        if (samples_of(s, (enum state)state) < rounds)
            continue;
        int known = 1;
        for (int c = 0; c + 1 < s->contenders; c++)
            known &= ratios(s, c, s->contenders - 1, (enum state)state).unsure <= SURE &&
                     ratios(s, 0, c + 1, (enum state)state).unsure <= SURE;
        if (known)
            return 1;
    }
    return 0;
}

void measure(const struct contender *contenders, int n, const struct plan *plan, struct samples *s)
{
    const struct times less = clocks();
    long calls[MOST_CONTENDERS];
    for (int c = 0; c < n; c++)
        calls[c] = calls_of(contenders + c, plan->calls, less);
    s->contenders = n;
    s->kept = s->preempted = s->changed = 0;
    const double begun = clock_wall();
    for (int r = 1; s->kept < MOST_ROUNDS; r++) {
        take(contenders, calls, r % 2, less, s);
        if ((r >= LEAST_KEPT && clock_wall() - begun >= plan->seconds) ||
            (r % 16 == 0 && enough(s, plan->rounds)))
            break;
    }
}
