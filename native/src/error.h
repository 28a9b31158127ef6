/*
 * A thread's last failure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_ERROR_H
#define DROPFUSE_ERROR_H

#include "format.h"

struct failure {
    char text[512];
    int cuda_code;
    const char *cuda_name, *cuda_function;
};

/** The calling thread's, which is its own as long as it lives. */
struct failure *thread_failure(void);

/** Keeps the text for dropfuse_last_error() and gives back the status, to be returned. */
PRINTF_LIKE(2, 3) int fail(int status, const char *format, ...);

#endif
