/*
 * What is assumed of products and quotients of numbers of 64 bits, each for the numbers it is called
 * with. lemmas.c has the proofs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_LEMMAS_H
#define DROPFUSE_LEMMAS_H

#include "proof.h"

#pragma CPROVER check push
#pragma CPROVER check disable "unsigned-overflow"

static int fits(wide a)
{
    return a >> 64 == 0;
}

static int product_grows(uint64_t a, uint64_t b, uint64_t c)
{
    return a > b || (wide)a * c <= (wide)b * c;
}

static int product_steps(uint64_t a, uint64_t c)
{
    return a == ~UINT64_C(0) || (wide)(a + 1) * c == (wide)a * c + c;
}

static int quotient_grows(uint64_t a, uint64_t b, uint64_t c)
{
    return a > b || a / c <= b / c;
}

/* Within one period of c runs, later runs have greater numbers. */
static int period_grows(uint64_t a, uint64_t b, uint64_t run, uint64_t cycle)
{
    return a > b || a / (run * cycle) != b / (run * cycle) || a / run % cycle <= b / run % cycle;
}

/* What is counted within a block is counted as from 0 on. */
static int block_repeats(uint64_t a, uint64_t run, uint64_t cycle, uint64_t repeat)
{
    return a % (run * cycle * repeat) / run % cycle == a / run % cycle;
}

#pragma CPROVER check pop

#endif
