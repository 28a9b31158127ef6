/*
 * How normal numbers are drawn, for every kernel; Normals.java says it in full.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_NORMAL_DRAW_H
#define DROPFUSE_NORMAL_DRAW_H

enum {
    /** Units of normal numbers that 32 blocks make. */
    NORMAL_TILE = 256,
    /** Slices of the tail that are cut once more. */
    NORMAL_OUTERMOST = 64
};

/** In the second counter word of their draws, beside PHILOX_SECOND in the last. */
#define NORMAL_DRAW 0x80000000u
#define NORMAL_SECOND 0xA0000000u

#endif
