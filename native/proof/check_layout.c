/*
 * check_layout(), for all arguments: nothing undefined, nothing wraps around, and a layout that is
 * accepted has its numbers in their ranges and elements that memory can hold.
 *
 * That none of its units is greater than 2^64 - 1 is proved with SMALL for runs, cycles, repeats,
 * steps and numbers of elements below 2^SMALL, and any start: units of several elements and blocks of
 * several cycles, from any place in a block to any other, are among them. The formula is the same for
 * greater numbers, and what could differ there, a product that wraps around, is part of the first
 * proof.
 *
 * prove: products --unsigned-overflow-check -DSIZE=0
 * prove: products --unsigned-overflow-check -DSIZE=2
 * prove: products --unsigned-overflow-check -DSIZE=8
 * prove: -DSIZE=0 -DSMALL=3
 * SPDX-License-Identifier: Apache-2.0
 */
#include "layout.h"

#include "../src/check.c"
#include "../src/job.c"

int main(void)
{
    const struct layout l = any_layout();
    const int status = check_layout(&l, SIZE);
    prove_status(status);
    ASSUME(!status);
    PROVE(is_layout(&l));
    PROVE(is_range(&l, SIZE));
#ifdef SMALL
    const uint64_t e = nondet_uint64();
    ASSUME(is_in_range(&l, e));
    PROVE(fits(unit_of(&l, e)));
#endif
}
