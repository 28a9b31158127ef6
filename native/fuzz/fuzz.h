/*
 * A fuzz target.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "input.h"

/** Does what some bytes say. What is wrong ends the program. */
void fuzz_one(struct input *in);

#endif
