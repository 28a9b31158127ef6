/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L

#include "library.h"

#include <dlfcn.h>
#include <stdio.h>

/* The versions of these symbols from before they moved into libc, so that older ones will do. */
#if defined(__GLIBC__) && defined(__x86_64__)
__asm__(".symver dlopen, dlopen@GLIBC_2.2.5");
__asm__(".symver dlsym, dlsym@GLIBC_2.2.5");
__asm__(".symver dlclose, dlclose@GLIBC_2.2.5");
__asm__(".symver dlerror, dlerror@GLIBC_2.2.5");
#elif defined(__GLIBC__) && defined(__aarch64__)
__asm__(".symver dlopen, dlopen@GLIBC_2.17");
__asm__(".symver dlsym, dlsym@GLIBC_2.17");
__asm__(".symver dlclose, dlclose@GLIBC_2.17");
__asm__(".symver dlerror, dlerror@GLIBC_2.17");
#endif

#if defined(__APPLE__)
const char *const library_of_driver = NULL;
#else
const char *const library_of_driver = "libcuda.so.1";
#endif

void *library_open(const char *file, char reason[LIBRARY_REASON])
{
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        snprintf(reason, LIBRARY_REASON, "%s", dlerror());
    return library;
}

void *library_function(void *library, const char *name)
{
    return dlsym(library, name);
}

void library_close(void *library)
{
    dlclose(library);
}
