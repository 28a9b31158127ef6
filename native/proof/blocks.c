/*
 * The steps of blocks.c that take bits together, each for all stretches of a mask of at most BITS
 * bits and all distances: words are read and written inside of the mask's bytes.
 *
 * Bounded: a mask of 4 words and what is left of one. A step's place depends on where a stretch
 * begins and ends in words, on the distance in words and bits, and on what is left at the end; all of
 * them are met. Longer masks have more turns like the ones in between.
 *
 * prove: --unwind 7 -DSTEP=0
 * prove: --unwind 7 -DSTEP=1
 * prove: --unwind 7 -DSTEP=2
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proof.h"

#include <string.h>

enum { BITS = 4 * 64 + 63 };

static unsigned char mask[BITS / 8 + 1];
static uint64_t mask_bytes;

static void *copy(void *to, const void *from, uint64_t bytes)
{
    const int writes = __CPROVER_same_object(to, mask);
    PROVE(writes || __CPROVER_same_object(from, mask));
    const uint64_t at = (uint64_t)((const unsigned char *)(writes ? to : from) - mask);
    PROVE(bytes >= 1 && bytes <= 8 && at <= mask_bytes && bytes <= mask_bytes - at);
    return to;
}

#define memcpy copy
#include "../src/blocks.c"
#undef memcpy

int main(void)
{
    const uint64_t all = nondet_uint64(), from = nondet_uint64(), to = nondet_uint64();
    const uint64_t by = nondet_uint64();
    ASSUME(all >= 1 && all <= BITS && from < to && to <= all && by >= 1 && by < to - from);
    mask_bytes = (all + 7) / 8;
    const struct packed bits = {mask, all / 64, (all % 64 + 7) / 8};
    if (STEP == 0)
        and_before(&bits, from, to, by);
    else if (STEP == 1)
        and_after(&bits, from, to, by);
    else if (to - from <= 64)
        and_bits(&bits, from, to - from, nondet_uint64());
}
