/*
 * What is kept for each thread. It is asked for in a file of its own, as a function that compilers
 * see nothing of: on x86-64, glibc before 2.40 may change vector registers when a thread first asks,
 * and compilers believe it does not (glibc's bug 31372).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "error.h"

static _Thread_local struct failure last = {.cuda_name = "", .cuda_function = ""};

struct failure *thread_failure(void)
{
    return &last;
}
