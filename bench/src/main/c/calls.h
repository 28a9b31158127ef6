/* Loops around single calls, so that what is timed in Java is C alone. */
#ifndef DROPFUSE_BENCH_CALLS_H
#define DROPFUSE_BENCH_CALLS_H

#include <stddef.h>

#include "dropfuse.h"

#define BENCH_API __attribute__((visibility("default")))

BENCH_API void bench_nothing(void);

/** memcpy, which the compiler cannot see through. */
BENCH_API void bench_copy(void *to, const void *from, size_t bytes);

/** out = a + b, as compilers make it of a loop. */
BENCH_API void bench_add(const float *a, const float *b, float *out, long long count);

/** The same with stores that bypass the cache; out at a multiple of 64 bytes. */
BENCH_API void bench_add_streamed(const float *a, const float *b, float *out, long long count);

/** a += b. */
BENCH_API void bench_add_to(float *a, const float *b, long long count);

/** Calls dropfuse_drop for float32 elements, one decision each, with `calls` offsets from one on. */
BENCH_API int bench_drop_calls(const struct dropfuse_place *place, const float *x, float *y,
                               long long count, double p, long long offset, long long calls);

#endif
