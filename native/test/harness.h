/*
 * What every test program uses: checks that count and explain, and memory that ends at a page
 * nobody may touch.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HARNESS_H
#define HARNESS_H

#include <stddef.h>
#include <stdint.h>

#include "calls.h"
#include "format.h"

/** Counts a failed check, prints its text, and ends the program after some of them. */
PRINTF_LIKE(4, 5) void check(int ok, const char *file, int line, const char *format, ...);
#define CHECK(ok, ...) check(!!(ok), __FILE__, __LINE__, __VA_ARGS__)

/** Prints a line of what was checked; the program's exit status. */
int finish(const char *what);

/**
 * The tiers that can run here, AUTO not among them; the environment's DROPFUSE_TEST_TIER names one
 * to be tested alone. Ends with -1.
 */
const int *tiers(void);

/** Repeatable numbers for choosing cases; nothing to do with the library's own. */
uint64_t pick(void);
void pick_from(uint64_t seed);
/** One of 0 ... n - 1. */
uint64_t pick_below(uint64_t n);

/** Memory of up to `capacity` bytes between two unreadable pages. */
struct fenced {
    unsigned char *low, *high; /* the first usable byte; the one past the last */
};
struct fenced fenced_new(size_t capacity);
void fenced_free(struct fenced *fenced);

/** Where n bytes lie flush with the low end, or with the high one. */
unsigned char *fenced_at(const struct fenced *fenced, size_t n, int low);

/** The address of element 0 where the first one of a range is given. It may be none. */
void *element0(void *first_element, uint64_t first, size_t size);

#endif
