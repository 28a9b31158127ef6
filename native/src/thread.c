/*
 * What is kept for each thread. On x86-64, glibc before 2.40 may change vector registers when a thread
 * first asks for it, and compilers believe that it does not (glibc's bug 31372). So the function that
 * asks is in a file of its own: to its callers it is a call like any other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "error.h"

static _Thread_local struct failure last = {.cuda_name = "", .cuda_function = ""};

struct failure *thread_failure(void)
{
    return &last;
}
