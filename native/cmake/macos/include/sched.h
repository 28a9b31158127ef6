/* What the library calls of macOS' C library. SPDX-License-Identifier: Apache-2.0 */
#ifndef DROPFUSE_MACOS_SCHED_H
#define DROPFUSE_MACOS_SCHED_H

int sched_yield(void);

#endif
