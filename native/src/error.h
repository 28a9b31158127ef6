/*
 * The text of a thread's last failure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_ERROR_H
#define DROPFUSE_ERROR_H

/** Keeps the text for dropfuse_last_error() and gives back the status, to be returned. */
__attribute__((format(printf, 2, 3))) int fail(int status, const char *format, ...);

#endif
