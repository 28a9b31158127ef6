/*
 * The loop that every tier shares: which unit decides which element.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_LOOP_H
#define DROPFUSE_LOOP_H

#include "bits.h"
#include "job.h"
#include "window.h"

struct work;

/**
 * What becomes of elements: of the range, the n >= 1 elements from the e-th on are decided by the
 * bits from `bit` on, or all kept, or all dropped. `stream` asks for stores that bypass the cache.
 */
struct operation {
    void (*select)(const struct work *work, uint64_t e, uint64_t n, const uint64_t *bits,
                   uint64_t bit, int stream);
    void (*keep)(const struct work *work, uint64_t e, uint64_t n, int stream);
    void (*drop)(const struct work *work, uint64_t e, uint64_t n, int stream);
};

/** A job in the hands of a tier. */
struct work {
    const struct job *job;
    const struct operation *operation;
    struct source source;
    /** The job's, or where that is short, several of them. */
    const char *vector;
    uint64_t length;
};

/** Does a job of at least one element. */
void loop_units(const struct work *work);

static inline uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

#endif
