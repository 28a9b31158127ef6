/*
 * Memory, streams and events: thin, each call in its device's context.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdint.h>

#include "context.h"
#include "dropfuse.h"
#include "error.h"

/* The function's work between entering and leaving a context. */
#define IN_CONTEXT(device, work)                                                                   \
    const struct context *context;                                                                 \
    const int entered = context_enter(device, &context);                                           \
    return entered ? entered : context_leave(work)

static CUdeviceptr address(const void *memory)
{
    return (CUdeviceptr)(uintptr_t)memory;
}

static int check_bytes(long long bytes)
{
    if (bytes >= 1)
        return DROPFUSE_OK;
    return fail(DROPFUSE_INVALID_ARGUMENT, "bytes = %lld is not in [1, 2^63)", bytes);
}

int dropfuse_cuda_synchronize(int device)
{
    IN_CONTEXT(device, CALL(cuCtxSynchronize));
}

/*
 * What was made is the caller's only together with DROPFUSE_OK. Restoring the thread's context may
 * fail after the making: the context is still current then.
 */
#define MAKE(device, made, work, unmake)                                                           \
    const struct context *context;                                                                 \
    *(made) = NULL;                                                                                \
    int status = context_enter(device, &context);                                                  \
    if (status)                                                                                    \
        return status;                                                                             \
    status = context_leave(work);                                                                  \
    if (status && *(made))                                                                         \
        (void)(unmake);                                                                            \
    return status

static int allocate(size_t bytes, void **memory)
{
    CUdeviceptr found = 0;
    const int status = CALL(cuMemAlloc, &found, bytes);
    if (!status)
        *memory = (void *)(uintptr_t)found;
    return status;
}

int dropfuse_cuda_allocate(int device, long long bytes, void **memory)
{
    const int wrong = check_bytes(bytes);
    if (wrong)
        return wrong;
    MAKE(device, memory, allocate((size_t)bytes, memory), driver.cuMemFree(address(*memory)));
}

int dropfuse_cuda_host_allocate(int device, long long bytes, void **memory)
{
    const int wrong = check_bytes(bytes);
    if (wrong)
        return wrong;
    const unsigned flags = CU_MEMHOSTALLOC_PORTABLE | CU_MEMHOSTALLOC_DEVICEMAP;
    MAKE(device, memory, CALL(cuMemHostAlloc, memory, (size_t)bytes, flags),
         driver.cuMemFreeHost(*memory));
}

/* Frees in any case; of two failures the first says more. */
static int free_after_work(void *memory, int host)
{
    int status = CALL(cuCtxSynchronize);
    const CUresult freed = host ? driver.cuMemFreeHost(memory) : driver.cuMemFree(address(memory));
    if (!status)
        status = driver_status(host ? "cuMemFreeHost" : "cuMemFree", freed);
    return status;
}

int dropfuse_cuda_free(int device, void *memory)
{
    IN_CONTEXT(device, free_after_work(memory, 0));
}

int dropfuse_cuda_host_free(int device, void *memory)
{
    IN_CONTEXT(device, free_after_work(memory, 1));
}

static int allocate_in_order(size_t bytes, CUstream stream, void **memory)
{
    CUdeviceptr found = 0;
    const int status = CALL(cuMemAllocAsync, &found, bytes, stream);
    if (!status)
        *memory = (void *)(uintptr_t)found;
    return status;
}

int dropfuse_cuda_scratch_allocate(int device, void *stream, long long bytes, void **memory)
{
    const int wrong = check_bytes(bytes);
    if (wrong)
        return wrong;
    MAKE(device, memory, allocate_in_order((size_t)bytes, stream, memory),
         driver.cuMemFreeAsync(address(*memory), stream));
}

int dropfuse_cuda_scratch_free(int device, void *stream, void *memory)
{
    IN_CONTEXT(device, CALL(cuMemFreeAsync, address(memory), stream));
}

static int copy(int kind, void *to, const void *from, size_t bytes, CUstream stream, int wait)
{
    int status;
    if (kind == DROPFUSE_CUDA_TO_DEVICE)
        status = CALL(cuMemcpyHtoDAsync, address(to), from, bytes, stream);
    else if (kind == DROPFUSE_CUDA_TO_HOST)
        status = CALL(cuMemcpyDtoHAsync, to, address(from), bytes, stream);
    else
        status = CALL(cuMemcpyAsync, address(to), address(from), bytes, stream);
    if (!status && wait)
        status = CALL(cuStreamSynchronize, stream);
    return status;
}

int dropfuse_cuda_copy(int device, int kind, void *to, const void *from, long long bytes,
                       void *stream, int wait)
{
    if (kind < DROPFUSE_CUDA_TO_DEVICE || kind > DROPFUSE_CUDA_ON_DEVICE)
        return fail(DROPFUSE_INVALID_ARGUMENT, "kind = %d is not in [0, 2]", kind);
    const int status = check_bytes(bytes);
    if (status)
        return status;
    IN_CONTEXT(device, copy(kind, to, from, (size_t)bytes, stream, wait));
}

/* "Not yet" is an answer here, not a failure. */
static int answer(const char *function, CUresult result, int *done)
{
    *done = result == CUDA_SUCCESS;
    return result == CUDA_ERROR_NOT_READY ? DROPFUSE_OK : driver_status(function, result);
}

int dropfuse_cuda_stream_create(int device, void **stream)
{
    MAKE(device, stream, CALL(cuStreamCreate, (CUstream *)stream, CU_STREAM_DEFAULT),
         driver.cuStreamDestroy(*stream));
}

int dropfuse_cuda_stream_destroy(int device, void *stream)
{
    IN_CONTEXT(device, CALL(cuStreamDestroy, stream));
}

int dropfuse_cuda_stream_synchronize(int device, void *stream)
{
    IN_CONTEXT(device, CALL(cuStreamSynchronize, stream));
}

int dropfuse_cuda_stream_query(int device, void *stream, int *done)
{
    IN_CONTEXT(device, answer("cuStreamQuery", driver.cuStreamQuery(stream), done));
}

int dropfuse_cuda_stream_wait(int device, void *stream, void *event)
{
    IN_CONTEXT(device, CALL(cuStreamWaitEvent, stream, event, 0));
}

int dropfuse_cuda_event_create(int device, void **event)
{
    MAKE(device, event, CALL(cuEventCreate, (CUevent *)event, CU_EVENT_DEFAULT),
         driver.cuEventDestroy(*event));
}

int dropfuse_cuda_event_destroy(int device, void *event)
{
    IN_CONTEXT(device, CALL(cuEventDestroy, event));
}

int dropfuse_cuda_event_record(int device, void *event, void *stream)
{
    IN_CONTEXT(device, CALL(cuEventRecord, event, stream));
}

int dropfuse_cuda_event_synchronize(int device, void *event)
{
    IN_CONTEXT(device, CALL(cuEventSynchronize, event));
}

int dropfuse_cuda_event_query(int device, void *event, int *done)
{
    IN_CONTEXT(device, answer("cuEventQuery", driver.cuEventQuery(event), done));
}

int dropfuse_cuda_event_elapsed(int device, void *from, void *to, float *milliseconds)
{
    IN_CONTEXT(device, CALL(cuEventElapsedTime, milliseconds, from, to));
}
