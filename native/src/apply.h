/*
 * The loops over contiguous elements of one type, written once for every tier and type. A tier
 * defines TYPE (f32, f64, f16, bf16) and includes this file, having declared for it:
 *
 *     raw_TYPE, wide_TYPE          LANES_TYPE elements as stored; the same in the compute type
 *     LANES_TYPE, SIZE_TYPE        elements in a raw vector, at most 64; bytes of an element
 *     load_TYPE(p)                 raw from any address
 *     store_TYPE(p, raw)           raw to any address
 *     stream_TYPE(p, raw)          raw to a vector's own alignment, past the cache
 *     load_some_TYPE(p, n)         the first n elements, n < LANES, nothing after them touched
 *     store_some_TYPE(p, raw, n)   likewise
 *     set_TYPE(double)             a constant, rounded once to the compute type
 *     widen_TYPE, narrow_TYPE      raw to wide, and back with one rounding
 *     mul_TYPE(wide, wide)
 *     only_TYPE(raw, word, k)      lanes whose bits k, k + 1, ... of the word are set, else +0
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define T(name) JOIN(name, TYPE)

#ifndef DROPFUSE_APPLY_H
#define DROPFUSE_APPLY_H

#define INLINE static inline __attribute__((always_inline))

/** Elements before p reaches a multiple of `align`; 0 where it never does. */
INLINE size_t elements_to(const void *p, size_t align, size_t size)
{
    const size_t bytes = (size_t)(-(uintptr_t)p & (align - 1));
    return bytes % size ? 0 : bytes / size;
}

/** 64 bits from any position. */
INLINE uint64_t bits_at(const uint64_t *bits, size_t bit)
{
    const uint64_t *word = bits + bit / 64;
    return word[0] >> bit % 64 | word[1] << 1 << (63 - bit % 64);
}

#endif

INLINE T(raw) T(kept)(T(raw) x, T(wide) factor)
{
    return T(narrow)(T(mul)(T(widen)(x), factor));
}

/* Fewer than 64 elements, decided by the low bits of a word. */
INLINE void T(apply_some)(const char *x, char *y, size_t n, uint64_t word, T(wide) factor)
{
    for (; n >= T(LANES); n -= T(LANES)) {
        T(store)(y, T(only)(T(kept)(T(load)(x), factor), word, 0));
        word = T(LANES) < 64 ? word >> (T(LANES) & 63) : 0;
        x += T(LANES) * T(SIZE);
        y += T(LANES) * T(SIZE);
    }
    if (n)
        T(store_some)(y, T(only)(T(kept)(T(load_some)(x, n), factor), word, 0), n);
}

INLINE void T(apply)(const char *x, char *y, size_t n, const uint64_t *bits, size_t bit,
                     double scale, int masked, int stream)
{
    const T(wide) factor = T(set)(scale);
    const size_t vector = T(LANES) * T(SIZE);
    size_t head = elements_to(y, vector, T(SIZE));
    if (head > n)
        head = n;
    if (head) {
        T(apply_some)(x, y, head, masked ? bits_at(bits, bit) : ~UINT64_C(0), factor);
        x += head * T(SIZE);
        y += head * T(SIZE);
        bit += head;
        n -= head;
    }
    for (; n >= 64; n -= 64) {
        const uint64_t word = masked ? bits_at(bits, bit) : 0;
        PREFER_LANES
        for (size_t k = 0; k < 64; k += T(LANES)) {
            T(raw) v = T(kept)(T(load)(x + k * T(SIZE)), factor);
            if (masked)
                v = T(only)(v, word, k);
            if (stream)
                T(stream)(y + k * T(SIZE), v);
            else
                T(store)(y + k * T(SIZE), v);
        }
        x += 64 * T(SIZE);
        y += 64 * T(SIZE);
        bit += 64;
    }
    if (n)
        T(apply_some)(x, y, n, masked ? bits_at(bits, bit) : ~UINT64_C(0), factor);
}

static void T(select)(const void *x, void *y, size_t n, const uint64_t *bits, size_t bit,
                      double scale, int stream)
{
    if (stream && (uintptr_t)y % T(SIZE) == 0)
        T(apply)(x, y, n, bits, bit, scale, 1, 1);
    else
        T(apply)(x, y, n, bits, bit, scale, 1, 0);
}

static void T(scale)(const void *x, void *y, size_t n, double scale, int stream)
{
    if (stream && (uintptr_t)y % T(SIZE) == 0)
        T(apply)(x, y, n, NULL, 0, scale, 0, 1);
    else
        T(apply)(x, y, n, NULL, 0, scale, 0, 0);
}

#undef T
#undef JOIN
#undef JOIN_
#undef TYPE
