/*
 * The draw in NEON. A vector holds one counter word of 4 blocks in order; products come as two
 * vectors of 64 bits, whose halves are unzipped into words again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <arm_neon.h>

#include "second_draws.h"

#define INLINE static inline __attribute__((always_inline))

enum { TILE_BLOCKS = TILE / 16 };

/* What all tiles of a call share. */
struct plan {
    uint32_t k0[PHILOX_ROUNDS], k1[PHILOX_ROUNDS];
    uint32_t c2_key;               /* XORed into c2 by the first round */
    uint32_t c0_key;               /* XORed into c0 by the second */
    uint32_t c2_second, c3_second; /* c3 after the second round, and what goes into c2 */
    uint8_t hi;
};

struct state {
    uint32x4_t c0, c1, c2, c3;
};

struct product {
    uint32x4_t low, high;
};

static struct plan prepare(const struct draw *draw, uint64_t block)
{
    struct plan plan;
    for (uint32_t r = 0; r < PHILOX_ROUNDS; r++) {
        plan.k0[r] = draw->key[0] + r * PHILOX_W0;
        plan.k1[r] = draw->key[1] + r * PHILOX_W1;
    }
    const uint64_t p1 = (uint64_t)PHILOX_M1 * draw->offset[0];
    const uint64_t p0 = (uint64_t)PHILOX_M0 *
                        (uint32_t)((p1 >> 32) ^ (block >> 32) ^ plan.k0[0]);
    plan.c2_key = draw->offset[1] ^ plan.k1[0];
    plan.c0_key = (uint32_t)p1 ^ plan.k0[1];
    plan.c2_second = (uint32_t)(p0 >> 32) ^ plan.k1[1];
    plan.c3_second = (uint32_t)p0;
    plan.hi = (uint8_t)draw->hi;
    return plan;
}

INLINE uint32x4_t all(uint32_t v)
{
    return vdupq_n_u32(v);
}

INLINE struct product times(uint32x4_t v, uint32_t multiplier)
{
    const uint32x4_t m = all(multiplier);
    const uint32x4_t first = vreinterpretq_u32_u64(vmull_u32(vget_low_u32(v), vget_low_u32(m)));
    const uint32x4_t last = vreinterpretq_u32_u64(vmull_high_u32(v, m));
    return (struct product){vuzp1q_u32(first, last), vuzp2q_u32(first, last)};
}

INLINE uint32x4_t xor3(uint32x4_t a, uint32x4_t b, uint32x4_t c)
{
    return veorq_u32(veorq_u32(a, b), c);
}

INLINE struct state round_of(struct state s, uint32_t k0, uint32_t k1)
{
    const struct product p0 = times(s.c0, PHILOX_M0), p1 = times(s.c2, PHILOX_M1);
    return (struct state){xor3(p1.high, s.c1, all(k0)), p1.low, xor3(p0.high, s.c3, all(k1)),
                          p0.low};
}

/* Two rounds of the 4 blocks from the given one on. */
INLINE struct state begin(const struct plan *plan, uint32_t block)
{
    static const uint32_t steps[4] = {0, 1, 2, 3};
    const struct product p0 = times(vaddq_u32(vld1q_u32(steps), all(block)), PHILOX_M0);
    const struct product p1 = times(veorq_u32(p0.high, all(plan->c2_key)), PHILOX_M1);
    return (struct state){veorq_u32(p1.high, all(plan->c0_key)), p1.low,
                          veorq_u32(p0.low, all(plan->c2_second)), all(plan->c3_second)};
}

/* 4 * 16 bytes of all ones or zeros to 64 bits. */
INLINE uint64_t pack(const uint8x16_t flags[4])
{
    static const uint8_t weights[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t weight = vld1q_u8(weights);
    const uint8x16_t low = vpaddq_u8(vandq_u8(flags[0], weight), vandq_u8(flags[1], weight));
    const uint8x16_t high = vpaddq_u8(vandq_u8(flags[2], weight), vandq_u8(flags[3], weight));
    const uint8x16_t sums = vpaddq_u8(low, high);
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sums, sums)), 0);
}

/* Decisions of 64 units by their first 8 bits, and which of them need the second draw. */
INLINE void compare(const uint32x4_t words[4], uint8x16_t hi, uint64_t *bits, uint64_t *open)
{
    uint8x16_t less[4], equal[4];
    for (int v = 0; v < 4; v++) {
        const uint8x16_t bytes = vreinterpretq_u8_u32(words[v]);
        less[v] = vcltq_u8(bytes, hi);
        equal[v] = vceqq_u8(bytes, hi);
    }
    *bits = pack(less);
    *open = pack(equal);
}

static void draw_tile(const struct plan *plan, uint32_t block, uint64_t *bits,
                      struct open_words *open, size_t first)
{
    const uint8x16_t hi = vdupq_n_u8(plan->hi);
    for (unsigned half = 0; half < 2; half++) {
        struct state s[4];
        for (unsigned v = 0; v < 4; v++)
            s[v] = begin(plan, block + half * 16 + v * 4);
#pragma GCC unroll 8
        for (int r = 2; r < PHILOX_ROUNDS; r++)
            for (unsigned v = 0; v < 4; v++)
                s[v] = round_of(s[v], plan->k0[r], plan->k1[r]);
        const uint32x4_t words[4][4] = {{s[0].c0, s[1].c0, s[2].c0, s[3].c0},
                                        {s[0].c1, s[1].c1, s[2].c1, s[3].c1},
                                        {s[0].c2, s[1].c2, s[2].c2, s[3].c2},
                                        {s[0].c3, s[1].c3, s[2].c3, s[3].c3}};
        for (unsigned w = 0; w < 4; w++) {
            uint64_t undecided;
            compare(words[w], hi, bits + 2 * w + half, &undecided);
            open_word(open, first + 2 * w + half, undecided);
        }
    }
}

INLINE uint32x4_t resolve4(const struct draw *draw, const uint64_t units[4])
{
    const uint64x2_t first = vld1q_u64(units), last = vld1q_u64(units + 2);
    const uint32x4_t a = vreinterpretq_u32_u64(vshrq_n_u64(first, 2));
    const uint32x4_t b = vreinterpretq_u32_u64(vshrq_n_u64(last, 2));
    struct state s = {vuzp1q_u32(a, b), vuzp2q_u32(a, b), all(draw->offset[0]),
                      all(draw->offset[1] | PHILOX_SECOND)};
    uint32_t k0 = draw->key[0], k1 = draw->key[1];
    for (int r = 0; r < PHILOX_ROUNDS; r++) {
        s = round_of(s, k0, k1);
        k0 += PHILOX_W0;
        k1 += PHILOX_W1;
    }
    const uint32x4_t unit =
        vuzp1q_u32(vreinterpretq_u32_u64(first), vreinterpretq_u32_u64(last));
    const uint32x4_t odd = vtstq_u32(unit, all(1)), upper = vtstq_u32(unit, all(2));
    const uint32x4_t word =
        vbslq_u32(upper, vbslq_u32(odd, s.c3, s.c2), vbslq_u32(odd, s.c1, s.c0));
    return vcltq_u32(word, all(draw->lo));
}

static unsigned resolve(const struct draw *draw, const uint64_t units[TOGETHER])
{
    static const uint32_t weights[TOGETHER] = {1, 2, 4, 8, 16, 32, 64, 128};
    const uint32x4_t low = vandq_u32(resolve4(draw, units), vld1q_u32(weights));
    const uint32x4_t high = vandq_u32(resolve4(draw, units + 4), vld1q_u32(weights + 4));
    return vaddvq_u32(vorrq_u32(low, high));
}

void draw_neon(const struct draw *draw, uint64_t tile, size_t tiles, uint64_t *bits,
               struct meanwhile meanwhile)
{
    const uint64_t block = tile * TILE_BLOCKS;
    const struct plan plan = prepare(draw, block);
    struct open_words open;
    open.count = 0;
    for (size_t t = 0; t < tiles; t++) {
        if (meanwhile.work)
            meanwhile.work(meanwhile.context, t, tiles);
        draw_tile(&plan, (uint32_t)(block + t * TILE_BLOCKS), bits + t * TILE_WORDS,
                  &open, t * TILE_WORDS);
    }
    if (draw->lo)
        second_draws(draw, tile * TILE, &open, bits, resolve);
}
