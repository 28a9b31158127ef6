/*
 * What a fuzzer's bytes mean: numbers in an order that the target chooses. Where there are no more
 * bytes, all are 0.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef INPUT_H
#define INPUT_H

#include <stddef.h>
#include <stdint.h>

struct input {
    const uint8_t *at, *end;
};

/** A number of up to 8 bytes. */
uint64_t input_take(struct input *in, int bytes);

/** One of 0 ... n - 1, from as few bytes as hold them. */
uint64_t input_below(struct input *in, uint64_t n);

/** Once in n inputs. */
int input_rarely(struct input *in, uint64_t n);

/** Any 64 bits, most often small numbers and such as are close to powers of two. */
uint64_t input_any(struct input *in);

/** Any double, most often plain ones. */
double input_double(struct input *in);

/** A probability, or seldom another number. */
double input_probability(struct input *in);

#endif
