/*
 * The library called from C, beside memcpy and plain sums: dropfuse_c SECONDS ELEMENTS... prints a
 * JSON array with a row for each kernel and size; a kernel is left out where it means nothing. Every
 * round times each kernel once, so that they share the machine's moods; a row holds medians over the
 * rounds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "calls.h"

enum { MAX_ROUNDS = 1001, MIN_ROUNDS = 5, PAGE = 4096, CHANNELS = 768, SAMPLE = 197 * CHANNELS };

static const double P = 0.1;
static const double PATH_P = 0.5;
static const double BATCH_SECONDS = 1e-3;

struct work {
    float *x;
    float *y;
    float *residual;
    float *bias;
    void *mask;
    long long elements;
    unsigned long long call;
    int failed;
};

static void drop(struct work *w, float *x, float *y, const void *mask)
{
    int status = dropfuse_drop(NULL, DROPFUSE_FLOAT32, x, y, 0, w->elements, 1, 1, 1, 1, mask, P,
                               42, w->call++, 0, 1 / (1 - P), -0.0, 0.0);
    w->failed |= status != DROPFUSE_OK;
}

static void copy(struct work *w)
{
    bench_copy(w->y, w->x, (size_t)w->elements * sizeof(float));
}

static void forward(struct work *w)
{
    drop(w, w->x, w->y, NULL);
}

static void forward_in_place(struct work *w)
{
    drop(w, w->y, w->y, NULL);
}

static void stored_mask(struct work *w)
{
    drop(w, w->x, w->y, w->mask);
}

static void mask_alone(struct work *w)
{
    int status = dropfuse_mask(NULL, w->mask, 0, w->elements, 1, 1, 1, 1, NULL, P, 42, w->call++,
                               0);
    w->failed |= status != DROPFUSE_OK;
}

static void add(struct work *w)
{
    bench_add(w->x, w->residual, w->y, w->elements);
}

static void add_streamed(struct work *w)
{
    bench_add_streamed(w->x, w->residual, w->y, w->elements);
}

static void add_in_place(struct work *w)
{
    bench_add_to(w->y, w->x, w->elements);
}

static void dropout_add(struct work *w)
{
    int status = dropfuse_residual(NULL, DROPFUSE_FLOAT32, w->x, DROPFUSE_VECTOR_ADD, w->bias,
                                   CHANNELS, w->residual, w->y, 0, w->elements, 1, 1, 1, 1, NULL, P,
                                   42, w->call++, 0, 1 / (1 - P));
    w->failed |= status != DROPFUSE_OK;
}

static void drop_path_add(struct work *w)
{
    int status = dropfuse_residual(NULL, DROPFUSE_FLOAT32, w->x, DROPFUSE_VECTOR_NONE, NULL, 1,
                                   w->y, w->y, 0, w->elements, SAMPLE, 1, 1, 1, NULL, PATH_P, 42,
                                   w->call++, 0, 1 / (1 - PATH_P));
    w->failed |= status != DROPFUSE_OK;
}

static const struct kernel {
    const char *name;
    const char *in_place;
    const char *library; /* NULL for ours */
    const double *p;
    long long least; /* elements that it means something for */
    void (*run)(struct work *);
} KERNELS[] = {
    {"memcpy", "false", "libc", &P, 1, copy},
    {"add", "false", "loop", &P, 1, add},
    {"addStreamed", "false", "loop", &P, 1, add_streamed},
    {"add", "true", "loop", &P, 1, add_in_place},
    {"forward", "false", NULL, &P, 1, forward},
    {"forward", "true", NULL, &P, 1, forward_in_place},
    {"stored-mask", "false", NULL, &P, 1, stored_mask},
    {"mask", "false", NULL, &P, 1, mask_alone},
    {"dropoutadd", "false", NULL, &P, 1, dropout_add},
    {"droppathadd", "true", NULL, &PATH_P, SAMPLE, drop_path_add},
};

enum { KERNEL_COUNT = sizeof KERNELS / sizeof KERNELS[0] };

static int fits(int kernel, const struct work *w)
{
    return w->elements >= KERNELS[kernel].least;
}

static double samples[KERNEL_COUNT][MAX_ROUNDS];
static double ratios[KERNEL_COUNT][MAX_ROUNDS];

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, ascending);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static double time_batch(const struct kernel *kernel, struct work *w, long long calls)
{
    double begin = now();
    for (long long i = 0; i < calls; i++) {
        kernel->run(w);
    }
    return (now() - begin) / (double)calls;
}

static long long calls_per_batch(const struct kernel *kernel, struct work *w)
{
    time_batch(kernel, w, 1);
    double seconds = time_batch(kernel, w, 1);
    return seconds >= BATCH_SECONDS ? 1 : (long long)(BATCH_SECONDS / (seconds + 1e-9)) + 1;
}

static void measure(struct work *w, double seconds)
{
    long long calls[KERNEL_COUNT];
    for (int k = 0; k < KERNEL_COUNT; k++) {
        calls[k] = fits(k, w) ? calls_per_batch(&KERNELS[k], w) : 0;
    }
    int rounds = 0;
    double end = now() + seconds;
    while (rounds < MAX_ROUNDS && (rounds < MIN_ROUNDS || now() < end)) {
        for (int k = 0; k < KERNEL_COUNT; k++) {
            if (!fits(k, w)) {
                continue;
            }
            samples[k][rounds] = time_batch(&KERNELS[k], w, calls[k]);
            ratios[k][rounds] = samples[k][rounds] / samples[0][rounds];
        }
        rounds++;
    }
    static const char *separator = "";
    for (int k = 0; k < KERNEL_COUNT; k++) {
        if (!fits(k, w)) {
            continue;
        }
        printf("%s{\"contender\": \"C program\", \"kernel\": \"%s\", \"backend\": \"%s\", "
               "\"tier\": \"%s\", \"dtype\": \"float32\", \"p\": %g, \"elements\": %lld, "
               "\"threads\": 1, \"inPlace\": %s, \"nsPerElement\": %.6g, "
               "\"ratioToMemcpy\": %.6g}",
               separator, KERNELS[k].name, KERNELS[k].library ? KERNELS[k].name : "native",
               KERNELS[k].library ? KERNELS[k].library : dropfuse_tier_name(dropfuse_best_tier()),
               *KERNELS[k].p, w->elements, KERNELS[k].in_place,
               median(samples[k], rounds) * 1e9 / (double)w->elements, median(ratios[k], rounds));
        separator = ",\n";
    }
}

static float *allocate(long long elements)
{
    size_t bytes = (size_t)elements * sizeof(float);
    float *memory = aligned_alloc(PAGE, (bytes + PAGE - 1) / PAGE * PAGE);
    if (memory) {
        memset(memory, 0, bytes);
    }
    return memory;
}

static int run_size(long long elements, double seconds)
{
    struct work w = {.x = allocate(elements), .y = allocate(elements),
                     .residual = allocate(elements), .bias = allocate(CHANNELS),
                     .mask = allocate(elements / 32 + 1), .elements = elements};
    int usable = w.x && w.y && w.residual && w.bias && w.mask;
    if (usable) {
        for (long long e = 0; e < elements; e++) {
            w.x[e] = (float)(e % 4093) - 2046.0f;
        }
        mask_alone(&w);
        measure(&w, seconds);
    } else {
        fprintf(stderr, "dropfuse_c: no memory for %lld elements\n", elements);
    }
    free(w.x);
    free(w.y);
    free(w.residual);
    free(w.bias);
    free(w.mask);
    return usable && !w.failed;
}

int main(int argc, char **argv)
{
    if (argc < 3 || atof(argv[1]) <= 0) {
        fprintf(stderr, "usage: dropfuse_c SECONDS ELEMENTS...\n");
        return 2;
    }
    int good = 1;
    printf("[");
    for (int i = 2; i < argc; i++) {
        long long elements = atoll(argv[i]);
        if (elements < 1) {
            fprintf(stderr, "dropfuse_c: ELEMENTS is %s, allowed are 1 and more\n", argv[i]);
            return 2;
        }
        good &= run_size(elements, atof(argv[1]));
    }
    printf("]\n");
    return good ? 0 : 1;
}
