/*
 * How long kernels take beside memcpy of the same tensor: one process, one thread, each sample of
 * a kernel paired with one of memcpy taken just before it; medians of the times and ratios.
 *
 *     speed [--tier NAME]... [--dtype f32|f64|f16|bf16]... [--elements N[k|m]]... [--kernel NAME]...
 *           [--rounds N] [--p P] [--misalign BYTES]
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _POSIX_C_SOURCE 200809L
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "calls.h"
#include "pages.h"

enum { MOST_ROUNDS = 1001, ROW = 197 * 768 };

static char *x, *y, *mask, *bits;
static unsigned long long *indices;
static int tier, dtype, size;
static long long number;
static double p = 0.1;
/* Another mask at each call, as in use: branch predictors learn a small one by heart. */
static unsigned long long offset;
static void *(*volatile copy)(void *, const void *, size_t) = memcpy;

static void drop(void *out, long long run, double rate, const void *stored)
{
    struct units u = elements(number);
    u.run = run;
    u.mask = stored;
    u.p = rate;
    u.offset = offset++;
    if (call_drop(tier, dtype, x, out, &u, 1 / (1 - rate)))
        fprintf(stderr, "%s\n", dropfuse_last_error());
}

static void draw_mask(double rate)
{
    struct units u = elements(number);
    u.p = rate;
    u.offset = offset++;
    call_mask(tier, mask, &u);
}

/* One half of the columns of a larger tensor. */
static void run_columns(void)
{
    struct units u = elements(number);
    u.cycle = 512;
    u.step = 1024;
    u.p = p;
    u.offset = offset++;
    call_drop(tier, dtype, x, y, &u, 1 / (1 - p));
}

/* Rows of 64 bytes, in reverse. */
static void run_rows(void)
{
    const struct dropfuse_place place = on(tier);
    const long long length = 64 / size;
    dropfuse_rows(&place, dtype, DROPFUSE_GATHER, x, y, indices, number / length, length, 1);
}

/* Images of 56 by 56. The decisions are bits, of as many elements. */
static void run_blocks(void)
{
    const struct dropfuse_place place = on(tier);
    dropfuse_blocks(&place, mask, bits, 0, number / 3136, 2, 0, 56, 56, 7, 0);
}

static void run_forward(void) { drop(y, 1, p, NULL); }
static void run_in_place(void) { drop(x, 1, p, NULL); }
static void run_stored(void) { drop(y, 1, p, mask); }
static void run_path(void) { drop(y, ROW, 0.5, NULL); }
static void run_channel(void) { drop(y, 49, p, NULL); }
static void run_keep_all(void) { drop(y, 1, 0, NULL); }
static void run_mask(void) { draw_mask(p); }
static void run_memcpy(void) { copy(y, x, (size_t)(number * size)); }

static const struct kernel {
    const char *name;
    void (*run)(void);
} kernels[] = {{"forward", run_forward}, {"in-place", run_in_place}, {"stored", run_stored},
               {"mask", run_mask},       {"droppath", run_path},     {"channel", run_channel},
               {"keep-all", run_keep_all}, {"columns", run_columns}, {"rows", run_rows},
               {"blocks", run_blocks}};
enum { KERNELS = sizeof kernels / sizeof *kernels };

static double seconds(void (*run)(void), long repeats)
{
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    for (long r = 0; r < repeats; r++)
        run();
    clock_gettime(CLOCK_MONOTONIC, &b);
    return (double)(b.tv_sec - a.tv_sec) + 1e-9 * (double)(b.tv_nsec - a.tv_nsec);
}

static int ascending(const void *a, const void *b)
{
    const double u = *(const double *)a, v = *(const double *)b;
    return (u > v) - (u < v);
}

static double median(double *values, int n)
{
    qsort(values, (size_t)n, sizeof *values, ascending);
    return values[n / 2];
}

static void measure(const struct kernel *kernel, int rounds)
{
    static double ours[MOST_ROUNDS], theirs[MOST_ROUNDS], ratio[MOST_ROUNDS];
    if (kernel->run == run_in_place) /* scaled over and over: zeros stay what they are */
        memset(x, 0, (size_t)(number * size));
    draw_mask(kernel->run == run_blocks ? p / 49 : p);
    /* Samples of some 200 microseconds at least. */
    const long repeats = (long)(1 + 2000000 / (number * size));
    seconds(run_memcpy, repeats);
    seconds(kernel->run, repeats);
    for (int r = 0; r < rounds; r++) {
        theirs[r] = seconds(run_memcpy, repeats);
        ours[r] = seconds(kernel->run, repeats);
        ratio[r] = ours[r] / theirs[r];
    }
    const double per = 1e9 / ((double)repeats * (double)number);
    const double m = median(ratio, rounds), o = median(ours, rounds), t = median(theirs, rounds);
    printf("%-7s %-5s %-9s %9lld  %8.4f ns  memcpy %8.4f ns  ratio %6.3f  (of minima %6.3f)\n",
           dropfuse_tier_name(tier), (const char *[]){"f32", "f64", "f16", "bf16"}[dtype],
           kernel->name, number, o * per, t * per, m, ours[0] / theirs[0]);
    fflush(stdout);
}

static char *pages(size_t bytes)
{
    unsigned char *at = pages_new(bytes);
    if (!at || !pages_protect(at, bytes, READ_AND_WRITE)) {
        fprintf(stderr, "no memory of %zu bytes\n", bytes);
        exit(1);
    }
    return memset(at, 1, bytes);
}

struct list {
    const char *values[16];
    int n;
};

static int listed(const struct list *list, const char *value)
{
    for (int k = 0; k < list->n; k++)
        if (!strcmp(list->values[k], value))
            return 1;
    return !list->n;
}

int main(int count, char **arguments)
{
    struct list only_tiers = {{0}, 0}, dtypes = {{"f32"}, 0}, of_elements = {{0}, 0};
    struct list only_kernels = {{0}, 0};
    static const char *const default_elements[] = {"4k", "16k", "64k", "1m", "16m", "64m"};
    static const char *const dtype_names[] = {"f32", "f64", "f16", "bf16"};
    int rounds = 0;
    size_t misalign = 0;
    for (int k = 1; k + 1 < count; k += 2) {
        const char *name = arguments[k], *value = arguments[k + 1];
        struct list *list = !strcmp(name, "--tier")       ? &only_tiers
                            : !strcmp(name, "--dtype")    ? &dtypes
                            : !strcmp(name, "--elements") ? &of_elements
                            : !strcmp(name, "--kernel")   ? &only_kernels
                                                          : NULL;
        if (list && list->n < 16)
            list->values[list->n++] = value;
        else if (!strcmp(name, "--rounds"))
            rounds = atoi(value);
        else if (!strcmp(name, "--p"))
            p = atof(value);
        else if (!strcmp(name, "--misalign"))
            misalign = (size_t)atoi(value);
        else
            return fprintf(stderr, "unknown option %s\n", name), 2;
    }
    if (!dtypes.n)
        dtypes.n = 1;
    if (!of_elements.n)
        for (; of_elements.n < 6; of_elements.n++)
            of_elements.values[of_elements.n] = default_elements[of_elements.n];

    for (int e = 0; e < of_elements.n; e++) {
        char *unit;
        number = strtoll(of_elements.values[e], &unit, 10);
        number <<= *unit == 'k' ? 10 : *unit == 'm' ? 20 : 0;
        for (dtype = 0; dtype < 4; dtype++) {
            if (!listed(&dtypes, dtype_names[dtype]))
                continue;
            size = (int[]){4, 8, 2, 2}[dtype];
            const size_t bytes = (size_t)(number * size) + 4096;
            x = pages(bytes) + misalign;
            y = pages(bytes) + misalign;
            mask = pages((size_t)number / 8 + 8);
            bits = pages((size_t)number / 8 + 8);
            indices = (unsigned long long *)(void *)pages((size_t)(number * size / 8 + 8));
            for (long long j = number * size / 64; j--;)
                indices[number * size / 64 - 1 - j] = (unsigned long long)j;
            const int n = rounds ? rounds : number > 4 << 20 ? 15 : number > 1 << 17 ? 101 : 301;
            for (int k = 0; k < KERNELS; k++)
                for (tier = 1; dropfuse_tier_name(tier); tier++)
                    if (listed(&only_kernels, kernels[k].name) &&
                        listed(&only_tiers, dropfuse_tier_name(tier)) &&
                        dropfuse_tier_available(tier) == 1)
                        measure(kernels + k, n > MOST_ROUNDS ? MOST_ROUNDS : n);
            pages_free(x - misalign, bytes);
            pages_free(y - misalign, bytes);
            pages_free(mask, (size_t)number / 8 + 8);
            pages_free(bits, (size_t)number / 8 + 8);
            pages_free(indices, (size_t)(number * size / 8 + 8));
        }
    }
    return 0;
}
