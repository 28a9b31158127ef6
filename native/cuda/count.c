/*
 * Launches each kernel once on large aligned tensors, for properties.sh, which reads what an
 * emulating driver reports of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>

#include "dropfuse.h"

enum { ROW = 768, SAMPLE = 197 * ROW };

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
        check(dropfuse_cuda_residual(0, NULL, type, x, DROPFUSE_VECTOR_ADD, vector, ROW, y, y, 0, n,
                                     1, 1, 1, stored ? mask : NULL, 0.1, 42, 0, 0, 1 / 0.9));
    check(dropfuse_cuda_residual(0, NULL, type, x, DROPFUSE_VECTOR_MULTIPLY, vector, ROW, y, y, 0,
                                 n, SAMPLE, 1, 1, NULL, 0.1, 42, 0, 0, 1 / 0.9));
    check(dropfuse_cuda_sum_rows(0, NULL, type, x, NULL, sums, 0, n, ROW, 1, 1, 1, mask, 0, 0, 0, 0,
                                 1 / 0.9));
    check(dropfuse_cuda_sum_tree(0, NULL, type, sums, blocks, ROW, vector));
    check(dropfuse_cuda_free(0, vector));
    check(dropfuse_cuda_free(0, sums));
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
    check(dropfuse_cuda_normal(0, NULL, type, x, y, 0, n, 42, 0, 0, DROPFUSE_MULTIPLY, 0.3));
    check(dropfuse_cuda_product(0, NULL, type, x, y, 0, n, 1, 1, 1, mask, 0, 0.9, 1));
    check(dropfuse_cuda_product(0, NULL, type, x, y, 0, n, SAMPLE, 1, 1, mask, 0, 0.9, 1));
    check(dropfuse_cuda_rows(0, NULL, type, DROPFUSE_SCATTER_ADD, x, y, indices, rows, SAMPLE,
                             1 / 0.9));
    check(dropfuse_cuda_free(0, indices));
    free(order);
}

int main(int argc, char **argv)
{
    static const int sizes[] = {4, 8, 2, 2};
    const long long n = argc > 2 ? atoll(argv[2]) : 1 << 25;
    check(dropfuse_cuda_open(argc > 1 ? argv[1] : NULL));
    void *mask, *x, *y;
    check(dropfuse_cuda_allocate(0, n / 8, &mask));
    check(dropfuse_cuda_mask(0, NULL, 0.1, 42, 0, 0, n, mask));
    for (int type = 0; type < 4; type++) {
        check(dropfuse_cuda_allocate(0, n * sizes[type], &x));
        check(dropfuse_cuda_allocate(0, n * sizes[type], &y));
        for (int stored = 0; stored < 2; stored++)
            for (int rows = 0; rows < 2; rows++)
                check(dropfuse_cuda_drop(0, NULL, type, x, y, 0, n, rows ? SAMPLE : 1, 1, 1,
                                         stored ? mask : NULL, 0.1, 42, 0, 0, 1 / 0.9));
        residual_forms(type, x, y, n, mask);
        family(type, x, y, mask, n);
        check(dropfuse_cuda_free(0, x));
        check(dropfuse_cuda_free(0, y));
    }
    void *positions;
    check(dropfuse_cuda_allocate(0, n / 8, &positions));
    const long long images = n / (56 * 56);
    check(dropfuse_cuda_blocks(0, NULL, mask, images, 2, 1, 56, 56, 7, 0, positions));
    check(dropfuse_cuda_free(0, positions));
    check(dropfuse_cuda_free(0, mask));
    dropfuse_cuda_close();
    return 0;
}
