/*
 * Standard normal numbers and what becomes of them, in loops that compilers turn into vectors. A
 * tier includes this file with its own flags, having defined TIER as its name.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "convert.h"
#include "fused.h"
#include "normal_table.h"
#include "philox.h"
#include "tier.h"

/* Iterations of the loop that follows touch nothing of each other's. */
#if defined(__clang__)
#define APART _Pragma("clang loop vectorize(assume_safety)")
#else
#define APART _Pragma("GCC ivdep")
#endif

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define NAME(name) JOIN(name, TIER)

#ifdef OWN_NUMBERS

static void numbers(const struct draw *draw, uint64_t tile, size_t tiles, float *z,
                    struct meanwhile meanwhile);

#else

enum { LANES = NORMAL_TILE / 8 };

/* Q(t / 2^17). */
static inline float quantile(float t)
{
    const uint32_t piece = narrow_f32(t) >> 23 & (NORMAL_PIECES - 1);
    float n = normal_table[NORMAL_DEGREE][piece];
    for (int power = NORMAL_DEGREE - 1; power >= 0; power--)
        n = FUSED_F32(n, t, normal_table[power][piece]);
    return n;
}

/* The 16 bits of each unit of a tile, in order. */
static void draw_slices(const struct draw *draw, uint64_t tile, uint16_t slices[NORMAL_TILE])
{
    const uint64_t block = tile * LANES;
    uint32_t c[4][LANES];
    for (int j = 0; j < LANES; j++) {
        c[0][j] = (uint32_t)block + (uint32_t)j;
        c[1][j] = (uint32_t)(block >> 32) | NORMAL_DRAW;
        c[2][j] = draw->offset[0];
        c[3][j] = draw->offset[1] | PHILOX_SECOND;
    }
    uint32_t k0 = draw->key[0], k1 = draw->key[1];
    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        for (int j = 0; j < LANES; j++) {
            const uint64_t p0 = (uint64_t)PHILOX_M0 * c[0][j], p1 = (uint64_t)PHILOX_M1 * c[2][j];
            c[0][j] = (uint32_t)(p1 >> 32) ^ c[1][j] ^ k0;
            c[1][j] = (uint32_t)p1;
            c[2][j] = (uint32_t)(p0 >> 32) ^ c[3][j] ^ k1;
            c[3][j] = (uint32_t)p0;
        }
        k0 += PHILOX_W0;
        k1 += PHILOX_W1;
    }
    for (int w = 0; w < 4; w++)
        for (int j = 0; j < LANES; j++) {
            slices[w * LANES + j] = (uint16_t)c[w][j];
            slices[w * LANES + j + NORMAL_TILE / 2] = (uint16_t)(c[w][j] >> 16);
        }
}

static void numbers(const struct draw *draw, uint64_t tile, size_t tiles, float *z,
                    struct meanwhile meanwhile)
{
    enum { GROUP = 32 };
    for (size_t part = 0; part < tiles; part++, tile++, z += NORMAL_TILE) {
        if (meanwhile.work)
            meanwhile.work(meanwhile.context, part, tiles);
        uint16_t slices[NORMAL_TILE];
        float t[NORMAL_TILE];
        draw_slices(draw, tile, slices);
        for (int e = 0; e < NORMAL_TILE; e++)
            t[e] = (float)(2 * (slices[e] & 0x7FFF) + 1);
        for (int e = 0; e < NORMAL_TILE; e++)
            z[e] = quantile(t[e]);
        for (int g = 0; g < NORMAL_TILE; g += GROUP) {
            int open = 0;
            for (int e = g; e < g + GROUP; e++)
                open |= (slices[e] & 0x7FFF) < NORMAL_OUTERMOST;
            for (int e = g; open && e < g + GROUP; e++)
                if (t[e] < 2 * NORMAL_OUTERMOST)
                    z[e] = quantile(normal_second(draw, tile * NORMAL_TILE + (uint64_t)e, t[e]));
        }
        for (int e = 0; e < NORMAL_TILE; e++)
            z[e] = widen_f32(narrow_f32(z[e]) | (uint32_t)(slices[e] & 0x8000) << 16);
    }
}

#endif

/* Of any alignment; y may be x. */
#define NOISE(type, raw, wide, fused)                                                     \
    static void noise_##type(const void *x, void *y, size_t n, const float *z,            \
                             double sigma, int multiply)                                  \
    {                                                                                     \
        const wide s = (wide)sigma;                                                       \
        const char *from = x;                                                             \
        char *to = y;                                                                     \
        if (multiply) {                                                                   \
            APART for (size_t k = 0; k < n; k++)                                          \
            {                                                                             \
                raw v;                                                                    \
                memcpy(&v, from + k * sizeof v, sizeof v);                                \
                v = narrow_##type(widen_##type(v) * fused(s, z[k], 1));                   \
                memcpy(to + k * sizeof v, &v, sizeof v);                                  \
            }                                                                             \
        } else {                                                                          \
            APART for (size_t k = 0; k < n; k++)                                          \
            {                                                                             \
                raw v;                                                                    \
                memcpy(&v, from + k * sizeof v, sizeof v);                                \
                v = narrow_##type(fused(s, z[k], widen_##type(v)));                       \
                memcpy(to + k * sizeof v, &v, sizeof v);                                  \
            }                                                                             \
        }                                                                                 \
    }

NOISE(f32, uint32_t, float, FUSED_F32)
NOISE(f64, uint64_t, double, FUSED_F64)
NOISE(f16, uint16_t, float, FUSED_F32)
NOISE(bf16, uint16_t, float, FUSED_F32)

const struct normal NAME(normal) = {
    .numbers = numbers,
    .noise = {noise_f32, noise_f64, noise_f16, noise_bf16},
};
