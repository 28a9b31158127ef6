/*
 * The layout of dropfuse.h, written from there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_LAYOUT_H
#define DROPFUSE_LAYOUT_H

#include "proof.h"

#pragma CPROVER check push
#pragma CPROVER check disable "unsigned-overflow"

static int has_layout(enum kind kind)
{
    return kind != JOB_SUM_TREE && kind != JOB_MERSENNE && kind != JOB_ROWS && kind != JOB_BLOCKS;
}

/* Any numbers, or those below 2^SMALL, but for the start. */
static struct layout any_layout(void)
{
    struct layout l = nondet_layout();
#ifdef SMALL
    l.run %= 1 << SMALL;
    l.cycle %= 1 << SMALL;
    l.repeat %= 1 << SMALL;
    l.step %= 1 << SMALL;
    l.first %= 1 << SMALL;
    l.count %= 1 << SMALL;
#endif
    return l;
}

static wide unit_of(const struct layout *l, uint64_t e)
{
    const uint64_t block = l->run * l->cycle * l->repeat;
    return (wide)l->start + (wide)(e / block) * l->step + e / l->run % l->cycle;
}

static int fits(wide unit)
{
    return unit >> 64 == 0;
}

static int is_positive(uint64_t n)
{
    return n >= 1 && n <= INT64_MAX;
}

/* run * cycle * repeat < 2^63, and what else has nothing to do with elements. */
static int is_layout(const struct layout *l)
{
    return is_positive(l->run) && is_positive(l->cycle) && is_positive(l->repeat) &&
           is_positive(l->step) && l->step >= l->cycle &&
           (wide)l->run * l->cycle <= INT64_MAX &&
           (wide)(l->run * l->cycle) * l->repeat <= INT64_MAX;
}

/* The elements [first, first + count) of `size` bytes are ones that memory can hold. */
static int is_range(const struct layout *l, uint64_t size)
{
    /* By cases: of divisions by variables, products.py knows nothing but that equal ones are equal. */
    const int64_t most = size == 8   ? INT64_MAX / 8
                         : size == 4 ? INT64_MAX / 4
                         : size == 2 ? INT64_MAX / 2
                                     : INT64_MAX;
    PROVE(size == 8 || size == 4 || size == 2 || size == 0);
    return (wide)l->first + l->count <= most;
}

static int is_in_range(const struct layout *l, uint64_t e)
{
    return e >= l->first && l->count && e <= l->first + l->count - 1;
}

#pragma CPROVER check pop

#endif
