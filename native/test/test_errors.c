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

static unsigned char memory[2 * BYTES];

/* A call with one thing wrong at a time. */
struct drop_arguments {
    int tier, dtype;
    const void *x;
    void *y;
    long long first, count, run, cycle, repeat;
    const void *mask;
    double p;
    unsigned long long seed, offset, start;
    double scale;
};

static struct drop_arguments right(void)
{
    return (struct drop_arguments){.x = memory, .y = memory + BYTES, .count = 10, .run = 1,
                                   .cycle = 1, .repeat = 1, .p = 0.5, .scale = 2};
}

static int drop(struct drop_arguments a)
{
    return dropfuse_drop(a.tier, a.dtype, a.x, a.y, a.first, a.count, a.run, a.cycle, a.repeat,
                         a.mask, a.p, a.seed, a.offset, a.start, a.scale);
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

#define WRONG(text, ...)                                                                      \
    do {                                                                                      \
        struct drop_arguments a = right();                                                    \
        __VA_ARGS__;                                                                          \
        expect(__LINE__, drop(a), DROPFUSE_INVALID_ARGUMENT, text);                           \
    } while (0)
#define RIGHT(...)                                                                            \
    do {                                                                                      \
        struct drop_arguments a = right();                                                    \
        __VA_ARGS__;                                                                          \
        CHECK(drop(a) == DROPFUSE_OK, "%s", dropfuse_last_error());                           \
        memset(memory, 0x5A, sizeof memory);                                                  \
    } while (0)

static void of_drop(void)
{
    WRONG("tier = -1 is not in [0, 4]", a.tier = -1);
    WRONG("tier = 5 is not in [0, 4]", a.tier = 5);
    WRONG("dtype = -1 is not in [0, 3]", a.dtype = -1);
    WRONG("dtype = 4 is not in [0, 3]", a.dtype = 4);
    WRONG("first = -1 is not in [0, 2^63)", a.first = -1);
    WRONG("count = -1 is not in [0, 2^63)", a.count = -1);
    WRONG("run = 0 is not in [1, 2^63)", a.run = 0);
    WRONG("run = -9223372036854775808 is not in [1, 2^63)", a.run = LLONG_MIN);
    WRONG("cycle = 0 is not in [1, 2^63)", a.cycle = 0);
    WRONG("repeat = 0 is not in [1, 2^63)", a.repeat = 0);
    WRONG("first + count = 9223372036854775807 + 10 is not in [0, 2305843009213693951], the "
          "elements that memory can hold", a.first = LLONG_MAX);
    WRONG("first + count = 1152921504606846970 + 10 is not in [0, 1152921504606846975], the "
          "elements that memory can hold", a.first = 1152921504606846970; a.dtype = 1);
    WRONG("run * cycle * repeat = 2097152 * 2097152 * 2097152 is not in [1, 2^63)",
          a.run = a.cycle = a.repeat = 1 << 21);
    WRONG("run * cycle * repeat = 4294967296 * 4294967296 * 1 is not in [1, 2^63)",
          a.run = a.cycle = 1LL << 32);
    WRONG("start = 18446744073709551607 is not in [0, 18446744073709551606]: no unit after "
          "2^64 - 1 exists", a.start = ~0ULL - 8);
    WRONG("start = 18446744073709551615 is not in [0, 18446744073709551614]: no unit after "
          "2^64 - 1 exists", a.start = ~0ULL; a.run = 5);
    WRONG("start = 18446744073709551615 is not in [0, 18446744073709551612]: no unit after "
          "2^64 - 1 exists", a.start = ~0ULL; a.cycle = 4; a.repeat = 3);
    WRONG("p = 1.5 is not in [0, 1]", a.p = 1.5);
    WRONG("p = -0.10000000000000001 is not in [0, 1]", a.p = -0.1);
    WRONG("p = nan is not in [0, 1]", a.p = NAN);
    WRONG("p = inf is not in [0, 1]", a.p = INFINITY);
    WRONG("offset = 9223372036854775808 is not in [0, 2^63)", a.offset = 1ULL << 63);
    WRONG("x = NULL is allowed only when count = 0, not 10", a.x = NULL);
    WRONG("y = NULL is allowed only when count = 0, not 10", a.y = NULL);
    WRONG("y = x + 39 bytes overlaps x: y must be exactly x, or at least 40 bytes away",
          a.y = memory + 39);
    WRONG("y = x - 4 bytes overlaps x: y must be exactly x, or at least 40 bytes away",
          a.x = memory + 44; a.y = memory + 40);
    WRONG("mask overlaps y: its bytes 0 to 1 must be apart from the output",
          a.mask = memory + BYTES + 39);
    WRONG("mask overlaps y: its bytes 1 to 2 must be apart from the output",
          a.mask = memory + BYTES - 2; a.start = 8);
    WRONG("p = 2 is not in [0, 1]", a.p = 2; a.count = 0);

    RIGHT(a.y = memory + 40);
    RIGHT(a.y = memory);
    RIGHT(a.mask = memory + BYTES - 2; a.p = 9; a.offset = ~0ULL);
    RIGHT(a.mask = memory + BYTES + 40);
    RIGHT(a.start = ~0ULL - 9);
    RIGHT(a.start = ~0ULL; a.run = 10);
    RIGHT(a.start = ~0ULL - 1; a.cycle = 2; a.repeat = 5);
    RIGHT(a.offset = (1ULL << 63) - 1);
    RIGHT(a.p = -0.0);
    RIGHT(a.count = 0; a.x = a.y = NULL);
}

static void of_mask(void)
{
    static const int wrong = DROPFUSE_INVALID_ARGUMENT;
    unsigned char *const mask = memory;
    expect(__LINE__, dropfuse_mask(9, 0.5, 0, 0, 0, 8, mask), wrong, "tier = 9 is not in [0, 4]");
    expect(__LINE__, dropfuse_mask(0, -1, 0, 0, 0, 8, mask), wrong, "p = -1 is not in [0, 1]");
    expect(__LINE__, dropfuse_mask(0, NAN, 0, 0, 0, 8, mask), wrong, "p = nan is not in [0, 1]");
    expect(__LINE__, dropfuse_mask(0, 0.5, 0, ~0ULL, 0, 8, mask), wrong,
           "offset = 18446744073709551615 is not in [0, 2^63)");
    expect(__LINE__, dropfuse_mask(0, 0.5, 0, 0, 0, -8, mask), wrong,
           "count = -8 is not in [0, 2^63)");
    expect(__LINE__, dropfuse_mask(0, 0.5, 0, 0, ~0ULL - 6, 8, mask), wrong,
           "start = 18446744073709551609 is not in [0, 18446744073709551608]: no unit after "
           "2^64 - 1 exists, and count = 8");
    expect(__LINE__, dropfuse_mask(0, 0.5, 0, 0, 0, 8, NULL), wrong,
           "mask = NULL is allowed only when count = 0, not 8");
    CHECK(!dropfuse_mask(0, 0.5, 0, 0, ~0ULL - 7, 8, mask), "%s", dropfuse_last_error());
    memset(memory, 0x5A, sizeof memory);
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
        unsigned char *const mask = memory;
        CHECK(dropfuse_mask(t, 0.5, 0, 0, 0, 8, mask) == DROPFUSE_UNSUPPORTED, "tier %d", t);
        char start[64] = "tier ";
        strcat(strcat(start, names[t]), " is not available: ");
        CHECK(!strncmp(dropfuse_last_error(), start, strlen(start)), "%s", dropfuse_last_error());
        CHECK(memory[0] == 0x5A, "written");
    }
}

static void *other_thread(void *result)
{
    *(int *)result = !strcmp(dropfuse_last_error(), "");
    dropfuse_mask(0, 7, 0, 0, 0, 0, NULL);
    return NULL;
}

static void of_threads(void)
{
    dropfuse_mask(0, 3, 0, 0, 0, 0, NULL);
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
    of_tiers();
    of_threads();
    return finish("errors");
}
