/*
 * The functions that work element by element: dropfuse_mask, dropfuse_drop, dropfuse_residual,
 * dropfuse_zoneout, dropfuse_product and dropfuse_normal.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "layouts.h"
#include "model.h"

enum function { MASK, DROP, RESIDUAL, ZONEOUT, PRODUCT, NORMAL, FUNCTIONS };

static const char *const names[] = {
    "tier",   "dtype",  "operation", "out",   "x",   "y",    "vector", "length", "residual",
    "first",  "count",  "run",       "cycle", "repeat", "step", "mask", "p",     "offset",
    "start",  "form",   "sigma",     "previous", NULL};

static struct {
    enum function function;
    int dtype, operation;
    const void *x, *second, *vector;
    void *y;
    long long length;
    struct units u;
    double scale, shift, dropped;
} c;

static unsigned char keep[LAYOUT_ELEMENTS];

static size_t size_of(void)
{
    return c.function == MASK ? 0 : (size_t)model_size(c.dtype & 3);
}

static int call(int tier)
{
    const size_t size = size_of();
    void *const x = layout_element0(&c.u, c.x, size), *const y = layout_element0(&c.u, c.y, size);
    void *const second = layout_element0(&c.u, c.second, size);
    switch (c.function) {
    case MASK:
        return call_mask(tier, c.y ? element0(c.y, (uint64_t)c.u.first / 8, 1) : NULL, &c.u);
    case DROP:
        return call_affine(tier, c.dtype, x, y, &c.u, c.scale, c.shift, c.dropped);
    case RESIDUAL:
        return call_residual(tier, c.dtype, x, c.operation, c.vector, c.length, second, y, &c.u,
                             c.scale);
    case ZONEOUT:
        return call_zoneout(tier, c.dtype, c.operation, x, second, y, &c.u);
    case PRODUCT:
        return call_product(tier, c.dtype, x, y, &c.u, c.scale, c.shift);
    default:
        return call_normal(tier, c.dtype, x, y, &c.u, c.operation, c.scale);
    }
}

static int expects(void)
{
    return c.function == ZONEOUT && c.operation == DROPFUSE_EXPECT;
}

/* Of a function's own arguments, beside the layout, the decisions and memory. */
static int has_right_numbers(void)
{
    if (c.function != MASK && (c.dtype < 0 || c.dtype > 3))
        return 0;
    switch (c.function) {
    case RESIDUAL:
        return c.operation >= 0 && c.operation <= 2 && c.length >= 1 &&
               (c.operation == 0 || (uint64_t)c.length <= (uint64_t)PTRDIFF_MAX / size_of());
    case ZONEOUT:
        return c.operation == 0 || c.operation == 1;
    case NORMAL:
        return (c.operation == 0 || c.operation == 1) && c.scale >= 0 && isfinite(c.scale);
    default:
        return 1;
    }
}

/* DROPFUSE_EXPECT looks at no layout. */
static struct units seen_units(void)
{
    struct units u = c.u;
    if (expects()) {
        u = elements(c.u.count);
        u.run = INT64_MAX;
        u.first = c.u.first;
        u.p = c.u.p;
    }
    return u;
}

static void expect(struct piece *x, struct piece *second, struct piece *vector, struct piece *y)
{
    const uint64_t first = (uint64_t)c.u.first;
    if (c.function == MASK) {
        memset(y->after, 0, y->bytes);
        for (long long e = 0; e < c.u.count; e++)
            y->after[e / 8] |= (unsigned char)(keep[e] << e % 8);
        return;
    }
    for (size_t e = 0; e < (size_t)c.u.count; e++) {
        const uint64_t a = x ? piece_get(x, e) : 0, b = second ? piece_get(second, e) : 0;
        uint64_t bits;
        int any_nan = 1;
        switch (c.function) {
        case DROP:
            bits = model_drop(c.dtype, a, keep[e], c.scale, c.shift, c.dropped);
            break;
        case RESIDUAL: {
            const uint64_t v =
                vector ? piece_get(vector, (size_t)((first + e) % (uint64_t)c.length)) : 0;
            bits = model_residual(c.dtype, a, c.operation, v, second ? &b : NULL, keep[e], c.scale);
            any_nan = keep[e];
            break;
        }
        case ZONEOUT:
            any_nan = c.operation == DROPFUSE_EXPECT && c.u.p > 0 && c.u.p < 1;
            bits = any_nan                            ? model_expect(c.dtype, a, b, c.u.p)
                   : c.operation == DROPFUSE_EXPECT   ? c.u.p == 0 ? a : b
                   : keep[e]                          ? a
                                                      : b;
            break;
        case PRODUCT:
            bits = model_masked(c.dtype, a, keep[e], c.scale, c.shift);
            break;
        default:
            bits = model_noise(c.dtype, a, c.operation, c.scale,
                               model_normal(c.u.seed, c.u.offset, model_unit(&c.u, first + e)));
        }
        piece_expect(y, e, bits, any_nan);
    }
}

/* Input that is not read where it is dropped. */
static void hide(struct piece *x, const struct piece *y)
{
    if (x && x != y && (c.function == DROP || c.function == RESIDUAL || c.function == ZONEOUT))
        layout_hide(&c.u, keep, 64, x);
}

/* Memory that is not there, or that overlaps the output. Whether a call has to be refused for it. */
static int spoil_memory(struct input *in, const struct piece *x, const struct piece *second,
                        const struct piece *mask)
{
    const size_t bytes = (size_t)c.u.count * (size_of() ? size_of() : 1);
    const size_t shift = bytes > 1 ? 1 + (size_t)input_below(in, bytes - 1) : 0;
    switch (input_below(in, 6)) {
    case 0:
        c.y = NULL;
        return 1;
    case 1:
        c.x = NULL;
        if (c.function == ZONEOUT && !expects())
            c.second = NULL;
        return c.function != MASK;
    case 2:
        if (!x || !shift || c.y == c.x)
            return 0;
        c.y = (unsigned char *)(uintptr_t)c.x + shift;
        return 1;
    case 3:
        if (!second || !shift)
            return 0;
        c.y = (unsigned char *)(uintptr_t)c.second + shift;
        return 1;
    case 4:
        if (!mask || expects())
            return 0;
        c.y = mask->at + input_below(in, mask->bytes);
        return 1;
    default:
        if (c.function != RESIDUAL || c.operation == DROPFUSE_VECTOR_NONE)
            return 0;
        c.vector = input_take(in, 1) % 2 ? NULL : (char *)c.y + shift;
        return 1;
    }
}

void fuzz_one(struct input *in)
{
    trial_begin();
    memset(&c, 0, sizeof c);
    c.function = (enum function)input_below(in, FUNCTIONS);
    c.dtype = input_rarely(in, 40) ? (int)input_any(in) : (int)input_below(in, 4);
    c.operation = input_rarely(in, 40) ? (int)input_any(in) : (int)input_below(in, 3);
    if (c.function == ZONEOUT || c.function == NORMAL)
        c.operation -= c.operation == 2;
    c.scale = input_double(in);
    c.shift = input_double(in);
    c.dropped = input_double(in);
    if (c.function == DROP && input_below(in, 2)) {
        c.shift = -0.0;
        c.dropped = 0;
    }
    if (c.function == NORMAL && !input_rarely(in, 40))
        c.scale = isfinite(c.scale) ? fabs(c.scale) : 0.1;
    c.length = input_rarely(in, 40) ? (long long)input_any(in) : 1 + (long long)input_below(in, 300);
    const size_t size = size_of();
    const long long count = (long long)input_below(in, LAYOUT_ELEMENTS + 1);
    c.u = layout_units_of(in, input_rarely(in, 4) ? count : count % 300, size);
    if (input_rarely(in, 8))
        layout_spoil(in, &c.u);
    if (c.function == NORMAL) {
        c.u.run = c.u.repeat = 1;
        c.u.p = 0;
    }
    const int tier = trial_tier(in), inputs = (int)input_below(in, 4);
    call_stores = (int)(count % (DROPFUSE_STORES_WOVEN + 1)); /* takes no byte of old inputs */

    struct units seen = seen_units();
    const enum verdict verdict = layout_verdict(&seen, size, c.function != PRODUCT);
    if (verdict == TOO_LARGE)
        return;
    const int right = verdict == ALLOWED && has_right_numbers() && trial_has(tier);
    const size_t n = verdict == ALLOWED ? (size_t)c.u.count : 16;

    struct piece *x = NULL, *second = NULL, *vector = NULL, *mask = NULL, *y = NULL;
    if (c.function != MASK && (c.function != ZONEOUT || inputs != 2 || c.operation))
        x = trial_piece(in, n * size, c.dtype & 3, 1);
    if ((c.function == RESIDUAL && inputs & 1) || (c.function == ZONEOUT && (inputs > 1 || c.operation)))
        second = trial_piece(in, n * size, c.dtype & 3, 1);
    if (c.function == RESIDUAL && c.operation && c.length >= 1 && c.length <= 300)
        vector = trial_piece(in, (size_t)c.length * size, c.dtype & 3, 1);
    const int output = (int)input_below(in, 4);
    y = output == 1 && x ? x : output == 2 && second ? second
        : trial_piece(in, c.function == MASK ? (n + 7) / 8 : n * size,
                      c.function == MASK ? -1 : c.dtype & 3, 1);
    if (right && (c.function == PRODUCT || input_below(in, 3) == 0) && c.function != NORMAL)
        mask = layout_mask(in, &seen);
    struct piece *const all[] = {x, second, vector, y};
    for (int k = 0; k < 4; k++)
        if (all[k])
            piece_fill(all[k], in);
    c.u.mask = seen.mask;
    if (mask && !expects()) { /* what is ignored then */
        c.u.p = input_double(in);
        c.u.offset = input_any(in);
    }
    c.x = x ? x->at : NULL;
    c.second = second ? second->at : NULL;
    c.vector = vector ? vector->at : NULL;
    c.y = y->at;

    const int missing = n && ((c.function == PRODUCT && !mask) ||
                              (c.function == RESIDUAL && c.operation && !vector));
    if (!right || missing || (n && input_rarely(in, 16) && spoil_memory(in, x, second, mask))) {
        trial_refused(in, call, tier, names);
        return;
    }
    if (c.function != NORMAL && !expects()) {
        layout_decide(&c.u, mask, keep);
        hide(x, y);
    }
    expect(x, second, vector, y);
    trial_allowed(in, call);
}
