/*
 * The kernels as nvcc made them: a fat binary of machine code and PTX, after the digest of the device
 * code that it was made of.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_CUDA_IMAGE_H
#define DROPFUSE_CUDA_IMAGE_H

/** Whether memory holds an image of this library's device code, whole; if not, why, as a status. */
int image_check(const void *image, long long bytes);

/** The fat binary of an image that has been checked. */
const void *image_fat_binary(const void *image);

#endif
