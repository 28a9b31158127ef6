/*
 * What a tier provides beside dropping: masks from a sequence, and normal numbers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_FAMILIES_H
#define DROPFUSE_FAMILIES_H

#include <stddef.h>
#include <stdint.h>

#include "normal_draw.h"

struct draw;

/** Which units a sequence of MT19937 keeps: see dropfuse_mersenne_mask(). */
struct mersenne_rule {
    uint32_t outputs; /* per unit, 1 or 2 */
    int above;
    uint64_t low; /* the bits to compare */
    uint64_t threshold;
};

struct sequence {
    /** Packs the decisions of count >= 1 units; the state is as dropfuse_mersenne_mask() has it. */
    void (*mersenne)(uint32_t *state, const struct mersenne_rule *rule, uint64_t count,
                     unsigned char *mask);
    /** y[j] = x[j] / divisor * (bit j of bits ? factor : 0), each rounded to the type. */
    void (*product[4])(const void *x, void *y, size_t n, const uint64_t *bits, double divisor,
                       double factor);
};

struct normal {
    /**
     * The numbers of whole tiles. Of the draw, key and offset count. The low words of the tiles'
     * first blocks do not wrap around within one call.
     */
    void (*numbers)(const struct draw *draw, uint64_t tile, size_t tiles, float *z);
    /** y[j] = x[j] * (1 + sigma * z[j]), or x[j] + sigma * z[j], for j < n. */
    void (*noise[4])(const void *x, void *y, size_t n, const float *z, double sigma,
                     int multiply);
};

extern const struct sequence sequence_scalar, sequence_avx2, sequence_avx512, sequence_neon;
extern const struct normal normal_scalar, normal_avx2, normal_avx512, normal_neon;

#endif
