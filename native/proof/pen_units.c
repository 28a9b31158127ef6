/*
 * pen_units() of loop.c, for all runs, all places in a window, and all numbers of elements that the
 * window's units have: elements come in order, each once, all of them; each is decided by the bit of
 * its unit; and no bit is read that is not the window's, but for one word after it.
 *
 * From any place that the invariant allows, the first turn of a loop is proved to lead to one that it
 * allows, and the second to go on from there. So it holds after any number of turns.
 *
 * Bounded: windows of WORDS words. The function is not told how many a window has, so it cannot differ
 * with more of them. Where runs are longer than 64, they are below 2^16, and 2^20 elements are left.
 *
 * prove: calls=pen_bits:give_bits calls=pen_stretch:give_stretch --unwind 3 --unwindset main.0:4 -DLONG=0
 * prove: calls=pen_bits:give_bits calls=pen_stretch:give_stretch --unwind 3 --unwindset main.0:4 -DLONG=1
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proof.h"

#include "../src/loop.c"

enum { TURNS = 2, WORDS = 2 };

static uint64_t window[WORDS + 1];
/* Where the next element stands, the elements that are left, and where the window's units end. */
static uint64_t bit, in_run, left, run, end;
/* Stands for (end - bit) * run: what is known of that is that it is 0, or no less than run. */
static uint64_t room;
static int turns;

static int decides(uint64_t at)
{
    return window[at / 64] >> at % 64 & 1;
}

/* The elements that are left are of the units that are left. */
static int holds_so_far(void)
{
    return bit <= end && in_run < run && left <= room && in_run <= room - left;
}

/* What is known of the product. */
static void next_unit(uint64_t units, uint64_t elements)
{
    bit += units;
    room -= elements;
    ASSUME(run == 1 ? room == end - bit : bit < end ? room >= run : room == 0);
}

static void pass(uint64_t n)
{
    PROVE(n >= 1 && bit < end);
    PROVE(n == least(left, run == 1 ? 64 : run - in_run));
    left -= n;
    if (run == 1) {
        next_unit(n, n);
    } else {
        in_run += n;
        if (in_run == run) {
            in_run = 0;
            next_unit(1, run);
        }
    }
    PROVE(holds_so_far());
}

void give_bits(struct pen *pen, uint64_t word, uint64_t n)
{
    ASSUME(turns++ < TURNS);
    const uint64_t j = nondet_uint64();
    PROVE(n >= 1 && n <= 64);
    ASSUME(j < n);
    PROVE((int)(word >> j & 1) == decides(run == 1 ? bit + j : bit));
    pass(n);
}

void give_stretch(struct pen *pen, int keep, uint64_t n)
{
    ASSUME(turns++ < TURNS);
    PROVE(keep == decides(bit));
    pass(n);
}

int main(void)
{
    for (int w = 0; w <= WORDS; w++)
        window[w] = nondet_uint64();
    run = nondet_uint64();
    bit = nondet_uint64();
    end = nondet_uint64();
    in_run = nondet_uint64();
    left = nondet_uint64();
    room = nondet_uint64();
    if (LONG) {
        run %= 1 << 16;
        left %= 1 << 20;
        room %= 1 << 20;
    }
    ASSUME(run >= 1 && run <= INT64_MAX && left <= INT64_MAX && end <= 64 * WORDS);
    ASSUME((run > SHORT_RUN) == LONG);
    next_unit(0, 0);
    ASSUME(holds_so_far());
    struct pen pen;
    pen_units(&pen, window, bit, run, in_run, left);
    PROVE(left == 0);
}
