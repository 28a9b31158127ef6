/*
 * Layouts of units that a fuzzer's bytes choose, and what dropfuse.h says of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LAYOUTS_H
#define LAYOUTS_H

#include "trial.h"

/** Elements of a call at most. */
enum { LAYOUT_ELEMENTS = TRIAL_BYTES / 8 };

/** What dropfuse.h says of numbers. */
enum verdict {
    REFUSED,
    ALLOWED,
    /** Allowed, but no memory is as large. */
    TOO_LARGE
};

/**
 * Numbers, most often allowed ones, and without a stored mask.
 *
 * @param size bytes of an element; 0 for masks
 */
struct units layout_units_of(struct input *in, long long count, size_t size);

/** Replaces one of the numbers by any. */
void layout_spoil(struct input *in, struct units *units);

/** What becomes of a call with such numbers; with `decides`, with p and offset too. */
enum verdict layout_verdict(const struct units *units, size_t size, int decides);

/**
 * A stored mask for allowed numbers, as the call's mask; none where it would be too large. What it
 * holds beside the units is not to be read.
 */
struct piece *layout_mask(struct input *in, struct units *units);

/** The decision on each element of allowed numbers. */
void layout_decide(const struct units *units, const struct piece *mask, unsigned char *keep);

/** Hides the elements that are dropped, where units are longer than a number of elements. */
void layout_hide(const struct units *units, const unsigned char *keep, long long longer,
                 struct piece *piece);

/** Where an address `at` is that of element first. */
void *layout_element0(const struct units *units, const void *at, size_t size);

#endif
