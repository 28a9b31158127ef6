/*
 * Plain sums: what takes as much memory traffic as a kernel with two inputs, and computes next to
 * nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BOUNDS_H
#define BOUNDS_H

#include <stddef.h>

struct limit {
    const char *name;
    /** out = a + b, as words of 64 bits, of a multiple of 64 bytes; out may be a. */
    void (*sum)(void *out, const void *a, const void *b, size_t bytes);
    /** Whether stores bypass the cache, so that memory has to be aligned to 64 bytes. */
    int streams;
};

/** Those that this processor can run. */
extern const struct limit limits[];
size_t limits_count(void);

#endif
