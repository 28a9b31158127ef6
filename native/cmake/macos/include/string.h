/* What the library calls of macOS' C library. SPDX-License-Identifier: Apache-2.0 */
#ifndef DROPFUSE_MACOS_STRING_H
#define DROPFUSE_MACOS_STRING_H

#include <stddef.h>

int memcmp(const void *one, const void *other, size_t bytes);
void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memset(void *to, int byte, size_t bytes);

#endif
