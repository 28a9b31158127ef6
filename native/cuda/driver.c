/* SPDX-License-Identifier: Apache-2.0 */
#include "driver.h"

#include <stdatomic.h>
#include <string.h>

#include "dropfuse.h"
#include "error.h"
#include "image.h"
#include "library.h"
#include "lock.h"

struct driver driver;

static lock_type opening = LOCK_INITIALIZER;
static atomic_int open_now;
static const void *fat_binary;

int dropfuse_cuda_error_code(void)
{
    return thread_failure()->cuda_code;
}

const char *dropfuse_cuda_error_name(void)
{
    return thread_failure()->cuda_name;
}

const char *dropfuse_cuda_error_function(void)
{
    return thread_failure()->cuda_function;
}

/* After these the context refuses everything else, for good. */
static int is_sticky(CUresult code)
{
    static const short codes[] = {214, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i] == code)
            return 1;
    return 0;
}

int driver_status(const char *function, CUresult result)
{
    if (result == CUDA_SUCCESS)
        return DROPFUSE_OK;
    const char *name = NULL, *text = NULL;
    if (driver.cuGetErrorName(result, &name) != CUDA_SUCCESS || !name)
        name = "CUDA_ERROR_UNKNOWN";
    if (driver.cuGetErrorString(result, &text) != CUDA_SUCCESS || !text)
        text = "the driver has no text for this code";
    struct failure *last = thread_failure();
    last->cuda_code = result;
    last->cuda_name = name;
    last->cuda_function = function;
    return fail(DROPFUSE_CUDA_FAILED, "%s%s", text,
                is_sticky(result) ? "; the error stays with the device's context: this process "
                                    "cannot use the device any more, others can"
                                  : "");
}

int driver_is_open(void)
{
    return atomic_load_explicit(&open_now, memory_order_acquire);
}

const void *driver_kernels(void)
{
    return fat_binary;
}

static int load(const char *path)
{
    const char *file = path ? path : library_of_driver;
    const int wrong = path ? DROPFUSE_INVALID_ARGUMENT : DROPFUSE_UNSUPPORTED;
    if (!file)
        return fail(wrong, "no CUDA: this platform's driver is not supported");
    char reason[LIBRARY_REASON];
    void *library = library_open(file, reason);
    if (!library)
        return fail(wrong, "no CUDA driver: %s", reason);
    struct driver found;
    const char *missing = NULL;
#define RESOLVE(name, symbol, parameters)                                                          \
    {                                                                                              \
        void *address = library_function(library, #symbol);                                        \
        memcpy(&found.name, &address, sizeof address);                                             \
        missing = address ? missing : #symbol;                                                     \
    }
    DRIVER_FUNCTIONS(RESOLVE)
#undef RESOLVE
    if (missing) {
        library_close(library);
        return fail(wrong, "no CUDA driver: %s has no function %s", file, missing);
    }
    driver = found;
    const CUresult result = driver.cuInit(0);
    int status;
    if (result == CUDA_ERROR_NO_DEVICE) {
        status = fail(DROPFUSE_UNSUPPORTED, "no CUDA device: the driver %s finds none", file);
    } else {
        status = driver_status("cuInit", result);
    }
    /* The driver stays loaded, even so: it may have begun threads and handlers of its own. */
    return status;
}

int dropfuse_cuda_open(const char *path, const void *image, long long bytes)
{
    if (driver_is_open())
        return DROPFUSE_OK;
    int status = image_check(image, bytes);
    if (status)
        return status;
    lock(&opening);
    if (!driver_is_open()) {
        status = load(path);
        if (!status) {
            fat_binary = image_fat_binary(image);
            atomic_store_explicit(&open_now, 1, memory_order_release);
        }
    }
    unlock(&opening);
    return status;
}
