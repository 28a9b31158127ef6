/*
 * What is assumed of products of numbers of 64 bits, of those that it is called with. lemmas.smt2 has the
 * proof, for all integers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_LEMMAS_H
#define DROPFUSE_LEMMAS_H

#include "proof.h"

#pragma CPROVER check push
#pragma CPROVER check disable "unsigned-overflow"

static int product_grows(uint64_t a, uint64_t b, uint64_t c)
{
    return a > b || ((wide)a * c <= (wide)b * c && (wide)c * a <= (wide)c * b);
}

#pragma CPROVER check pop

#endif
