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
    /** The tier, or CUDA, is not available on this machine or in this build; the text says why. */
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

/**
 * Draws a packed mask, as dropfuse_mask() lays it out, from the sequence of MT19937 instead of
 * from counters: PyTorch's generator on the CPU. A unit takes the next one or two outputs, of
 * which the first is the upper half, and is kept when their joint low bits, as a number, are at
 * least a threshold, or else when they are below it.
 *
 * @param tier      a dropfuse_tier
 * @param state     625 values: the generator's 624 words, and how many of them have been put out
 *                  since they were made, in [0, 624]; left behind the last unit
 * @param outputs   outputs that a unit takes, 1 or 2
 * @param bits      low bits to compare, in [1, 32 * outputs]
 * @param threshold what they are compared with
 * @param above     not 0: kept when at least the threshold; 0: kept when below it
 * @param count     number of units, >= 0
 * @param mask      (count + 7) / 8 bytes of any alignment, apart from the state; may be NULL when
 *                  count is 0
 */
DROPFUSE_API int dropfuse_mersenne_mask(int tier, unsigned int *state, int outputs, int bits,
                                        unsigned long long threshold, int above, long long count,
                                        void *mask);

/**
 * Multiplies with a mask: y[e] = (x[e] / divisor) * (unit(e) is kept ? factor : 0), for e in
 * [first, first + count), where the quotient and the product are each rounded to the type. Unlike
 * in dropfuse_drop() a dropped value is a product with 0: a dropped negative number gives -0, a
 * dropped infinity or NaN gives NaN.
 *
 * @param tier    a dropfuse_tier
 * @param dtype   a dropfuse_dtype, of x and y
 * @param x       as for dropfuse_drop()
 * @param y       as for dropfuse_drop()
 * @param first   as for dropfuse_drop(), and so count, run, cycle and repeat
 * @param mask    packed mask whose bit unit(e) decides; may be NULL when count is 0
 * @param start   the unit of element 0
 * @param divisor what values are divided by, rounded once to the compute type
 * @param factor  factor of the kept values, rounded once to the compute type
 */
DROPFUSE_API int dropfuse_product(int tier, int dtype, const void *x, void *y, long long first,
                                  long long count, long long run, long long cycle,
                                  long long repeat, const void *mask, unsigned long long start,
                                  double divisor, double factor);

/** What dropfuse_normal() does with its numbers. */
enum dropfuse_normal_form {
    DROPFUSE_ADD = 0,
    DROPFUSE_MULTIPLY = 1
};

/**
 * Adds noise to a tensor, or multiplies with it: for e in [first, first + count)
 *
 *     y[e] = x[e] + sigma * n(start + e)         DROPFUSE_ADD
 *     y[e] = x[e] * (1 + sigma * n(start + e))   DROPFUSE_MULTIPLY
 *
 * where each sum and the product in it is one fused multiply-add in the compute type (float64 for
 * float64, else float32), and the result is rounded once to the type.
 *
 * n(u) is a standard normal number for each unit u: a float32 that (seed, offset, u) fix to the
 * bit, on every tier. Its 16 random bits, or 32 in the outermost 1/512, choose a slice of equal
 * probability, and it is the quantile of the slice's middle to within 4.1e-6, |n| < 6.34. Its
 * counters are no mask's, so one (seed, offset) may serve both.
 *
 * @param tier   a dropfuse_tier
 * @param dtype  a dropfuse_dtype, of x and y
 * @param x      element 0 of the input, any alignment; may be NULL when count is 0
 * @param y      element 0 of the output, any alignment: exactly x (in place), or memory whose
 *               elements [first, first + count) do not overlap those of x
 * @param first  first element, >= 0
 * @param count  number of elements, >= 0
 * @param seed   key of the generator, any 64 bits
 * @param offset number of the call, in [0, 2^63)
 * @param start  unit of element 0; start + first + count <= 2^64
 * @param form   a dropfuse_normal_form
 * @param sigma  standard deviation, finite and >= 0, rounded once to the compute type
 */
DROPFUSE_API int dropfuse_normal(int tier, int dtype, const void *x, void *y, long long first,
                                 long long count, unsigned long long seed,
                                 unsigned long long offset, unsigned long long start, int form,
                                 double sigma);

/*
 * CUDA. The driver is loaded at run time by dropfuse_cuda_open(), which has to have succeeded before
 * any other function of this section that returns a status. A device's primary context, which it
 * shares with the CUDA runtime, is retained and the kernels are loaded into it at the first call for
 * that device. Each call makes that context current for its own time and then restores the calling
 * thread's, so calls may come from any thread and beside other users of CUDA.
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
 * Loads the driver, at the first call that succeeds; later calls change nothing. DROPFUSE_UNSUPPORTED
 * says in its text why there is no CUDA: a build without kernels, no driver, or no device.
 *
 * @param path the driver's library; NULL for libcuda.so.1, wherever the system finds it
 */
DROPFUSE_API int dropfuse_cuda_open(const char *path);

/**
 * Unloads the kernels and releases the contexts, for the end of the process, when the calls that are
 * under way have returned. Calls that need a context fail with DROPFUSE_UNSUPPORTED from then on.
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
 * Allocates at least one byte of device memory in the order of a stream: what is asked of the stream
 * from then on may use it. Nothing is waited for.
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

/**
 * dropfuse_mask on a stream. The mask is in device or pinned memory.
 *
 * @param device a device, from 0
 * @param stream one of its streams, or NULL
 */
DROPFUSE_API int dropfuse_cuda_mask(int device, void *stream, double p, unsigned long long seed,
                                    unsigned long long offset, unsigned long long start,
                                    long long count, void *mask);

/**
 * dropfuse_drop on a stream. x, y and the mask are in device or pinned memory, of any alignment:
 * elements are accessed 16 bytes at a time where x and y agree in their place modulo 16, and, when
 * decisions are drawn per element, where 16 bytes hold the elements of whole units of 4 (of 8 with
 * 16-bit types).
 *
 * @param device a device, from 0
 * @param stream one of its streams, or NULL
 */
DROPFUSE_API int dropfuse_cuda_drop(int device, void *stream, int dtype, const void *x, void *y,
                                    long long first, long long count, long long run,
                                    long long cycle, long long repeat, const void *mask, double p,
                                    unsigned long long seed, unsigned long long offset,
                                    unsigned long long start, double scale);

/** dropfuse_affine on a stream, as dropfuse_cuda_drop() is dropfuse_drop. */
DROPFUSE_API int dropfuse_cuda_affine(int device, void *stream, int dtype, const void *x, void *y,
                                      long long first, long long count, long long run,
                                      long long cycle, long long repeat, const void *mask, double p,
                                      unsigned long long seed, unsigned long long offset,
                                      unsigned long long start, double scale, double shift,
                                      double dropped);

/** dropfuse_normal on a stream. x and y are in device or pinned memory, of any alignment. */
DROPFUSE_API int dropfuse_cuda_normal(int device, void *stream, int dtype, const void *x, void *y,
                                      long long first, long long count, unsigned long long seed,
                                      unsigned long long offset, unsigned long long start,
                                      int form, double sigma);

/** dropfuse_product on a stream. x, y and the mask are in device or pinned memory. */
DROPFUSE_API int dropfuse_cuda_product(int device, void *stream, int dtype, const void *x, void *y,
                                       long long first, long long count, long long run,
                                       long long cycle, long long repeat, const void *mask,
                                       unsigned long long start, double divisor, double factor);

/** What dropfuse_cuda_rows() does. */
enum dropfuse_row_operation {
    /** Row j of y is row indices[j] of x, times the scale. */
    DROPFUSE_GATHER = 0,
    /** Row indices[j] of y is row j of x. */
    DROPFUSE_SCATTER = 1,
    /** Row j of x, times the scale, is added to row indices[j] of y as dropfuse_residual() does. */
    DROPFUSE_SCATTER_ADD = 2
};

/**
 * Moves rows between a dense tensor and their places in a larger one, in one launch on a stream. What
 * is given is in device or pinned memory, the tensors of any alignment; each may be NULL when rows is
 * 0. Indices are not checked.
 *
 * @param device    a device, from 0
 * @param stream    one of its streams, or NULL
 * @param dtype     a dropfuse_dtype, of x and y
 * @param operation a dropfuse_row_operation
 * @param x         row 0 of the input
 * @param y         row 0 of the output, apart from the input
 * @param indices   `rows` row numbers of the larger tensor, aligned to 8 bytes, apart from the output;
 *                  those of DROPFUSE_SCATTER and DROPFUSE_SCATTER_ADD have to differ, as rows are
 *                  written in no order
 * @param rows      rows of the dense tensor, 0 to 2^60 - 1
 * @param length    elements of a row, >= 1; rows * length fit into memory
 * @param scale     rounded once to the compute type; 1 copies; ignored by a scatter
 */
DROPFUSE_API int dropfuse_cuda_rows(int device, void *stream, int dtype, int operation,
                                    const void *x, void *y, const void *indices, long long rows,
                                    long long length, double scale);

/**
 * Makes a packed mask of positions of images from one of centres of blocks, on a stream: a position
 * is kept when all centres are that cover it. Along a dimension of extent n, centre k lies at k, with
 * k in [0, n), or for valid ones at (side - 1) / 2 + k, with k in [0, n - side]; a centre c covers the
 * positions c - (side - 1) / 2 to c + side / 2. Centres and positions are row-major over the images
 * and their dimensions. Both masks are in device or pinned memory.
 *
 * @param device     a device, from 0
 * @param stream     one of its streams, or NULL
 * @param centres    packed decisions on the centres: a whole number of words of 8 bytes, aligned so
 * @param images     number of images, >= 0
 * @param dimensions 2, or 3 where images have a depth
 * @param depth      extent of the first of 3 dimensions, >= 1; ignored where there are 2
 * @param height     extent, >= 1
 * @param width      extent, >= 1; the product of all is below 2^63
 * @param side       length of a block's sides, at least 1 and at most the least extent
 * @param valid      not 0 for centres whose blocks lie within the image
 * @param mask       receives the decisions, whose last byte ends with zeros; apart from the centres
 */
DROPFUSE_API int dropfuse_cuda_blocks(int device, void *stream, const void *centres,
                                      long long images, int dimensions, long long depth,
                                      long long height, long long width, long long side, int valid,
                                      void *mask);

/**
 * dropfuse_residual on a stream, as dropfuse_cuda_drop() is dropfuse_drop; the vector and the
 * residual are in device or pinned memory too. Elements are accessed 16 bytes at a time where also
 * the residual agrees with x and y in its place modulo 16, and with a vector where that and each row
 * begin at a multiple of 16. In place, a dropped element that shares 16 bytes with a kept one is
 * written with its own bits.
 */
DROPFUSE_API int dropfuse_cuda_residual(int device, void *stream, int dtype, const void *x,
                                        int operation, const void *vector, long long length,
                                        const void *residual, void *y, long long first,
                                        long long count, long long run, long long cycle,
                                        long long repeat, const void *mask, double p,
                                        unsigned long long seed, unsigned long long offset,
                                        unsigned long long start, double scale);

/**
 * dropfuse_sum_rows on a stream. dy, x, the sums and the mask are in device or pinned memory; dy and
 * x are accessed 16 bytes at a time where each row begins at a multiple of 16 bytes. Drawn decisions
 * are kept in memory that is allocated and freed in the order of the stream.
 */
DROPFUSE_API int dropfuse_cuda_sum_rows(int device, void *stream, int dtype, const void *dy,
                                        const void *x, void *sums, long long first,
                                        long long count, long long length, long long run,
                                        long long cycle, long long repeat, const void *mask,
                                        double p, unsigned long long seed,
                                        unsigned long long offset, unsigned long long start,
                                        double scale);

/** dropfuse_sum_tree on a stream, in device or pinned memory. */
DROPFUSE_API int dropfuse_cuda_sum_tree(int device, void *stream, int dtype, void *sums,
                                        long long blocks, long long length, void *y);

/**
 * Drops units of a tensor whose dropped value is not 0: y[e] = keep(unit(e)) ?
 * fma(x[e], scale, shift) : dropped, for e in [first, first + count). The fused multiply-add rounds
 * once to the compute type. Otherwise as dropfuse_drop().
 *
 * @param tier    a dropfuse_tier
 * @param dtype   a dropfuse_dtype, of x and y
 * @param x       element 0 of the input, any alignment; may be NULL when count is 0
 * @param y       element 0 of the output, any alignment: exactly x (in place), or memory whose
 *                elements [first, first + count) do not overlap those of x
 * @param first   first element, >= 0
 * @param count   number of elements, >= 0
 * @param run     elements per unit in one stretch, >= 1
 * @param cycle   units in a cycle, >= 1
 * @param repeat  times that a cycle comes, >= 1; run * cycle * repeat < 2^63
 * @param mask    NULL to draw the decisions; else a packed mask, as for dropfuse_drop()
 * @param p       probability that a unit is dropped, in [0, 1]
 * @param seed    key of the generator, any 64 bits
 * @param offset  number of the call, in [0, 2^63)
 * @param start   index of the unit of element 0; no unit index may pass 2^64 - 1
 * @param scale   factor of the kept values, rounded once to the compute type
 * @param shift   what is added to them, rounded once to the compute type
 * @param dropped what dropped elements become, rounded once to the compute type and from there to
 *                the type of y
 */
DROPFUSE_API int dropfuse_affine(int tier, int dtype, const void *x, void *y, long long first,
                                 long long count, long long run, long long cycle,
                                 long long repeat, const void *mask, double p,
                                 unsigned long long seed, unsigned long long offset,
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
 * Adds a branch, some units of which are dropped, to a residual: for e in [first, first + count)
 *
 *     y[e] = keep(unit(e)) ? residual[e] + (x[e] op vector[e % length]) * scale : residual[e]
 *
 * Each operation rounds once to the compute type, and the result once to the type of y. A dropped
 * element is selected: its bits are the residual's own, and in place it is not touched. Units that
 * are longer than 64 elements are not read from x when dropped. Without a residual,
 * y[e] = keep(unit(e)) ? (x[e] op vector[e % length]) * scale : +0. The units are those of
 * dropfuse_drop().
 *
 * @param tier      a dropfuse_tier
 * @param dtype     a dropfuse_dtype, of x, vector, residual and y
 * @param x         element 0 of the branch, any alignment; may be NULL when count is 0
 * @param operation a dropfuse_vector
 * @param vector    `length` elements, any alignment, that do not overlap those of y; ignored with
 *                  DROPFUSE_VECTOR_NONE
 * @param length    elements of the vector, >= 1; the last extent of the tensor
 * @param residual  element 0 of what is added to, any alignment; NULL for none
 * @param y         element 0 of the output, any alignment: exactly x, exactly residual (in place),
 *                  or memory whose elements [first, first + count) overlap neither's
 * @param first     first element, >= 0
 * @param count     number of elements, >= 0
 * @param run       elements per unit in one stretch, >= 1
 * @param cycle     units in a cycle, >= 1
 * @param repeat    times that a cycle comes, >= 1; run * cycle * repeat < 2^63
 * @param mask      NULL to draw the decisions; else a packed mask, as for dropfuse_drop()
 * @param p         probability that a unit is dropped, in [0, 1]
 * @param seed      key of the generator, any 64 bits
 * @param offset    number of the call, in [0, 2^63)
 * @param start     index of the unit of element 0; no unit index may pass 2^64 - 1
 * @param scale     factor of the kept values, rounded once to the compute type
 */
DROPFUSE_API int dropfuse_residual(int tier, int dtype, const void *x, int operation,
                                   const void *vector, long long length, const void *residual,
                                   void *y, long long first, long long count, long long run,
                                   long long cycle, long long repeat, const void *mask, double p,
                                   unsigned long long seed, unsigned long long offset,
                                   unsigned long long start, double scale);

/** Rows that dropfuse_sum_rows() adds into one row of sums, one after the other. */
#define DROPFUSE_SUM_ROWS 64

/**
 * The first half of the gradient of a vector that was added to, or multiplied with, every row of a
 * tensor: sums over rows of `length` elements of
 *
 *     term(e) = keep(unit(e)) ? dy[e] * scale * x[e] : 0         (without x: dy[e] * scale)
 *
 * each operation rounded once to the compute type, from the left. Block b, the rows
 * [64 b, 64 b + 64) or what there is of them, gives row b of `sums`: starting from +0, the terms of
 * a column are added in the order of the rows. dropfuse_sum_tree() adds the blocks. This order is
 * the same for every tier, device and number of threads, and so are the bits. Units that are longer
 * than 64 elements are not read when dropped. The units are those of dropfuse_drop().
 *
 * @param tier   a dropfuse_tier
 * @param dtype  a dropfuse_dtype, of dy and x
 * @param dy     element 0 of the gradient, any alignment; may be NULL when count is 0
 * @param x      element 0 of the other factor, any alignment; NULL for none
 * @param sums   element 0 of the sums, of the compute type and aligned to it; the rows of the blocks
 *               of [first, first + count) are written, and overlap neither dy nor x
 * @param first  first element, >= 0, a multiple of 64 * length
 * @param count  number of elements, >= 0, a multiple of length
 * @param length elements of a row, >= 1; 64 * length < 2^63
 * @param run    elements per unit in one stretch, >= 1
 * @param cycle  units in a cycle, >= 1
 * @param repeat times that a cycle comes, >= 1; run * cycle * repeat < 2^63
 * @param mask   NULL to draw the decisions; else a packed mask, as for dropfuse_drop()
 * @param p      probability that a unit is dropped, in [0, 1]
 * @param seed   key of the generator, any 64 bits
 * @param offset number of the call, in [0, 2^63)
 * @param start  index of the unit of element 0; no unit index may pass 2^64 - 1
 * @param scale  factor of the kept values, finite, rounded once to the compute type
 */
DROPFUSE_API int dropfuse_sum_rows(int tier, int dtype, const void *dy, const void *x, void *sums,
                                   long long first, long long count, long long length,
                                   long long run, long long cycle, long long repeat,
                                   const void *mask, double p, unsigned long long seed,
                                   unsigned long long offset, unsigned long long start,
                                   double scale);

/**
 * The second half: adds the rows of `sums` in a fixed tree and rounds the result to the tensor's
 * type. For step = 1, 2, 4, ... row b of all b that are multiples of 2 * step becomes
 * row b + row (b + step), where there is one.
 *
 * @param tier   a dropfuse_tier
 * @param dtype  a dropfuse_dtype, of y
 * @param sums   `blocks` rows as dropfuse_sum_rows() left them; changed
 * @param blocks number of rows, >= 0; none sum to +0
 * @param length elements of a row, >= 1; blocks * length < 2^60
 * @param y      `length` elements, any alignment, that do not overlap the sums
 */
DROPFUSE_API int dropfuse_sum_tree(int tier, int dtype, void *sums, long long blocks,
                                   long long length, void *y);

#ifdef __cplusplus
}
#endif

#endif
