/*
 * The last value that is allowed and the first that is not, of every range that is checked, with the
 * whole text of the error. What is too large to be computed is not: a NULL, which is looked at later,
 * tells that it was allowed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <float.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include "harness.h"

enum { PART = 1024 };

static _Alignas(8) unsigned char memory[8 * PART];

static void *part(int index)
{
    return memory + index * PART;
}

static void refused(int line, int status, const char *text)
{
    check(status == DROPFUSE_INVALID_ARGUMENT, __FILE__, line, "status %d where \"%s\" was expected",
          status, text);
    check(!strcmp(dropfuse_last_error(), text), __FILE__, line, "\"%s\" instead of \"%s\"",
          dropfuse_last_error(), text);
}
#define REFUSED(call, text) refused(__LINE__, call, text)
#define ALLOWED(call) CHECK((call) == DROPFUSE_OK, "%s", dropfuse_last_error())

static struct units units(long long count, long long run, long long cycle, long long repeat,
                          long long step)
{
    struct units u = elements(count);
    u.run = run;
    u.cycle = cycle;
    u.repeat = repeat;
    u.step = step;
    u.start = 0;
    return u;
}

static struct units from(long long first, long long count)
{
    struct units u = elements(count);
    u.first = first;
    u.start = 0;
    return u;
}

static int drop(int dtype, struct units u)
{
    return call_drop(0, dtype, NULL, part(1), &u, 2);
}

static int mask(struct units u)
{
    return call_mask(0, NULL, &u);
}

#define NO_X(n) "x = NULL is allowed only when count = 0, not " n
#define NO_OUT(n) "out = NULL is allowed only when count = 0, not " n

static void layouts(void)
{
    const long long most32 = LLONG_MAX / 4, most16 = LLONG_MAX / 2;
    REFUSED(drop(0, from(most32 - 5, 5)), NO_X("5"));
    ALLOWED(drop(0, from(most32, 0)));
    REFUSED(drop(0, from(most32 + 1, 0)),
            "first + count = 2305843009213693952 + 0 is not in [0, 2305843009213693951], the "
            "elements that memory can hold");
    REFUSED(drop(0, from(most32 - 5, 6)),
            "first + count = 2305843009213693946 + 6 is not in [0, 2305843009213693951], the "
            "elements that memory can hold");
    REFUSED(drop(2, from(most16 - 5, 5)), NO_X("5"));
    REFUSED(drop(3, from(most16 - 5, 6)),
            "first + count = 4611686018427387898 + 6 is not in [0, 4611686018427387903], the "
            "elements that memory can hold");
    REFUSED(mask(from(LLONG_MAX - 7, 7)), NO_OUT("7"));
    REFUSED(mask(from(LLONG_MAX - 7, 8)),
            "first + count = 9223372036854775800 + 8 is not in [0, 9223372036854775807], the "
            "elements that memory can hold");

    REFUSED(drop(0, units(9, LLONG_MAX, 1, 1, 1)), NO_X("9"));
    REFUSED(drop(0, units(9, 1, LLONG_MAX, 1, LLONG_MAX)), NO_X("9"));
    REFUSED(drop(0, units(9, 1, 1, LLONG_MAX, 1)), NO_X("9"));
    REFUSED(drop(0, units(9, 1LL << 31, 1LL << 31, 1, 1LL << 31)), NO_X("9"));
    REFUSED(drop(0, units(9, 1LL << 31, 1LL << 31, 2, 1LL << 31)),
            "run * cycle * repeat = 2147483648 * 2147483648 * 2 is not in [1, 2^63)");

    /* 2^64 - 1 is 5 * 3689348814741910323, and 2^64 - 2 is 3 times an even number. */
    REFUSED(drop(0, units(6, 1, 1, 1, 3689348814741910323)), NO_X("6"));
    REFUSED(drop(0, units(6, 1, 1, 1, 3689348814741910324)),
            "step = 3689348814741910324 is not in [1, 3689348814741910323]: no unit after 2^64 - 1 "
            "exists");
    REFUSED(drop(0, units(8, 1, 2, 1, 6148914691236517204)), NO_X("8"));
    REFUSED(drop(0, units(8, 1, 2, 1, 6148914691236517205)),
            "step = 6148914691236517205 is not in [2, 6148914691236517204]: no unit after 2^64 - 1 "
            "exists");
    REFUSED(drop(0, units(7, 1, 2, 1, 6148914691236517205)), NO_X("7"));
    /* The last block holds the greatest unit, however the range begins. */
    struct units u = units(3, 1, 2, 2, 8);
    u.first = 6; /* units 8 + 0, 8 + 1 and 16 + 0 */
    u.start = ~0ULL - 16;
    REFUSED(drop(0, u), NO_X("3"));
    u.start++;
    REFUSED(drop(0, u), "start = 18446744073709551600 is not in [0, 18446744073709551599]: no unit "
                        "after 2^64 - 1 exists");
    u = units(2, 1, 4, 2, 4);
    u.first = 1; /* units 1 and 2 of a block that is longer than the range */
    u.start = ~0ULL - 2;
    REFUSED(drop(0, u), NO_X("2"));
    u.start++;
    REFUSED(drop(0, u), "start = 18446744073709551614 is not in [0, 18446744073709551613]: no unit "
                        "after 2^64 - 1 exists");
    u = from(0, 9);
    u.start = ~0ULL - 8;
    REFUSED(drop(0, u), NO_X("9"));
    u.start++;
    REFUSED(drop(0, u), "start = 18446744073709551608 is not in [0, 18446744073709551607]: no unit "
                        "after 2^64 - 1 exists");
    u = from(0, 9);
    u.p = nextafter(1, 2);
    REFUSED(drop(0, u), "p = 1.0000000000000002 is not in [0, 1]");
    u.p = -DBL_MIN;
    REFUSED(drop(0, u), "p = -2.2250738585072014e-308 is not in [0, 1]");
    u.p = 1;
    REFUSED(drop(3, u), NO_X("9"));
    u.offset = 1ULL << 63;
    REFUSED(drop(0, u), "offset = 9223372036854775808 is not in [0, 2^63)");
    u.offset--;
    REFUSED(drop(0, u), NO_X("9"));
    REFUSED(mask(from(8, 3)), NO_OUT("3"));
    REFUSED(mask(from(9, 3)), "first = 9 is not a multiple of 8");
    REFUSED(mask(from(12, 3)), "first = 12 is not a multiple of 8");
}

static int residual(int operation, const void *vector, long long length, const void *rest,
                    struct units u)
{
    return call_residual(0, 0, part(0), operation, vector, length, rest, part(3), &u, 2);
}

static void vectors(void)
{
    const struct units none = from(0, 0), some = from(0, 8);
    const long long most = LLONG_MAX / 4;
    ALLOWED(residual(2, NULL, most, NULL, none));
    REFUSED(residual(2, NULL, most + 1, NULL, none),
            "length = 2305843009213693952 is not in [1, 2305843009213693951], the elements that "
            "memory can hold");
    ALLOWED(residual(0, NULL, LLONG_MAX, NULL, some));
    REFUSED(residual(0, NULL, 0, NULL, some), "length = 0 is not in [1, 2^63)");
    REFUSED(residual(1, NULL, 4, NULL, some),
            "vector = NULL is allowed only when operation = 0, not 1");
    REFUSED(residual(2, NULL, 4, NULL, some),
            "vector = NULL is allowed only when operation = 0, not 2");

    unsigned char *const y = part(3);
    ALLOWED(residual(1, y - 16, 4, NULL, some));
    REFUSED(residual(1, y - 15, 4, NULL, some),
            "vector overlaps y: its 16 bytes must be apart from the output");
    ALLOWED(residual(1, y + 32, 4, NULL, some));
    REFUSED(residual(2, y + 31, 4, NULL, some),
            "vector overlaps y: its 16 bytes must be apart from the output");
    ALLOWED(residual(0, y + 31, 4, NULL, some));
    ALLOWED(residual(0, NULL, 4, y - 32, some));
    REFUSED(residual(0, NULL, 4, y - 31, some), "y = residual + 31 bytes overlaps residual: y must "
                                                "be exactly residual, or at least 32 bytes away");
    REFUSED(residual(0, NULL, 4, y + 31, some), "y = residual - 31 bytes overlaps residual: y must "
                                                "be exactly residual, or at least 32 bytes away");
    ALLOWED(residual(0, NULL, 4, y + 32, some));
}

static int sum_rows(int dtype, long long length, struct units u, double scale)
{
    return call_sum_rows(0, dtype, NULL, NULL, part(3), length, &u, scale);
}

static void sums_of_rows(void)
{
    const struct units none = from(0, 0);
    ALLOWED(sum_rows(0, (1LL << 57) - 1, none, 1));
    REFUSED(sum_rows(0, 1LL << 57, none, 1),
            "length = 144115188075855872 is not in [1, 2^63 / 64)");
    ALLOWED(sum_rows(0, 4, none, FLT_MAX));
    REFUSED(sum_rows(0, 4, none, 1e39), "scale = 1e+39 is not finite in the compute type");
    ALLOWED(sum_rows(1, 4, none, 1e39));
    REFUSED(sum_rows(1, 4, none, NAN), "scale = nan is not finite in the compute type");
    REFUSED(sum_rows(0, 4, from(256, 8), 1), "dy = NULL is allowed only when count = 0, not 8");
    REFUSED(sum_rows(0, 4, from(255, 8), 1),
            "first = 255 is not a multiple of 64 * length = 256");
    REFUSED(sum_rows(0, 4, from(256, 9), 1), "count = 9 is not a multiple of length = 4");
    REFUSED(sum_rows(0, 4, from(256, 6), 1), "count = 6 is not a multiple of length = 4");

    /* 65 rows have two rows of sums, of 4 floats each. */
    struct units u = from(0, 65 * 4);
    float *const sums = part(6);
    const char *const end = (const char *)part(6) + 32;
    ALLOWED(call_sum_rows(0, 0, end, NULL, sums, 4, &u, 1));
    REFUSED(call_sum_rows(0, 0, end - 4, NULL, sums, 4, &u, 1),
            "dy overlaps sums: its 1040 bytes must be apart from the output");
    ALLOWED(call_sum_rows(0, 0, part(0), end, sums, 4, &u, 1));
    REFUSED(call_sum_rows(0, 0, part(0), end - 4, sums, 4, &u, 1),
            "x overlaps sums: its 1040 bytes must be apart from the output");
    u.mask = end;
    ALLOWED(call_sum_rows(0, 0, part(0), NULL, sums, 4, &u, 1));
    u.mask = end - 1;
    REFUSED(call_sum_rows(0, 0, part(0), NULL, sums, 4, &u, 1),
            "mask overlaps sums: its bytes 0 to 32 must be apart from the output");
}

static void trees_of_sums(void)
{
    REFUSED(call_sum_tree(0, 0, part(0), 1, (1LL << 60) - 1, NULL), "y = NULL is not allowed");
    REFUSED(call_sum_tree(0, 0, part(0), 1, 1LL << 60, NULL),
            "blocks * length = 1 * 1152921504606846976 is not below 2^60");
    REFUSED(call_sum_tree(0, 0, part(0), 0, 1LL << 60, NULL),
            "blocks * length = 0 * 1152921504606846976 is not below 2^60");
    REFUSED(call_sum_tree(0, 0, part(0), 1LL << 32, 1LL << 32, NULL),
            "blocks * length = 4294967296 * 4294967296 is not below 2^60");
    REFUSED(call_sum_tree(0, 0, part(0), 1LL << 59, 2, NULL),
            "blocks * length = 576460752303423488 * 2 is not below 2^60");
    REFUSED(call_sum_tree(0, 0, part(0), 0, 1, NULL), "y = NULL is not allowed");
    REFUSED(call_sum_tree(0, 0, NULL, 1, 1, part(1)), "sums = NULL is not allowed");
    ALLOWED(call_sum_tree(0, 0, NULL, 0, 1, part(1)));
    ALLOWED(call_sum_tree(0, 0, part(1), 0, 4, part(1)));
    char *const sums = part(1);
    ALLOWED(call_sum_tree(0, 0, sums, 2, 4, sums + 32));
    REFUSED(call_sum_tree(0, 0, sums, 2, 4, sums + 31),
            "sums overlaps y: its 32 bytes must be apart from the output");
    ALLOWED(call_sum_tree(0, 2, sums, 2, 4, sums - 8));
    REFUSED(call_sum_tree(0, 2, sums, 2, 4, sums - 7),
            "sums overlaps y: its 32 bytes must be apart from the output");
    ALLOWED(call_sum_tree(0, 1, sums, 2, 4, sums - 32));
    REFUSED(call_sum_tree(0, 1, sums + 4, 2, 4, part(3)),
            "sums is not at a multiple of 8 bytes");
    REFUSED(call_sum_tree(0, 3, sums + 2, 2, 4, part(3)),
            "sums is not at a multiple of 4 bytes");
}

static int rows(int dtype, int operation, const void *x, const void *indices, void *y,
                long long count, long long length)
{
    return dropfuse_rows(NULL, dtype, operation, x, y, indices, count, length, 2);
}

static void rows_of_tensors(void)
{
    const long long most = (1LL << 60) - 1;
#define NO_ROWS(n) "x = NULL is allowed only when rows = 0, not " n
    REFUSED(rows(1, 0, NULL, NULL, NULL, most, 1), NO_ROWS("1152921504606846975"));
    REFUSED(rows(1, 0, NULL, NULL, NULL, most, 2),
            "rows * length = 1152921504606846975 * 2 is not in [0, 1152921504606846975], the "
            "elements that memory can hold");
    REFUSED(rows(2, 0, NULL, NULL, NULL, most, 4), NO_ROWS("1152921504606846975"));
    REFUSED(rows(2, 2, NULL, NULL, NULL, most, 5),
            "rows * length = 1152921504606846975 * 5 is not in [0, 4611686018427387903], the "
            "elements that memory can hold");
    REFUSED(rows(0, 0, NULL, NULL, NULL, 1LL << 60, 1),
            "rows = 1152921504606846976 is not in [0, 2^60)");
    REFUSED(rows(0, 0, NULL, NULL, NULL, 0, 0), "length = 0 is not in [1, 2^63)");

    /* Three rows of 20 bytes; of the larger tensor the first is checked alone. */
    unsigned char *const x = part(1);
    const uint64_t first[3] = {100, 101, 102};
    ALLOWED(rows(0, DROPFUSE_GATHER, x, first, x + 20, 3, 5));
    REFUSED(rows(0, DROPFUSE_GATHER, x, first, x + 19, 3, 5),
            "x overlaps y: its 20 bytes must be apart from the output");
    ALLOWED(rows(0, DROPFUSE_GATHER, x, first, x - 60, 3, 5));
    REFUSED(rows(0, DROPFUSE_GATHER, x, first, x - 59, 3, 5),
            "x overlaps y: its 20 bytes must be apart from the output");
    ALLOWED(rows(0, DROPFUSE_SCATTER, x, first, x + 60, 3, 5));
    REFUSED(rows(0, DROPFUSE_SCATTER, x, first, x + 59, 3, 5),
            "x overlaps y: its 60 bytes must be apart from the output");
    ALLOWED(rows(0, DROPFUSE_SCATTER, x, first, x - 20, 3, 5));
    REFUSED(rows(0, DROPFUSE_SCATTER_ADD, x, first, x - 19, 3, 5),
            "x overlaps y: its 60 bytes must be apart from the output");
    uint64_t *const indices = part(5);
    memcpy(indices, first, sizeof first);
    unsigned char *const at = part(5);
    ALLOWED(rows(0, DROPFUSE_GATHER, part(0), indices, at + 24, 3, 5));
    REFUSED(rows(0, DROPFUSE_GATHER, part(0), indices, at + 23, 3, 5),
            "indices overlaps y: its 24 bytes must be apart from the output");
    ALLOWED(rows(0, DROPFUSE_GATHER, part(0), indices, at - 60, 3, 5));
    REFUSED(rows(0, DROPFUSE_GATHER, part(0), indices, at - 59, 3, 5),
            "indices overlaps y: its 24 bytes must be apart from the output");
    ALLOWED(rows(0, DROPFUSE_SCATTER, part(0), indices, at - 20, 3, 5));
    REFUSED(rows(0, DROPFUSE_SCATTER, part(0), indices, at - 19, 3, 5),
            "indices overlaps y: its 24 bytes must be apart from the output");
    REFUSED(rows(0, 0, part(0), at + 4, part(1), 3, 5), "indices is not at a multiple of 8 bytes");
}

static int blocks(const void *centres, void *out, long long first, long long images,
                  int dimensions, const long long extents[3], long long side, int valid)
{
    return dropfuse_blocks(NULL, centres, out, first, images, dimensions, extents[0], extents[1],
                           extents[2], side, valid);
}

static void images(void)
{
#define EXTENTS(d, h, w) ((const long long[]){d, h, w})
#define NO_MASK(n) "mask = NULL is allowed only when images = 0, not " n
    REFUSED(blocks(NULL, NULL, 0, 1, 2, EXTENTS(-1, 1, LLONG_MAX), 1, 0), NO_MASK("1"));
    REFUSED(blocks(NULL, NULL, 0, LLONG_MAX, 2, EXTENTS(-1, 1, 1), 1, 0),
            NO_MASK("9223372036854775807"));
    REFUSED(blocks(NULL, NULL, 0, 1LL << 31, 3, EXTENTS(2, 2, 1LL << 29), 1, 0),
            NO_MASK("2147483648"));
#define TOO_MANY "images have 2^63 positions and more; allowed are fewer"
    REFUSED(blocks(NULL, NULL, 0, 1LL << 31, 3, EXTENTS(2, 2, 1LL << 30), 1, 0), TOO_MANY);
    REFUSED(blocks(NULL, NULL, 1LL << 30, 1LL << 30, 3, EXTENTS(2, 2, 1LL << 30), 1, 0), TOO_MANY);
    REFUSED(blocks(NULL, NULL, 0, 0, 3, EXTENTS(1LL << 32, 1LL << 31, 1), 1, 0), TOO_MANY);
    REFUSED(blocks(NULL, NULL, LLONG_MAX, 1, 2, EXTENTS(1, 1, 1), 1, 0), TOO_MANY);
    ALLOWED(blocks(NULL, NULL, 0, 0, 3, EXTENTS(3, 4, 5), 3, 0));
    REFUSED(blocks(NULL, NULL, 0, 0, 3, EXTENTS(2, 4, 5), 3, 0),
            "depth = 2 is not in [3, 2^63), from side on");
    REFUSED(blocks(NULL, NULL, 0, 0, 3, EXTENTS(3, 2, 5), 3, 0),
            "height = 2 is not in [3, 2^63), from side on");
    REFUSED(blocks(NULL, NULL, 0, 0, 2, EXTENTS(3, 4, 2), 3, 0),
            "width = 2 is not in [3, 2^63), from side on");
    REFUSED(blocks(NULL, NULL, 0, 0, 2, EXTENTS(3, 4, 2), 0, 0), "side = 0 is not in [1, 2^63)");
    REFUSED(blocks(NULL, NULL, 2, 1, 2, EXTENTS(1, 2, 2), 1, 0), NO_MASK("1"));
    REFUSED(blocks(NULL, NULL, 1, 1, 2, EXTENTS(1, 2, 2), 1, 0),
            "first = 1 is no image that begins at a byte: an image has 4 positions");
    REFUSED(blocks(NULL, NULL, 3, 1, 2, EXTENTS(1, 2, 2), 1, 0),
            "first = 3 is no image that begins at a byte: an image has 4 positions");

    /* 9 images of 8 x 8 positions, of which 6 x 6 have centres: 324 bits from 16 * 36 on. */
    unsigned char *const centres = part(1);
    unsigned char *const used = centres + 8 * (16 * 36 / 64);
    const size_t bytes = 8 * ((25 * 36 - 1) / 64 + 1 - 16 * 36 / 64);
    memset(centres, 0xFF, PART);
    const long long *const extents = EXTENTS(1, 8, 8);
#define FROM_16(out) blocks(centres, element0(out, 16 * 64 / 8, 1), 16, 9, 2, extents, 3, 1)
    ALLOWED(FROM_16(used + bytes));
    memset(centres, 0xFF, PART);
    REFUSED(FROM_16(used + bytes - 1),
            "centres overlaps mask: its 48 bytes must be apart from the output");
    ALLOWED(FROM_16(used - 72));
    REFUSED(FROM_16(used - 71), "centres overlaps mask: its 48 bytes must be apart from the output");
    /* One image of 9 positions, whose mask has two bytes. */
    memset(centres, 0xFF, PART);
    ALLOWED(blocks(centres, centres - 2, 0, 1, 2, EXTENTS(1, 3, 3), 1, 0));
    REFUSED(blocks(centres, centres - 1, 0, 1, 2, EXTENTS(1, 3, 3), 1, 0),
            "centres overlaps mask: its 8 bytes must be apart from the output");
    /* 64 centres are one word, 65 are two. */
    ALLOWED(blocks(centres, centres + 8, 0, 1, 2, EXTENTS(1, 8, 8), 1, 0));
    memset(centres, 0xFF, PART);
    REFUSED(blocks(centres, centres + 8, 0, 1, 2, EXTENTS(1, 5, 13), 1, 0),
            "centres overlaps mask: its 16 bytes must be apart from the output");
}

static int sequence(unsigned *state, int outputs, int bits, long long count, void *out)
{
    return dropfuse_mersenne_mask(NULL, state, outputs, bits, 5, 1, count, out);
}

static void sequences(void)
{
    unsigned *const state = part(0);
    memset(state, 0, 625 * 4);
    REFUSED(sequence(state, 0, 1, 8, part(3)), "outputs = 0 is not in [1, 2]");
    REFUSED(sequence(state, 3, 1, 8, part(3)), "outputs = 3 is not in [1, 2]");
    REFUSED(sequence(state, 1, 0, 8, part(3)), "bits = 0 is not in [1, 32]");
    REFUSED(sequence(state, 1, 33, 8, part(3)), "bits = 33 is not in [1, 32]");
    REFUSED(sequence(state, 2, 65, 8, part(3)), "bits = 65 is not in [1, 64]");
    ALLOWED(sequence(state, 1, 1, 8, part(3)));
    ALLOWED(sequence(state, 1, 32, 8, part(3)));
    ALLOWED(sequence(state, 2, 1, 8, part(3)));
    ALLOWED(sequence(state, 2, 64, 8, part(3)));
    REFUSED(sequence(state, 1, 1, -1, part(3)), "count = -1 is not in [0, 2^63)");
    ALLOWED(sequence(NULL, 1, 1, 0, NULL));
    REFUSED(sequence(NULL, 1, 1, 8, part(3)),
            "state = NULL is allowed only when count = 0, not 8");
    REFUSED(sequence(state, 1, 1, 8, NULL), "mask = NULL is allowed only when count = 0, not 8");
    state[624] = 624;
    ALLOWED(sequence(state, 1, 1, 8, part(3)));
    state[624] = 625;
    REFUSED(sequence(state, 1, 1, 8, part(3)), "state[624] = 625 is not in [0, 624]");
    memset(memory, 0, sizeof memory);
    unsigned *const middle = part(2);
    ALLOWED(sequence(middle, 1, 1, 9, (char *)part(2) + 2500));
    REFUSED(sequence(middle, 1, 1, 9, (char *)part(2) + 2499),
            "state overlaps mask: its 2500 bytes must be apart from the output");
    ALLOWED(sequence(middle, 1, 1, 8, (char *)part(2) - 1));
    ALLOWED(sequence(middle, 1, 1, 9, (char *)part(2) - 2));
    REFUSED(sequence(middle, 1, 1, 9, (char *)part(2) - 1),
            "state overlaps mask: its 2500 bytes must be apart from the output");
}

static void others(void)
{
    const struct units none = from(0, 0), some = from(0, 8);
    ALLOWED(call_normal(0, 0, NULL, NULL, &none, 1, DBL_MAX));
    ALLOWED(call_normal(0, 0, NULL, NULL, &none, 0, 0));
    REFUSED(call_normal(0, 0, NULL, NULL, &none, 2, 1), "form = 2 is not in [0, 1]");
    REFUSED(call_normal(0, 0, NULL, NULL, &none, -1, 1), "form = -1 is not in [0, 1]");
    REFUSED(call_normal(0, 0, NULL, NULL, &none, 1, -DBL_MIN),
            "sigma = -2.2250738585072014e-308 is not in [0, infinity)");
    REFUSED(call_normal(0, 0, NULL, NULL, &none, 1, INFINITY),
            "sigma = inf is not in [0, infinity)");
    REFUSED(call_normal(0, 4, NULL, NULL, &none, 1, 1), "dtype = 4 is not in [0, 3]");
    REFUSED(call_product(0, 0, part(0), part(1), &some, 1, 1),
            "mask = NULL is allowed only when count = 0, not 8");

    REFUSED(call_zoneout(0, 0, DROPFUSE_EXPECT, NULL, part(0), part(1), &some), NO_X("8"));
    REFUSED(call_zoneout(0, 0, DROPFUSE_EXPECT, part(0), NULL, part(1), &some),
            "previous = NULL is allowed only when count = 0, not 8");
    ALLOWED(call_zoneout(0, 0, DROPFUSE_SELECT, NULL, part(0), part(1), &some));
    ALLOWED(call_zoneout(0, 0, DROPFUSE_SELECT, part(0), NULL, part(1), &some));
    REFUSED(call_zoneout(0, 0, DROPFUSE_SELECT, NULL, NULL, part(1), &some),
            "x = previous = NULL is allowed only when count = 0, not 8");
    REFUSED(call_zoneout(0, 0, 2, part(0), part(0), part(1), &some),
            "operation = 2 is not in [0, 1]");
    char *const y = part(1);
    REFUSED(call_zoneout(0, 0, 0, part(0), y + 4, y, &some),
            "y = previous - 4 bytes overlaps previous: y must be exactly previous, or at least 32 "
            "bytes away");

    /* Units 16 to 31, which bytes 2 and 3 of the mask decide. */
    unsigned char *const out = part(4);
    struct units u = elements(16);
    u.start = 16;
    u.mask = out;
    ALLOWED(call_mask(0, out, &u));
    u.mask = out - 1;
    REFUSED(call_mask(0, out, &u),
            "mask overlaps out: its bytes 2 to 3 must be apart from the output");
    u.mask = out - 4;
    ALLOWED(call_mask(0, out, &u));
    u.mask = out - 3;
    REFUSED(call_mask(0, out, &u),
            "mask overlaps out: its bytes 2 to 3 must be apart from the output");
    u.count = 9; /* two bytes, too */
    u.mask = out - 1;
    REFUSED(call_mask(0, out, &u),
            "mask overlaps out: its bytes 2 to 3 must be apart from the output");
    u.count = 8;
    ALLOWED(call_mask(0, out, &u));
}

int main(void)
{
    layouts();
    vectors();
    sums_of_rows();
    trees_of_sums();
    rows_of_tensors();
    images();
    sequences();
    others();
    return finish("ranges");
}
