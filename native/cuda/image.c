/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <stdint.h>
#include <string.h>

#include "dropfuse.h"
#include "error.h"

static const char digest[] = DROPFUSE_CUDA_CODE;
enum { DIGEST = sizeof digest - 1 };

/* The header, as nvcc writes it and the driver reads it. `size` bytes follow. */
struct fat_binary {
    uint32_t magic;
    uint16_t version;
    uint16_t header;
    uint64_t size;
};

int image_check(const void *image, long long bytes)
{
    if ((uintptr_t)image % 16)
        return fail(DROPFUSE_INVALID_ARGUMENT, "image is at %p, which 16 does not divide", image);
    if (!image || bytes < (long long)(DIGEST + sizeof(struct fat_binary)))
        return fail(DROPFUSE_UNSUPPORTED, "no CUDA kernels: their image has %lld bytes, too few",
                    image ? bytes : 0);
    if (memcmp(image, digest, DIGEST) != 0)
        return fail(DROPFUSE_UNSUPPORTED,
                    "no CUDA kernels: their image was made of other code than this library's, "
                    "which is %.12s",
                    digest);
    struct fat_binary found;
    memcpy(&found, image_fat_binary(image), sizeof found);
    const uint64_t there = (uint64_t)bytes - DIGEST;
    if (found.magic != 0xBA55ED50 || found.header < sizeof found || found.header > there)
        return fail(DROPFUSE_UNSUPPORTED, "no CUDA kernels: their image is damaged");
    if (found.size > there - found.header)
        return fail(DROPFUSE_UNSUPPORTED,
                    "no CUDA kernels: their image is truncated: %llu bytes are missing",
                    (unsigned long long)(found.size - (there - found.header)));
    return DROPFUSE_OK;
}

const void *image_fat_binary(const void *image)
{
    return (const char *)image + DIGEST;
}
