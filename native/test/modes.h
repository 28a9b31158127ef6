/*
 * Floating-point environments that a caller may be in.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MODES_H
#define MODES_H

#include <stddef.h>
#include <stdint.h>

/** The processor's register of modes, with a value that is not the default one. */
struct mode {
    const char *name;
    uint64_t modes;
};
extern const struct mode modes[];
extern const size_t modes_count;

uint64_t modes_get(void);
void modes_set(uint64_t modes);

/** Whether a call left what it found. Flags may have been set where modes are the default ones. */
int modes_are_kept(uint64_t before, uint64_t after);

#endif
