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

struct job;

/**
 * What becomes of elements: of a range, the n >= 1 elements from its e-th on are decided by the bits from `bit` on, or
 * all kept, or all dropped. `stream` asks for stores that bypass the cache.
 */
struct operation {
    void (*select)(const struct job *job, uint64_t e, uint64_t n, const uint64_t *bits,
                   uint64_t bit, int stream);
    void (*keep)(const struct job *job, uint64_t e, uint64_t n, int stream);
    void (*drop)(const struct job *job, uint64_t e, uint64_t n);
};

struct job {
    struct source source;
    struct layout layout;
    const struct operation *operation;
    int dtype;
    size_t size; /* bytes of an element */
    const char *x; /* the first element of the range */
    char *y;       /* likewise: x itself, or apart from it */
    double scale;
    /** The output is an input too. */
    int in_place;
    /* dropfuse_affine() */
    double shift, dropped;
    /** The residual, or the other factor of a sum's terms; NULL for none. */
    const char *second;
    /* dropfuse_residual() */
    enum form form;
    const char *vector;
    /** Elements of the vector, or of a row. */
    uint64_t length;
};

/** The least and the greatest unit of a layout of at least one element. */
void layout_units(const struct layout *layout, uint64_t *least, uint64_t *greatest);

/** Packs the decisions of count >= 1 units into (count + 7) / 8 bytes. */
void loop_mask(const struct source *source, uint64_t start, uint64_t count, unsigned char *mask);

/** The same where all is kept, or all dropped. */
void loop_mask_all(int keep, uint64_t count, unsigned char *mask);

/** Does a job of at least one element. */
void loop_units(const struct job *job);

/** The same where all is kept, or all dropped. */
void loop_all(const struct job *job, int keep);

#endif
