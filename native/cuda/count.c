/*
 * Launches each kernel once on large aligned tensors, for properties.sh, which reads what an
 * emulating driver reports of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>

#include "dropfuse.h"

enum { ROW = 768, SAMPLE = 197 * ROW, COLUMNS = 4096, ALL_COLUMNS = 4 * COLUMNS };

/* Layouts, from run to step: a decision per element, per sample, and per element of a box. */
#define ELEMENTS 1, 1, 1, 1
#define SAMPLES SAMPLE, 1, 1, 1
#define BOX 1, COLUMNS, 1, ALL_COLUMNS

/* p, seed, offset and start. */
#define DRAW 0.1, 42, 0, 0

static const struct dropfuse_place gpu = {.tier = DROPFUSE_CUDA};

static void check(int status)
{
    if (status) {
        fprintf(stderr, "%s: %s\n", dropfuse_cuda_error_function(), dropfuse_last_error());
        exit(1);
    }
}

/* In place on the residual, with a vector, and the gradient of that vector. */
static void residual_forms(int type, void *x, void *y, long long n, void *mask)
{
    static const int totals[] = {4, 8, 4, 4};
    n -= n % ROW;
    const long long blocks = (n / ROW + DROPFUSE_SUM_ROWS - 1) / DROPFUSE_SUM_ROWS;
    void *vector, *sums;
    check(dropfuse_cuda_allocate(0, ROW * 8, &vector));
    check(dropfuse_cuda_allocate(0, blocks * ROW * totals[type], &sums));
    for (int stored = 0; stored < 2; stored++)
        check(dropfuse_residual(&gpu, type, x, DROPFUSE_VECTOR_ADD, vector, ROW, y, y, 0, n,
                                ELEMENTS, stored ? mask : NULL, DRAW, 1 / 0.9));
    check(dropfuse_residual(&gpu, type, x, DROPFUSE_VECTOR_MULTIPLY, vector, ROW, y, y, 0, n,
                            SAMPLES, NULL, DRAW, 1 / 0.9));
    check(dropfuse_sum_rows(&gpu, type, x, NULL, sums, ROW, 0, n, ELEMENTS, mask, DRAW, 1 / 0.9));
    check(dropfuse_sum_tree(&gpu, type, sums, blocks, ROW, vector));
    check(dropfuse_cuda_free(0, vector));
    check(dropfuse_cuda_free(0, sums));
}

/* In place on the previous state, and the expectation. */
static void zoneout(int type, const void *x, void *y, const void *mask, long long n)
{
    for (int stored = 0; stored < 2; stored++)
        check(dropfuse_zoneout(&gpu, type, DROPFUSE_SELECT, x, y, y, 0, n, ELEMENTS,
                               stored ? mask : NULL, DRAW));
    check(dropfuse_zoneout(&gpu, type, DROPFUSE_SELECT, x, y, y, 0, n, SAMPLES, NULL, DRAW));
    check(dropfuse_zoneout(&gpu, type, DROPFUSE_EXPECT, x, y, y, 0, n, ELEMENTS, NULL, DRAW));
}

/* The kernels of the other members of the family, on the same tensors; rows in reverse order. */
static void family(int type, const void *x, void *y, const void *mask, long long n)
{
    const long long rows = n / SAMPLE;
    void *indices;
    long long *order = malloc((size_t)rows * sizeof *order);
    for (long long j = 0; order && j < rows; j++)
        order[j] = rows - 1 - j;
    check(dropfuse_cuda_allocate(0, rows * (long long)sizeof *order, &indices));
    check(dropfuse_cuda_copy(0, DROPFUSE_CUDA_TO_DEVICE, indices, order,
                             rows * (long long)sizeof *order, NULL, 1));
    check(dropfuse_normal(&gpu, type, x, y, 0, n, 1, 1, 42, 0, 0, DROPFUSE_MULTIPLY, 0.3));
    check(dropfuse_normal(&gpu, type, x, y, 0, n, COLUMNS, ALL_COLUMNS, 42, 0, 0,
                          DROPFUSE_MULTIPLY, 0.3));
    check(dropfuse_product(&gpu, type, x, y, 0, n, ELEMENTS, mask, 0, 0.9, 1));
    check(dropfuse_product(&gpu, type, x, y, 0, n, SAMPLES, mask, 0, 0.9, 1));
    check(dropfuse_rows(&gpu, type, DROPFUSE_SCATTER_ADD, x, y, indices, rows, SAMPLE, 1 / 0.9));
    check(dropfuse_cuda_free(0, indices));
    free(order);
}

static void *read_image(const char *path, long long *bytes)
{
    enum { MOST = 1 << 26 };
    FILE *file = fopen(path, "rb");
    void *image = aligned_alloc(64, MOST);
    if (!file || !image) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(1);
    }
    *bytes = (long long)fread(image, 1, MOST, file);
    fclose(file);
    return image;
}

/* The driver, the kernels' image and a number of elements. */
int main(int argc, char **argv)
{
    static const int sizes[] = {4, 8, 2, 2};
    if (argc != 4)
        return 2;
    const long long n = atoll(argv[3]);
    long long bytes;
    void *image = read_image(argv[2], &bytes);
    check(dropfuse_cuda_open(argv[1], image, bytes));
    void *mask, *positions, *x, *y;
    check(dropfuse_cuda_allocate(0, n / 8, &mask));
    check(dropfuse_cuda_allocate(0, n / 8, &positions));
    check(dropfuse_mask(&gpu, mask, 0, n, ELEMENTS, NULL, DRAW));
    check(dropfuse_mask(&gpu, positions, 0, n, BOX, NULL, DRAW));
    check(dropfuse_blocks(&gpu, mask, positions, 0, n / (56 * 56), 2, 1, 56, 56, 7, 0));
    for (int type = 0; type < 4; type++) {
        check(dropfuse_cuda_allocate(0, n * sizes[type], &x));
        check(dropfuse_cuda_allocate(0, n * sizes[type], &y));
        for (int stored = 0; stored < 2; stored++) {
            const void *decisions = stored ? mask : NULL;
            check(dropfuse_drop(&gpu, type, x, y, 0, n, ELEMENTS, decisions, DRAW, 1 / 0.9, -0.0,
                                0));
            check(dropfuse_drop(&gpu, type, x, y, 0, n, SAMPLES, decisions, DRAW, 1 / 0.9, -0.0,
                                0));
        }
        residual_forms(type, x, y, n, mask);
        zoneout(type, x, y, mask, n);
        family(type, x, y, mask, n);
        check(dropfuse_cuda_free(0, x));
        check(dropfuse_cuda_free(0, y));
    }
    check(dropfuse_cuda_free(0, positions));
    check(dropfuse_cuda_free(0, mask));
    dropfuse_cuda_close();
    free(image);
    return 0;
}
