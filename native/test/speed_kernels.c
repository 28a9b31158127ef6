/* SPDX-License-Identifier: Apache-2.0 */
#include "speed_kernels.h"

enum { SAMPLE = 197 * TOKEN, SIDE = 56, IMAGE = SIDE * SIDE, BLOCK = 7 };
enum { CENTRES = (SIDE - BLOCK + 1) * (SIDE - BLOCK + 1), CHANNELS = 64, SMALL_ROW = 64 };

struct layout {
    long long run, cycle, repeat, step;
};

static const struct layout each = {1, 1, 1, 1};
static const struct layout by_sample = {SAMPLE, 1, 1, 1};
static const struct layout by_token = {TOKEN, 1, 1, 1};

#define ON &(const struct dropfuse_place){.tier = c->tier}
#define LAYOUT(l) 0, c->n, (l).run, (l).cycle, (l).repeat, (l).step
#define DRAWN(p) NULL, p, 42, c->offset, 0

static int drop(const struct call *c, const void *x, void *y, struct layout l, double p)
{
    return c->version->drop(ON, c->dtype, x, y, LAYOUT(l), DRAWN(p), 1 / (1 - p), -0.0, 0);
}

static int stored(const struct call *c, const void *mask)
{
    return c->version->drop(ON, c->dtype, c->x, c->y, LAYOUT(each), mask, 0, 0, 0, 0,
                            1 / (1 - c->p), -0.0, 0);
}

static int draw_bits(const struct call *c, void *bits, long long units, double p)
{
    return c->version->mask(ON, bits, 0, units, 1, 1, 1, 1, DRAWN(p));
}

static int run_forward(const struct call *c) { return drop(c, c->x, c->y, each, c->p); }
static int run_in_place(const struct call *c) { return drop(c, c->x, c->x, each, c->p); }
/* The gradient's call is that of the values, with the same state. */
static int run_backward(const struct call *c) { return drop(c, c->other, c->y, each, c->p); }
static int run_stored(const struct call *c) { return stored(c, c->mask); }
static int run_keep_all(const struct call *c) { return drop(c, c->x, c->y, each, 0); }
static int run_path(const struct call *c) { return drop(c, c->x, c->y, by_sample, 0.5); }
static int run_tokens(const struct call *c) { return drop(c, c->x, c->y, by_token, c->p); }
static int run_mask(const struct call *c) { return draw_bits(c, c->bits, c->n, c->p); }

static int run_channels_first(const struct call *c)
{
    return drop(c, c->x, c->y, (struct layout){IMAGE, 1, 1, 1}, c->p);
}

static int run_channels_small(const struct call *c)
{
    return drop(c, c->x, c->y, (struct layout){49, 1, 1, 1}, c->p);
}

static int run_channels_last(const struct call *c)
{
    return drop(c, c->x, c->y, (struct layout){1, CHANNELS, IMAGE, CHANNELS}, c->p);
}

/* (N, 1, features): all tokens of a sample have one mask. */
static int run_noise_shape(const struct call *c)
{
    return drop(c, c->x, c->y, (struct layout){1, TOKEN, 197, TOKEN}, c->p);
}

/* One half of the columns of a larger tensor. */
static int run_columns(const struct call *c)
{
    return drop(c, c->x, c->y, (struct layout){1, 512, 1, 1024}, c->p);
}

/* Alpha dropout's form; the constants do not matter. */
static int run_affine(const struct call *c)
{
    return c->version->drop(ON, c->dtype, c->x, c->y, LAYOUT(each), DRAWN(c->p), 0.97, 0.125,
                            -1.5);
}

static int residual(const struct call *c, int operation, void *y, struct layout l, double p)
{
    return c->version->residual(ON, c->dtype, c->x, operation, c->vector, TOKEN, c->other, y,
                                LAYOUT(l), DRAWN(p), 1 / (1 - p));
}

static int run_residual(const struct call *c)
{
    return residual(c, DROPFUSE_VECTOR_ADD, c->y, each, c->p);
}

static int run_residual_in_place(const struct call *c)
{
    return residual(c, DROPFUSE_VECTOR_ADD, c->other, each, c->p);
}

static int run_path_residual(const struct call *c)
{
    return residual(c, DROPFUSE_VECTOR_NONE, c->y, by_sample, 0.5);
}

static int run_path_residual_in_place(const struct call *c)
{
    return residual(c, DROPFUSE_VECTOR_NONE, c->other, by_sample, 0.5);
}

static int run_zoneout(const struct call *c)
{
    return c->version->zoneout(ON, c->dtype, DROPFUSE_SELECT, c->x, c->other, c->y, LAYOUT(each),
                               DRAWN(c->p));
}

/* The gradient of a bias. */
static int run_sum_rows(const struct call *c)
{
    return c->version->sum_rows(ON, c->dtype, c->x, NULL, c->sums, TOKEN, LAYOUT(each),
                                DRAWN(c->p), 1 / (1 - c->p));
}

static int normal(const struct call *c, int form)
{
    return c->version->normal(ON, c->dtype, c->x, c->y, 0, c->n, 1, 1, 42, c->offset, 0, form,
                              0.3);
}

static int run_noise(const struct call *c) { return normal(c, DROPFUSE_ADD); }
static int run_gaussian(const struct call *c) { return normal(c, DROPFUSE_MULTIPLY); }

static int make_blocks(const struct call *c)
{
    return c->version->blocks(ON, c->bits, c->more_bits, 0, c->n / IMAGE, 2, 0, SIDE, SIDE, BLOCK,
                              1);
}

/* Decisions of positions from those of centres, which stay the same. */
static int run_blocks(const struct call *c) { return make_blocks(c); }

static int draw_centres(const struct call *c)
{
    const double rate = c->p / (BLOCK * BLOCK) * IMAGE / CENTRES;
    return draw_bits(c, c->bits, c->n / IMAGE * CENTRES, rate);
}

int draw_inputs(const struct call *c)
{
    const int status = draw_bits(c, c->mask, c->n, c->p);
    return status ? status : draw_centres(c);
}

/* The layer: centres, blocks, and the mask applied. */
static int run_dropblock(const struct call *c)
{
    int status = draw_centres(c);
    status = status ? status : make_blocks(c);
    return status ? status : stored(c, c->more_bits);
}

static int rows(const struct call *c, int operation, long long length)
{
    return c->version->rows(ON, c->dtype, operation, c->x, c->y, c->indices, c->n / length, length,
                            1);
}

static int run_gather(const struct call *c) { return rows(c, DROPFUSE_GATHER, TOKEN); }
static int run_scatter(const struct call *c) { return rows(c, DROPFUSE_SCATTER, TOKEN); }
static int run_scatter_add(const struct call *c) { return rows(c, DROPFUSE_SCATTER_ADD, TOKEN); }

static int run_small_rows(const struct call *c)
{
    return rows(c, DROPFUSE_GATHER, SMALL_ROW / c->size);
}

#define NEEDS(name) offsetof(struct version, name)

const struct kernel kernels[] = {
    {"forward", run_forward, COPY, 1, 1, TO_Y, 0, NEEDS(drop)},
    {"in-place", run_in_place, COPY, 1, 1, TO_X, 1, NEEDS(drop)},
    {"backward", run_backward, COPY, 1, 1, TO_Y, 0, NEEDS(drop)},
    {"stored", run_stored, COPY, 1, 1, TO_Y, 0, NEEDS(drop)},
    {"keep-all", run_keep_all, COPY, 1, 1, TO_Y, 0, NEEDS(drop)},
    {"droppath", run_path, COPY, 1, 1, TO_Y, 0, NEEDS(drop)},
    {"tokens", run_tokens, COPY, 1, 1, TO_Y, 0, NEEDS(drop)},
    {"channels-first", run_channels_first, COPY, 1, 1, TO_Y, 0, NEEDS(drop)},
    {"channels-small", run_channels_small, COPY, 1, 1, TO_Y, 0, NEEDS(drop)},
    {"channels-last", run_channels_last, COPY, 1, 1, TO_Y, 0, NEEDS(drop)},
    {"noise-shape", run_noise_shape, COPY, 1, 1, TO_Y, 0, NEEDS(drop)},
    {"columns", run_columns, COPY, 1, 1, TO_Y, 0, NEEDS(drop)},
    {"affine", run_affine, COPY, 1, 1, TO_Y, 0, NEEDS(drop)},
    {"residual", run_residual, SUM, 1, 1, TO_Y, 0, NEEDS(residual)},
    {"residual-in-place", run_residual_in_place, SUM_IN_PLACE, 1, 1, TO_OTHER, 1, NEEDS(residual)},
    {"path-residual", run_path_residual, SUM, 1, 1, TO_Y, 0, NEEDS(residual)},
    {"path-residual-in-place", run_path_residual_in_place, SUM_IN_PLACE, 1, 1,
     TO_OTHER, 1, NEEDS(residual)},
    {"zoneout", run_zoneout, SUM, 1, 1, TO_Y, 0, NEEDS(zoneout)},
    {"sum-rows", run_sum_rows, COPY, 1, TOKEN, TO_SUMS, 0, NEEDS(sum_rows)},
    {"gaussian-noise", run_noise, COPY, 1, 1, TO_Y, 0, NEEDS(normal)},
    {"gaussian-dropout", run_gaussian, COPY, 1, 1, TO_Y, 0, NEEDS(normal)},
    {"mask", run_mask, COPY, 1, 1, TO_BITS, 0, NEEDS(mask)},
    {"blocks", run_blocks, COPY, 1, IMAGE, TO_MORE_BITS, 0, NEEDS(blocks)},
    {"dropblock", run_dropblock, COPY, 1, IMAGE, TO_Y, 0, NEEDS(blocks)},
    {"gather", run_gather, COPY, 2, TOKEN, TO_Y, 0, NEEDS(rows)},
    {"scatter", run_scatter, COPY, 2, TOKEN, TO_Y, 0, NEEDS(rows)},
    {"scatter-add", run_scatter_add, SUM_IN_PLACE, 2, TOKEN, TO_Y, 1, NEEDS(rows)},
    {"small-rows", run_small_rows, COPY, 2, 32, TO_Y, 0, NEEDS(rows)},
};
const int kernels_count = sizeof kernels / sizeof *kernels;
