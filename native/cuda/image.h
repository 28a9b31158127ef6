/*
 * The kernels as nvcc made them: a fat binary of machine code and PTX.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_CUDA_IMAGE_H
#define DROPFUSE_CUDA_IMAGE_H

#include <stddef.h>

extern const unsigned char cuda_image[];

/** 0 in a build without nvcc. */
extern const size_t cuda_image_bytes;

#endif
