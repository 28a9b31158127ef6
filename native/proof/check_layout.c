/*
 * check_layout(), for all arguments. A layout that it accepts is one: its numbers are in their
 * ranges, memory can hold the elements, and no element's unit is greater than 2^64 - 1.
 *
 * prove: products --unsigned-overflow-check
 * SPDX-License-Identifier: Apache-2.0
 */
#include "layout.h"

#include "../src/check.c"
#include "../src/job.c"

int main(void)
{
    const struct layout l = nondet_layout();
    const uint64_t sizes[] = {0, 2, 4, 8}, size = sizes[nondet_uint64() % 4];
    const int status = check_layout(&l, size);
    prove_status(status);
    ASSUME(!status);
    PROVE(is_layout(&l));
    PROVE(is_range(&l, size));
    const uint64_t e = nondet_uint64();
    ASSUME(is_in_range(&l, e));
    const uint64_t last = l.first + l.count - 1;
    const uint64_t block = l.run * l.cycle * l.repeat;
    assume_units_grow(&l, l.first, e);
    assume_units_grow(&l, e, last);
    assume_periods_grow(&l, e % block, last % block);
    assume_periods_grow(&l, l.first % block, e % block);
    PROVE(fits(unit_of(&l, e)));
}
