#include "calls.h"

#include <immintrin.h>
#include <string.h>

void bench_nothing(void)
{
}

void bench_copy(void *to, const void *from, size_t bytes)
{
    memcpy(to, from, bytes);
}

/* For the processor at hand, as the library's kernels are. */
#define BEST __attribute__((target_clones("avx512f", "avx2", "default")))

BEST void bench_add(const float *restrict a, const float *restrict b, float *restrict out,
                    long long count)
{
    for (long long i = 0; i < count; i++) {
        out[i] = a[i] + b[i];
    }
}

BEST void bench_add_to(float *restrict a, const float *restrict b, long long count)
{
    for (long long i = 0; i < count; i++) {
        a[i] += b[i];
    }
}

__attribute__((target("avx512f"))) static long long streamed_avx512(const float *a, const float *b,
                                                                    float *out, long long count)
{
    long long i = 0;
    for (; count - i >= 16; i += 16) {
        _mm512_stream_ps(out + i, _mm512_add_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i)));
    }
    return i;
}

static long long streamed(const float *a, const float *b, float *out, long long count)
{
    long long i = 0;
    for (; count - i >= 4; i += 4) {
        _mm_stream_ps(out + i, _mm_add_ps(_mm_loadu_ps(a + i), _mm_loadu_ps(b + i)));
    }
    return i;
}

void bench_add_streamed(const float *a, const float *b, float *out, long long count)
{
    const long long done = __builtin_cpu_supports("avx512f") ? streamed_avx512(a, b, out, count)
                                                             : streamed(a, b, out, count);
    for (long long i = done; i < count; i++) {
        out[i] = a[i] + b[i];
    }
    _mm_sfence();
}

int bench_drop_calls(const struct dropfuse_place *place, const float *x, float *y, long long count,
                     double p, long long offset, long long calls)
{
    int status = DROPFUSE_OK;
    for (long long i = 0; i < calls && status == DROPFUSE_OK; i++) {
        status = dropfuse_drop(place, DROPFUSE_FLOAT32, x, y, 0, count, 1, 1, 1, 1, NULL, p, 42,
                               (unsigned long long)(offset + i), 0, 1 / (1 - p), -0.0, 0.0);
    }
    return status;
}
