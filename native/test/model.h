/*
 * The mask contract, unit by unit, as plainly as it is written. Shares nothing with the library.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MODEL_H
#define MODEL_H

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

#endif
