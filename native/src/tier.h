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
    /** Tiles from which on the low word of the block number starts again at 0. */
    WRAP_TILES = 1 << 27,
    /** The most tiles that one call of `draw` decides: what a call costs is then little a tile. */
    DRAW_TILES = 32,
    DRAW_WORDS = DRAW_TILES * TILE_WORDS,
    /** The most tiles of one call of `numbers`. */
    NORMAL_TILES = 8,
    /** Rounds between which tiers fetch what is ahead. */
    FETCHING_ROUNDS = 7,
    CACHE_LINE = 64,
    /** Bytes at whose end processors' prefetchers stop. */
    PAGE = 4096
};

/** The contract's inputs, prepared: 0 < threshold < 2^40, so something has to be drawn. */
struct draw {
    uint32_t key[2];
    uint32_t offset[2];
    uint32_t hi; /* threshold >> 32 */
    uint32_t lo; /* low word of the threshold */
};

/**
 * Memory that is read two tiles later, fetched between the rounds of a tile: while numbers are
 * drawn the memory would wait. Fetching takes no part in the answer and reaches past the ends.
 */
struct ahead {
    const char *at[2]; /* the second may be NULL */
    size_t lines;      /* of each, at a time */
    size_t stride;     /* bytes from one time to the next */
    unsigned woven;    /* 1: at every second round, for stores that bypass the cache; else 0 */
};

/**
 * Other work to do while drawing, part by part between the tiles, or {0}: drawing is arithmetic
 * alone, so work that waits for memory goes on beside it.
 */
struct meanwhile {
    void (*work)(void *context, size_t part, size_t parts);
    void *context;
    const struct ahead *ahead; /* NULL to fetch nothing; the work changes it */
};

/** What is done to an element that is kept; the first four, up to FORM_RESIDUAL, go together. */
enum form {
    FORM_SCALE = 0,
    /** The vector is added before scaling, or multiplied with. */
    FORM_ADD = 1,
    FORM_MULTIPLY = 2,
    FORM_VECTOR = FORM_ADD | FORM_MULTIPLY,
    /** The scaled value is added to a residual, which is also what a dropped element is. */
    FORM_RESIDUAL = 4,
    FORM_AFFINE = 8,
    /** It is x itself; with FORM_RESIDUAL a dropped one is the residual. */
    FORM_SELECT = 16,
    /** It is +0, and a dropped one x itself. */
    FORM_REST = 32,
    /** With FORM_RESIDUAL: the scaled value is added to the residual times the shift. */
    FORM_BLEND = 64
};

/** Which units a sequence of MT19937 keeps: see dropfuse_mersenne_mask(). */
struct mersenne_rule {
    uint32_t outputs; /* per unit, 1 or 2 */
    int above;
    uint64_t low; /* the bits to compare */
    uint64_t threshold;
};

/** Words of its state. */
enum { SEQUENCE_WORDS = 624 };

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
     * The numbers of 1 to NORMAL_TILES whole tiles. Of the draw, key and offset count. The low words
     * of the tiles' first blocks do not wrap around within one call. `meanwhile.ahead` is ignored.
     */
    void (*numbers)(const struct draw *draw, uint64_t tile, size_t tiles, float *z,
                    struct meanwhile meanwhile);
    /** y[j] = x[j] * (1 + sigma * z[j]), or x[j] + sigma * z[j], for j < n. */
    void (*noise[4])(const void *x, void *y, size_t n, const float *z, double sigma,
                     int multiply);
};

/**
 * Draws the decisions of 1 to DRAW_TILES whole tiles: bit e of `bits` is keep(tile * TILE + e). The
 * low words of the tiles' first blocks do not wrap around within one call.
 */
typedef void draw_function(const struct draw *draw, uint64_t tile, size_t tiles, uint64_t *bits,
                           struct meanwhile meanwhile);

struct tier {
    const struct sequence *sequence;
    const struct normal *normal;
    draw_function *draw;
    /*
     * What becomes of n contiguous elements; each function is indexed by dropfuse_dtype. Bit
     * (bit + j) of `bits` says whether element j is kept; where `bits` is NULL all are. `stream`
     * asks for stores that bypass the cache. No element is read that has no part in the answer,
     * and at most one word of bits after the last that has.
     */
    /** y[j] = kept ? x[j] * scale : +0 */
    void (*scale[4])(const void *x, void *y, size_t n, const uint64_t *bits, size_t bit,
                     double scale, int stream);
    /** y[j] = kept ? fma(x[j], scale, shift) : dropped */
    void (*affine[4])(const void *x, void *y, size_t n, const uint64_t *bits, size_t bit,
                      double scale, double shift, double dropped, int stream);
    /** y[j] = kept ? residual[j] + (x[j] op vector[j]) * scale : residual[j]; see enum form */
    void (*branch[4])(const void *x, enum form form, const void *vector, const void *residual,
                      void *y, size_t n, const uint64_t *bits, size_t bit, double scale,
                      double shift, int stream);
    /** sums[j] += kept ? dy[j] * scale * x[j] : 0, in the compute type; x may be NULL for 1 */
    void (*sum[4])(const void *dy, const void *x, void *sums, size_t n, const uint64_t *bits,
                   size_t bit, double scale);
    /** y[j] = sums[j], rounded from the compute type */
    void (*finish[4])(const void *sums, void *y, size_t n);
    /** y[j] = value, rounded to the type */
    void (*fill[4])(void *y, size_t n, double value, int stream);
    /** Whether it has stores that bypass the cache; else it is asked for them in vain. */
    int streams;
    /** Ends a series of calls that streamed: orders their stores before all that follow. */
    void (*stream_end)(void);
};

draw_function draw_avx2, draw_avx512, draw_neon;
extern const struct sequence sequence_scalar, sequence_avx2, sequence_avx512, sequence_neon;
extern const struct normal normal_scalar, normal_avx2, normal_avx512, normal_neon;
extern const struct tier tier_scalar, tier_avx2, tier_avx512, tier_neon;

#endif
