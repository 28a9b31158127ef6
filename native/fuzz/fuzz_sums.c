/*
 * The sums over rows: dropfuse_sum_rows and dropfuse_sum_tree.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <math.h>
#include <string.h>

#include "fuzz.h"
#include "layouts.h"
#include "model.h"

static const char *const names[] = {"tier",  "dtype",  "dy",     "x",      "sums",  "length",
                                    "first", "count",  "run",    "cycle",  "repeat", "step",
                                    "mask",  "p",      "offset", "start",  "scale", "blocks",
                                    "y",     NULL};

static struct {
    int dtype;
    const void *dy, *x;
    void *sums, *y;
    long long length, blocks;
    struct units u;
    double scale;
} c;

static unsigned char keep[LAYOUT_ELEMENTS];

static int total_type(void)
{
    return c.dtype == DROPFUSE_FLOAT64 ? DROPFUSE_FLOAT64 : DROPFUSE_FLOAT32;
}

static int is_type(void)
{
    return c.dtype >= 0 && c.dtype <= 3;
}

static int call_tree(int tier)
{
    return call_sum_tree(tier, c.dtype, c.sums, c.blocks, c.length, c.y);
}

static int call_rows(int tier)
{
    const size_t size = (size_t)model_size(c.dtype & 3);
    void *const sums =
        c.sums ? element0(c.sums, (uint64_t)c.u.first / DROPFUSE_SUM_ROWS,
                          (size_t)model_size(total_type()))
               : NULL;
    return call_sum_rows(tier, c.dtype, layout_element0(&c.u, c.dy, size),
                         layout_element0(&c.u, c.x, size), sums, c.length, &c.u, c.scale);
}

static void fuzz_tree(struct input *in, int tier)
{
    const long long most = TRIAL_BYTES / 8;
    c.length = 1 + (long long)input_below(in, 200);
    c.blocks = (long long)input_below(in, (uint64_t)(most / c.length) + 1);
    if (input_rarely(in, 8))
        c.length = (long long)input_any(in);
    if (input_rarely(in, 8))
        c.blocks = (long long)input_any(in);
    const int in_range = c.length >= 1 && c.blocks >= 0;
    const unsigned __int128 product =
        in_range ? (unsigned __int128)c.length * (unsigned __int128)c.blocks : 0;
    int right = is_type() && in_range && !(product >> 60) && !(c.length >> 60) && trial_has(tier);
    if (right && (product > (uint64_t)most || c.length > most))
        return;
    const size_t length = right ? (size_t)c.length : 4, blocks = right ? (size_t)c.blocks : 4;
    const size_t total = (size_t)model_size(total_type());
    struct piece *sums = trial_piece(in, length * blocks * total, total_type(), total);
    struct piece *y = trial_piece(in, length * (size_t)model_size(c.dtype & 3), c.dtype & 3, 1);
    piece_fill(sums, in);
    piece_fill(y, in);
    c.sums = sums->at;
    c.y = y->at;
    if (right && input_rarely(in, 16)) {
        right = 0;
        switch (input_below(in, 4)) {
        case 0:
            c.y = NULL;
            break;
        case 1:
            right = !blocks;
            c.sums = NULL;
            break;
        case 2:
            c.sums = sums->at + 1;
            break;
        default:
            right = !blocks;
            c.y = blocks ? sums->at + input_below(in, sums->bytes) : c.y;
        }
    }
    if (!right) {
        trial_refused(in, call_tree, tier, names);
        return;
    }
    double parts[TRIAL_BYTES / 8];
    for (size_t e = 0; e < blocks * length; e++)
        parts[e] = model_value(total_type(), piece_get(sums, e));
    model_tree(c.dtype, parts, blocks, length);
    for (size_t e = 0; e < length; e++)
        piece_expect(y, e, model_bits(c.dtype, blocks ? parts[e] : 0), 1);
    sums->is_scratch = 1;
    trial_allowed(in, call_tree);
}

static void expect(const struct piece *dy, const struct piece *x, struct piece *sums)
{
    const size_t length = (size_t)c.length;
    double parts[LAYOUT_ELEMENTS] = {0};
    for (size_t e = 0; e < (size_t)c.u.count; e++) {
        double *const part = parts + e / length / DROPFUSE_SUM_ROWS * length + e % length;
        const uint64_t factor = x ? piece_get(x, e) : 0;
        if (keep[e])
            *part = model_sum(c.dtype, *part, model_term(c.dtype, piece_get(dy, e),
                                                         x ? &factor : NULL, c.scale));
    }
    for (size_t e = 0; e < sums->bytes / (size_t)model_size(total_type()); e++)
        piece_expect(sums, e, model_bits(total_type(), parts[e]), 1);
}

/* Memory that is not there, not aligned, or overlaps the sums. */
static void spoil_memory(struct input *in, const struct piece *sums, const struct piece *mask)
{
    const size_t total = (size_t)model_size(total_type());
    switch (input_below(in, 5)) {
    case 0:
        c.dy = NULL;
        break;
    case 1:
        c.sums = NULL;
        break;
    case 2:
        c.sums = sums->at + 1;
        break;
    case 3:
        c.x = sums->at + input_below(in, sums->bytes);
        break;
    default:
        if (mask)
            c.sums = (void *)((uintptr_t)mask->at / total * total);
        else
            c.dy = sums->at + input_below(in, sums->bytes);
    }
}

static void fuzz_rows(struct input *in, int tier)
{
    c.length = 1 + (long long)input_below(in, 200);
    const long long rows = (long long)input_below(in, LAYOUT_ELEMENTS / (uint64_t)c.length + 1);
    const size_t size = (size_t)model_size(c.dtype & 3), total = (size_t)model_size(total_type());
    c.u = layout_units_of(in, rows * c.length, size);
    c.u.first -= c.u.first % (c.length * DROPFUSE_SUM_ROWS);
    c.scale = input_double(in);
    if (input_rarely(in, 16))
        c.length = (long long)input_any(in);
    if (input_rarely(in, 8))
        layout_spoil(in, &c.u);
    if (input_rarely(in, 16)) /* of any number, its ends too */
        c.u.count = (long long)((uint64_t)c.u.count + (input_below(in, 2) ? 1 : UINT64_MAX));
    const enum verdict verdict = layout_verdict(&c.u, size, 1);
    const double scale = model_rounded(c.dtype, c.scale);
    const int right = is_type() && verdict != REFUSED && c.length >= 1 && isfinite(scale) &&
                      c.length <= INT64_MAX / DROPFUSE_SUM_ROWS &&
                      c.u.first % (c.length * DROPFUSE_SUM_ROWS) == 0 &&
                      c.u.count % c.length == 0 && trial_has(tier);
    if (right && verdict == TOO_LARGE)
        return;
    const size_t n = right ? (size_t)c.u.count : 16, length = right ? (size_t)c.length : 4;
    const size_t blocks = (n / length + DROPFUSE_SUM_ROWS - 1) / DROPFUSE_SUM_ROWS;
    struct piece *mask = NULL;
    struct piece *dy = trial_piece(in, n * size, c.dtype & 3, 1);
    struct piece *x = input_below(in, 2) ? trial_piece(in, n * size, c.dtype & 3, 1) : NULL;
    struct piece *sums = trial_piece(in, blocks * length * total, total_type(), total);
    if (right && input_below(in, 3) == 0)
        mask = layout_mask(in, &c.u);
    piece_fill(dy, in);
    if (x)
        piece_fill(x, in);
    piece_fill(sums, in);
    c.dy = dy->at;
    c.x = x ? x->at : NULL;
    c.sums = sums->at;
    const int spoilt = right && n && input_rarely(in, 16);
    if (spoilt)
        spoil_memory(in, sums, mask);
    if (!right || spoilt) {
        trial_refused(in, call_rows, tier, names);
        return;
    }
    layout_decide(&c.u, mask, keep);
    layout_hide(&c.u, keep, 64, dy);
    if (x)
        layout_hide(&c.u, keep, 64, x);
    expect(dy, x, sums);
    trial_allowed(in, call_rows);
}

void fuzz_one(struct input *in)
{
    trial_begin();
    memset(&c, 0, sizeof c);
    const int is_tree = input_rarely(in, 4);
    c.dtype = input_rarely(in, 40) ? (int)input_any(in) : (int)input_below(in, 4);
    const int tier = trial_tier(in);
    if (is_tree)
        fuzz_tree(in, tier);
    else
        fuzz_rows(in, tier);
}
