/*
 * The tier for every processor: plain C, in loops that compilers turn into baseline vectors.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "philox.h"
#include "tier.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "Dropfuse's masks are read and written as little-endian words"
#endif

enum { LANES = TILE / 16 };

/* The first draw of one tile: the output words of its 32 blocks are its units' bytes in order. */
static void draw_bytes(const struct draw *draw, uint64_t tile, unsigned char bytes[TILE])
{
    const uint64_t block = tile * LANES;
    uint32_t c0[LANES], c1[LANES], c2[LANES], c3[LANES];
    for (int j = 0; j < LANES; j++) {
        c0[j] = (uint32_t)block + (uint32_t)j;
        c1[j] = (uint32_t)(block >> 32);
        c2[j] = draw->offset[0];
        c3[j] = draw->offset[1];
    }
    uint32_t k0 = draw->key[0], k1 = draw->key[1];
    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        for (int j = 0; j < LANES; j++) {
            const uint64_t p0 = (uint64_t)PHILOX_M0 * c0[j], p1 = (uint64_t)PHILOX_M1 * c2[j];
            c0[j] = (uint32_t)(p1 >> 32) ^ c1[j] ^ k0;
            c1[j] = (uint32_t)p1;
            c2[j] = (uint32_t)(p0 >> 32) ^ c3[j] ^ k1;
            c3[j] = (uint32_t)p0;
        }
        k0 += PHILOX_W0;
        k1 += PHILOX_W1;
    }
    memcpy(bytes, c0, sizeof c0);
    memcpy(bytes + sizeof c0, c1, sizeof c1);
    memcpy(bytes + 2 * sizeof c0, c2, sizeof c2);
    memcpy(bytes + 3 * sizeof c0, c3, sizeof c3);
}

/* 64 bytes of 0 or 1 to 64 bits: the product moves the lowest bits of 8 bytes into the top one. */
static uint64_t pack(const unsigned char flags[64])
{
    uint64_t word = 0;
    for (int k = 0; k < 8; k++) {
        uint64_t eight;
        memcpy(&eight, flags + 8 * k, sizeof eight);
        word |= eight * UINT64_C(0x0102040810204080) >> 56 << 8 * k;
    }
    return word;
}

static void draw_tiles(const struct draw *draw, uint64_t tile, size_t tiles, uint64_t *bits,
                       struct meanwhile meanwhile)
{
    const unsigned char hi = (unsigned char)draw->hi;
    for (size_t t = 0; t < tiles; t++, tile++) {
        if (meanwhile.work)
            meanwhile.work(meanwhile.context, t, tiles);
        unsigned char bytes[TILE], less[TILE], equal[TILE];
        draw_bytes(draw, tile, bytes);
        for (int e = 0; e < TILE; e++) {
            less[e] = bytes[e] < hi;
            equal[e] = bytes[e] == hi;
        }
        for (int w = 0; w < TILE_WORDS; w++) {
            uint64_t word = pack(less + 64 * w), open = draw->lo ? pack(equal + 64 * w) : 0;
            for (; open; open &= open - 1) {
                const int e = __builtin_ctzll(open);
                word |= second_draw(draw, tile * TILE + (uint64_t)(64 * w + e)) << e;
            }
            *bits++ = word;
        }
    }
}

#define PREFER_LANES _Pragma("GCC ivdep")
static void stream_end(void)
{
}

/* A vector of one element. `one` instead of a shift, which baseline vectors cannot do by lane. */
static const uint32_t one[32] = {
    1u << 0,  1u << 1,  1u << 2,  1u << 3,  1u << 4,  1u << 5,  1u << 6,  1u << 7,
    1u << 8,  1u << 9,  1u << 10, 1u << 11, 1u << 12, 1u << 13, 1u << 14, 1u << 15,
    1u << 16, 1u << 17, 1u << 18, 1u << 19, 1u << 20, 1u << 21, 1u << 22, 1u << 23,
    1u << 24, 1u << 25, 1u << 26, 1u << 27, 1u << 28, 1u << 29, 1u << 30, 1u << 31};

#define SCALAR_TYPE(type, raw_type, wide_type)                                            \
    typedef raw_type raw_##type;                                                          \
    typedef wide_type wide_##type;                                                        \
    enum { LANES_##type = 1, SIZE_##type = sizeof(raw_type) };                            \
    static inline raw_type load_##type(const char *p)                                     \
    {                                                                                     \
        raw_type v;                                                                       \
        memcpy(&v, p, sizeof v);                                                          \
        return v;                                                                         \
    }                                                                                     \
    static inline void store_##type(char *p, raw_type v)                                  \
    {                                                                                     \
        memcpy(p, &v, sizeof v);                                                          \
    }                                                                                     \
    static inline wide_type set_##type(double v)                                          \
    {                                                                                     \
        return (wide_type)v;                                                              \
    }                                                                                     \
    static inline wide_type mul_##type(wide_type a, wide_type b)                          \
    {                                                                                     \
        return a * b;                                                                     \
    }                                                                                     \
    static inline raw_type only_##type(raw_type v, uint64_t word, size_t k)               \
    {                                                                                     \
        return (raw_type)((uint32_t)(word >> (k & 32)) & one[k & 31] ? v : 0);            \
    }
/* Vectors of one element have no parts, and there is no streaming. */
#define stream_f32 store_f32
#define stream_f64 store_f64
#define stream_f16 store_f16
#define stream_bf16 store_bf16
#define load_some_f32(p, n) load_f32(p)
#define load_some_f64(p, n) load_f64(p)
#define load_some_f16(p, n) load_f16(p)
#define load_some_bf16(p, n) load_bf16(p)
#define store_some_f32(p, v, n) store_f32(p, v)
#define store_some_f64(p, v, n) store_f64(p, v)
#define store_some_f16(p, v, n) store_f16(p, v)
#define store_some_bf16(p, v, n) store_bf16(p, v)

SCALAR_TYPE(f32, uint32_t, float)
SCALAR_TYPE(f64, uint64_t, double)
SCALAR_TYPE(f16, uint16_t, float)
SCALAR_TYPE(bf16, uint16_t, float)

static inline float widen_f32(uint32_t v)
{
    float f;
    memcpy(&f, &v, sizeof f);
    return f;
}

static inline uint32_t narrow_f32(float f)
{
    uint32_t v;
    memcpy(&v, &f, sizeof v);
    return v;
}

static inline double widen_f64(uint64_t v)
{
    double f;
    memcpy(&f, &v, sizeof f);
    return f;
}

static inline uint64_t narrow_f64(double f)
{
    uint64_t v;
    memcpy(&v, &f, sizeof v);
    return v;
}

static inline float widen_bf16(uint16_t v)
{
    return widen_f32((uint32_t)v << 16);
}

/*
 * To nearest, ties to even. A NaN needs no care: it comes from a bfloat16 or is the processor's
 * own, so its low half is 0 and rounding carries nothing into its exponent or sign.
 */
static inline uint16_t narrow_bf16(float f)
{
    const uint32_t v = narrow_f32(f);
    return (uint16_t)((v + 0x7FFF + (v >> 16 & 1)) >> 16);
}

static inline float widen_f16(uint16_t v)
{
    const uint32_t magnitude = (uint32_t)(v & 0x7FFF) << 13, rebias = 112u << 23;
    const uint32_t small = narrow_f32((float)(int32_t)(v & 0x3FF) * 0x1p-24f);
    uint32_t wide = magnitude + rebias;
    wide = magnitude >= 31u << 23 ? wide + rebias : wide;
    wide = magnitude < 1u << 23 ? small : wide;
    return widen_f32(wide | (uint32_t)(v & 0x8000) << 16);
}

static inline uint16_t narrow_f16(float f)
{
    const uint32_t v = narrow_f32(f), magnitude = v & 0x7FFFFFFF;
    /* Next to 0.5 the last place of a float is that of the subnormal halves. */
    const uint32_t small = narrow_f32(widen_f32(magnitude) + 0.5f) - (126u << 23);
    uint32_t half = (magnitude - (112u << 23) + 0xFFF + (magnitude >> 13 & 1)) >> 13;
    half = magnitude < 113u << 23 ? small : half;
    half = magnitude >= 143u << 23 ? 0x7C00 : half;
    half = magnitude > 255u << 23 ? 0x7E00 : half;
    return (uint16_t)(half | (v >> 16 & 0x8000));
}

#define TYPE f32
#include "apply.h"
#define TYPE f64
#include "apply.h"
#define TYPE f16
#include "apply.h"
#define TYPE bf16
#include "apply.h"

const struct tier tier_scalar = {
    .draw = draw_tiles,
    .select = {select_f32, select_f64, select_f16, select_bf16},
    .scale = {scale_f32, scale_f64, scale_f16, scale_bf16},
    .stream_end = stream_end,
};
