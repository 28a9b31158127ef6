/*
 * What this library holds of each device: its primary context and the kernels loaded into it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_CUDA_CONTEXT_H
#define DROPFUSE_CUDA_CONTEXT_H

#include "driver.h"

/** Which decisions a kernel applies, and how; its name in the image has the same parts. */
enum { KIND_ELEMENTS_DRAWN, KIND_ELEMENTS_STORED, KIND_UNITS_DRAWN, KIND_UNITS_STORED, KINDS };

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
    /** By kind, dropfuse_dtype, and whether an access is one element. */
    struct kernel drop[KINDS][4][2];
};

/**
 * Makes a device's context current and gives it, ready. Where that succeeds, context_leave() has to
 * follow on the same thread.
 */
int context_enter(int device, const struct context **context);

/** Restores what was current before; gives back `status`, to be returned. */
int context_leave(int status);

#endif
