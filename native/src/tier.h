/*
 * What one instruction set provides. A tier knows how to draw decisions and how to apply them to
 * contiguous elements; it knows nothing of arguments, tensors' layouts, sizes beyond its loop, or
 * who calls.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_TIER_H
#define DROPFUSE_TIER_H

#include <stddef.h>
#include <stdint.h>

enum {
    TILE = 512,
    TILE_WORDS = TILE / 64,
    /** The most tiles that one call of `draw` decides: what a call costs is then little a tile. */
    DRAW_TILES = 32,
    DRAW_WORDS = DRAW_TILES * TILE_WORDS
};

/** The contract's inputs, prepared: 0 < threshold < 2^40, so something has to be drawn. */
struct draw {
    uint32_t key[2];
    uint32_t offset[2];
    uint32_t hi; /* threshold >> 32 */
    uint32_t lo; /* low word of the threshold */
};

/**
 * Other work to do while drawing, part by part between the tiles, or {0}: drawing is arithmetic
 * alone, so work that waits for memory goes on beside it.
 */
struct meanwhile {
    void (*work)(void *context, size_t part, size_t parts);
    void *context;
};

struct tier {
    /**
     * Decisions of 1 to DRAW_TILES whole tiles: bit e of `bits` is keep(tile * TILE + e). The
     * low words of the tiles' first blocks do not wrap around within one call.
     */
    void (*draw)(const struct draw *draw, uint64_t tile, size_t tiles, uint64_t *bits,
                 struct meanwhile meanwhile);
    /**
     * y[j] = bit (bit + j) of bits ? x[j] * scale : +0 for j < n; indexed by dropfuse_dtype.
     * `stream` asks for stores that bypass the cache. Reads no element of x or y that has no part
     * in the answer, and at most one word of bits after the last that has.
     */
    void (*select[4])(const void *x, void *y, size_t n, const uint64_t *bits, size_t bit,
                      double scale, int stream);
    /** y[j] = x[j] * scale for j < n; indexed by dropfuse_dtype. */
    void (*scale[4])(const void *x, void *y, size_t n, double scale, int stream);
    /** Ends a series of calls that streamed: orders their stores before all that follow. */
    void (*stream_end)(void);
};

extern const struct tier tier_scalar, tier_avx2, tier_avx512, tier_neon;

#endif
