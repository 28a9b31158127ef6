/*
 * The loops over contiguous elements of one type, written once for every tier and type. A tier
 * defines TYPE (f32, f64, f16, bf16) and includes this file, having declared for it:
 *
 *     raw_TYPE, wide_TYPE          LANES_TYPE elements as stored; the same in the compute type
 *     LANES_TYPE, SIZE_TYPE        elements in a raw vector, at most 64; bytes of an element
 *     PREFER_LANES(TYPE)           a pragma for a loop over the vectors of 64 elements
 *     load_TYPE(p)                 raw from any address
 *     store_TYPE(p, raw)           raw to any address
 *     stream_TYPE(p, raw)          raw to a vector's own alignment, past the cache
 *     load_some_TYPE(p, n)         the first n elements, n < LANES, nothing after them touched
 *     store_some_TYPE(p, raw, n)   likewise
 *     set_TYPE(double)             a constant, rounded once to the compute type
 *     widen_TYPE, narrow_TYPE      raw to wide, and back with one rounding
 *     mul_TYPE(wide, wide), add_TYPE(wide, wide), fma_TYPE(wide, wide, wide)
 *     only_TYPE(raw, word, k)      lanes whose bits k, k + 1, ... of the word are set, else +0
 *     pick_TYPE(raw, raw, word, k) lanes of the first where the bits are set, else of the second
 *     total_TYPE                   the compute type; its elements are in order in memory
 *     load_total_TYPE(p)           wide from LANES elements of the compute type
 *     store_total_TYPE(p, wide)      and to them
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define T(name) JOIN(name, TYPE)

#ifndef DROPFUSE_APPLY_H
#define DROPFUSE_APPLY_H

#include "bits.h"

#define INLINE static inline __attribute__((always_inline))

/** Before a short loop, which compilers would else unroll in every kernel. */
#define AS_IT_IS _Pragma("GCC unroll 1")

/** Elements before p reaches a multiple of `align`; 0 where it never does. */
INLINE size_t elements_to(const void *p, size_t align, size_t size)
{
    const size_t bytes = (size_t)(-(uintptr_t)p & (align - 1));
    return bytes % size ? 0 : bytes / size;
}

#endif

/** What a form computes with: places in memory at the current element, and constants. */
struct T(operands) {
    const char *x, *vector, *residual;
    char *y;
    T(wide) scale, shift;
    T(raw) dropped;
};

INLINE void T(advance)(struct T(operands) *o, enum form form, size_t n)
{
    o->x += n * T(SIZE);
    o->y += n * T(SIZE);
    if (form & FORM_VECTOR)
        o->vector += n * T(SIZE);
    if (form & FORM_RESIDUAL)
        o->residual += n * T(SIZE);
}

/* The first n elements in a vector, n <= LANES. */
INLINE T(raw) T(read)(const char *p, size_t n)
{
    return n < T(LANES) ? T(load_some)(p, n) : T(load)(p);
}

/* The n <= LANES elements at `at`, decided by the bits k, k + 1, ... of the word. */
INLINE T(raw) T(value)(const struct T(operands) *o, enum form form, size_t at, size_t n,
                       int masked, uint64_t word, size_t k)
{
    const T(raw) x = T(read)(o->x + at * T(SIZE), n);
    if (form == FORM_SELECT)
        return masked ? T(only)(x, word, k) : x;
    if (form == FORM_REST)
        return T(only)(x, masked ? ~word : 0, k);
    if (form == (FORM_SELECT | FORM_RESIDUAL))
        return masked ? T(pick)(x, T(read)(o->residual + at * T(SIZE), n), word, k) : x;
    T(wide) v = T(widen)(x);
    if (form & FORM_BLEND) {
        const T(wide) residual = T(widen)(T(read)(o->residual + at * T(SIZE), n));
        return T(narrow)(T(fma)(v, o->scale, T(mul)(o->shift, residual)));
    }
    if (form == FORM_AFFINE) {
        const T(raw) kept = T(narrow)(T(fma)(v, o->scale, o->shift));
        return masked ? T(pick)(kept, o->dropped, word, k) : kept;
    }
    if (form & FORM_ADD)
        v = T(add)(v, T(widen)(T(read)(o->vector + at * T(SIZE), n)));
    if (form & FORM_MULTIPLY)
        v = T(mul)(v, T(widen)(T(read)(o->vector + at * T(SIZE), n)));
    v = T(mul)(v, o->scale);
    if (form & FORM_RESIDUAL) {
        const T(raw) residual = T(read)(o->residual + at * T(SIZE), n);
        const T(raw) kept = T(narrow)(T(add)(T(widen)(residual), v));
        return masked ? T(pick)(kept, residual, word, k) : kept;
    }
    return masked ? T(only)(T(narrow)(v), word, k) : T(narrow)(v);
}

/* Fewer than 64 elements, decided by the low bits of a word. */
INLINE void T(apply_some)(const struct T(operands) *o, enum form form, size_t n, int masked,
                          uint64_t word)
{
    size_t at = 0;
    AS_IT_IS
    for (; n - at >= T(LANES); at += T(LANES)) {
        T(store)(o->y + at * T(SIZE), T(value)(o, form, at, T(LANES), masked, word, 0));
        word = T(LANES) < 64 ? word >> (T(LANES) & 63) : 0;
    }
    if (at < n)
        T(store_some)(o->y + at * T(SIZE), T(value)(o, form, at, n - at, masked, word, 0),
                      n - at);
}

INLINE void T(apply)(struct T(operands) o, enum form form, size_t n, const uint64_t *bits,
                     size_t bit, int masked, int stream)
{
    const size_t vector = T(LANES) * T(SIZE);
    size_t some = elements_to(o.y, vector, T(SIZE));
    if (some > n)
        some = n;
    for (;;) { /* twice at most: what comes before whole vectors, and what is left at the end */
        if (some) {
            T(apply_some)(&o, form, some, masked, masked ? bits_from(bits, bit) : 0);
            T(advance)(&o, form, some);
            bit += some;
            n -= some;
        }
        if (masked)
            bits += bit / 64;
        bit %= 64;
        for (; n >= 64; n -= 64) {
            const uint64_t word = masked ? bits_from(bits++, bit) : 0;
            PREFER_LANES(TYPE)
            for (size_t k = 0; k < 64; k += T(LANES)) {
                const T(raw) v = T(value)(&o, form, k, T(LANES), masked, word, k);
                if (stream)
                    T(stream)(o.y + k * T(SIZE), v);
                else
                    T(store)(o.y + k * T(SIZE), v);
            }
            T(advance)(&o, form, 64);
        }
        if (!n)
            return;
        some = n;
    }
}

/* Streamed stores need an output at a multiple of an element's size. */
INLINE void T(choose)(struct T(operands) o, enum form form, size_t n, const uint64_t *bits,
                      size_t bit, int stream)
{
    const int streams = STREAMS && stream && (uintptr_t)o.y % T(SIZE) == 0;
    if (bits && streams)
        T(apply)(o, form, n, bits, bit, 1, 1);
    else if (bits)
        T(apply)(o, form, n, bits, bit, 1, 0);
    else if (streams)
        T(apply)(o, form, n, NULL, 0, 0, 1);
    else
        T(apply)(o, form, n, NULL, 0, 0, 0);
}

static void T(scale)(const void *x, void *y, size_t n, const uint64_t *bits, size_t bit,
                     double scale, int stream)
{
    const struct T(operands) o = {.x = x, .y = y, .scale = T(set)(scale)};
    T(choose)(o, FORM_SCALE, n, bits, bit, stream);
}

static void T(affine)(const void *x, void *y, size_t n, const uint64_t *bits, size_t bit,
                      double scale, double shift, double dropped, int stream)
{
    const struct T(operands) o = {.x = x,
                                  .y = y,
                                  .scale = T(set)(scale),
                                  .shift = T(set)(shift),
                                  .dropped = T(narrow)(T(set)(dropped))};
    T(choose)(o, FORM_AFFINE, n, bits, bit, stream);
}

static void T(branch)(const void *x, enum form form, const void *vector, const void *residual,
                      void *y, size_t n, const uint64_t *bits, size_t bit, double scale,
                      double shift, int stream)
{
    const struct T(operands) o = {.x = x,
                                  .vector = vector,
                                  .residual = residual,
                                  .y = y,
                                  .scale = T(set)(scale),
                                  .shift = T(set)(shift)};
    switch ((int)form) {
    case FORM_ADD:
        T(choose)(o, FORM_ADD, n, bits, bit, stream);
        break;
    case FORM_MULTIPLY:
        T(choose)(o, FORM_MULTIPLY, n, bits, bit, stream);
        break;
    case FORM_RESIDUAL:
        T(choose)(o, FORM_RESIDUAL, n, bits, bit, stream);
        break;
    case FORM_RESIDUAL | FORM_ADD:
        T(choose)(o, FORM_RESIDUAL | FORM_ADD, n, bits, bit, stream);
        break;
    case FORM_RESIDUAL | FORM_MULTIPLY:
        T(choose)(o, FORM_RESIDUAL | FORM_MULTIPLY, n, bits, bit, stream);
        break;
    case FORM_SELECT:
        T(choose)(o, FORM_SELECT, n, bits, bit, stream);
        break;
    case FORM_SELECT | FORM_RESIDUAL:
        T(choose)(o, FORM_SELECT | FORM_RESIDUAL, n, bits, bit, stream);
        break;
    case FORM_REST:
        T(choose)(o, FORM_REST, n, bits, bit, stream);
        break;
    case FORM_BLEND | FORM_RESIDUAL:
        T(choose)(o, FORM_BLEND | FORM_RESIDUAL, n, NULL, 0, stream);
        break;
    default:
        T(choose)(o, FORM_SCALE, n, bits, bit, stream);
    }
}

/* Dropped elements are +0 before they are multiplied, so that no NaN comes of them. */
INLINE T(wide) T(term)(const char *dy, const char *x, size_t n, int masked, uint64_t word,
                       size_t k, T(wide) scale)
{
    const T(raw) a = T(read)(dy, n);
    T(wide) v = T(mul)(T(widen)(masked ? T(only)(a, word, k) : a), scale);
    if (x) {
        const T(raw) b = T(read)(x, n);
        v = T(mul)(v, T(widen)(masked ? T(only)(b, word, k) : b));
    }
    return v;
}

/* Adds LANES terms, decided by the bits k, k + 1, ... of the word. */
INLINE void T(add_terms)(const char *dy, const char *x, char *sums, int masked, uint64_t word,
                         size_t k, T(wide) scale)
{
    const T(wide) v = T(term)(dy, x, T(LANES), masked, word, k, scale);
    T(store_total)(sums, T(add)(T(load_total)(sums), v));
}

INLINE void T(accumulate)(const char *dy, const char *x, char *sums, size_t n,
                          const uint64_t *bits, size_t bit, double scale, int masked, int two)
{
    const T(wide) factor = T(set)(scale);
    if (masked)
        bits += bit / 64;
    bit %= 64;
    for (; n >= 64; n -= 64) {
        const uint64_t word = masked ? bits_from(bits++, bit) : 0;
        PREFER_LANES(TYPE)
        for (size_t k = 0; k < 64; k += T(LANES))
            T(add_terms)(dy + k * T(SIZE), two ? x + k * T(SIZE) : NULL,
                         sums + k * sizeof(T(total)), masked, word, k, factor);
        dy += 64 * T(SIZE);
        x = two ? x + 64 * T(SIZE) : NULL;
        sums += 64 * sizeof(T(total));
    }
    if (!n)
        return;
    uint64_t word = masked ? bits_from(bits, bit) : 0;
    size_t at = 0;
    AS_IT_IS
    for (; n - at >= T(LANES); at += T(LANES)) {
        T(add_terms)(dy + at * T(SIZE), two ? x + at * T(SIZE) : NULL,
                     sums + at * sizeof(T(total)), masked, word, 0, factor);
        word = T(LANES) < 64 ? word >> (T(LANES) & 63) : 0;
    }
    if (at < n) {
        char some[T(LANES) * sizeof(T(total))] = {0};
        const size_t bytes = (n - at) * sizeof(T(total));
        const T(wide) v = T(term)(dy + at * T(SIZE), two ? x + at * T(SIZE) : NULL, n - at,
                                  masked, word, 0, factor);
        memcpy(some, sums + at * sizeof(T(total)), bytes);
        T(store_total)(some, T(add)(T(load_total)(some), v));
        memcpy(sums + at * sizeof(T(total)), some, bytes);
    }
}

static void T(sum)(const void *dy, const void *x, void *sums, size_t n, const uint64_t *bits,
                   size_t bit, double scale)
{
    if (bits && x)
        T(accumulate)(dy, x, sums, n, bits, bit, scale, 1, 1);
    else if (bits)
        T(accumulate)(dy, NULL, sums, n, bits, bit, scale, 1, 0);
    else if (x)
        T(accumulate)(dy, x, sums, n, NULL, 0, scale, 0, 1);
    else
        T(accumulate)(dy, NULL, sums, n, NULL, 0, scale, 0, 0);
}

static void T(finish)(const void *sums, void *y, size_t n)
{
    const char *from = sums;
    char *to = y;
    for (; n >= T(LANES); n -= T(LANES)) {
        T(store)(to, T(narrow)(T(load_total)(from)));
        from += T(LANES) * sizeof(T(total));
        to += T(LANES) * T(SIZE);
    }
    if (n) {
        char some[T(LANES) * sizeof(T(total))] = {0};
        memcpy(some, from, n * sizeof(T(total)));
        T(store_some)(to, T(narrow)(T(load_total)(some)), n);
    }
}

INLINE void T(fill_by)(char *y, size_t n, T(raw) value, int stream)
{
    size_t head = elements_to(y, T(LANES) * T(SIZE), T(SIZE));
    if (head > n)
        head = n;
    if (head)
        T(store_some)(y, value, head);
    y += head * T(SIZE);
    for (n -= head; n >= T(LANES); n -= T(LANES), y += T(LANES) * T(SIZE))
        if (stream)
            T(stream)(y, value);
        else
            T(store)(y, value);
    if (n)
        T(store_some)(y, value, n);
}

static void T(fill)(void *y, size_t n, double value, int stream)
{
    if (STREAMS && stream && (uintptr_t)y % T(SIZE) == 0)
        T(fill_by)(y, n, T(narrow)(T(set)(value)), 1);
    else
        T(fill_by)(y, n, T(narrow)(T(set)(value)), 0);
}

#undef T
#undef JOIN
#undef JOIN_
#undef TYPE
