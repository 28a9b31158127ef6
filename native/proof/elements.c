/*
 * each_element() of loop.c, for all ranges of elements, from any unit on: bits are read inside of the
 * window that holds them, which nothing overwrites before, and elements go to the operation in order,
 * each once, all of them. Where stores are woven, which is not so here, course.c says in which order.
 * The first window may be asked for a part of the units, the next one for all that are left.
 *
 * Bounded: what two windows hold, each of any size that window_fill() may give it. Two windows take
 * turns, so a third turn finds what the second one found. After the last unit, 2^64 may come out as
 * 0, which nothing uses: so unsigned numbers may wrap around.
 *
 * prove: --unwind 3
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proof.h"

#include "../src/loop.c"

enum { TURNS = 2 };

static uint64_t out, count, first_unit;
static int turns;
static const struct window *newest;

int cpu_order(void)
{
    return nondet_int() & 1 ? DROPFUSE_STORES_WOVEN : DROPFUSE_STORES_IN_ORDER;
}

/* What window.c proves of it. Here the work to do meanwhile is done as any tier may: in parts. */
void window_fill(struct window *window, const struct source *source, uint64_t unit, uint64_t last,
                 struct meanwhile meanwhile)
{
    (void)source;
    const uint64_t end = first_unit + (count - 1);
    PROVE(unit <= last && last <= end && (turns == 0 || last == end));
    ASSUME(turns++ < TURNS);
    if (meanwhile.work) {
        PROVE(window != newest); /* which the work reads */
        const size_t parts = nondet_uint64();
        ASSUME(parts == 1 || parts == 2);
        for (size_t part = 0; part < parts; part++)
            meanwhile.work(meanwhile.context, part, parts);
    }
    window->base = nondet_uint64();
    window->count = nondet_uint64();
    ASSUME(window->base % 8 == 0 && window->count % 8 == 0 && window->count <= 64 * DRAW_WORDS);
    ASSUME(window->base <= unit && unit - window->base < window->count);
    ASSUME(unit - window->base < TILE);
    newest = window;
}

static void select_(const struct work *work, uint64_t e, uint64_t n, const uint64_t *bits,
                    uint64_t bit, int stream)
{
    (void)work;
    (void)stream;
    PROVE(n >= 1 && e == out && n <= count - out);
    /* The element's own unit, in the window that was filled last. */
    PROVE(bits == newest->bits && newest->base + bit == first_unit + e);
    PROVE(bit < newest->count && n <= newest->count - bit);
    /* A word after the last one that holds its bits is in the window too. */
    PROVE((bit + n - 1) / 64 + 1 <= DRAW_WORDS);
    out += n;
}

static const struct operation operation = {.select = select_};

int main(void)
{
    static struct job job;
    const struct work work = {.job = &job, .operation = &operation};
    job.kind = nondet_int() & 1 ? JOB_MASK : JOB_DROP;
    job.size = nondet_int() & 1 ? 4 : 8;
    job.in_place = nondet_int() & 1;
    job.layout.count = count = nondet_uint64();
    ASSUME(count >= 1 && count <= INT64_MAX / 8);
    first_unit = nondet_uint64();
    ASSUME(first_unit <= ~UINT64_C(0) - (count - 1));
    each_element(&work, 0, count, first_unit);
    PROVE(out == count);
}
