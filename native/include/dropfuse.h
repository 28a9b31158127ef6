/*
 * Dropfuse: dropout and stochastic depth at memory speed, with the same mask everywhere.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * This header is the whole C ABI. Every function is safe to call from any thread, keeps nothing
 * between calls, and never exits, aborts, prints or throws. A function that can fail returns a
 * dropfuse_status; the text of a failure is then dropfuse_last_error() on the same thread, and
 * nothing has been written.
 *
 * Units. A unit is what is kept or dropped as one: an element, a row, a channel. Unit i is kept by
 * the rule of the mask contract from (p, seed, offset, i) alone, so the same call gives the same
 * bits on every tier, for every cut of a tensor into pieces.
 */
#ifndef DROPFUSE_H
#define DROPFUSE_H

#if defined(_WIN32)
#define DROPFUSE_API __declspec(dllexport)
#else
#define DROPFUSE_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** Changes whenever a declaration below changes its meaning; see dropfuse_abi_version(). */
#define DROPFUSE_ABI_VERSION 1

enum dropfuse_status {
    DROPFUSE_OK = 0,
    /** An argument is outside its range; the text names it, its value and the range. */
    DROPFUSE_INVALID_ARGUMENT = 1,
    /** The tier is not available on this processor or in this build; the text says which. */
    DROPFUSE_UNSUPPORTED = 2
};

/** Element types. float16 and bfloat16 are 16-bit patterns in native byte order. */
enum dropfuse_dtype {
    DROPFUSE_FLOAT32 = 0,
    DROPFUSE_FLOAT64 = 1,
    DROPFUSE_FLOAT16 = 2,
    DROPFUSE_BFLOAT16 = 3
};

/** Instruction sets a kernel exists for. AUTO is the best one that this machine can run. */
enum dropfuse_tier {
    DROPFUSE_TIER_AUTO = 0,
    DROPFUSE_TIER_SCALAR = 1,
    DROPFUSE_TIER_AVX2 = 2,
    DROPFUSE_TIER_AVX512 = 3,
    DROPFUSE_TIER_NEON = 4
};

/** DROPFUSE_ABI_VERSION of the library as built; ask before anything else. */
DROPFUSE_API int dropfuse_abi_version(void);

/** The calling thread's most recent failure, as text; "" before the first. Never NULL. */
DROPFUSE_API const char *dropfuse_last_error(void);

/** A tier's name in lower case, such as "avx512"; NULL where the number names none. */
DROPFUSE_API const char *dropfuse_tier_name(int tier);

/**
 * Whether a tier can run here: 1 yes; 0 the processor or this build lacks it; -1 the processor has
 * it but the operating system has not enabled its registers; -2 the number names no tier.
 * AUTO gives 1.
 */
DROPFUSE_API int dropfuse_tier_available(int tier);

/** The tier that AUTO stands for on this machine, never AUTO itself. */
DROPFUSE_API int dropfuse_best_tier(void);

/**
 * Draws a packed mask: bit j of the mask, counted from the least significant bit of byte 0 upward,
 * is 1 when unit start + j is kept. The bits past the last unit in the last byte are 0.
 *
 * @param tier   a dropfuse_tier
 * @param p      probability that a unit is dropped, in [0, 1]
 * @param seed   key of the generator, any 64 bits
 * @param offset number of the call, in [0, 2^63)
 * @param start  index of the first unit; start + count <= 2^64
 * @param count  number of units, >= 0
 * @param mask   (count + 7) / 8 bytes of any alignment; may be NULL when count is 0
 */
DROPFUSE_API int dropfuse_mask(int tier, double p, unsigned long long seed,
                               unsigned long long offset, unsigned long long start,
                               long long count, void *mask);

/**
 * Drops units of a tensor: y[e] = keep(unit(e)) ? x[e] * scale : +0, for e in
 * [first, first + count). A dropped value is selected away, not multiplied by 0, so a dropped NaN
 * or infinity is gone, and units that are longer than one element are not read when dropped.
 * float16 and bfloat16 are widened to float32, multiplied once and rounded once to nearest even.
 *
 * The unit of element e, with every division rounding down:
 *
 *     unit(e) = start + e / (run * cycle * repeat) * cycle + e / run % cycle
 *
 * so units are runs of `run` elements, and each `cycle` of units comes `repeat` times before the
 * next units begin. Some layers in these terms:
 *
 *     a decision per element                     run = 1        cycle = 1  repeat = 1
 *     per sample of (N, ...), L elements each    run = L        cycle = 1  repeat = 1
 *     per channel of (N, C, H, W)                run = H * W    cycle = 1  repeat = 1
 *     per channel of (N, H, W, C)                run = 1        cycle = C  repeat = H * W
 *
 * @param tier   a dropfuse_tier
 * @param dtype  a dropfuse_dtype, of x and y
 * @param x      element 0 of the input, any alignment; may be NULL when count is 0
 * @param y      element 0 of the output, any alignment: exactly x (in place), or memory whose
 *               elements [first, first + count) do not overlap those of x
 * @param first  first element, >= 0
 * @param count  number of elements, >= 0
 * @param run    elements per unit in one stretch, >= 1
 * @param cycle  units in a cycle, >= 1
 * @param repeat times that a cycle comes, >= 1; run * cycle * repeat < 2^63
 * @param mask   NULL to draw the decisions; else a packed mask whose bit unit(e) decides, and p,
 *               seed and offset are ignored
 * @param p      probability that a unit is dropped, in [0, 1]
 * @param seed   key of the generator, any 64 bits
 * @param offset number of the call, in [0, 2^63)
 * @param start  index of the unit of element 0; no unit index may pass 2^64 - 1
 * @param scale  factor of the kept values, rounded once to the compute type (float64 for float64,
 *               else float32); 1 / (1 - p) for inverted dropout
 */
DROPFUSE_API int dropfuse_drop(int tier, int dtype, const void *x, void *y, long long first,
                               long long count, long long run, long long cycle, long long repeat,
                               const void *mask, double p, unsigned long long seed,
                               unsigned long long offset, unsigned long long start, double scale);

#ifdef __cplusplus
}
#endif

#endif
