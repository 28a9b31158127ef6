/*
 * dropfuse_cuda_rows: check, fill in the kernel's parameters, launch.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dropfuse.h"
#include "error.h"
#include "launch.h"
#include "operations.h"

static int check(int dtype, int operation, const void *x, const void *y, const void *indices,
                 long long rows, long long length)
{
    const int status = check_dtype(dtype);
    if (status)
        return status;
    if (operation < DROPFUSE_GATHER || operation > DROPFUSE_SCATTER_ADD)
        return fail(DROPFUSE_INVALID_ARGUMENT, "operation = %d is not in [0, 2]", operation);
    if (rows < 0 || rows >= 1LL << 60)
        return fail(DROPFUSE_INVALID_ARGUMENT, "rows = %lld is not in [0, 2^60)", rows);
    if (length < 1)
        return fail(DROPFUSE_INVALID_ARGUMENT, "length = %lld is not in [1, 2^63)", length);
    const long long most = (long long)(PTRDIFF_MAX / element_size(dtype));
    if (rows > most / length)
        return fail(DROPFUSE_INVALID_ARGUMENT,
                    "rows * length = %lld * %lld is not in [0, %lld], the elements that memory "
                    "can hold", rows, length, most);
    if (!rows)
        return DROPFUSE_OK;
    if ((uintptr_t)indices % sizeof(uint64_t))
        return fail(DROPFUSE_INVALID_ARGUMENT, "indices is not at a multiple of 8 bytes");
    if (x && y && indices)
        return DROPFUSE_OK;
    return fail(DROPFUSE_INVALID_ARGUMENT, "%s = NULL is allowed only when rows = 0, not %lld",
                x ? y ? "indices" : "y" : "x", rows);
}

/* The dense tensor is all of its rows; of the larger one the first is sure to be there. */
static int check_memory(int operation, const void *x, const void *y, const void *indices,
                        uint64_t rows, uint64_t row_bytes)
{
    const int gathers = operation == DROPFUSE_GATHER;
    const uint64_t out = gathers ? rows * row_bytes : row_bytes;
    const int status = check_apart("x", x, gathers ? row_bytes : rows * row_bytes, "y", y, out);
    return status ? status
                  : check_apart("indices", indices, rows * sizeof(uint64_t), "y", y, out);
}

int dropfuse_cuda_rows(int device, void *stream, int dtype, int operation, const void *x, void *y,
                       const void *indices, long long rows, long long length, double scale)
{
    int status = check(dtype, operation, x, y, indices, rows, length);
    if (status || !rows)
        return status;
    const uint64_t size = element_size(dtype), bytes = (uint64_t)length * size;
    status = check_memory(operation, x, y, indices, (uint64_t)rows, bytes);
    if (status)
        return status;
    const int width = (bytes | (uintptr_t)x | (uintptr_t)y) % ACCESS == 0 ? WIDE : SINGLE;
    const uint64_t of_row = width == WIDE ? bytes / ACCESS : (uint64_t)length;
    const uint64_t accesses = (uint64_t)rows * of_row;
    const int copies = operation == DROPFUSE_SCATTER
                       || (operation == DROPFUSE_GATHER && scale == 1);
    struct rows_params params = {
        .x = x,
        .y = y,
        .indices = indices,
        .accesses = accesses,
        .chunks = ceil_div(accesses, 32 * CUDA_REQUESTS),
        .row = divisor(of_row),
        .gathers = operation == DROPFUSE_GATHER,
        .operation = operation == DROPFUSE_SCATTER_ADD ? CUDA_ROWS_ADDED
                     : copies                          ? CUDA_ROWS_COPIED
                                                       : CUDA_ROWS_SCALED,
        .value = value_params(scale, -0.0, 0),
        .branch = {.residual = y, .length = divisor(1)},
    };
    const struct context *context;
    status = context_enter(device, &context);
    if (status)
        return status;
    return context_leave(
        launch(&context->accesses[KERNEL_ROWS][dtype][width], params.chunks, &params, stream));
}
