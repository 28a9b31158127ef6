/*
 * Every error of dropfuse_drop as an affine form, dropfuse_residual, dropfuse_zoneout,
 * dropfuse_sum_rows and dropfuse_sum_tree: its text, and that nothing was written.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "harness.h"

enum { LENGTH = 4, COUNT = 8, PART = 64 };

static const unsigned char untouched = 0x5A;
static _Alignas(8) unsigned char memory[8 * PART];

static void *part(int index)
{
    return memory + index * PART;
}

static void refused(int line, int status, const char *text)
{
    check(status == DROPFUSE_INVALID_ARGUMENT, __FILE__, line, "status %d where \"%s\" was expected",
          status, text);
    check(!strncmp(dropfuse_last_error(), text, strlen(text)), __FILE__, line,
          "\"%s\" instead of \"%s\"", dropfuse_last_error(), text);
    for (size_t k = 0; k < sizeof memory; k++)
        if (memory[k] != untouched)
            check(0, __FILE__, line, "byte %zu was written by a call that failed", k);
}

/* A call with one thing wrong at a time. */
struct arguments {
    int tier, dtype, operation;
    const void *x, *vector, *residual;
    void *y;
    long long length, blocks;
    double scale;
    struct units u;
};

static struct arguments right(void)
{
    return (struct arguments){.operation = DROPFUSE_VECTOR_ADD,
                              .x = part(0),
                              .vector = part(1),
                              .residual = part(2),
                              .y = part(3),
                              .length = LENGTH,
                              .blocks = 1,
                              .scale = 2,
                              .u = elements(COUNT)};
}

static int affine(struct arguments a)
{
    return call_affine(a.tier, a.dtype, a.x, a.y, &a.u, a.scale, 0, 0);
}

static int residual(struct arguments a)
{
    return call_residual(a.tier, a.dtype, a.x, a.operation, a.vector, a.length, a.residual, a.y,
                         &a.u, a.scale);
}

static int zoneout(struct arguments a)
{
    return call_zoneout(a.tier, a.dtype, a.operation, a.x, a.residual, a.y, &a.u);
}

static int sum_rows(struct arguments a)
{
    return call_sum_rows(a.tier, a.dtype, a.x, a.residual, a.y, a.length, &a.u, a.scale);
}

static int sum_tree(struct arguments a)
{
    return call_sum_tree(a.tier, a.dtype, (void *)(size_t)a.x, a.blocks, a.length, a.y);
}

#define WRONG(function, text, ...)                                                             \
    do {                                                                                       \
        struct arguments a = right();                                                          \
        __VA_ARGS__;                                                                           \
        refused(__LINE__, function(a), text);                                                  \
    } while (0)

static void decisions(int (*function)(struct arguments))
{
    WRONG(function, "tier = 7 ", a.tier = 7);
    WRONG(function, "dtype = 4 is not in [0, 3]", a.dtype = 4);
    WRONG(function, "first = -1 ", a.u.first = -1);
    WRONG(function, "count = -4 ", a.u.count = -4);
    WRONG(function, "run = 0 ", a.u.run = 0);
    WRONG(function, "p = 1.5 is not in [0, 1]", a.u.p = 1.5);
    WRONG(function, "p = ", a.u.p = NAN);
    WRONG(function, "offset = 9223372036854775808 ", a.u.offset = 1ULL << 63);
    WRONG(function, "start = 18446744073709551615 ", a.u.start = ~0ULL);
    WRONG(function, "mask overlaps ", a.u.mask = (char *)a.y + 1);
}

static void inputs(int (*function)(struct arguments))
{
    decisions(function);
    WRONG(function, "x = NULL ", a.x = NULL);
    WRONG(function, "y = NULL ", a.y = NULL);
    WRONG(function, "y = x + 4 bytes overlaps x", a.y = (char *)(size_t)a.x + 4);
    WRONG(function, "y = x - 4 bytes overlaps x", a.x = (char *)a.y + 4);
}

int main(void)
{
    memset(memory, untouched, sizeof memory);
    inputs(affine);

    inputs(residual);
    WRONG(residual, "operation = 3 is not in [0, 2]", a.operation = 3);
    WRONG(residual, "operation = -1 is not in [0, 2]", a.operation = -1);
    WRONG(residual, "length = 0 ", a.length = 0);
    WRONG(residual, "length = 9223372036854775807 ", a.length = LLONG_MAX);
    WRONG(residual, "vector = NULL ", a.vector = NULL);
    WRONG(residual, "vector overlaps y", a.vector = (char *)a.y + 12);
    WRONG(residual, "y = residual + 8 bytes overlaps residual",
          a.y = (char *)(size_t)a.residual + 8);

    for (int operation = 0; operation < 2; operation++) {
        WRONG(zoneout, "tier = 7 ", a.operation = operation; a.tier = 7);
        WRONG(zoneout, "dtype = 4 is not in [0, 3]", a.operation = operation; a.dtype = 4);
        WRONG(zoneout, "first = -1 ", a.operation = operation; a.u.first = -1);
        WRONG(zoneout, "count = -4 ", a.operation = operation; a.u.count = -4);
        WRONG(zoneout, "p = 1.5 is not in [0, 1]", a.operation = operation; a.u.p = 1.5);
        WRONG(zoneout, "p = ", a.operation = operation; a.u.p = NAN);
        WRONG(zoneout, "y = NULL ", a.operation = operation; a.y = NULL);
        WRONG(zoneout, "y = x + 4 bytes overlaps x", a.operation = operation;
              a.y = (char *)(size_t)a.x + 4);
    }
    WRONG(zoneout, "run = 0 ", a.operation = 0; a.u.run = 0);
    WRONG(zoneout, "offset = 9223372036854775808 ", a.operation = 0; a.u.offset = 1ULL << 63);
    WRONG(zoneout, "start = 18446744073709551615 ", a.operation = 0; a.u.start = ~0ULL);
    WRONG(zoneout, "x = NULL ", a.x = NULL);
    WRONG(zoneout, "previous = NULL ", a.residual = NULL);
    WRONG(zoneout, "operation = 2 is not in [0, 1]", a.operation = 2);
    for (int operation = 0; operation < 2; operation++) {
        WRONG(zoneout, "y = previous + 8 bytes overlaps previous", a.operation = operation;
              a.y = (char *)(size_t)a.residual + 8);
        WRONG(zoneout, "y = x - 4 bytes overlaps x", a.operation = operation;
              a.x = (char *)a.y + 4);
    }
    WRONG(zoneout, "mask overlaps y", a.operation = 0; a.u.mask = (char *)a.y + 1);
    WRONG(zoneout, "y = previous + 8 bytes overlaps previous", a.operation = 0; a.x = NULL;
          a.y = (char *)(size_t)a.residual + 8);
    WRONG(zoneout, "x = previous = NULL is allowed only when count = 0, not 8", a.operation = 0;
          a.x = a.residual = NULL);

    decisions(sum_rows);
    WRONG(sum_rows, "dy = NULL ", a.x = NULL);
    WRONG(sum_rows, "sums = NULL ", a.y = NULL);
    WRONG(sum_rows, "length = 0 ", a.length = 0);
    WRONG(sum_rows, "length = 9223372036854775807 ", a.length = LLONG_MAX);
    WRONG(sum_rows, "first = 4 is not a multiple of 64 * length = 256", a.u.first = 4);
    WRONG(sum_rows, "count = 7 is not a multiple of length = 4", a.u.count = 7);
    WRONG(sum_rows, "scale = inf is not finite", a.scale = INFINITY);
    WRONG(sum_rows, "scale = 1e+39 is not finite in the compute type", a.scale = 1e39);
    WRONG(sum_rows, "sums is not at a multiple of 4 bytes", a.y = (char *)a.y + 2);
    WRONG(sum_rows, "sums is not at a multiple of 8 bytes", a.dtype = DROPFUSE_FLOAT64;
          a.y = (char *)a.y + 4);
    WRONG(sum_rows, "dy overlaps sums", a.y = (char *)(size_t)a.x + 4);
    WRONG(sum_rows, "x overlaps sums", a.y = (char *)(size_t)a.residual + 4);

    WRONG(sum_tree, "tier = 7 ", a.tier = 7);
    WRONG(sum_tree, "dtype = -1 is not in [0, 3]", a.dtype = -1);
    WRONG(sum_tree, "blocks = -1 ", a.blocks = -1);
    WRONG(sum_tree, "length = 0 ", a.length = 0);
    WRONG(sum_tree, "blocks * length = ", a.blocks = 1LL << 40; a.length = 1LL << 30);
    WRONG(sum_tree, "sums = NULL ", a.x = NULL);
    WRONG(sum_tree, "y = NULL ", a.y = NULL);
    WRONG(sum_tree, "sums is not at a multiple of 4 bytes", a.x = (char *)part(0) + 1);
    WRONG(sum_tree, "sums overlaps y", a.y = (char *)(size_t)a.x + 4);
    return finish("errors of forms");
}
