/* SPDX-License-Identifier: Apache-2.0 */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>

#include "dropfuse.h"

int fail(int status, const char *format, ...)
{
    char *text = thread_failure()->text;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof thread_failure()->text, format, arguments);
    va_end(arguments);
    return status;
}

const char *dropfuse_last_error(void)
{
    return thread_failure()->text;
}
