/*
 * Pages of memory, and who may touch them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PAGES_H
#define PAGES_H

#include <stddef.h>

enum access { NO_ACCESS, READ_AND_WRITE };

/** A page's bytes. */
size_t pages_size(void);

/** Whole pages that nobody may touch; NULL if there is no memory. */
void *pages_new(size_t bytes);

/** Lets or forbids; 0 if that fails. */
int pages_protect(void *at, size_t bytes, enum access access);

enum pages_kind { PAGES_DEFAULT, PAGES_HUGE, PAGES_SMALL };

/** Asks for pages of a kind, before the first is touched; 0 if the system cannot be asked. */
int pages_prefer(void *at, size_t bytes, enum pages_kind kind);

/** Gives back all that was made at once. */
void pages_free(void *all, size_t bytes);

#endif
