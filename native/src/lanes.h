/*
 * What tiers have alike of the elements' types: see apply.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_LANES_H
#define DROPFUSE_LANES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

typedef float total_f32, total_f16, total_bf16;
typedef double total_f64;

enum { SIZE_f32 = 4, SIZE_f64 = 8, SIZE_f16 = 2, SIZE_bf16 = 2 };

/** Memory of any type, where no instruction is made for it; nothing goes past the cache. */
#define MEMORY_OF(type)                                                                   \
    INLINE raw_##type load_##type(const char *p)                                          \
    {                                                                                     \
        raw_##type v;                                                                     \
        memcpy(&v, p, sizeof v);                                                          \
        return v;                                                                         \
    }                                                                                     \
    INLINE void store_##type(char *p, raw_##type v)                                       \
    {                                                                                     \
        memcpy(p, &v, sizeof v);                                                          \
    }                                                                                     \
    INLINE void stream_##type(char *p, raw_##type v)                                      \
    {                                                                                     \
        store_##type(p, v);                                                               \
    }                                                                                     \
    INLINE raw_##type load_some_##type(const char *p, size_t n)                           \
    {                                                                                     \
        raw_##type v;                                                                     \
        memset(&v, 0, sizeof v);                                                          \
        memcpy(&v, p, n * SIZE_##type);                                                   \
        return v;                                                                         \
    }                                                                                     \
    INLINE void store_some_##type(char *p, raw_##type v, size_t n)                        \
    {                                                                                     \
        memcpy(p, &v, n * SIZE_##type);                                                   \
    }

/** A type that is computed with as it is stored, and the operations on its vectors. */
#define PLAIN(type, product, sum, fused)                                                  \
    INLINE wide_##type widen_##type(raw_##type v)                                         \
    {                                                                                     \
        return v;                                                                         \
    }                                                                                     \
    INLINE raw_##type narrow_##type(wide_##type v)                                        \
    {                                                                                     \
        return v;                                                                         \
    }                                                                                     \
    INLINE wide_##type mul_##type(wide_##type a, wide_##type b)                           \
    {                                                                                     \
        return product(a, b);                                                             \
    }                                                                                     \
    INLINE wide_##type add_##type(wide_##type a, wide_##type b)                           \
    {                                                                                     \
        return sum(a, b);                                                                 \
    }                                                                                     \
    INLINE wide_##type fma_##type(wide_##type a, wide_##type b, wide_##type c)            \
    {                                                                                     \
        return fused(a, b, c);                                                            \
    }                                                                                     \
    INLINE wide_##type load_total_##type(const char *p)                                   \
    {                                                                                     \
        return load_##type(p);                                                            \
    }                                                                                     \
    INLINE void store_total_##type(char *p, wide_##type v)                                \
    {                                                                                     \
        store_##type(p, v);                                                               \
    }

/** A type that is computed with as two vectors of float32, a and b. */
#define PAIR(type)                                                                        \
    INLINE wide_##type set_##type(double v)                                               \
    {                                                                                     \
        return (wide_##type){set_f32(v), set_f32(v)};                                     \
    }                                                                                     \
    INLINE wide_##type mul_##type(wide_##type a, wide_##type b)                           \
    {                                                                                     \
        return (wide_##type){mul_f32(a.a, b.a), mul_f32(a.b, b.b)};                       \
    }                                                                                     \
    INLINE wide_##type add_##type(wide_##type a, wide_##type b)                           \
    {                                                                                     \
        return (wide_##type){add_f32(a.a, b.a), add_f32(a.b, b.b)};                       \
    }                                                                                     \
    INLINE wide_##type fma_##type(wide_##type a, wide_##type b, wide_##type c)            \
    {                                                                                     \
        return (wide_##type){fma_f32(a.a, b.a, c.a), fma_f32(a.b, b.b, c.b)};             \
    }

#endif
