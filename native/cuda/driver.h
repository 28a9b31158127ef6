/*
 * The CUDA driver, loaded at run time: the part of its API that is used here, declared anew, so that
 * neither CUDA's headers nor its library are needed to build.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_CUDA_DRIVER_H
#define DROPFUSE_CUDA_DRIVER_H

#include <stddef.h>

typedef int CUresult;
typedef int CUdevice;
typedef unsigned long long CUdeviceptr;
typedef struct CUctx_st *CUcontext;
typedef struct CUmod_st *CUmodule;
typedef struct CUfunc_st *CUfunction;
typedef struct CUstream_st *CUstream;
typedef struct CUevent_st *CUevent;

enum {
    CUDA_SUCCESS = 0,
    CUDA_ERROR_NO_DEVICE = 100,
    CUDA_ERROR_NOT_READY = 600,

    CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT = 16,
    CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR = 75,
    CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR = 76,

    CU_MEMHOSTALLOC_PORTABLE = 1,
    CU_MEMHOSTALLOC_DEVICEMAP = 2,
    CU_STREAM_DEFAULT = 0,
    CU_EVENT_DEFAULT = 0
};

/* name, the name of the symbol as versioned, parameters */
#define DRIVER_FUNCTIONS(F)                                                                        \
    F(cuInit, cuInit, (unsigned))                                                                  \
    F(cuDriverGetVersion, cuDriverGetVersion, (int *))                                             \
    F(cuGetErrorName, cuGetErrorName, (CUresult, const char **))                                   \
    F(cuGetErrorString, cuGetErrorString, (CUresult, const char **))                               \
    F(cuDeviceGetCount, cuDeviceGetCount, (int *))                                                 \
    F(cuDeviceGet, cuDeviceGet, (CUdevice *, int))                                                 \
    F(cuDeviceGetName, cuDeviceGetName, (char *, int, CUdevice))                                   \
    F(cuDeviceGetAttribute, cuDeviceGetAttribute, (int *, int, CUdevice))                          \
    F(cuDeviceTotalMem, cuDeviceTotalMem_v2, (size_t *, CUdevice))                                 \
    F(cuDevicePrimaryCtxRetain, cuDevicePrimaryCtxRetain, (CUcontext *, CUdevice))                 \
    F(cuDevicePrimaryCtxRelease, cuDevicePrimaryCtxRelease_v2, (CUdevice))                         \
    F(cuCtxPushCurrent, cuCtxPushCurrent_v2, (CUcontext))                                          \
    F(cuCtxPopCurrent, cuCtxPopCurrent_v2, (CUcontext *))                                          \
    F(cuCtxSynchronize, cuCtxSynchronize, (void))                                                  \
    F(cuModuleLoadData, cuModuleLoadData, (CUmodule *, const void *))                              \
    F(cuModuleUnload, cuModuleUnload, (CUmodule))                                                  \
    F(cuModuleGetFunction, cuModuleGetFunction, (CUfunction *, CUmodule, const char *))            \
    F(cuOccupancyMaxActiveBlocksPerMultiprocessor,                                                 \
      cuOccupancyMaxActiveBlocksPerMultiprocessor, (int *, CUfunction, int, size_t))               \
    F(cuLaunchKernel, cuLaunchKernel,                                                              \
      (CUfunction, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, CUstream, \
       void **, void **))                                                                          \
    F(cuMemAlloc, cuMemAlloc_v2, (CUdeviceptr *, size_t))                                          \
    F(cuMemFree, cuMemFree_v2, (CUdeviceptr))                                                      \
    F(cuMemAllocAsync, cuMemAllocAsync, (CUdeviceptr *, size_t, CUstream))                         \
    F(cuMemFreeAsync, cuMemFreeAsync, (CUdeviceptr, CUstream))                                     \
    F(cuMemHostAlloc, cuMemHostAlloc, (void **, size_t, unsigned))                                 \
    F(cuMemFreeHost, cuMemFreeHost, (void *))                                                      \
    F(cuMemcpyHtoDAsync, cuMemcpyHtoDAsync_v2, (CUdeviceptr, const void *, size_t, CUstream))      \
    F(cuMemcpyDtoHAsync, cuMemcpyDtoHAsync_v2, (void *, CUdeviceptr, size_t, CUstream))            \
    F(cuMemcpyAsync, cuMemcpyAsync, (CUdeviceptr, CUdeviceptr, size_t, CUstream))                  \
    F(cuMemsetD8Async, cuMemsetD8Async, (CUdeviceptr, unsigned char, size_t, CUstream))            \
    F(cuStreamCreate, cuStreamCreate, (CUstream *, unsigned))                                      \
    F(cuStreamDestroy, cuStreamDestroy_v2, (CUstream))                                             \
    F(cuStreamSynchronize, cuStreamSynchronize, (CUstream))                                        \
    F(cuStreamQuery, cuStreamQuery, (CUstream))                                                    \
    F(cuStreamWaitEvent, cuStreamWaitEvent, (CUstream, CUevent, unsigned))                         \
    F(cuEventCreate, cuEventCreate, (CUevent *, unsigned))                                         \
    F(cuEventDestroy, cuEventDestroy_v2, (CUevent))                                                \
    F(cuEventRecord, cuEventRecord, (CUevent, CUstream))                                           \
    F(cuEventSynchronize, cuEventSynchronize, (CUevent))                                           \
    F(cuEventQuery, cuEventQuery, (CUevent))                                                       \
    F(cuEventElapsedTime, cuEventElapsedTime, (float *, CUevent, CUevent))

struct driver {
#define DECLARE(name, symbol, parameters) CUresult(*name) parameters;
    DRIVER_FUNCTIONS(DECLARE)
#undef DECLARE
};

/** The driver's functions, once dropfuse_cuda_open() has succeeded. */
extern struct driver driver;

/** Whether it has; everything that it wrote is then visible to the calling thread. */
int driver_is_open(void);

/** The fat binary of the kernels, once the driver is open. */
const void *driver_kernels(void);

/** DROPFUSE_OK, or the failure of the driver's function of that name, with its text. */
int driver_status(const char *function, CUresult result);

#define CALL(function, ...) driver_status(#function, driver.function(__VA_ARGS__))

#endif
