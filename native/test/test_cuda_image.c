/*
 * Which images of CUDA kernels are taken, without a driver.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "image.h"

#include <string.h>

#include "harness.h"

enum { DIGEST = 64, HEADER = 16, BODY = 40, IMAGE = DIGEST + HEADER + BODY };

static _Alignas(16) unsigned char image[IMAGE + 16];

static void put(int at, unsigned long long value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        image[DIGEST + at + i] = (unsigned char)(value >> 8 * i);
}

/* A fat binary's header as nvcc writes it. */
static void make(void)
{
    memcpy(image, DROPFUSE_CUDA_CODE, DIGEST);
    put(0, 0xBA55ED50, 4);
    put(4, 1, 2);
    put(6, HEADER, 2);
    put(8, BODY, 8);
}

static void expect(int status, const char *text, const void *memory, long long bytes)
{
    const int found = image_check(memory, bytes);
    CHECK(found == status, "%s: status %d instead of %d", text, found, status);
    if (status)
        CHECK(strstr(dropfuse_last_error(), text), "\"%s\" instead of \"%s\"",
              dropfuse_last_error(), text);
}

int main(void)
{
    CHECK(strlen(DROPFUSE_CUDA_CODE) == DIGEST, "a digest of %zu", strlen(DROPFUSE_CUDA_CODE));
    make();
    expect(DROPFUSE_OK, "whole", image, IMAGE);
    expect(DROPFUSE_OK, "with more behind it", image, IMAGE + 16);
    CHECK(image_fat_binary(image) == image + DIGEST, "at another place");

    expect(DROPFUSE_INVALID_ARGUMENT, "which 16 does not divide", image + 8, IMAGE);
    expect(DROPFUSE_UNSUPPORTED, "0 bytes, too few", NULL, IMAGE);
    const long long few[] = {-1, 0, DIGEST, DIGEST + HEADER - 1};
    for (int i = 0; i < 4; i++)
        expect(DROPFUSE_UNSUPPORTED, "too few", image, few[i]);
    expect(DROPFUSE_UNSUPPORTED, "truncated: 1 bytes are missing", image, IMAGE - 1);
    expect(DROPFUSE_UNSUPPORTED, "truncated: 40 bytes are missing", image, IMAGE - BODY);
    for (int at = 0; at < DIGEST; at++) {
        make();
        image[at] ^= 1;
        expect(DROPFUSE_UNSUPPORTED, "other code", image, IMAGE);
    }
    make();
    put(0, 0xBA55ED51, 4);
    expect(DROPFUSE_UNSUPPORTED, "damaged", image, IMAGE);
    make();
    put(6, HEADER - 1, 2);
    expect(DROPFUSE_UNSUPPORTED, "damaged", image, IMAGE);
    put(6, HEADER + BODY + 1, 2);
    expect(DROPFUSE_UNSUPPORTED, "damaged", image, IMAGE);
    put(6, HEADER + BODY, 2);
    expect(DROPFUSE_UNSUPPORTED, "truncated: 40 bytes", image, IMAGE);
    make();
    put(8, ~0ull, 8);
    expect(DROPFUSE_UNSUPPORTED, "truncated", image, IMAGE);
    return finish("images of CUDA kernels");
}
