/*
 * What this library holds of each device: its primary context and the kernels loaded into it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_CUDA_CONTEXT_H
#define DROPFUSE_CUDA_CONTEXT_H

#include "driver.h"

/* Constant and name of kernels that the image has by type and width: dropfuse_<name>_float32_wide. */
#define ACCESS_KERNELS(F)                                                                          \
    F(ELEMENTS_DRAWN, elements_drawn)                                                              \
    F(ELEMENTS_STORED, elements_stored)                                                            \
    F(UNITS_DRAWN, units_drawn)                                                                    \
    F(UNITS_STORED, units_stored)                                                                  \
    F(RESIDUAL_DRAWN, residual_drawn)                                                              \
    F(RESIDUAL_STORED, residual_stored)                                                            \
    F(RESIDUAL_UNITS, residual_units)                                                              \
    F(SUM_ROWS, sum_rows)                                                                          \
    F(NORMAL, normal)                                                                              \
    F(PRODUCT_ELEMENTS, product_elements)                                                          \
    F(PRODUCT_UNITS, product_units)                                                                \
    F(ROWS, rows)

/* And those by type alone. */
#define TYPE_KERNELS(F)                                                                            \
    F(SUM_TREE, sum_tree)

enum {
#define COUNT_UP(constant, name) KERNEL_##constant,
    ACCESS_KERNELS(COUNT_UP)
#undef COUNT_UP
    KERNEL_KINDS
};

enum {
#define COUNT_UP(constant, name) KERNEL_##constant,
    TYPE_KERNELS(COUNT_UP)
#undef COUNT_UP
    TYPE_KINDS
};

/** The width of accesses: 16 bytes, or one element. */
enum { WIDE, SINGLE, WIDTHS };

enum { TYPES = 4 };

struct kernel {
    CUfunction function;
    /** As many blocks as the device's multiprocessors hold at once. */
    unsigned blocks;
};

struct context {
    CUcontext handle;
    CUdevice device;
    CUmodule module;
    struct kernel mask;
    struct kernel blocks;
    /** By kind, dropfuse_dtype and width. */
    struct kernel accesses[KERNEL_KINDS][TYPES][WIDTHS];
    /** By kind and dropfuse_dtype. */
    struct kernel types[TYPE_KINDS][TYPES];
};

/**
 * Makes a device's context current and gives it, ready. Where that succeeds, context_leave() has to
 * follow on the same thread.
 */
int context_enter(int device, const struct context **context);

/** Restores what was current before; gives back `status`, to be returned. */
int context_leave(int status);

#endif
