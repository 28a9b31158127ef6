/* SPDX-License-Identifier: Apache-2.0 */
#include "context.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "dropfuse.h"
#include "error.h"
#include "lock.h"
#include "params.h"

enum { MOST_DEVICES = 64 };

static struct context contexts[MOST_DEVICES];
static _Atomic(const struct context *) ready[MOST_DEVICES];
static lock_type changing = LOCK_INITIALIZER;

/* Calls under way, and whether no more may begin. */
static atomic_int under_way;
static atomic_int closed;

static int find_kernel(CUmodule module, const char *name, int multiprocessors,
                       struct kernel *kernel)
{
    int blocks = 0;
    int status = CALL(cuModuleGetFunction, &kernel->function, module, name);
    if (!status)
        status = CALL(cuOccupancyMaxActiveBlocksPerMultiprocessor, &blocks, kernel->function,
                      CUDA_BLOCK, 0);
    kernel->blocks = (unsigned)(blocks > 0 ? blocks : 1) * (unsigned)multiprocessors;
    return status;
}

static int find_kernels(struct context *c)
{
    static const struct {
        const char *name;
        int types, widths;
    } kinds[] = {
#define ENTRY(constant, name, by_type, by_width)                                                   \
    {#name, by_type ? TYPES : 1, by_width ? WIDTHS : 1},
        KERNELS(ENTRY)
#undef ENTRY
    };
    static const char *const types[TYPES] = {"_float32", "_float64", "_float16", "_bfloat16"};
    static const char *const widths[WIDTHS] = {"_wide", "_single"};
    char name[64];
    int multiprocessors = 1;
    int status = CALL(cuDeviceGetAttribute, &multiprocessors,
                      CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, c->device);
    for (int i = 0; !status && i < KERNEL_KINDS * TYPES * WIDTHS; i++) {
        const int kind = i / (TYPES * WIDTHS), type = i / WIDTHS % TYPES, width = i % WIDTHS;
        if (type >= kinds[kind].types || width >= kinds[kind].widths)
            continue;
        snprintf(name, sizeof name, "dropfuse_%s%s%s", kinds[kind].name,
                 kinds[kind].types > 1 ? types[type] : "",
                 kinds[kind].widths > 1 ? widths[width] : "");
        status = find_kernel(c->module, name, multiprocessors, &c->kernels[kind][type][width]);
    }
    return status;
}

/* With the context current. */
static int load_module(struct context *c)
{
    int status = CALL(cuModuleLoadData, &c->module, driver_kernels());
    if (status)
        return status;
    status = find_kernels(c);
    if (status)
        driver.cuModuleUnload(c->module);
    return status;
}

static int make_ready(int device)
{
    struct context *c = &contexts[device];
    memset(c, 0, sizeof *c);
    int status = CALL(cuDeviceGet, &c->device, device);
    if (!status)
        status = CALL(cuDevicePrimaryCtxRetain, &c->handle, c->device);
    if (status)
        return status;
    status = CALL(cuCtxPushCurrent, c->handle);
    if (!status) {
        CUcontext popped;
        status = load_module(c);
        driver.cuCtxPopCurrent(&popped);
    }
    if (status)
        driver.cuDevicePrimaryCtxRelease(c->device);
    else
        atomic_store_explicit(&ready[device], c, memory_order_release);
    return status;
}

static int check_device(int device)
{
    if (!driver_is_open())
        return fail(DROPFUSE_UNSUPPORTED, "no CUDA driver is open: call dropfuse_cuda_open() first");
    int count = 0;
    const int status = CALL(cuDeviceGetCount, &count);
    if (status)
        return status;
    count = count < MOST_DEVICES ? count : MOST_DEVICES;
    if (device < 0 || device >= count)
        return fail(DROPFUSE_INVALID_ARGUMENT, "device = %d is not in [0, %d]", device, count - 1);
    return DROPFUSE_OK;
}

static int prepare(int device)
{
    int status = check_device(device);
    if (status)
        return status;
    lock(&changing);
    if (!atomic_load_explicit(&ready[device], memory_order_relaxed))
        status = make_ready(device);
    unlock(&changing);
    return status;
}

static int enter(int device, const struct context **context)
{
    if (atomic_load(&closed))
        return fail(DROPFUSE_UNSUPPORTED, "CUDA has been closed, as the process is about to end");
    const int known = device >= 0 && device < MOST_DEVICES;
    if (!known || !atomic_load_explicit(&ready[device], memory_order_acquire)) {
        const int status = prepare(device);
        if (status)
            return status;
    }
    *context = &contexts[device];
    return CALL(cuCtxPushCurrent, (*context)->handle);
}

int context_enter(int device, const struct context **context)
{
    atomic_fetch_add(&under_way, 1);
    const int status = enter(device, context);
    if (status)
        atomic_fetch_sub(&under_way, 1);
    return status;
}

int context_leave(int status)
{
    CUcontext popped;
    const int popping = CALL(cuCtxPopCurrent, &popped);
    atomic_fetch_sub(&under_way, 1);
    return status ? status : popping;
}

int dropfuse_cuda_device_properties(int device, struct dropfuse_cuda_properties *properties)
{
    CUdevice handle = 0;
    size_t memory = 0;
    int status = check_device(device);
    if (!status)
        status = CALL(cuDeviceGet, &handle, device);
    if (!status)
        status = CALL(cuDeviceGetName, properties->name, (int)sizeof properties->name, handle);
    if (!status)
        status = CALL(cuDeviceGetAttribute, &properties->major,
                      CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, handle);
    if (!status)
        status = CALL(cuDeviceGetAttribute, &properties->minor,
                      CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, handle);
    if (!status)
        status = CALL(cuDeviceGetAttribute, &properties->multiprocessors,
                      CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, handle);
    if (!status)
        status = CALL(cuDeviceTotalMem, &memory, handle);
    properties->memory = (long long)memory;
    return status;
}

int dropfuse_cuda_device_count(int *count)
{
    if (!driver_is_open())
        return fail(DROPFUSE_UNSUPPORTED, "no CUDA driver is open: call dropfuse_cuda_open() first");
    const int status = CALL(cuDeviceGetCount, count);
    if (!status && *count > MOST_DEVICES)
        *count = MOST_DEVICES;
    return status;
}

int dropfuse_cuda_driver_version(int *version)
{
    if (!driver_is_open())
        return fail(DROPFUSE_UNSUPPORTED, "no CUDA driver is open: call dropfuse_cuda_open() first");
    return CALL(cuDriverGetVersion, version);
}

void dropfuse_cuda_close(void)
{
    atomic_store(&closed, 1);
    while (atomic_load(&under_way))
        give_way();
    lock(&changing);
    for (int device = 0; device < MOST_DEVICES; device++) {
        struct context *c = &contexts[device];
        if (!atomic_exchange(&ready[device], NULL))
            continue;
        CUcontext popped;
        if (driver.cuCtxPushCurrent(c->handle) == CUDA_SUCCESS) {
            driver.cuModuleUnload(c->module);
            driver.cuCtxPopCurrent(&popped);
        }
        driver.cuDevicePrimaryCtxRelease(c->device);
    }
    unlock(&changing);
}

/* Java's name for what is called when the class loader that has loaded this library is gone. */
DROPFUSE_API void JNI_OnUnload(void *vm, void *reserved);

void JNI_OnUnload(void *vm, void *reserved)
{
    (void)vm;
    (void)reserved;
    dropfuse_cuda_close();
}
