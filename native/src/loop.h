/*
 * The loop that every tier shares: which unit decides which element.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_LOOP_H
#define DROPFUSE_LOOP_H

#include "window.h"

/** unit(e) = start + e / (run * cycle * repeat) * cycle + e / run % cycle, as in dropfuse.h. */
struct layout {
    uint64_t first, count;
    uint64_t run, cycle, repeat;
    uint64_t start;
};

struct job {
    struct source source;
    struct layout layout;
    int dtype;
    size_t size; /* bytes of an element */
    const char *x; /* the first element of the range */
    char *y;       /* likewise: x itself, or apart from it */
    double scale;
    /** Kept values stay what they are: in place, with a scale of 1. */
    int untouched;
};

/** The least and the greatest unit of a layout of at least one element. */
void layout_units(const struct layout *layout, uint64_t *least, uint64_t *greatest);

/** Packs the decisions of count >= 1 units into (count + 7) / 8 bytes. */
void loop_mask(const struct source *source, uint64_t start, uint64_t count, unsigned char *mask);

/** The same where all is kept, or all dropped. */
void loop_mask_all(int keep, uint64_t count, unsigned char *mask);

/** Drops units of at least one element. */
void loop_drop(const struct job *job);

/** The same where all is kept, or all dropped. */
void loop_keep_all(const struct job *job);
void loop_drop_all(const struct job *job);

#endif
