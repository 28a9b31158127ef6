/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pages.h"

static unsigned long long checks, failures;

void check(int ok, const char *file, int line, const char *format, ...)
{
    checks++;
    if (ok)
        return;
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s:%d: ", file, line);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    if (++failures == 20) {
        fprintf(stderr, "giving up after %llu failures\n", failures);
        exit(1);
    }
}

int finish(const char *what)
{
    printf("%s: %llu checks, %llu failures; tiers:", what, checks, failures);
    for (const int *t = tiers(); *t >= 0; t++)
        printf(" %s", dropfuse_tier_name(*t));
    printf("\n");
    return failures || !checks;
}

const int *tiers(void)
{
    static int list[8];
    const char *only = getenv("DROPFUSE_TEST_TIER");
    int n = 0;
    for (int t = DROPFUSE_TIER_SCALAR; dropfuse_tier_name(t); t++)
        if (dropfuse_tier_available(t) == 1 && (!only || !strcmp(only, dropfuse_tier_name(t))))
            list[n++] = t;
    if (!n) {
        fprintf(stderr, "DROPFUSE_TEST_TIER = %s is no tier that can run here\n", only ? only : "");
        exit(1);
    }
    list[n] = -1;
    return list;
}

static uint64_t state = 1;

void pick_from(uint64_t seed)
{
    state = seed;
}

uint64_t pick(void)
{
    uint64_t z = state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

uint64_t pick_below(uint64_t n)
{
    return pick() % n;
}

struct fenced fenced_new(size_t capacity)
{
    const size_t page = pages_size();
    const size_t bytes = (capacity + page - 1) / page * page;
    unsigned char *all = pages_new(bytes + 2 * page);
    if (!all || !pages_protect(all + page, bytes, READ_AND_WRITE)) {
        fprintf(stderr, "no fenced memory of %zu bytes\n", bytes);
        exit(1);
    }
    return (struct fenced){all + page, all + page + bytes};
}

unsigned char *fenced_at(const struct fenced *fenced, size_t n, int low)
{
    return low ? fenced->low : fenced->high - n;
}

void *element0(void *first_element, uint64_t first, size_t size)
{
    return (void *)((uintptr_t)first_element - (uintptr_t)(first * size));
}

void fenced_free(struct fenced *fenced)
{
    const size_t page = pages_size();
    pages_free(fenced->low - page, (size_t)(fenced->high - fenced->low) + 2 * page);
}
