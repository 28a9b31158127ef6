/*
 * Dropfuse: dropout and stochastic depth at memory speed, with the same mask everywhere.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * This header is the whole C ABI. Every function is safe to call from any thread, keeps nothing
 * between calls, and never exits, aborts, prints or throws. A function that can fail returns a
 * dropfuse_status. After a failure dropfuse_last_error() on the same thread is its text. Nothing has
 * been written, unless the CUDA driver failed: then the outputs may hold anything.
 *
 * Units. A unit is what is kept or dropped as one: an element, a sample, a channel. Unit i is kept
 * by the rule of the mask contract from (p, seed, offset, i) alone. So the same call gives the same
 * bits in every place, for every cut of a tensor into pieces.
 *
 * Elements. Memory is given by the address of element 0, at any alignment. A call works on the
 * elements [first, first + count); only they have to exist. first >= 0 and count >= 0, and pointers
 * may be NULL when count is 0; a device has to be open even so. An output is exactly an input (in
 * place), or apart from it.
 *
 * Layouts. Which unit element e belongs to, every division rounding down:
 *
 *     unit(e) = start + e / (run * cycle * repeat) * step + e / run % cycle
 *
 * Units are runs of `run` elements. `cycle` of them are a cycle, which comes `repeat` times: that
 * is a block. The first units of two neighbouring blocks are `step` apart. run, cycle and repeat
 * are at least 1 with a product below 2^63, step is at least cycle, and no unit may pass 2^64 - 1.
 * With step = cycle the units are those of a whole tensor, with more they are a box of a larger
 * one:
 *
 *     a decision per element                     run = 1        cycle = 1  repeat = 1      step = 1
 *     per sample of (N, ...), L elements each    run = L        cycle = 1  repeat = 1      step = 1
 *     per channel of (N, C, H, W)                run = H * W    cycle = 1  repeat = 1      step = 1
 *     per channel of (N, H, W, C)                run = 1        cycle = C  repeat = H * W  step = C
 *     per element of k columns of (N, C)         run = 1        cycle = k  repeat = 1      step = C
 *     per channel of k channels of (N, C, H, W)  run = H * W    cycle = k  repeat = 1      step = C
 *
 * Decisions. Where `mask` is NULL they are drawn from p, in [0, 1], the probability that a unit is
 * dropped; seed, any 64 bits, the generator's key; and offset, in [0, 2^63), the number of the
 * call. Otherwise bit unit(e) of the packed mask decides, and p, seed and offset are ignored. Only
 * the bytes with bits that decide have to exist.
 *
 * Arithmetic. float16 and bfloat16 are widened to float32, computed with there, and rounded once to
 * nearest even. Constants are rounded once to the compute type, which is float64 for float64 and
 * else float32. Which NaN an operation gives is the processor's choice. The calling thread's floating-point environment changes no bit: each call sets the
 * default one, and restores the caller's before it returns.
 */
#ifndef DROPFUSE_H
#define DROPFUSE_H

#if !defined(_WIN32)
#define DROPFUSE_API __attribute__((visibility("default")))
#elif defined(DROPFUSE_BUILD) /* the library itself */
#define DROPFUSE_API __declspec(dllexport)
#else
#define DROPFUSE_API extern
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** Changes whenever a declaration below changes its meaning; see dropfuse_abi_version(). */
#define DROPFUSE_ABI_VERSION 4

enum dropfuse_status {
    DROPFUSE_OK = 0,
    /** An argument is outside its range; the text names it, its value and the range. */
    DROPFUSE_INVALID_ARGUMENT = 1,
    /** The place is not available on this machine or in this build; the text says why. */
    DROPFUSE_UNSUPPORTED = 2,
    /** A call of the CUDA driver failed; see dropfuse_cuda_error_code(). */
    DROPFUSE_CUDA_FAILED = 3
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

/** In a place's tier: a CUDA device. */
#define DROPFUSE_CUDA 16

/**
 * How a tier writes elements. No bit depends on it. What is an input too is written into the caches,
 * and so are masks, sums, what dropfuse_product() writes, noisy elements of 2 bytes, and rows of at
 * most 512 bytes or that do not begin at multiples of 64 bytes.
 */
enum dropfuse_stores {
    /** Streamed from dropfuse_stream_bytes() on, else cached. */
    DROPFUSE_STORES_AUTO = 0,
    /** Into the caches. */
    DROPFUSE_STORES_CACHED = 1,
    /** Past the caches, in the order that suits the processor. */
    DROPFUSE_STORES_STREAMED = 2,
    /** Past the caches, in the order of the elements. */
    DROPFUSE_STORES_IN_ORDER = 3,
    /** Past the caches, some elements of each of four pages in turn. */
    DROPFUSE_STORES_WOVEN = 4
};

/**
 * Where a call is computed: by the calling thread with an instruction set, or by a CUDA device, in
 * the order of a stream. A device's call returns before its work is done, and all memory that it is
 * given is in that device's memory, or pinned. NULL in place of a place is the best tier.
 */
struct dropfuse_place {
    /** A dropfuse_tier, or DROPFUSE_CUDA. */
    int tier;
    /** With DROPFUSE_CUDA: the device, from 0. */
    int device;
    /** With DROPFUSE_CUDA: one of its streams, a CUstream; NULL for the default one. */
    void *stream;
    /** With a tier: a dropfuse_stores. */
    int stores;
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

/**
 * Bytes of output from which on AUTO streams: half of the largest cache that the processor names, but
 * no more than 16 MiB, and 16 MiB where it names none of 64 KiB to 16 GiB. Smaller outputs are read
 * again from the cache sooner.
 */
DROPFUSE_API long long dropfuse_stream_bytes(void);

/** The tier that AUTO stands for on this machine, never AUTO itself. */
DROPFUSE_API int dropfuse_best_tier(void);

/**
 * Packs decisions: bit e of `out`, counted from the least significant bit of byte 0 upward, is 1
 * when unit(e) is kept, for e in [first, first + count). The bits past the last in the last byte
 * are 0.
 *
 * @param out    byte 0 of the packed bits, any alignment, apart from the mask
 * @param first  first bit, a multiple of 8
 */
DROPFUSE_API int dropfuse_mask(const struct dropfuse_place *place, void *out, long long first,
                               long long count, long long run, long long cycle, long long repeat,
                               long long step, const void *mask, double p,
                               unsigned long long seed, unsigned long long offset,
                               unsigned long long start);

/**
 * Drops units: y[e] = keep(unit(e)) ? fma(x[e], scale, shift) : dropped. The fused multiply-add
 * rounds once. A dropped value is selected away, not multiplied by 0, so a dropped NaN or infinity
 * is gone, and units that are longer than 64 elements are not read when dropped.
 *
 * Plain dropout has shift -0.0 and dropped +0: x * scale + -0.0 has the bits of x * scale.
 *
 * @param dtype   a dropfuse_dtype, of x and y
 * @param scale   factor of the kept values; 1 / (1 - p) for inverted dropout
 * @param shift   what is added to them
 * @param dropped what dropped elements become, rounded to the compute type and from there to y's
 */
DROPFUSE_API int dropfuse_drop(const struct dropfuse_place *place, int dtype, const void *x,
                               void *y, long long first, long long count, long long run,
                               long long cycle, long long repeat, long long step, const void *mask,
                               double p, unsigned long long seed, unsigned long long offset,
                               unsigned long long start, double scale, double shift,
                               double dropped);

/** What dropfuse_residual() does with its vector. */
enum dropfuse_vector {
    DROPFUSE_VECTOR_NONE = 0,
    /** It is added to the branch, as a bias. */
    DROPFUSE_VECTOR_ADD = 1,
    /** The branch is multiplied by it, as by LayerScale's gamma. */
    DROPFUSE_VECTOR_MULTIPLY = 2
};

/**
 * Adds a branch, some units of which are dropped, to a residual:
 *
 *     y[e] = keep(unit(e)) ? residual[e] + (x[e] op vector[e % length]) * scale : residual[e]
 *
 * Each operation rounds once to the compute type, and the result once to the type of y. A dropped
 * element is selected: its bits are the residual's own, and in place it is not touched. (A device
 * writes a dropped element's own bits again where it shares 16 bytes with a kept one.) Units that
 * are longer than 64 elements are not read from x when dropped. Without a residual, y[e] =
 * keep(unit(e)) ? (x[e] op vector[e % length]) * scale : +0.
 *
 * @param dtype     a dropfuse_dtype, of x, vector, residual and y
 * @param operation a dropfuse_vector
 * @param vector    `length` elements that do not overlap those of y; ignored with
 *                  DROPFUSE_VECTOR_NONE
 * @param length    elements of the vector, >= 1; the last extent of the tensor
 * @param residual  what is added to; NULL for none
 * @param y         exactly x, exactly residual (in place), or apart from both
 * @param scale     factor of the kept values
 */
DROPFUSE_API int dropfuse_residual(const struct dropfuse_place *place, int dtype, const void *x,
                                   int operation, const void *vector, long long length,
                                   const void *residual, void *y, long long first, long long count,
                                   long long run, long long cycle, long long repeat, long long step,
                                   const void *mask, double p, unsigned long long seed,
                                   unsigned long long offset, unsigned long long start,
                                   double scale);

/** What dropfuse_zoneout() gives. */
enum dropfuse_zoneout_operation {
    /** y[e] = keep(unit(e)) ? x[e] : previous[e] */
    DROPFUSE_SELECT = 0,
    /** y[e] = fma(x[e], 1 - p, p * previous[e]) */
    DROPFUSE_EXPECT = 1
};

/**
 * Zoneout: dropped units stay what they were before.
 *
 * DROPFUSE_SELECT computes nothing: y has an input's own bits. An input that is NULL is +0, but not
 * both may be. That gives the gradients, with that of y as the one input: as x for the gradient of
 * x, as `previous` for that of the previous state. Units that are longer than 64 elements are not
 * read from x when dropped.
 *
 * DROPFUSE_EXPECT gives what is to be expected of that. The product is rounded once to the compute
 * type, the fused multiply-add too. With p = 0 y has x's own bits, with p = 1 those of `previous`.
 * Of the layout and of what decides, first, count and p are used.
 *
 * @param dtype     a dropfuse_dtype, of x, previous and y
 * @param operation a dropfuse_zoneout_operation
 * @param y         exactly x, exactly previous (in place), or apart from both
 */
DROPFUSE_API int dropfuse_zoneout(const struct dropfuse_place *place, int dtype, int operation,
                                  const void *x, const void *previous, void *y, long long first,
                                  long long count, long long run, long long cycle,
                                  long long repeat, long long step, const void *mask, double p,
                                  unsigned long long seed, unsigned long long offset,
                                  unsigned long long start);

/** Rows that dropfuse_sum_rows() adds into one row of sums, one after the other. */
#define DROPFUSE_SUM_ROWS 64

/**
 * The first half of the gradient of a vector that was added to, or multiplied with, every row of a
 * tensor: sums over rows of `length` elements of
 *
 *     term(e) = keep(unit(e)) ? dy[e] * scale * x[e] : 0         (without x: dy[e] * scale)
 *
 * each operation rounded once to the compute type, from the left. Block b, the rows [64 b, 64 b +
 * 64) or what there is of them, gives row b of `sums`: starting from +0, the terms of a column are
 * added in the order of the rows. dropfuse_sum_tree() adds the blocks. This order is the same in
 * every place and for every number of threads, and so are the bits. Units that are longer than 64
 * elements are not read when dropped.
 *
 * @param dtype  a dropfuse_dtype, of dy and x
 * @param dy     the gradient
 * @param x      the other factor; NULL for none
 * @param sums   element 0 of the sums, of the compute type and aligned to it; the rows of the
 *               blocks of [first, first + count) are written, and overlap neither dy nor x
 * @param length elements of a row, >= 1; 64 * length < 2^63
 * @param first  a multiple of 64 * length
 * @param count  a multiple of length
 * @param scale  factor of the kept values, finite in the compute type
 */
DROPFUSE_API int dropfuse_sum_rows(const struct dropfuse_place *place, int dtype, const void *dy,
                                   const void *x, void *sums, long long length, long long first,
                                   long long count, long long run, long long cycle,
                                   long long repeat, long long step, const void *mask, double p,
                                   unsigned long long seed, unsigned long long offset,
                                   unsigned long long start, double scale);

/**
 * The second half: adds the rows of `sums` in a fixed tree and rounds the result to the tensor's
 * type. For step = 1, 2, 4, ... row b of all b that are multiples of 2 * step becomes
 * row b + row (b + step), where there is one.
 *
 * @param dtype  a dropfuse_dtype, of y
 * @param sums   `blocks` rows as dropfuse_sum_rows() left them; changed
 * @param blocks number of rows, >= 0; none sum to +0
 * @param length elements of a row, >= 1; blocks * length < 2^60
 * @param y      `length` elements, any alignment, that do not overlap the sums
 */
DROPFUSE_API int dropfuse_sum_tree(const struct dropfuse_place *place, int dtype, void *sums,
                                   long long blocks, long long length, void *y);

/**
 * Draws a packed mask from the sequence of MT19937 instead of from counters: PyTorch's generator on
 * the CPU. A unit takes the next one or two outputs, of which the first is the upper half, and is
 * kept when their joint low bits, as a number, are at least a threshold, or else when they are
 * below it. A sequence is drawn by the host: with a CUDA place it is DROPFUSE_UNSUPPORTED.
 *
 * @param state     625 values: the generator's 624 words, and how many of them have been put out
 *                  since they were made, in [0, 624]; left behind the last unit
 * @param outputs   outputs that a unit takes, 1 or 2
 * @param bits      low bits to compare, in [1, 32 * outputs]
 * @param threshold what they are compared with
 * @param above     not 0: kept when at least the threshold; 0: kept when below it
 * @param count     number of units, >= 0
 * @param mask      (count + 7) / 8 bytes of any alignment, apart from the state
 */
DROPFUSE_API int dropfuse_mersenne_mask(const struct dropfuse_place *place, unsigned int *state,
                                        int outputs, int bits, unsigned long long threshold,
                                        int above, long long count, void *mask);

/**
 * Multiplies with a mask: y[e] = (x[e] / divisor) * (unit(e) is kept ? factor : 0), where the
 * quotient and the product are each rounded to the type. Unlike in dropfuse_drop() a dropped value
 * is a product with 0: a dropped negative number gives -0, a dropped infinity or NaN gives NaN.
 *
 * @param dtype   a dropfuse_dtype, of x and y
 * @param mask    the packed mask whose bit unit(e) decides
 * @param divisor what values are divided by
 * @param factor  factor of the kept values
 */
DROPFUSE_API int dropfuse_product(const struct dropfuse_place *place, int dtype, const void *x,
                                  void *y, long long first, long long count, long long run,
                                  long long cycle, long long repeat, long long step,
                                  const void *mask, unsigned long long start, double divisor,
                                  double factor);

/** What dropfuse_normal() does with its numbers. */
enum dropfuse_normal_form {
    DROPFUSE_ADD = 0,
    DROPFUSE_MULTIPLY = 1
};

/**
 * Adds noise to a tensor, or multiplies with it:
 *
 *     y[e] = x[e] + sigma * n(unit(e))         DROPFUSE_ADD
 *     y[e] = x[e] * (1 + sigma * n(unit(e)))   DROPFUSE_MULTIPLY
 *
 * where each sum and the product in it is one fused multiply-add in the compute type. Units are
 * elements, run = repeat = 1: unit(e) = start + e / cycle * step + e % cycle.
 *
 * n(u) is a standard normal number for each unit u: a float32 that (seed, offset, u) fix to the
 * bit, in every place. Its 16 random bits, or 32 in the outermost 1/512, choose a slice of equal
 * probability, and it is the quantile of the slice's middle to within 4.1e-6, |n| < 6.34. Its
 * counters are no mask's, so one (seed, offset) may serve both.
 *
 * @param dtype  a dropfuse_dtype, of x and y
 * @param form   a dropfuse_normal_form
 * @param sigma  standard deviation, finite and >= 0
 */
DROPFUSE_API int dropfuse_normal(const struct dropfuse_place *place, int dtype, const void *x,
                                 void *y, long long first, long long count, long long cycle,
                                 long long step, unsigned long long seed, unsigned long long offset,
                                 unsigned long long start, int form, double sigma);

/** What dropfuse_rows() does. */
enum dropfuse_row_operation {
    /** Row j of y is row indices[j] of x, times the scale. */
    DROPFUSE_GATHER = 0,
    /** Row indices[j] of y is row j of x. */
    DROPFUSE_SCATTER = 1,
    /** Row j of x, times the scale, is added to row indices[j] of y as dropfuse_residual() does. */
    DROPFUSE_SCATTER_ADD = 2
};

/**
 * Moves rows between a dense tensor and their places in a larger one. Each pointer may be NULL when
 * rows is 0. Indices are not checked.
 *
 * @param dtype     a dropfuse_dtype, of x and y
 * @param operation a dropfuse_row_operation
 * @param x         row 0 of the input, any alignment
 * @param y         row 0 of the output, any alignment, apart from the input
 * @param indices   `rows` row numbers of the larger tensor, 64-bit and aligned to 8 bytes, apart
 *                  from the output; those of DROPFUSE_SCATTER and DROPFUSE_SCATTER_ADD have to
 *                  differ, as rows are written in no order
 * @param rows      rows of the dense tensor, 0 to 2^60 - 1
 * @param length    elements of a row, >= 1; rows * length fit into memory
 * @param scale     1 copies; ignored by a scatter
 */
DROPFUSE_API int dropfuse_rows(const struct dropfuse_place *place, int dtype, int operation,
                               const void *x, void *y, const void *indices, long long rows,
                               long long length, double scale);

/**
 * Makes packed decisions on the positions of images from those on centres of blocks: a position is
 * kept when all centres are that cover it. Along a dimension of extent n, centre k lies at k, with
 * k in [0, n), or for valid ones at (side - 1) / 2 + k, with k in [0, n - side]; a centre c covers
 * the positions c - (side - 1) / 2 to c + side / 2. Centres and positions are row-major over the
 * images and their dimensions. The images [first, first + images) are computed.
 *
 * @param centres    byte 0 of the packed decisions on the centres: a whole number of words of 8
 *                   bytes, aligned so
 * @param mask       byte 0 of the packed decisions on the positions, apart from the centres; after
 *                   the last position the last byte ends with zeros
 * @param first      first image; its positions begin at a multiple of 8 bits of the mask
 * @param images     number of images, >= 0
 * @param dimensions 2, or 3 where images have a depth
 * @param depth      extent of the first of 3 dimensions, >= 1; ignored where there are 2
 * @param height     extent, >= 1
 * @param width      extent, >= 1; all images have fewer than 2^63 positions
 * @param side       length of a block's sides, at least 1 and at most the least extent
 * @param valid      not 0 for centres whose blocks lie within the image
 */
DROPFUSE_API int dropfuse_blocks(const struct dropfuse_place *place, const void *centres,
                                 void *mask, long long first, long long images, int dimensions,
                                 long long depth, long long height, long long width,
                                 long long side, int valid);

/*
 * CUDA. The driver is loaded at run time by dropfuse_cuda_open(), which has to have succeeded
 * before any other function of this section that returns a status. A device's primary context,
 * which it shares with the CUDA runtime, is retained and the kernels are loaded into it at the
 * first call for that device. Each call makes that context current for its own time and then
 * restores the calling thread's, so calls may come from any thread and beside other users of CUDA.
 *
 * A stream is a CUstream and an event a CUevent, so those of other libraries serve as well; NULL is
 * the device's default stream. Errors of asynchronous work may be returned by any later call.
 */

/** What copies go between. */
enum dropfuse_cuda_copy_kind {
    /** From host memory, pinned or not, to device memory. */
    DROPFUSE_CUDA_TO_DEVICE = 0,
    /** From device memory to host memory, pinned or not. */
    DROPFUSE_CUDA_TO_HOST = 1,
    /** Between device or pinned memory and device or pinned memory. */
    DROPFUSE_CUDA_ON_DEVICE = 2
};

/** Properties of a device. */
struct dropfuse_cuda_properties {
    char name[256];
    int major;
    int minor;
    int multiprocessors;
    long long memory;
};

/** The driver's error code of the calling thread's most recent DROPFUSE_CUDA_FAILED. */
DROPFUSE_API int dropfuse_cuda_error_code(void);

/** The name of that code, such as "CUDA_ERROR_OUT_OF_MEMORY"; never NULL. */
DROPFUSE_API const char *dropfuse_cuda_error_name(void);

/** The driver's function that returned it, such as "cuMemAlloc"; never NULL. */
DROPFUSE_API const char *dropfuse_cuda_error_function(void);

/**
 * Loads the driver, at the first call that succeeds; later calls change nothing.
 * DROPFUSE_UNSUPPORTED says in its text why there is no CUDA: an image that is truncated or was made
 * of other kernels than this library's, no driver, or no device. A path that is no driver's is
 * DROPFUSE_INVALID_ARGUMENT, and so is an image that is not aligned to 16 bytes.
 *
 * @param path the driver's library; NULL for libcuda.so.1, wherever the system finds it, or on Windows
 *     nvcuda.dll of the system's directory
 * @param image the kernels: the file kernels.image of the build that this library is from. It has to
 *     stay as it is until dropfuse_cuda_close() has returned
 * @param bytes its size
 */
DROPFUSE_API int dropfuse_cuda_open(const char *path, const void *image, long long bytes);

/**
 * Unloads the kernels and releases the contexts, for the end of the process, when the calls that
 * are under way have returned. Calls that need a context fail with DROPFUSE_UNSUPPORTED from then
 * on. A Java virtual machine does it when it unloads this library.
 */
DROPFUSE_API void dropfuse_cuda_close(void);

/** The driver's version, 1000 times the major plus 10 times the minor number. */
DROPFUSE_API int dropfuse_cuda_driver_version(int *version);

/** The number of devices; they are 0 to count - 1. */
DROPFUSE_API int dropfuse_cuda_device_count(int *count);

/** What a device is. */
DROPFUSE_API int dropfuse_cuda_device_properties(int device,
                                                 struct dropfuse_cuda_properties *properties);

/** Waits for everything that has been asked of a device. */
DROPFUSE_API int dropfuse_cuda_synchronize(int device);

/** Allocates at least one byte of device memory. */
DROPFUSE_API int dropfuse_cuda_allocate(int device, long long bytes, void **memory);

/** Waits for the device, as a stream may still use the memory, and frees it. */
DROPFUSE_API int dropfuse_cuda_free(int device, void *memory);

/** Allocates pinned host memory, which every device can access at the same address. */
DROPFUSE_API int dropfuse_cuda_host_allocate(int device, long long bytes, void **memory);

/** Waits for the device, as a stream may still use the memory, and frees it. */
DROPFUSE_API int dropfuse_cuda_host_free(int device, void *memory);

/**
 * Allocates at least one byte of device memory in the order of a stream: what is asked of the
 * stream from then on may use it. Nothing is waited for.
 */
DROPFUSE_API int dropfuse_cuda_scratch_allocate(int device, void *stream, long long bytes,
                                                void **memory);

/** Frees such memory in the order of the stream, after all that was asked of it before. */
DROPFUSE_API int dropfuse_cuda_scratch_free(int device, void *stream, void *memory);

/**
 * Copies `bytes` bytes in the order of a stream.
 *
 * @param kind  a dropfuse_cuda_copy_kind
 * @param wait  1 to return when the copy is done; 0 to return as soon as the driver allows, which
 *              for host memory that is not pinned may be when the host has done its part
 */
DROPFUSE_API int dropfuse_cuda_copy(int device, int kind, void *to, const void *from,
                                    long long bytes, void *stream, int wait);

/** A stream that is in order with the default stream, and runs beside all others. */
DROPFUSE_API int dropfuse_cuda_stream_create(int device, void **stream);
DROPFUSE_API int dropfuse_cuda_stream_destroy(int device, void *stream);
DROPFUSE_API int dropfuse_cuda_stream_synchronize(int device, void *stream);

/** Whether everything on the stream is done: *done is 1 or 0. */
DROPFUSE_API int dropfuse_cuda_stream_query(int device, void *stream, int *done);

/** Lets what follows on the stream wait for the event's most recent record. */
DROPFUSE_API int dropfuse_cuda_stream_wait(int device, void *stream, void *event);

DROPFUSE_API int dropfuse_cuda_event_create(int device, void **event);
DROPFUSE_API int dropfuse_cuda_event_destroy(int device, void *event);
DROPFUSE_API int dropfuse_cuda_event_record(int device, void *event, void *stream);
DROPFUSE_API int dropfuse_cuda_event_synchronize(int device, void *event);
DROPFUSE_API int dropfuse_cuda_event_query(int device, void *event, int *done);

/** The time from one event to a later one, both done. */
DROPFUSE_API int dropfuse_cuda_event_elapsed(int device, void *from, void *to,
                                             float *milliseconds);

#ifdef __cplusplus
}
#endif

#endif
