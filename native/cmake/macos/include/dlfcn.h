/* What the library calls of macOS' loader. SPDX-License-Identifier: Apache-2.0 */
#ifndef DROPFUSE_MACOS_DLFCN_H
#define DROPFUSE_MACOS_DLFCN_H

#define RTLD_NOW 2
#define RTLD_LOCAL 4

void *dlopen(const char *file, int mode);
void *dlsym(void *library, const char *name);
int dlclose(void *library);
char *dlerror(void);

#endif
