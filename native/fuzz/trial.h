/*
 * A call of the library on trial: memory of exactly the size it may touch, what has to be there
 * afterwards, and the call itself on every tier. What is wrong ends the program.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TRIAL_H
#define TRIAL_H

#include "harness.h"
#include "input.h"

/** What a piece of memory holds at most. */
enum { TRIAL_BYTES = 1 << 15 };

/** Memory that a call is given, and images of it. */
struct piece {
    unsigned char *at;
    size_t bytes;
    /** The type of its elements; -1 for bytes. */
    int dtype;
    unsigned char before[TRIAL_BYTES], after[TRIAL_BYTES];
    /** By byte: must not be read or written; by element: may be any NaN where it is one. */
    unsigned char unread[TRIAL_BYTES], any_nan[TRIAL_BYTES];
    /** Not compared after a call that succeeds. */
    int is_scratch;
};

/** Forgets all pieces. */
void trial_begin(void);

/**
 * A piece that is flush with one end of its memory, or a few bytes away.
 *
 * @param alignment of its address, a power of two up to 8
 */
struct piece *trial_piece(struct input *in, size_t bytes, int dtype, size_t alignment);

/** Fills a piece with elements of a kind that the input chooses. */
void piece_fill(struct piece *piece, struct input *in);

/** An element before the call, as bits. */
uint64_t piece_get(const struct piece *piece, size_t element);

/** Puts an element into the image before the call, and into that after it. */
void piece_put(struct piece *piece, size_t element, uint64_t bits);

/** Says what an element has to be after the call. */
void piece_expect(struct piece *piece, size_t element, uint64_t bits, int any_nan);

/** Bytes of a piece's elements that must not be read. */
void piece_hide(struct piece *piece, size_t element);

/** Calls the library with a tier and the arguments of the target. */
typedef int trial_call(int tier);

/**
 * Makes the call on every tier, in an environment that the input chooses, and compares all pieces.
 */
void trial_allowed(struct input *in, trial_call *call);

/**
 * Makes a call that has to be refused: with a status and a text that has one of the names in it, and
 * without a byte that is written.
 *
 * @param names ends with NULL
 */
void trial_refused(struct input *in, trial_call *call, int tier, const char *const *names);

/** A tier, or seldom a number that names none here. */
int trial_tier(struct input *in);

/** Whether a tier can run here. */
int trial_has(int tier);

#endif
