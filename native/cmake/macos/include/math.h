/* What the library names of macOS' C library. SPDX-License-Identifier: Apache-2.0 */
#ifndef DROPFUSE_MACOS_MATH_H
#define DROPFUSE_MACOS_MATH_H

#define NAN __builtin_nanf("")
#define isfinite(x) __builtin_isfinite(x)
#define isinf(x) __builtin_isinf(x)
#define isnan(x) __builtin_isnan(x)
#define signbit(x) __builtin_signbit(x)

#endif
