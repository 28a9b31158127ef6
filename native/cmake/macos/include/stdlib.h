/* What Clang's headers of vector instructions name, and nobody calls. SPDX-License-Identifier: Apache-2.0 */
#ifndef DROPFUSE_MACOS_STDLIB_H
#define DROPFUSE_MACOS_STDLIB_H

#include <stddef.h>

void *malloc(size_t size);
void free(void *memory);
int posix_memalign(void **memory, size_t alignment, size_t size);

#endif
