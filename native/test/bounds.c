/* SPDX-License-Identifier: Apache-2.0 */
#include "bounds.h"

#include <stdint.h>
#include <string.h>

enum { LINE = 64, PAGE = 4096, PAGES = 4, AHEAD = 16 * LINE };

#define INLINE static inline __attribute__((always_inline))

static void cached(void *out, const void *a, const void *b, size_t bytes)
{
    for (size_t k = 0; k < bytes; k += sizeof(uint64_t)) {
        uint64_t u, v;
        memcpy(&u, (const char *)a + k, sizeof u);
        memcpy(&v, (const char *)b + k, sizeof v);
        u += v;
        memcpy((char *)out + k, &u, sizeof u);
    }
}

#if defined(__x86_64__)

#include <immintrin.h>

/* Baseline processors write a line in four stores, and AVX-512 in one. */
#define WIDE __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))

/* Line by line of PAGES pages in turn, as prefetchers stop at a page's end. */
#define WOVEN(stream)                                                                              \
    const size_t block = PAGE * PAGES, whole = bytes / block * block;                              \
    for (size_t from = 0; from < whole; from += block)                                             \
        for (size_t k = 0; k < PAGE; k += LINE)                                                    \
            for (size_t page = 0; page < block; page += PAGE) {                                    \
                const size_t at = from + page + k;                                                 \
                _mm_prefetch(a + at + AHEAD, _MM_HINT_T1);                                         \
                _mm_prefetch(b + at + AHEAD, _MM_HINT_T1);                                         \
                stream(out + at, a + at, b + at);                                                  \
            }                                                                                      \
    for (size_t k = whole; k < bytes; k += LINE)                                                   \
        stream(out + k, a + k, b + k);                                                             \
    _mm_sfence()

INLINE void stream_line(char *out, const char *a, const char *b)
{
    for (int k = 0; k < LINE; k += 16)
        _mm_stream_si128((__m128i *)(void *)(out + k),
                         _mm_add_epi64(_mm_loadu_si128((const __m128i *)(const void *)(a + k)),
                                       _mm_loadu_si128((const __m128i *)(const void *)(b + k))));
}

WIDE INLINE void stream_line_wide(char *out, const char *a, const char *b)
{
    _mm512_stream_si512((__m512i *)(void *)out,
                        _mm512_add_epi64(_mm512_loadu_si512(a), _mm512_loadu_si512(b)));
}

WIDE static void cached_wide(void *to, const void *first, const void *second, size_t bytes)
{
    char *out = to;
    const char *a = first, *b = second;
    for (size_t k = 0; k < bytes; k += LINE)
        _mm512_storeu_si512(out + k, _mm512_add_epi64(_mm512_loadu_si512(a + k),
                                                      _mm512_loadu_si512(b + k)));
}

static void streamed(void *to, const void *first, const void *second, size_t bytes)
{
    char *out = to;
    const char *a = first, *b = second;
    for (size_t k = 0; k < bytes; k += LINE)
        stream_line(out + k, a + k, b + k);
    _mm_sfence();
}

WIDE static void streamed_wide(void *to, const void *first, const void *second, size_t bytes)
{
    char *out = to;
    const char *a = first, *b = second;
    for (size_t k = 0; k < bytes; k += LINE)
        stream_line_wide(out + k, a + k, b + k);
    _mm_sfence();
}

static void woven(void *to, const void *first, const void *second, size_t bytes)
{
    char *out = to;
    const char *a = first, *b = second;
    WOVEN(stream_line);
}

WIDE static void woven_wide(void *to, const void *first, const void *second, size_t bytes)
{
    char *out = to;
    const char *a = first, *b = second;
    WOVEN(stream_line_wide);
}

const struct limit limits[] = {
    {"sum", cached, 0},        {"sum, streamed", streamed, 1}, {"sum, woven", woven, 1},
    {"sum", cached_wide, 0},   {"sum, streamed", streamed_wide, 1},
    {"sum, woven", woven_wide, 1},
};

size_t limits_count(void)
{
    const int wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                     __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    return sizeof limits / sizeof *limits / (wide ? 1 : 2);
}

#else

const struct limit limits[] = {{"sum", cached, 0}};

size_t limits_count(void)
{
    return 1;
}

#endif
