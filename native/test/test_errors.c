/*
 * Every error: its status, its text, and that nothing was written.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "harness.h"

enum { BYTES = 4096 };

static _Alignas(8) unsigned char memory[2 * BYTES];

/* A call with one thing wrong at a time. */
struct arguments {
    int tier, dtype;
    const void *x;
    void *y;
    struct units u;
};

static struct arguments right(void)
{
    struct arguments a = {.x = memory, .y = memory + BYTES, .u = elements(10)};
    a.u.start = 0;
    return a;
}

static int drop(struct arguments a)
{
    return call_drop(a.tier, a.dtype, a.x, a.y, &a.u, 2);
}

static int mask(struct arguments a)
{
    return call_mask(a.tier, a.y, &a.u);
}

static void expect(int line, int status, int wanted, const char *text)
{
    check(status == wanted, __FILE__, line, "status %d, not %d, where \"%s\" was expected", status,
          wanted, text);
    check(!strcmp(dropfuse_last_error(), text), __FILE__, line, "\"%s\" instead of \"%s\"",
          dropfuse_last_error(), text);
    for (size_t k = 0; k < sizeof memory; k++)
        if (memory[k] != 0x5A)
            check(0, __FILE__, line, "byte %zu was written by a call that failed", k);
}

#define WRONG(function, text, ...)                                                            \
    do {                                                                                      \
        struct arguments a = right();                                                         \
        __VA_ARGS__;                                                                          \
        expect(__LINE__, function(a), DROPFUSE_INVALID_ARGUMENT, text);                       \
    } while (0)
#define RIGHT(function, ...)                                                                  \
    do {                                                                                      \
        struct arguments a = right();                                                         \
        __VA_ARGS__;                                                                          \
        CHECK(function(a) == DROPFUSE_OK, "%s", dropfuse_last_error());                       \
        memset(memory, 0x5A, sizeof memory);                                                  \
    } while (0)

/* What all functions say that decide on units. */
static void of_units(int (*function)(struct arguments))
{
    WRONG(function, "tier = -1 is not in [0, 4], nor 16 for CUDA", a.tier = -1);
    WRONG(function, "tier = 5 is not in [0, 4], nor 16 for CUDA", a.tier = 5);
    WRONG(function, "stores = -1 is not in [0, 4]", call_stores = -1);
    WRONG(function, "stores = 5 is not in [0, 4]", call_stores = 5);
    call_stores = DROPFUSE_STORES_AUTO;
    WRONG(function, "first = -8 is not in [0, 2^63)", a.u.first = -8);
    WRONG(function, "count = -1 is not in [0, 2^63)", a.u.count = -1);
    WRONG(function, "run = 0 is not in [1, 2^63)", a.u.run = 0);
    WRONG(function, "run = -9223372036854775808 is not in [1, 2^63)", a.u.run = LLONG_MIN);
    WRONG(function, "cycle = 0 is not in [1, 2^63)", a.u.cycle = 0);
    WRONG(function, "repeat = 0 is not in [1, 2^63)", a.u.repeat = 0);
    WRONG(function, "step = 0 is not in [1, 2^63)", a.u.step = 0);
    WRONG(function, "step = 4 is not in [5, 2^63)", a.u.cycle = 5; a.u.step = 4);
    WRONG(function, "step = -1 is not in [1, 2^63)", a.u.step = -1);
    WRONG(function, "run * cycle * repeat = 2097152 * 2097152 * 2097152 is not in [1, 2^63)",
          a.u.run = a.u.cycle = a.u.repeat = a.u.step = 1 << 21);
    WRONG(function, "run * cycle * repeat = 4294967296 * 4294967296 * 1 is not in [1, 2^63)",
          a.u.run = a.u.cycle = a.u.step = 1LL << 32);
    WRONG(function, "start = 18446744073709551607 is not in [0, 18446744073709551606]: no unit "
          "after 2^64 - 1 exists", a.u.start = ~0ULL - 8);
    WRONG(function, "start = 18446744073709551615 is not in [0, 18446744073709551614]: no unit "
          "after 2^64 - 1 exists", a.u.start = ~0ULL; a.u.run = 5);
    WRONG(function, "start = 18446744073709551615 is not in [0, 18446744073709551612]: no unit "
          "after 2^64 - 1 exists", a.u.start = ~0ULL; a.u.cycle = a.u.step = 4; a.u.repeat = 3);
    WRONG(function, "start = 18446744073709551615 is not in [0, 18446744073709551515]: no unit "
          "after 2^64 - 1 exists", a.u.start = ~0ULL; a.u.run = 2; a.u.step = 25);
    WRONG(function, "step = 2305843009213693952 is not in [1, 2049638230412172401]: no unit after "
          "2^64 - 1 exists", a.u.step = 1LL << 61);
    WRONG(function, "step = 9223372036854775807 is not in [2, 6148914691236517204]: no unit after "
          "2^64 - 1 exists", a.u.cycle = 2; a.u.count = 8; a.u.step = LLONG_MAX);
    WRONG(function, "p = 1.5 is not in [0, 1]", a.u.p = 1.5);
    WRONG(function, "p = -0.10000000000000001 is not in [0, 1]", a.u.p = -0.1);
    WRONG(function, "p = nan is not in [0, 1]", a.u.p = NAN);
    WRONG(function, "p = inf is not in [0, 1]", a.u.p = INFINITY);
    WRONG(function, "offset = 9223372036854775808 is not in [0, 2^63)", a.u.offset = 1ULL << 63);
    WRONG(function, "p = 2 is not in [0, 1]", a.u.p = 2; a.u.count = 0);

    struct arguments of_device = right();
    of_device.tier = DROPFUSE_CUDA;
    for (of_device.u.count = 0; of_device.u.count < 2; of_device.u.count++)
        expect(__LINE__, function(of_device), DROPFUSE_UNSUPPORTED,
               "no CUDA driver is open: call dropfuse_cuda_open() first");

    RIGHT(function, a.u.start = ~0ULL - 9);
    RIGHT(function, a.u.start = ~0ULL; a.u.run = 10);
    RIGHT(function, a.u.start = ~0ULL - 1; a.u.cycle = a.u.step = 2; a.u.repeat = 5);
    RIGHT(function, a.u.start = ~0ULL - 100; a.u.run = 2; a.u.step = 25);
    RIGHT(function, a.u.start = 6; a.u.step = 2049638230412172401);
    RIGHT(function, a.u.offset = (1ULL << 63) - 1);
    RIGHT(function, a.u.p = -0.0);
    RIGHT(function, a.u.count = 0; a.x = a.y = NULL);
}

static void of_drop(void)
{
    of_units(drop);
    WRONG(drop, "dtype = -1 is not in [0, 3]", a.dtype = -1);
    WRONG(drop, "dtype = 4 is not in [0, 3]", a.dtype = 4);
    WRONG(drop, "first + count = 9223372036854775807 + 10 is not in [0, 2305843009213693951], the "
          "elements that memory can hold", a.u.first = LLONG_MAX);
    WRONG(drop, "first + count = 1152921504606846970 + 10 is not in [0, 1152921504606846975], the "
          "elements that memory can hold", a.u.first = 1152921504606846970; a.dtype = 1);
    for (int dtype = DROPFUSE_FLOAT16; dtype <= DROPFUSE_BFLOAT16; dtype++)
        WRONG(drop, "first + count = 4611686018427387894 + 10 is not in [0, 4611686018427387903], "
              "the elements that memory can hold", a.u.first = 4611686018427387894;
              a.dtype = dtype);
    WRONG(drop, "x = NULL is allowed only when count = 0, not 10", a.x = NULL);
    WRONG(drop, "y = NULL is allowed only when count = 0, not 10", a.y = NULL);
    WRONG(drop, "y = x + 39 bytes overlaps x: y must be exactly x, or at least 40 bytes away",
          a.y = memory + 39);
    WRONG(drop, "y = x - 4 bytes overlaps x: y must be exactly x, or at least 40 bytes away",
          a.x = memory + 44; a.y = memory + 40);
    WRONG(drop, "mask overlaps y: its bytes 0 to 1 must be apart from the output",
          a.u.mask = memory + BYTES + 39);
    WRONG(drop, "mask overlaps y: its bytes 1 to 2 must be apart from the output",
          a.u.mask = memory + BYTES - 2; a.u.start = 8);

    RIGHT(drop, a.y = memory + 40);
    RIGHT(drop, a.y = memory);
    RIGHT(drop, a.u.mask = memory + BYTES - 2; a.u.p = 9; a.u.offset = ~0ULL);
    RIGHT(drop, a.u.mask = memory + BYTES + 40);
}

static void of_mask(void)
{
    of_units(mask);
    WRONG(mask, "first = 4 is not a multiple of 8", a.u.first = 4);
    WRONG(mask, "first + count = 9223372036854775800 + 10 is not in [0, 9223372036854775807], the "
          "elements that memory can hold", a.u.first = LLONG_MAX - 7);
    WRONG(mask, "out = NULL is allowed only when count = 0, not 10", a.y = NULL);
    WRONG(mask, "mask overlaps out: its bytes 0 to 1 must be apart from the output",
          a.u.mask = a.y);
    RIGHT(mask, a.u.mask = memory + BYTES + 2; a.u.p = 9; a.u.offset = ~0ULL);
}

/* One thing wrong at a time with rows, and with images. */
struct row_arguments {
    int dtype, operation;
    const void *x, *indices;
    void *y;
    long long rows, length;
};

static int rows(struct row_arguments a)
{
    return dropfuse_rows(NULL, a.dtype, a.operation, a.x, a.y, a.indices, a.rows, a.length, 2);
}

#define WRONG_ROWS(text, ...)                                                                 \
    do {                                                                                      \
        struct row_arguments a = {.x = memory, .y = memory + 1024, .indices = memory + 512,   \
                                  .rows = 3, .length = 5};                                    \
        __VA_ARGS__;                                                                          \
        expect(__LINE__, rows(a), DROPFUSE_INVALID_ARGUMENT, text);                           \
    } while (0)

static void of_rows(void)
{
    WRONG_ROWS("dtype = 4 is not in [0, 3]", a.dtype = 4);
    WRONG_ROWS("operation = 3 is not in [0, 2]", a.operation = 3);
    WRONG_ROWS("operation = -1 is not in [0, 2]", a.operation = -1);
    WRONG_ROWS("rows = -1 is not in [0, 2^60)", a.rows = -1);
    WRONG_ROWS("rows = 1152921504606846976 is not in [0, 2^60)", a.rows = 1LL << 60);
    WRONG_ROWS("length = 0 is not in [1, 2^63)", a.length = 0);
    WRONG_ROWS("rows * length = 3 * 1152921504606846976 is not in [0, 2305843009213693951], the "
               "elements that memory can hold", a.length = 1LL << 60);
    WRONG_ROWS("x = NULL is allowed only when rows = 0, not 3", a.x = NULL);
    WRONG_ROWS("y = NULL is allowed only when rows = 0, not 3", a.y = NULL);
    WRONG_ROWS("indices = NULL is allowed only when rows = 0, not 3", a.indices = NULL);
    WRONG_ROWS("indices is not at a multiple of 8 bytes", a.indices = memory + 516);
    WRONG_ROWS("x overlaps y: its 20 bytes must be apart from the output", a.y = memory + 16);
    WRONG_ROWS("x overlaps y: its 60 bytes must be apart from the output", a.y = memory + 40;
               a.operation = DROPFUSE_SCATTER);
    WRONG_ROWS("indices overlaps y: its 24 bytes must be apart from the output",
               a.y = memory + 532);
    CHECK(!dropfuse_rows(NULL, 0, 0, NULL, NULL, NULL, 0, 5, 2), "%s", dropfuse_last_error());
}

struct image_arguments {
    const void *centres;
    void *mask;
    long long first, images;
    int dimensions;
    long long depth, height, width, side;
};

static int blocks(struct image_arguments a)
{
    return dropfuse_blocks(NULL, a.centres, a.mask, a.first, a.images, a.dimensions, a.depth,
                           a.height, a.width, a.side, 1);
}

#define WRONG_BLOCKS(text, ...)                                                               \
    do {                                                                                      \
        struct image_arguments a = {memory, memory + 1024, 8, 3, 3, 5, 6, 7, 3};              \
        __VA_ARGS__;                                                                          \
        expect(__LINE__, blocks(a), DROPFUSE_INVALID_ARGUMENT, text);                         \
    } while (0)

static void of_blocks(void)
{
    WRONG_BLOCKS("dimensions = 1 is not in [2, 3]", a.dimensions = 1);
    WRONG_BLOCKS("dimensions = 4 is not in [2, 3]", a.dimensions = 4);
    WRONG_BLOCKS("first = -8 is not in [0, 2^63)", a.first = -8);
    WRONG_BLOCKS("images = -1 is not in [0, 2^63)", a.images = -1);
    WRONG_BLOCKS("side = 0 is not in [1, 2^63)", a.side = 0);
    WRONG_BLOCKS("depth = 2 is not in [3, 2^63), from side on", a.depth = 2);
    WRONG_BLOCKS("height = -1 is not in [3, 2^63), from side on", a.height = -1);
    WRONG_BLOCKS("width = 2 is not in [3, 2^63), from side on", a.width = 2; a.dimensions = 2);
    WRONG_BLOCKS("images have 2^63 positions and more; allowed are fewer", a.width = 1LL << 59);
    WRONG_BLOCKS("images have 2^63 positions and more; allowed are fewer",
                 a.width = a.height = 1LL << 32);
    WRONG_BLOCKS("images have 2^63 positions and more; allowed are fewer",
                 a.first = a.images = 1LL << 62);
    WRONG_BLOCKS("first = 3 is no image that begins at a byte: an image has 210 positions",
                 a.first = 3);
    WRONG_BLOCKS("centres = NULL is allowed only when images = 0, not 3", a.centres = NULL);
    WRONG_BLOCKS("mask = NULL is allowed only when images = 0, not 3", a.mask = NULL);
    WRONG_BLOCKS("centres is not at a multiple of 8 bytes", a.centres = memory + 4);
    WRONG_BLOCKS("centres overlaps mask: its 24 bytes must be apart from the output",
                 a.first = 0; a.mask = memory + 23);
    CHECK(!dropfuse_blocks(NULL, NULL, NULL, 0, 0, 2, -1, 3, 3, 3, 0), "%s", dropfuse_last_error());
}

static void of_tiers(void)
{
    CHECK(dropfuse_abi_version() == DROPFUSE_ABI_VERSION, "%d", dropfuse_abi_version());
    static const char *const names[] = {"auto", "scalar", "avx2", "avx512", "neon"};
    for (int t = 0; t < 5; t++)
        CHECK(!strcmp(dropfuse_tier_name(t), names[t]), "tier %d is %s", t, dropfuse_tier_name(t));
    CHECK(!dropfuse_tier_name(5) && !dropfuse_tier_name(-1), "a name for no tier");
    CHECK(dropfuse_tier_available(5) == -2 && dropfuse_tier_available(-1) == -2,
          "a tier that is none");
    CHECK(dropfuse_tier_available(DROPFUSE_TIER_AUTO) == 1, "auto");
    CHECK(dropfuse_tier_available(DROPFUSE_TIER_SCALAR) == 1, "scalar");
    CHECK(dropfuse_best_tier() > 0 && dropfuse_tier_available(dropfuse_best_tier()) == 1,
          "best tier %d", dropfuse_best_tier());

    for (int t = 0; t < 5; t++) {
        if (dropfuse_tier_available(t) == 1)
            continue;
        struct arguments a = right();
        a.tier = t;
        CHECK(mask(a) == DROPFUSE_UNSUPPORTED, "tier %d", t);
        char start[64] = "tier ";
        strcat(strcat(start, names[t]), " is not available: ");
        CHECK(!strncmp(dropfuse_last_error(), start, strlen(start)), "%s", dropfuse_last_error());
        CHECK(memory[0] == 0x5A, "written");
    }
}

static void fail_with(double p)
{
    struct arguments a = right();
    a.u.p = p;
    mask(a);
}

static void *other_thread(void *result)
{
    *(int *)result = !strcmp(dropfuse_last_error(), "");
    fail_with(7);
    return NULL;
}

static void of_threads(void)
{
    fail_with(3);
    int empty = 0;
    pthread_t thread;
    CHECK(!pthread_create(&thread, NULL, other_thread, &empty), "pthread_create");
    pthread_join(thread, NULL);
    CHECK(empty, "another thread's failure was seen");
    CHECK(!strcmp(dropfuse_last_error(), "p = 3 is not in [0, 1]"), "%s", dropfuse_last_error());
}

int main(void)
{
    memset(memory, 0x5A, sizeof memory);
    CHECK(!strcmp(dropfuse_last_error(), ""), "an error before the first");
    of_drop();
    of_mask();
    of_rows();
    of_blocks();
    of_tiers();
    of_threads();
    return finish("errors");
}
