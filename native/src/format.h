/*
 * How compilers check formats: on Windows GCC takes printf for that of Microsoft's library, which
 * is not the one that we use there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_FORMAT_H
#define DROPFUSE_FORMAT_H

#if defined(_WIN32) && !defined(__clang__)
#define PRINTF_LIKE(format_at, first) __attribute__((format(gnu_printf, format_at, first)))
#else
#define PRINTF_LIKE(format_at, first) __attribute__((format(printf, format_at, first)))
#endif

#endif
