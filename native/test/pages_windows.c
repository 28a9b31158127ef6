/* SPDX-License-Identifier: Apache-2.0 */
#include "pages.h"

#include <windows.h>

size_t pages_size(void)
{
    SYSTEM_INFO info;
    GetSystemInfo(&info);
    return info.dwPageSize;
}

void *pages_new(size_t bytes)
{
    return VirtualAlloc(NULL, bytes, MEM_RESERVE | MEM_COMMIT, PAGE_NOACCESS);
}

int pages_protect(void *at, size_t bytes, enum access access)
{
    DWORD before;
    return VirtualProtect(at, bytes, access == NO_ACCESS ? PAGE_NOACCESS : PAGE_READWRITE, &before);
}

int pages_prefer(void *at, size_t bytes, enum pages_kind kind)
{
    (void)at;
    (void)bytes;
    return kind == PAGES_DEFAULT;
}

void pages_free(void *all, size_t bytes)
{
    (void)bytes;
    VirtualFree(all, 0, MEM_RELEASE);
}
