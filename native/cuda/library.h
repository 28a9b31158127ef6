/*
 * Libraries that are opened at run time, as the operating system has them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_LIBRARY_H
#define DROPFUSE_LIBRARY_H

/** The CUDA driver's name; NULL where there is no CUDA. */
extern const char *const library_of_driver;

enum { LIBRARY_REASON = 512 };

/** Opens a library, by its path in UTF-8 or by its name; NULL with the reason if that fails. */
void *library_open(const char *file, char reason[LIBRARY_REASON]);

/** The address of a function; NULL if the library has none of this name. */
void *library_function(void *library, const char *name);

void library_close(void *library);

#endif
