/*
 * The pen of loop.c: one call of each of its functions, from any state that the invariant allows,
 * keeps the invariant. So it holds after any number of calls, which is why no number of elements is
 * assumed. Elements go to the operation in order, each once, and bits are not written outside of the
 * pen's. Which bits they are is for the tests to say. In which order the elements of a stretch go
 * to the operation where stores are woven is what course.c is about.
 *
 * prove: --unwind 2 --unsigned-overflow-check
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proof.h"

#include "../src/loop.c"

/* Elements that were given to the operation, and elements that were given to the pen. */
static uint64_t out, in, end;
static const struct pen *the_pen;

static void take(uint64_t e, uint64_t n)
{
    PROVE(n >= 1 && e == out && n <= end - e);
    out += n;
}

static void select_(const struct work *work, uint64_t e, uint64_t n, const uint64_t *bits,
                    uint64_t bit, int stream)
{
    PROVE(bits == the_pen->bits && bit == 0 && n <= 64 * PEN_WORDS + 63);
    PROVE(__CPROVER_r_ok(bits, ((n - 1) / 64 + 2) * 8));
    take(e, n);
}

static void keep(const struct work *work, uint64_t e, uint64_t n, int stream)
{
    take(e, n);
}

static void drop(const struct work *work, uint64_t e, uint64_t n, int stream)
{
    take(e, n);
}

static const struct operation operation = {select_, keep, drop};

/* Bits or a stretch are waiting, never both: a call's units are all short ones or all long ones. */
static int holds_so_far(const struct pen *pen)
{
    return pen->e == out && pen->used < 64 * PEN_WORDS && (!pen->used || !pen->stretch) &&
           out <= in && in <= end &&
           (pen->used ? pen->used : pen->stretch) == in - out;
}

int main(void)
{
    struct job job;
    const struct work work = {.job = &job, .operation = &operation};
    struct pen pen;
    the_pen = &pen;
    out = nondet_uint64();
    in = nondet_uint64();
    end = nondet_uint64();
    pen.work = &work;
    job.stores = nondet_int();
    ASSUME(job.stores != DROPFUSE_STORES_WOVEN);
    pen.stream = nondet_int();
    pen.keep = nondet_int() & 1;
    pen.e = nondet_uint64();
    pen.used = nondet_uint64();
    pen.stretch = nondet_uint64();
    ASSUME(holds_so_far(&pen));
    const uint64_t n = nondet_uint64();
    ASSUME(n >= 1 && n <= end - in);
    const int call = nondet_int();
    if (call == 0) {
        ASSUME(!pen.stretch && n <= 64);
        in += n;
        pen_bits(&pen, nondet_uint64(), n);
    } else if (call == 1) {
        ASSUME(!pen.used);
        in += n;
        pen_stretch(&pen, nondet_int() & 1, n);
    } else if (pen.used) {
        pen_bits_out(&pen, pen.used);
        PROVE(out == in && !pen.used);
    } else if (pen.stretch) {
        pen_stretch_out(&pen);
        PROVE(out == in && !pen.stretch);
    }
    PROVE(holds_so_far(&pen));
}
