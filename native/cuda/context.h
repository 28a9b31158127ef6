/*
 * What this library holds of each device: its primary context and the kernels loaded into it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_CUDA_CONTEXT_H
#define DROPFUSE_CUDA_CONTEXT_H

#include "driver.h"

/*
 * The kernels: constant, name, and whether the image has one for each type, and for each width: with
 * both the names are like dropfuse_rows_float32_wide.
 */
#define KERNELS(F)                                                                                 \
    F(MASK, mask, 0, 0)                                                                            \
    F(MASK_UNITS, mask_units, 0, 0)                                                                \
    F(BLOCKS, blocks, 0, 0)                                                                        \
    F(SUM_TREE, sum_tree, 1, 0)                                                                    \
    F(NORMAL_UNITS, normal_units, 1, 0)                                                            \
    F(ELEMENTS_DRAWN, elements_drawn, 1, 1)                                                        \
    F(ELEMENTS_STORED, elements_stored, 1, 1)                                                      \
    F(UNITS_DRAWN, units_drawn, 1, 1)                                                              \
    F(UNITS_STORED, units_stored, 1, 1)                                                            \
    F(RESIDUAL_DRAWN, residual_drawn, 1, 1)                                                        \
    F(RESIDUAL_STORED, residual_stored, 1, 1)                                                      \
    F(RESIDUAL_UNITS, residual_units, 1, 1)                                                        \
    F(ZONEOUT_DRAWN, zoneout_drawn, 1, 1)                                                          \
    F(ZONEOUT_STORED, zoneout_stored, 1, 1)                                                        \
    F(ZONEOUT_UNITS, zoneout_units, 1, 1)                                                          \
    F(BLEND, blend, 1, 1)                                                                          \
    F(SUM_ROWS, sum_rows, 1, 1)                                                                    \
    F(NORMAL, normal, 1, 1)                                                                        \
    F(PRODUCT_ELEMENTS, product_elements, 1, 1)                                                    \
    F(PRODUCT_UNITS, product_units, 1, 1)                                                          \
    F(ROWS, rows, 1, 1)

enum kernel_kind {
#define COUNT_UP(constant, name, by_type, by_width) KERNEL_##constant,
    KERNELS(COUNT_UP)
#undef COUNT_UP
    KERNEL_KINDS
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
    /** By dropfuse_dtype and width, which are 0 where there is but one. */
    struct kernel kernels[KERNEL_KINDS][TYPES][WIDTHS];
};

/**
 * Makes a device's context current and gives it, ready. Where that succeeds, context_leave() has to
 * follow on the same thread.
 */
int context_enter(int device, const struct context **context);

/** Restores what was current before; gives back `status`, to be returned. */
int context_leave(int status);

#endif
