/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE
#include "pages.h"

#include <sys/mman.h>
#include <unistd.h>

size_t pages_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

void *pages_new(size_t bytes)
{
    void *all = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return all == MAP_FAILED ? NULL : all;
}

int pages_protect(void *at, size_t bytes, enum access access)
{
    return !mprotect(at, bytes, access == NO_ACCESS ? PROT_NONE : PROT_READ | PROT_WRITE);
}

int pages_prefer(void *at, size_t bytes, enum pages_kind kind)
{
#ifdef MADV_HUGEPAGE
    return kind == PAGES_DEFAULT ||
           !madvise(at, bytes, kind == PAGES_HUGE ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
#else
    (void)at;
    (void)bytes;
    return kind == PAGES_DEFAULT;
#endif
}

void pages_free(void *all, size_t bytes)
{
    munmap(all, bytes);
}
