/*
 * The tier for every processor: no instruction set but the baseline's. Elements are computed in
 * the 16-byte vectors of GCC's and Clang's C, which become whatever the baseline has for them.
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

#define INLINE static inline __attribute__((always_inline))
#define PREFER_LANES _Pragma("GCC unroll 32")
#define VECTOR __attribute__((vector_size(16)))

typedef float floats VECTOR;
typedef double doubles VECTOR;
typedef int32_t signed32 VECTOR;
typedef uint32_t unsigned32 VECTOR;
typedef uint16_t unsigned16 VECTOR;

typedef floats raw_f32, wide_f32;
typedef doubles raw_f64, wide_f64;
typedef unsigned16 raw_f16, raw_bf16;
/* Elements with even numbers, and with odd ones. */
typedef struct {
    floats a, b;
} wide_f16, wide_bf16;

enum { LANES_f32 = 4, LANES_f64 = 2, LANES_f16 = 8, LANES_bf16 = 8 };
enum { SIZE_f32 = 4, SIZE_f64 = 8, SIZE_f16 = 2, SIZE_bf16 = 2 };

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
        raw_##type v = {0};                                                               \
        memcpy(&v, p, n * SIZE_##type);                                                   \
        return v;                                                                         \
    }                                                                                     \
    INLINE void store_some_##type(char *p, raw_##type v, size_t n)                        \
    {                                                                                     \
        memcpy(p, &v, n * SIZE_##type);                                                   \
    }

MEMORY_OF(f32)
MEMORY_OF(f64)
MEMORY_OF(f16)
MEMORY_OF(bf16)

INLINE unsigned32 all(uint32_t v)
{
    return (unsigned32){v, v, v, v};
}

INLINE floats set_f32(double v)
{
    const float f = (float)v;
    return (floats){f, f, f, f};
}

INLINE floats widen_f32(floats v)
{
    return v;
}

INLINE floats narrow_f32(floats v)
{
    return v;
}

INLINE floats mul_f32(floats a, floats b)
{
    return a * b;
}

INLINE floats only_f32(floats v, uint64_t word, size_t k)
{
    const unsigned32 lanes = {1, 2, 4, 8};
    return (floats)((unsigned32)v & (unsigned32)((all((uint32_t)(word >> k)) & lanes) == lanes));
}

INLINE doubles set_f64(double v)
{
    return (doubles){v, v};
}

INLINE doubles widen_f64(doubles v)
{
    return v;
}

INLINE doubles narrow_f64(doubles v)
{
    return v;
}

INLINE doubles mul_f64(doubles a, doubles b)
{
    return a * b;
}

INLINE doubles only_f64(doubles v, uint64_t word, size_t k)
{
    const unsigned32 lanes = {1, 1, 2, 2};
    return (doubles)((unsigned32)v & (unsigned32)((all((uint32_t)(word >> k)) & lanes) == lanes));
}

INLINE unsigned16 only_16(unsigned16 v, uint64_t word, size_t k)
{
    const uint16_t bits = (uint16_t)(word >> k);
    const unsigned16 lanes = {1, 2, 4, 8, 16, 32, 64, 128};
    return v & (unsigned16)(((unsigned16){bits, bits, bits, bits, bits, bits, bits, bits} & lanes) ==
                            lanes);
}

#define only_f16 only_16
#define only_bf16 only_16

INLINE wide_bf16 set_bf16(double v)
{
    return (wide_bf16){set_f32(v), set_f32(v)};
}

INLINE wide_bf16 widen_bf16(unsigned16 v)
{
    return (wide_bf16){(floats)((unsigned32)v << 16), (floats)((unsigned32)v & all(0xFFFF0000))};
}

/*
 * To nearest, ties to even, in the upper half of each lane. A NaN needs no care: it comes from a
 * bfloat16 or is the processor's own, so its low half is 0 and rounding carries nothing into its
 * exponent or sign.
 */
INLINE unsigned32 round_bf16(floats f)
{
    const unsigned32 v = (unsigned32)f;
    return v + all(0x7FFF) + (v >> 16 & all(1));
}

INLINE unsigned16 narrow_bf16(wide_bf16 v)
{
    return (unsigned16)(round_bf16(v.a) >> 16 | (round_bf16(v.b) & all(0xFFFF0000)));
}

INLINE wide_bf16 mul_bf16(wide_bf16 a, wide_bf16 b)
{
    return (wide_bf16){a.a * b.a, a.b * b.b};
}

/* Both are below 2^31. */
INLINE unsigned32 below(unsigned32 a, unsigned32 b)
{
    return (unsigned32)((signed32)a < (signed32)b);
}

INLINE unsigned32 choose(unsigned32 mask, unsigned32 yes, unsigned32 no)
{
    return (mask & yes) | (~mask & no);
}

/* A float16 in the low half of each lane. */
INLINE floats widen_half(unsigned32 v)
{
    const unsigned32 magnitude = (v & all(0x7FFF)) << 13, rebias = all(112u << 23);
    const floats subnormal =
        __builtin_convertvector((signed32)(v & all(0x3FF)), floats) * set_f32(0x1p-24);
    unsigned32 wide = magnitude + rebias;
    wide += rebias & ~below(magnitude, all(31u << 23)); /* infinities and NaNs */
    wide = choose(below(magnitude, all(1u << 23)), (unsigned32)subnormal, wide);
    return (floats)(wide | (v & all(0x8000)) << 16);
}

/* To nearest, ties to even. */
INLINE unsigned32 narrow_half(floats f)
{
    const unsigned32 v = (unsigned32)f, magnitude = v & all(0x7FFFFFFF);
    /* Next to 0.5 the last place of a float is that of the subnormal halves. */
    const unsigned32 subnormal =
        (unsigned32)((floats)magnitude + set_f32(0.5)) - all(126u << 23);
    unsigned32 half = magnitude - all(112u << 23) + all(0xFFF) + (magnitude >> 13 & all(1));
    half = choose(below(magnitude, all(113u << 23)), subnormal, half >> 13);
    half = choose(below(magnitude, all(143u << 23)), half, all(0x7C00));
    half = choose(below(all(255u << 23), magnitude), all(0x7E00), half);
    return half | (v >> 16 & all(0x8000));
}

INLINE wide_f16 set_f16(double v)
{
    return (wide_f16){set_f32(v), set_f32(v)};
}

INLINE wide_f16 widen_f16(unsigned16 v)
{
    return (wide_f16){widen_half((unsigned32)v), widen_half((unsigned32)v >> 16)};
}

INLINE unsigned16 narrow_f16(wide_f16 v)
{
    return (unsigned16)(narrow_half(v.a) | narrow_half(v.b) << 16);
}

INLINE wide_f16 mul_f16(wide_f16 a, wide_f16 b)
{
    return (wide_f16){a.a * b.a, a.b * b.b};
}

#define TYPE f32
#include "apply.h"
#define TYPE f64
#include "apply.h"
#define TYPE f16
#include "apply.h"
#define TYPE bf16
#include "apply.h"

static void stream_end(void)
{
}

const struct tier tier_scalar = {
    .draw = draw_tiles,
    .select = {select_f32, select_f64, select_f16, select_bf16},
    .scale = {scale_f32, scale_f64, scale_f16, scale_bf16},
    .stream_end = stream_end,
};
