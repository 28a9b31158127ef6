/*
 * Rows that move: dropfuse_rows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "fuzz.h"
#include "model.h"
#include "trial.h"

enum { MOST = TRIAL_BYTES / 8 };

static const char *const names[] = {"tier", "dtype",   "operation", "x",
                                    "y",    "indices", "rows",      "length", NULL};

static struct {
    int dtype, operation;
    const void *x, *indices;
    void *y;
    long long rows, length;
    double scale;
} c;

static int call(int tier)
{
    const struct dropfuse_place place = on(tier);
    return dropfuse_rows(&place, c.dtype, c.operation, c.x, c.y, c.indices, c.rows, c.length,
                         c.scale);
}

static int has_right_numbers(void)
{
    if (c.dtype < 0 || c.dtype > 3 || c.operation < 0 || c.operation > DROPFUSE_SCATTER_ADD ||
        c.rows < 0 || c.rows >> 60 || c.length < 1)
        return 0;
    const unsigned __int128 elements = (unsigned __int128)c.rows * (unsigned __int128)c.length;
    return elements <= (uint64_t)PTRDIFF_MAX / (uint64_t)model_size(c.dtype);
}

/* Memory that is not there, not aligned, or overlaps the output. */
static void spoil_memory(struct input *in, struct piece *from, struct piece *to,
                         struct piece *indices)
{
    const size_t row = (size_t)c.length * (size_t)model_size(c.dtype);
    switch (input_below(in, 5)) {
    case 0:
        c.x = NULL;
        break;
    case 1:
        c.y = NULL;
        break;
    case 2:
        c.indices = input_below(in, 2) ? NULL : indices->at + 1 + input_below(in, 7);
        break;
    case 3: /* the first row of the larger one is sure to be there */
        c.y = from->at + input_below(in, row);
        break;
    default:
        c.indices = (void *)((uintptr_t)to->at / 8 * 8);
    }
}

void fuzz_one(struct input *in)
{
    trial_begin();
    c.dtype = input_rarely(in, 40) ? (int)input_any(in) : (int)input_below(in, 4);
    c.operation = input_rarely(in, 40) ? (int)input_any(in) : (int)input_below(in, 3);
    c.scale = input_below(in, 3) ? input_double(in) : 1;
    c.length = 1 + (long long)input_below(in, input_below(in, 2) ? 40 : 700);
    c.rows = (long long)input_below(in, (uint64_t)(MOST / 2 / c.length) + 1);
    if (input_rarely(in, 16))
        c.rows = (long long)input_any(in);
    if (input_rarely(in, 16))
        c.length = (long long)input_any(in);
    const int tier = trial_tier(in), right = has_right_numbers() && trial_has(tier);
    if (right && (c.length > MOST || c.rows > MOST / 2 / c.length))
        return;

    const size_t rows = right ? (size_t)c.rows : 2, length = right ? (size_t)c.length : 2;
    const size_t size = (size_t)model_size(c.dtype & 3);
    const size_t more = input_below(in, rows + 2), most = MOST / length - rows;
    const size_t all = rows + (more < most ? more : most);
    const int gathers = c.operation == DROPFUSE_GATHER, type = c.dtype & 3;
    struct piece *dense = trial_piece(in, rows * length * size, type, 1);
    struct piece *larger = trial_piece(in, all * length * size, type, 1);
    struct piece *indices = trial_piece(in, rows * 8, DROPFUSE_FLOAT64, 8);
    struct piece *from = gathers ? larger : dense, *to = gathers ? dense : larger;
    piece_fill(dense, in);
    piece_fill(larger, in);
    piece_fill(indices, in);
    /* Rows in an order that a stride makes: different ones where the number of rows is no multiple. */
    static const size_t strides[] = {1, 7, 13, 0};
    size_t stride = strides[input_below(in, 4)], begin = all ? input_below(in, all) : 0;
    if (!gathers && (!stride || all % stride == 0))
        stride = 1;
    for (size_t j = 0; j < rows; j++)
        piece_put(indices, j, (begin + j * stride) % all);
    c.x = from->at;
    c.y = to->at;
    c.indices = indices->at;

    const int spoilt = right && rows && input_rarely(in, 16);
    if (spoilt)
        spoil_memory(in, from, to, indices);
    if (!right || spoilt) {
        trial_refused(in, call, tier, names);
        return;
    }
    const int copies = c.operation == DROPFUSE_SCATTER || (gathers && c.scale == 1);
    for (size_t j = 0; j < rows; j++)
        for (size_t e = 0; e < length; e++) {
            const size_t here = j * length + e;
            const size_t there = (size_t)piece_get(indices, j) * length + e;
            const uint64_t x = piece_get(from, gathers ? there : here);
            const uint64_t y = piece_get(to, gathers ? here : there);
            piece_expect(to, gathers ? here : there,
                         model_moved(type, c.operation, x, y, c.scale), !copies);
        }
    trial_allowed(in, call);
}
