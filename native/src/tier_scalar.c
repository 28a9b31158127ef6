/*
 * The tier for every processor: no instruction set but the baseline's. Elements are computed in
 * the 16-byte vectors of GCC's and Clang's C, which become whatever the baseline has for them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "bits.h"
#include "fused.h"
#include "lanes.h"
#include "philox.h"

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

static void draw_scalar(const struct draw *draw, uint64_t tile, size_t tiles, uint64_t *bits,
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
            uint64_t word = packed(less + 64 * w), open = draw->lo ? packed(equal + 64 * w) : 0;
            for (; open; open &= open - 1) {
                const int e = __builtin_ctzll(open);
                word |= second_draw(draw, tile * TILE + (uint64_t)(64 * w + e)) << e;
            }
            *bits++ = word;
        }
    }
}

#define PREFER_LANES(type) JOIN(PREFER_LANES, type)
#define PREFER_LANES_f32 _Pragma("GCC unroll 16")
#define PREFER_LANES_f64 _Pragma("GCC unroll 32")
/* A few: these types' conversions are long here, and more copies of them are no faster. */
#define PREFER_LANES_f16 _Pragma("GCC unroll 4")
#define PREFER_LANES_bf16 _Pragma("GCC unroll 4")
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

#define TIMES(a, b) ((a) * (b))
#define PLUS(a, b) ((a) + (b))

INLINE floats fused32(floats a, floats b, floats c)
{
    return (floats){FUSED_F32(a[0], b[0], c[0]), FUSED_F32(a[1], b[1], c[1]),
                    FUSED_F32(a[2], b[2], c[2]), FUSED_F32(a[3], b[3], c[3])};
}

PLAIN(f32, TIMES, PLUS, fused32)

/* Ones in the lanes whose bits are set. */
INLINE unsigned32 chosen_f32(uint64_t word, size_t k)
{
    const unsigned32 lanes = {1, 2, 4, 8};
    return (unsigned32)((all((uint32_t)(word >> k)) & lanes) == lanes);
}

INLINE unsigned32 choose(unsigned32 mask, unsigned32 yes, unsigned32 no)
{
    return (mask & yes) | (~mask & no);
}

INLINE floats only_f32(floats v, uint64_t word, size_t k)
{
    return (floats)((unsigned32)v & chosen_f32(word, k));
}

INLINE floats pick_f32(floats v, floats other, uint64_t word, size_t k)
{
    return (floats)choose(chosen_f32(word, k), (unsigned32)v, (unsigned32)other);
}

INLINE doubles set_f64(double v)
{
    return (doubles){v, v};
}

INLINE doubles fused64(doubles a, doubles b, doubles c)
{
    return (doubles){FUSED_F64(a[0], b[0], c[0]), FUSED_F64(a[1], b[1], c[1])};
}

PLAIN(f64, TIMES, PLUS, fused64)

INLINE unsigned32 chosen_f64(uint64_t word, size_t k)
{
    const unsigned32 lanes = {1, 1, 2, 2};
    return (unsigned32)((all((uint32_t)(word >> k)) & lanes) == lanes);
}

INLINE doubles only_f64(doubles v, uint64_t word, size_t k)
{
    return (doubles)((unsigned32)v & chosen_f64(word, k));
}

INLINE doubles pick_f64(doubles v, doubles other, uint64_t word, size_t k)
{
    return (doubles)choose(chosen_f64(word, k), (unsigned32)v, (unsigned32)other);
}

INLINE unsigned16 chosen_16(uint64_t word, size_t k)
{
    const uint16_t bits = (uint16_t)(word >> k);
    const unsigned16 lanes = {1, 2, 4, 8, 16, 32, 64, 128};
    return (unsigned16)(((unsigned16){bits, bits, bits, bits, bits, bits, bits, bits} & lanes) ==
                        lanes);
}

INLINE unsigned16 only_16(unsigned16 v, uint64_t word, size_t k)
{
    return v & chosen_16(word, k);
}

INLINE unsigned16 pick_16(unsigned16 v, unsigned16 other, uint64_t word, size_t k)
{
    const unsigned16 mask = chosen_16(word, k);
    return (mask & v) | (~mask & other);
}

#define only_f16 only_16
#define only_bf16 only_16
#define pick_f16 pick_16
#define pick_bf16 pick_16

PAIR(bf16)

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

INLINE wide_bf16 load_total_bf16(const char *p)
{
    const floats low = load_f32(p), high = load_f32(p + 16);
    return (wide_bf16){{low[0], low[2], high[0], high[2]}, {low[1], low[3], high[1], high[3]}};
}

INLINE void store_total_bf16(char *p, wide_bf16 v)
{
    store_f32(p, (floats){v.a[0], v.b[0], v.a[1], v.b[1]});
    store_f32(p + 16, (floats){v.a[2], v.b[2], v.a[3], v.b[3]});
}

/* Both are below 2^31. */
INLINE unsigned32 below(unsigned32 a, unsigned32 b)
{
    return (unsigned32)((signed32)a < (signed32)b);
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

PAIR(f16)

INLINE wide_f16 widen_f16(unsigned16 v)
{
    return (wide_f16){widen_half((unsigned32)v), widen_half((unsigned32)v >> 16)};
}

INLINE unsigned16 narrow_f16(wide_f16 v)
{
    return (unsigned16)(narrow_half(v.a) | narrow_half(v.b) << 16);
}

INLINE wide_f16 load_total_f16(const char *p)
{
    const wide_bf16 v = load_total_bf16(p);
    return (wide_f16){v.a, v.b};
}

INLINE void store_total_f16(char *p, wide_f16 v)
{
    store_total_bf16(p, (wide_bf16){v.a, v.b});
}

#define TIER scalar
#define STREAMS 0
#define STREAM_END()
#include "tier_table.h"
