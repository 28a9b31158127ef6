/*
 * dropfuse_cuda_blocks: check, fill in the kernel's parameters, launch.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dropfuse.h"
#include "error.h"
#include "launch.h"

static int check(const void *centres, long long images, int dimensions, const long long extents[3],
                 long long side, const void *mask)
{
    static const char *const names[] = {"depth", "height", "width"};
    if (dimensions < 2 || dimensions > 3)
        return fail(DROPFUSE_INVALID_ARGUMENT, "dimensions = %d is not in [2, 3]", dimensions);
    if (images < 0)
        return fail(DROPFUSE_INVALID_ARGUMENT, "images = %lld is not in [0, 2^63)", images);
    if (side < 1)
        return fail(DROPFUSE_INVALID_ARGUMENT, "side = %lld is not in [1, 2^63)", side);
    long long positions = images ? images : 1;
    for (int i = 3 - dimensions; i < 3; i++) {
        if (extents[i] < side)
            return fail(DROPFUSE_INVALID_ARGUMENT, "%s = %lld is not in [%lld, 2^63), from side on",
                        names[i], extents[i], side);
        if (__builtin_mul_overflow(positions, extents[i], &positions))
            return fail(DROPFUSE_INVALID_ARGUMENT,
                        "images have 2^63 positions and more; allowed are fewer");
    }
    if (!images)
        return DROPFUSE_OK;
    if ((uintptr_t)centres % sizeof(uint64_t))
        return fail(DROPFUSE_INVALID_ARGUMENT, "centres is not at a multiple of 8 bytes");
    if (centres && mask)
        return DROPFUSE_OK;
    return fail(DROPFUSE_INVALID_ARGUMENT, "%s = NULL is allowed only when images = 0, not %lld",
                centres ? "mask" : "centres", images);
}

int dropfuse_cuda_blocks(int device, void *stream, const void *centres, long long images,
                         int dimensions, long long depth, long long height, long long width,
                         long long side, int valid, void *mask)
{
    const long long extents[3] = {dimensions == 3 ? depth : 1, height, width};
    int status = check(centres, images, dimensions, extents, side, mask);
    if (status || !images)
        return status;
    struct block_params params = {
        .centres = centres,
        .mask = mask,
        .depth = divisor((uint64_t)extents[0]),
        .height = divisor((uint64_t)extents[1]),
        .width = divisor((uint64_t)extents[2]),
    };
    uint64_t positions = (uint64_t)images, units = positions;
    for (int i = 0; i < 3; i++) {
        const uint64_t of = i < 3 - dimensions ? 1 : (uint64_t)side, extent = (uint64_t)extents[i];
        params.axes[i] = valid ? (struct block_axis){extent - of + 1, of - 1, 0}
                               : (struct block_axis){extent, of / 2, (of - 1) / 2};
        positions *= extent;
        units *= params.axes[i].centres;
    }
    params.bits = positions;
    status = check_apart("centres", centres, ceil_div(units, 64) * 8, "mask", mask,
                         ceil_div(positions, 8));
    if (status)
        return status;
    const struct context *context;
    status = context_enter(device, &context);
    if (status)
        return status;
    return context_leave(launch(&context->blocks, ceil_div(positions, 32 * 32), &params, stream));
}
