/*
 * mask_select() of operations.c: a mask's bits are written in the bytes that hold the elements and
 * in no other, and read from the words that hold the decisions and one after them.
 *
 * Bounded: at most 1100 elements at a time, two tiles and more, which is every way through the
 * function: a byte that is begun, words that are copied, words that are shifted, and what is left.
 *
 * prove: --unwind 19 --unsigned-overflow-check
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proof.h"

#include <string.h>

enum { MOST = 1100 };

static unsigned char *out_begin;
static uint64_t out_bytes, written;
static const uint64_t *bits_begin;
static uint64_t words;

static void *copy(void *to, const void *from, uint64_t bytes)
{
    const unsigned char *at = to;
    if (__CPROVER_same_object(to, out_begin)) {
        PROVE(at == out_begin + written && bytes <= out_bytes - written);
        written += bytes;
    }
    if (__CPROVER_same_object(from, bits_begin)) {
        const uint64_t first = (uint64_t)((const char *)from - (const char *)bits_begin);
        PROVE(first % 8 == 0 && bytes <= 8 * words - first);
    }
    PROVE(__CPROVER_w_ok(to, bytes) && __CPROVER_r_ok(from, bytes));
    return to;
}

#define memcpy copy
#include "../src/operations.c"
#undef memcpy

int main(void)
{
    const uint64_t e = nondet_uint64(), n = nondet_uint64(), bit = nondet_uint64();
    ASSUME(n >= 1 && n <= MOST && e <= 7 && bit < 64);
    static unsigned char out[(MOST + 7 + 7) / 8 + 1];
    static uint64_t bits[(MOST + 64) / 64 + 2];
    struct job job = {.y = (char *)out};
    const struct work work = {.job = &job};
    out_begin = out;
    out_bytes = (e + n + 7) / 8;
    bits_begin = bits;
    words = (bit + n - 1) / 64 + 2;
    written = e ? 1 : 0; /* the byte that is begun is changed in place */
    mask_select(&work, e, n, bits, bit, 0);
    PROVE(written == out_bytes);
}
