/*
 * What the front hands to a place: a call whose arguments have been checked and prepared.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_JOB_H
#define DROPFUSE_JOB_H

#include <stddef.h>
#include <stdint.h>

#include "dropfuse.h"
#include "tier.h"

/** The functions of dropfuse.h that compute. */
enum kind {
    JOB_MASK,
    JOB_DROP,
    JOB_RESIDUAL,
    JOB_ZONEOUT,
    JOB_SUM_ROWS,
    JOB_SUM_TREE,
    JOB_MERSENNE,
    JOB_PRODUCT,
    JOB_NORMAL,
    JOB_ROWS,
    JOB_BLOCKS,
    JOB_KINDS
};

/**
 * unit(e) = start + e / (run * cycle * repeat) * step + e / run % cycle, as in dropfuse.h. It is
 * handed on as simple as can be: units that are one run after the other have cycle = repeat = step
 * = 1, and a cycle of one unit comes once.
 */
struct layout {
    uint64_t first, count;
    uint64_t run, cycle, repeat, step;
    uint64_t start;
};

/** The mask contract's threshold, rint((1 - p) 2^40): 0 drops all, EVERY_UNIT keeps all. */
#define EVERY_UNIT (UINT64_C(1) << 40)

/** What decides. */
struct decisions {
    /** Byte 0 of a stored mask, which need not be there; 0 to draw. */
    uintptr_t mask;
    /** 1 with a stored mask. */
    uint64_t threshold;
    uint64_t seed, offset;
};

/** Rows and their places: dropfuse_rows(). */
struct rows {
    const uint64_t *indices;
    uint64_t count;
};

/** Images and their blocks: dropfuse_blocks(). Without a depth, its extent and side are 1. */
struct images {
    const void *centres;
    uint64_t first, count;
    uint64_t extents[3], sides[3];
    int valid;
};

/** A sequence's mask: dropfuse_mersenne_mask(). */
struct sequence_draw {
    uint32_t *state;
    struct mersenne_rule rule;
};

struct job {
    enum kind kind;
    int dtype;
    /** Bytes of an element. */
    size_t size;
    struct layout layout;
    struct decisions decisions;
    /**
     * The first element of the range; for rows and the tree of sums, whose sums are x, the memory
     * as it was given. For JOB_MASK, JOB_MERSENNE and JOB_BLOCKS, y is the byte of the first bit.
     */
    const char *x;
    char *y;
    /** The residual, the previous state, or the other factor of a sum's terms; NULL for none. */
    const char *second;
    /** The output is an input too, as sums are. */
    int in_place;
    /** How the output is written: DROPFUSE_STORES_CACHED, _IN_ORDER or _WOVEN. */
    int stores;
    /** Rounded to the compute type. A product's divisor is its shift, a noise's sigma the scale. */
    double scale, shift, dropped;
    /** The function's own enumeration, as it was given; 0 where it has none. */
    int operation;
    /** How x and the second are combined, and whether noise is a factor (FORM_MULTIPLY). */
    enum form form;
    const char *vector;
    /** Elements of the vector, or of a row. */
    uint64_t length;
    /** Rows of sums. */
    uint64_t sum_blocks;
    union { /* by kind */
        struct rows rows;
        struct images images;
        struct sequence_draw sequence;
    };
};

/** Computes on the host with a tier. Nothing in it fails. */
void host_run(const struct tier *tier, const struct job *job);

/** Asks a device to compute, in a stream's order. Gives a status. */
int cuda_run(int device, void *stream, const struct job *job);

/** The status of asking a device for nothing: it has to be there all the same. */
int cuda_check(int device);

/** The least and the greatest unit of a layout of at least one element. */
void layout_units(const struct layout *layout, uint64_t *least, uint64_t *greatest);

/** Bytes of an element. */
static inline size_t element_size(int dtype)
{
    return dtype == DROPFUSE_FLOAT32 ? 4 : dtype == DROPFUSE_FLOAT64 ? 8 : 2;
}

/** Bytes of an element of the compute type. */
static inline size_t total_size(int dtype)
{
    return dtype == DROPFUSE_FLOAT64 ? 8 : 4;
}

/** Rows of sums that a job of summing writes. */
uint64_t rows_of_sums(const struct job *job);

/** The centres and positions of one image. */
void image_bits(const struct images *images, uint64_t *centres, uint64_t *positions);

#endif
