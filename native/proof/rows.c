/*
 * copy_short() of rows.c, for all rows of 16 to SHORT_ROW bytes: 16 bytes at a time from inside of
 * the row, the last ones up to its end. And for all lengths of rows, those that are brought together
 * fit in the memory that they are brought to.
 *
 * prove: --unwind 33 --unsigned-overflow-check
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proof.h"

#include <string.h>

static const char *row;
static uint64_t row_bytes, up_to;

static void *copy(void *to, const void *from, uint64_t bytes)
{
    const uint64_t at = (uint64_t)((const char *)from - row);
    PROVE(bytes == 16 && at <= up_to && bytes <= row_bytes - at);
    up_to = at + bytes;
    return to;
}

#define memcpy copy
#include "../src/rows.c"
#undef memcpy

int main(void)
{
    static char from[SHORT_ROW], to[SHORT_ROW];
    row = from;
    row_bytes = nondet_uint64();
    ASSUME(row_bytes >= 1);
    if (row_bytes >= 16 && row_bytes <= SHORT_ROW) {
        copy_short(to, from, row_bytes);
        PROVE(up_to == row_bytes);
    }
    const uint64_t left = nondet_uint64();
    ASSUME(left >= 1);
    const uint64_t n = together(left, row_bytes);
    PROVE(n >= 1 && n <= left && (n == 1 || n * row_bytes <= STRETCH));
}
