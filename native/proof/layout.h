/*
 * The layout of dropfuse.h, written from there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_LAYOUT_H
#define DROPFUSE_LAYOUT_H

#include "lemmas.h"

#pragma CPROVER check push
#pragma CPROVER check disable "unsigned-overflow"

static wide unit_of(const struct layout *l, uint64_t e)
{
    const uint64_t block = l->run * l->cycle * l->repeat;
    return (wide)l->start + (wide)(e / block) * l->step + e / l->run % l->cycle;
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
    return (wide)l->first + l->count <= INT64_MAX / (size ? size : 1);
}

static int is_in_range(const struct layout *l, uint64_t e)
{
    return e >= l->first && l->count && e <= l->first + l->count - 1;
}

/* What is needed to know that e's unit is no greater than that of a later element e2. */
static void assume_units_grow(const struct layout *l, uint64_t e, uint64_t e2)
{
    const uint64_t block = l->run * l->cycle * l->repeat;
    const uint64_t q = e / block, q2 = e2 / block;
    ASSUME(quotient_grows(e, e2, block));
    ASSUME(product_steps(q, l->step));
    ASSUME(product_grows(q + 1, q2, l->step));
    ASSUME(block_repeats(e, l->run, l->cycle, l->repeat));
    ASSUME(block_repeats(e2, l->run, l->cycle, l->repeat));
}

/* The same within a block, for places in it. */
static void assume_periods_grow(const struct layout *l, uint64_t at, uint64_t at2)
{
    ASSUME(quotient_grows(at, at2, l->run * l->cycle));
    ASSUME(period_grows(at, at2, l->run, l->cycle));
}

#pragma CPROVER check pop

#endif
