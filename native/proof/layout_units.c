/*
 * layout_units() of job.c, for layouts as check_layout.c has them accepted: no element's unit is less
 * than the least or greater than the greatest that it gives. Bounded as there, with SMALL. For all
 * layouts, nothing is divided by zero.
 *
 * prove: products
 * prove: --unsigned-overflow-check -DSMALL=3
 * SPDX-License-Identifier: Apache-2.0
 */
#include "layout.h"

#include "../src/job.c"

int main(void)
{
    const struct layout l = any_layout();
    ASSUME(is_layout(&l) && is_range(&l, 0) && l.count);
#ifdef SMALL
    const uint64_t e = nondet_uint64();
    ASSUME(is_in_range(&l, e));
    ASSUME(l.start <= ~UINT64_C(0) - (2 << 2 * SMALL)); /* so no unit wraps around */
#endif
    uint64_t least, greatest;
    layout_units(&l, &least, &greatest);
#ifdef SMALL
    PROVE(least <= unit_of(&l, e));
    PROVE(greatest >= unit_of(&l, e));
#endif
}
