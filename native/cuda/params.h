/*
 * What the host hands to a kernel: plain data, the same in C and in CUDA.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_CUDA_PARAMS_H
#define DROPFUSE_CUDA_PARAMS_H

#include <stdint.h>

enum {
    /** Threads in every block. */
    CUDA_BLOCK = 256,
    /** Units that a warp draws at once: two tiles, whose Philox counters share their high words. */
    CUDA_WINDOW = 1024,
    /** Windows that are drawn together where an access is 8 elements. */
    CUDA_WIDEST_WINDOWS = 2,
    /** Requests, each of one access per lane, that a warp of the units kernel takes at once. */
    CUDA_REQUESTS = 16,
    /** DROPFUSE_SUM_ROWS. */
    CUDA_SUM_ROWS = 64,
    /** Rows of sums that a thread adds at once, a power of 2. */
    CUDA_SUM_LEAVES = 16,
    /** Accesses of each lane that a warp of the normals' wide kernel takes at once. */
    CUDA_NORMAL_ACCESSES = 4,
    /** What is done with rows. */
    CUDA_ROWS_COPIED = 0,
    CUDA_ROWS_SCALED = 1,
    CUDA_ROWS_ADDED = 2
};

/* Pointers, not numbers, to device memory: so the compiler knows that it is global memory. */

/**
 * The contract's inputs, with everything computed that no counter's low word takes part in. The
 * first two of Philox's rounds are half done that way; `c` of the second draws differs.
 */
struct draw_params {
    uint32_t k0[10];
    uint32_t k1[10];
    uint32_t a;
    uint32_t b;
    uint32_t c_first;
    uint32_t c_second;
    uint32_t hi;
    uint32_t lo;
};

/** Exact division of numbers below 2^63: (n * multiplier >> 64) >> shift; multiplier 0: by 1. */
struct divisor {
    uint64_t value;
    uint64_t multiplier;
    uint32_t shift;
};

/** Packed mask of the units from `start` to before `start + count`; never empty. */
struct mask_params {
    struct draw_params draw;
    uint64_t start;
    uint64_t count;
    /** The first unit of the first chunk of CUDA_WINDOW: a multiple of it where bytes allow. */
    uint64_t anchor;
    uint64_t chunks;
    unsigned char *mask;
};

/**
 * What becomes of kept and dropped values, in both compute types. A product's divisor is the shift,
 * and a noise's sigma the factor.
 */
struct value_params {
    double factor64;
    double shift64;
    double dropped64;
    float factor32;
    float shift32;
    float dropped32;
};

/**
 * The elements from `first` to before `end`, counted from where x and y have element 0, and what
 * decides on them: drawn units, or bits of a stored mask.
 */
struct range_params {
    struct draw_params draw;
    const char *x;
    char *y;
    uint64_t first;
    uint64_t end;
    /** Unit of element 0. With a decision per element, element e is unit start + e. */
    uint64_t start;
    /** Byte 0, which need not be there; NULL to draw. */
    const unsigned char *mask;
    /** Element (modulo 2^64) that the first chunk begins at. */
    uint64_t anchor;
    uint64_t chunks;
    struct value_params value;
    /** The layout of dropfuse.h; `block` is run * cycle * repeat. */
    struct divisor run;
    struct divisor cycle;
    struct divisor block;
    uint64_t step;
    /** From a block's last unit to the next one's first. */
    uint64_t leap;
};

/** What dropfuse_residual() and dropfuse_zoneout() have beside x, y and the value's constants. */
struct branch_params {
    /** Element 0; NULL for none. */
    const char *residual;
    /** NULL for none. */
    const char *vector;
    struct divisor length;
    /** Whether the vector is a factor, not a summand. */
    uint32_t multiply;
    /** The output is the residual, so dropped elements stay as they are. */
    uint32_t in_place;
    /** What is selected where an element is kept is +0 in place of x. */
    uint32_t rest;
};

struct residual_params {
    struct range_params on;
    struct branch_params branch;
};

/** Sums over rows: x is the gradient, y the first row of sums, and decisions are stored. */
struct sum_params {
    struct range_params on;
    /** The other factor; NULL for none. */
    const char *second;
    uint64_t length;
    uint64_t rows;
    /** Chunks, each of one access per lane, that a row is. */
    uint64_t stripes;
};

/** One level of the tree: rows `step` apart are added. */
struct tree_params {
    char *sums;
    /** NULL but for the last level. */
    char *y;
    uint64_t length;
    uint64_t rows;
    uint64_t step;
    uint64_t stripes;
    uint64_t chunks;
};

/** A range with noise, that is added or a factor. */
struct noise_params {
    struct range_params on;
    uint32_t multiply;
};

/** Rows of a dense tensor, and their places. */
struct rows_params {
    const char *x;
    char *y;
    const uint64_t *indices;
    /** Of the dense tensor. */
    uint64_t accesses;
    uint64_t chunks;
    /** By the accesses of a row. */
    struct divisor row;
    /** Whether y is the dense tensor, or x. */
    uint32_t gathers;
    uint32_t operation;
    struct value_params value;
    /** What is added has no vector. */
    struct branch_params branch;
};

/** A dimension of DropBlock's: centres that cover position i are those from i - before to i + after. */
struct block_axis {
    uint64_t centres;
    uint64_t before;
    uint64_t after;
};

struct block_params {
    const uint64_t *centres;
    /** The byte of the first position, which is a multiple of 8, and how many there are from it on. */
    unsigned char *mask;
    uint64_t first;
    uint64_t bits;
    /** Depth, height and width; of images without depth it is 1. */
    struct block_axis axes[3];
    struct divisor depth;
    struct divisor height;
    struct divisor width;
};

#endif
