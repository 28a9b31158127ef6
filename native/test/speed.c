/*
 * How long kernels take beside memcpy of the same tensor: one process, one thread, each sample of
 * a kernel paired with one of memcpy taken just before it; medians of the times and ratios.
 *
 *     speed [--tier NAME]... [--dtype f32|f64|f16|bf16]... [--elements N[k|m]]... [--kernel NAME]...
 *           [--rounds N] [--p P] [--misalign BYTES]
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _DEFAULT_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "dropfuse.h"

enum { MOST_ROUNDS = 1001, ROW = 197 * 768 };

static char *x, *y, *mask;
static int tier, dtype, size;
static long long elements;
static double p = 0.1;
/* Another mask at each call, as in use: branch predictors learn a small one by heart. */
static unsigned long long offset;
static void *(*volatile copy)(void *, const void *, size_t) = memcpy;

static void drop(void *out, long long run, double rate, const void *stored)
{
    if (dropfuse_drop(tier, dtype, x, out, 0, elements, run, 1, 1, stored, rate, 42, offset++, 0,
                      1 / (1 - rate)))
        fprintf(stderr, "%s\n", dropfuse_last_error());
}

static void run_forward(void) { drop(y, 1, p, NULL); }
static void run_in_place(void) { drop(x, 1, p, NULL); }
static void run_stored(void) { drop(y, 1, p, mask); }
static void run_path(void) { drop(y, ROW, 0.5, NULL); }
static void run_channel(void) { drop(y, 49, p, NULL); }
static void run_keep_all(void) { drop(y, 1, 0, NULL); }
static void run_memcpy(void) { copy(y, x, (size_t)(elements * size)); }
static void run_mask(void) { dropfuse_mask(tier, p, 42, offset++, 0, elements, mask); }

static const struct kernel {
    const char *name;
    void (*run)(void);
} kernels[] = {{"forward", run_forward}, {"in-place", run_in_place}, {"stored", run_stored},
               {"mask", run_mask},       {"droppath", run_path},     {"channel", run_channel},
               {"keep-all", run_keep_all}};
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
        memset(x, 0, (size_t)(elements * size));
    dropfuse_mask(DROPFUSE_TIER_AUTO, p, 42, 7, 0, elements, mask);
    /* Samples of some 200 microseconds at least. */
    const long repeats = (long)(1 + 2000000 / (elements * size));
    seconds(run_memcpy, repeats);
    seconds(kernel->run, repeats);
    for (int r = 0; r < rounds; r++) {
        theirs[r] = seconds(run_memcpy, repeats);
        ours[r] = seconds(kernel->run, repeats);
        ratio[r] = ours[r] / theirs[r];
    }
    const double per = 1e9 / ((double)repeats * (double)elements);
    const double m = median(ratio, rounds), o = median(ours, rounds), t = median(theirs, rounds);
    printf("%-7s %-5s %-9s %9lld  %8.4f ns  memcpy %8.4f ns  ratio %6.3f  (of minima %6.3f)\n",
           dropfuse_tier_name(tier), (const char *[]){"f32", "f64", "f16", "bf16"}[dtype],
           kernel->name, elements, o * per, t * per, m, ours[0] / theirs[0]);
    fflush(stdout);
}

static char *pages(size_t bytes)
{
    char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) {
        perror("memory");
        exit(1);
    }
    memset(at, 1, bytes);
    return at;
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
        elements = strtoll(of_elements.values[e], &unit, 10);
        elements <<= *unit == 'k' ? 10 : *unit == 'm' ? 20 : 0;
        for (dtype = 0; dtype < 4; dtype++) {
            if (!listed(&dtypes, dtype_names[dtype]))
                continue;
            size = (int[]){4, 8, 2, 2}[dtype];
            const size_t bytes = (size_t)(elements * size) + 4096;
            x = pages(bytes) + misalign;
            y = pages(bytes) + misalign;
            mask = pages((size_t)elements / 8 + 1);
            const int n = rounds ? rounds : elements > 4 << 20 ? 15 : elements > 1 << 17 ? 101 : 301;
            for (int k = 0; k < KERNELS; k++)
                for (tier = 1; dropfuse_tier_name(tier); tier++)
                    if (listed(&only_kernels, kernels[k].name) &&
                        listed(&only_tiers, dropfuse_tier_name(tier)) &&
                        dropfuse_tier_available(tier) == 1)
                        measure(kernels + k, n > MOST_ROUNDS ? MOST_ROUNDS : n);
            munmap(x - misalign, bytes);
            munmap(y - misalign, bytes);
            munmap(mask, (size_t)elements / 8 + 1);
        }
    }
    return 0;
}
