/*
 * The mask contract, unit by unit, and what the functions of dropfuse.h give, element by element, as
 * plainly as they are written. Shares nothing with the library but the table of normal numbers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MODEL_H
#define MODEL_H

#include <stddef.h>

#include "calls.h"

/** Philox4x32-10 of a counter, in place. */
void model_philox(uint32_t counter[4], uint32_t key0, uint32_t key1);

/** keep(i), 0 or 1. */
int model_keep(double p, uint64_t seed, uint64_t offset, uint64_t i);

/** The unit of element e, whatever the first one is. */
uint64_t model_unit(const struct units *u, uint64_t e);

/** Draws the decisions on the elements of a range. */
void model_decide(const struct units *u, unsigned char *keep);

/** Bytes of an element of a dropfuse_dtype. */
int model_size(int dtype);

/** x * scale, as the bits of an element in the low bytes. */
uint64_t model_scale(int dtype, uint64_t bits, double scale);

/** The value of an element's bits, widened without loss. */
double model_value(int dtype, uint64_t bits);

/** The bits nearest to a value of the compute type, ties to even. */
uint64_t model_bits(int dtype, double value);

/** Whether the bits are a NaN's. */
int model_is_nan(int dtype, uint64_t bits);

/** A value, a sum, a product and a fused product in the compute type of a dropfuse_dtype. */
double model_rounded(int dtype, double v);
double model_sum(int dtype, double a, double b);
double model_product(int dtype, double a, double b);
double model_fused(int dtype, double a, double b, double c);

/* One element of what a function gives, as bits; inputs are bits too. */

uint64_t model_drop(int dtype, uint64_t x, int keep, double scale, double shift, double dropped);

/** dropfuse_residual(); residual is NULL where there is none. */
uint64_t model_residual(int dtype, uint64_t x, int operation, uint64_t vector,
                        const uint64_t *residual, int keep, double scale);

/** DROPFUSE_EXPECT for p in (0, 1). */
uint64_t model_expect(int dtype, uint64_t x, uint64_t previous, double p);

/** dropfuse_product(). */
uint64_t model_masked(int dtype, uint64_t x, int keep, double divisor, double factor);

/** The normal number of a unit. */
float model_normal(uint64_t seed, uint64_t offset, uint64_t unit);

/** dropfuse_normal() with such a number. */
uint64_t model_noise(int dtype, uint64_t x, int form, double sigma, float normal);

/** dropfuse_rows(): what an output's element `to` becomes when `from` is moved there. */
uint64_t model_moved(int dtype, int operation, uint64_t from, uint64_t to, double scale);

/** A kept element's term of a sum, in the compute type; x is NULL where there is none. */
double model_term(int dtype, uint64_t dy, const uint64_t *x, double scale);

/** Adds the rows of sums to row 0, a step at a time. */
void model_tree(int dtype, double *sums, size_t blocks, size_t length);

enum { MODEL_WORDS = 624 };

/** MT19937 as its authors write it, one output at a time. */
struct model_sequence {
    uint32_t words[MODEL_WORDS];
    uint32_t used;
};
uint32_t model_next(struct model_sequence *sequence);

/** Whether the next unit of dropfuse_mersenne_mask() is kept. */
int model_next_keep(struct model_sequence *sequence, int outputs, int bits, uint64_t threshold,
                    int above);

/** Images of dropfuse_blocks(), with a depth of 1 where there is none. */
struct model_images {
    int dimensions, valid;
    long long extents[3], side;
};

/** Centres along dimension d, 0 to 2. */
long long model_centres(const struct model_images *images, int d);

/** Whether position `bit` is kept, by the packed decisions on the centres from image 0 on. */
int model_covered(const struct model_images *images, const unsigned char *centres, uint64_t bit);

#endif
