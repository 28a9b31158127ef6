/* SPDX-License-Identifier: Apache-2.0 */
#include "calls.h"

#define LAYOUT u->first, u->count, u->run, u->cycle, u->repeat, u->step
#define DECISIONS u->mask, u->p, u->seed, u->offset, u->start

struct units elements(long long count)
{
    return (struct units){.count = count, .run = 1, .cycle = 1, .repeat = 1, .step = 1, .p = 0.5,
                          .seed = 2, .offset = 3, .start = 4};
}

int call_stores = DROPFUSE_STORES_AUTO;

struct dropfuse_place on(int tier)
{
    return (struct dropfuse_place){.tier = tier, .stores = call_stores};
}

int call_mask(int tier, void *out, const struct units *u)
{
    const struct dropfuse_place place = on(tier);
    return dropfuse_mask(&place, out, LAYOUT, DECISIONS);
}

int call_drop(int tier, int dtype, const void *x, void *y, const struct units *u, double scale)
{
    return call_affine(tier, dtype, x, y, u, scale, -0.0, 0);
}

int call_affine(int tier, int dtype, const void *x, void *y, const struct units *u, double scale,
                double shift, double dropped)
{
    const struct dropfuse_place place = on(tier);
    return dropfuse_drop(&place, dtype, x, y, LAYOUT, DECISIONS, scale, shift, dropped);
}

int call_residual(int tier, int dtype, const void *x, int operation, const void *vector,
                  long long length, const void *residual, void *y, const struct units *u,
                  double scale)
{
    const struct dropfuse_place place = on(tier);
    return dropfuse_residual(&place, dtype, x, operation, vector, length, residual, y, LAYOUT,
                             DECISIONS, scale);
}

int call_zoneout(int tier, int dtype, int operation, const void *x, const void *previous, void *y,
                 const struct units *u)
{
    const struct dropfuse_place place = on(tier);
    return dropfuse_zoneout(&place, dtype, operation, x, previous, y, LAYOUT, DECISIONS);
}

int call_sum_rows(int tier, int dtype, const void *dy, const void *x, void *sums,
                  long long length, const struct units *u, double scale)
{
    const struct dropfuse_place place = on(tier);
    return dropfuse_sum_rows(&place, dtype, dy, x, sums, length, LAYOUT, DECISIONS, scale);
}

int call_sum_tree(int tier, int dtype, void *sums, long long blocks, long long length, void *y)
{
    const struct dropfuse_place place = on(tier);
    return dropfuse_sum_tree(&place, dtype, sums, blocks, length, y);
}

int call_product(int tier, int dtype, const void *x, void *y, const struct units *u,
                 double divisor, double factor)
{
    const struct dropfuse_place place = on(tier);
    return dropfuse_product(&place, dtype, x, y, LAYOUT, u->mask, u->start, divisor, factor);
}

int call_normal(int tier, int dtype, const void *x, void *y, const struct units *u, int form,
                double sigma)
{
    const struct dropfuse_place place = on(tier);
    return dropfuse_normal(&place, dtype, x, y, u->first, u->count, u->cycle, u->step, u->seed,
                           u->offset, u->start, form, sigma);
}
