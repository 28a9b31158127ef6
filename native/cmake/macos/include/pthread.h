/* What the library calls of macOS' C library. SPDX-License-Identifier: Apache-2.0 */
#ifndef DROPFUSE_MACOS_PTHREAD_H
#define DROPFUSE_MACOS_PTHREAD_H

typedef struct {
    long signature;
    char opaque[56];
} pthread_mutex_t;

#define PTHREAD_MUTEX_INITIALIZER {0x32AAABA7, {0}}

int pthread_mutex_lock(pthread_mutex_t *mutex);
int pthread_mutex_unlock(pthread_mutex_t *mutex);

#endif
