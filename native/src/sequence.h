/*
 * Masks from the sequence of MT19937 and their products, in loops that compilers turn into
 * vectors. A tier includes this file with its own flags, having defined TIER as its name.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "bits.h"
#include "convert.h"
#include "tier.h"

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define NAME(name) JOIN(name, TIER)

enum { WORDS = SEQUENCE_WORDS, DISTANCE = 397, CHUNK = 1024 };

static inline uint32_t twisted(uint32_t upper, uint32_t lower)
{
    const uint32_t y = (upper & 0x80000000) | (lower & 0x7FFFFFFF);
    return y >> 1 ^ (-(lower & 1) & 0x9908B0DF);
}

/* The next 624 words. The loops' bounds let no word depend on one of the same vector. */
static void renew(uint32_t *restrict words)
{
    uint32_t next[WORDS];
    for (int i = 0; i < WORDS - DISTANCE; i++)
        next[i] = words[i + DISTANCE] ^ twisted(words[i], words[i + 1]);
    enum { LATER = 2 * (WORDS - DISTANCE) };
    for (int i = WORDS - DISTANCE; i < LATER; i++)
        next[i] = next[i + DISTANCE - WORDS] ^ twisted(words[i], words[i + 1]);
    for (int i = LATER; i < WORDS - 1; i++)
        next[i] = next[i + DISTANCE - WORDS] ^ twisted(words[i], words[i + 1]);
    next[WORDS - 1] = next[DISTANCE - 1] ^ twisted(words[WORDS - 1], next[0]);
    memcpy(words, next, sizeof next);
}

static inline uint32_t temper(uint32_t y)
{
    y ^= y >> 11;
    y ^= y << 7 & 0x9D2C5680;
    y ^= y << 15 & 0xEFC60000;
    return y ^ y >> 18;
}

/* The next n outputs. The state's last value counts the words that have been put out. */
static void outputs(uint32_t *state, uint32_t *restrict out, size_t n)
{
    while (n) {
        if (state[WORDS] == WORDS) {
            renew(state);
            state[WORDS] = 0;
        }
        const uint32_t *words = state + state[WORDS];
        size_t some = WORDS - state[WORDS];
        some = some < n ? some : n;
        for (size_t i = 0; i < some; i++)
            out[i] = temper(words[i]);
        state[WORDS] += (uint32_t)some;
        out += some;
        n -= some;
    }
}

static void mersenne(uint32_t *state, const struct mersenne_rule *rule, uint64_t count,
                     unsigned char *mask)
{
    uint32_t draws[2 * CHUNK];
    unsigned char flags[CHUNK] = {0};
    const uint64_t low = rule->low, threshold = rule->threshold;
    const unsigned char turned = !rule->above;
    for (; count; mask += CHUNK / 8) {
        const size_t n = count < CHUNK ? (size_t)count : CHUNK;
        outputs(state, draws, n * rule->outputs);
        if (rule->outputs == 2) {
            for (size_t i = 0; i < n; i++) {
                const uint64_t draw = (uint64_t)draws[2 * i] << 32 | draws[2 * i + 1];
                flags[i] = (unsigned char)((draw & low) >= threshold) ^ turned;
            }
        } else if (threshold <= low) {
            const uint32_t low32 = (uint32_t)low, threshold32 = (uint32_t)threshold;
            for (size_t i = 0; i < n; i++)
                flags[i] = (unsigned char)((draws[i] & low32) >= threshold32) ^ turned;
        } else {
            memset(flags, turned, n);
        }
        memset(flags + n, 0, CHUNK - n);
        const size_t bytes = (n + 7) / 8;
        uint64_t words[CHUNK / 64];
        for (size_t w = 0; w < (n + 63) / 64; w++)
            words[w] = packed(flags + 64 * w);
        memcpy(mask, words, bytes);
        count -= n;
    }
}

/* Baseline vectors have no shift by lane. */
static const uint32_t one[32] = {
    1u << 0,  1u << 1,  1u << 2,  1u << 3,  1u << 4,  1u << 5,  1u << 6,  1u << 7,
    1u << 8,  1u << 9,  1u << 10, 1u << 11, 1u << 12, 1u << 13, 1u << 14, 1u << 15,
    1u << 16, 1u << 17, 1u << 18, 1u << 19, 1u << 20, 1u << 21, 1u << 22, 1u << 23,
    1u << 24, 1u << 25, 1u << 26, 1u << 27, 1u << 28, 1u << 29, 1u << 30, 1u << 31};

#define PRODUCT(type, raw, wide)                                                          \
    static inline void product32_##type(const raw in[32], raw out[32], uint32_t word,     \
                                        wide divisor, wide factor)                        \
    {                                                                                     \
        wide factors[32];                                                                 \
        for (int k = 0; k < 32; k++)                                                      \
            factors[k] = word & one[k] ? factor : 0;                                      \
        for (int k = 0; k < 32; k++) {                                                    \
            const raw v = narrow_##type(widen_##type(in[k]) / divisor);                   \
            out[k] = narrow_##type(widen_##type(v) * factors[k]);                         \
        }                                                                                 \
    }                                                                                     \
                                                                                          \
    static void product_##type(const void *x, void *y, size_t n, const uint64_t *bits,    \
                               double divisor, double factor)                             \
    {                                                                                     \
        for (size_t j = 0; j < n; j += 32) {                                              \
            const char *const from = (const char *)x + j * sizeof(raw);                   \
            char *const to = (char *)y + j * sizeof(raw);                                 \
            const size_t some = n - j < 32 ? n - j : 32;                                  \
            const uint32_t word = (uint32_t)(bits[j / 64] >> j % 64);                     \
            raw in[32], out[32];                                                          \
            if (some == 32)                                                               \
                memcpy(in, from, sizeof in);                                              \
            else                                                                          \
                memcpy(memset(in, 0, sizeof in), from, some * sizeof *in);                \
            product32_##type(in, out, word, (wide)divisor, (wide)factor);                 \
            if (some == 32)                                                               \
                memcpy(to, out, sizeof out);                                              \
            else                                                                          \
                memcpy(to, out, some * sizeof *out);                                      \
        }                                                                                 \
    }

PRODUCT(f32, uint32_t, float)
PRODUCT(f64, uint64_t, double)
PRODUCT(f16, uint16_t, float)
PRODUCT(bf16, uint16_t, float)

const struct sequence NAME(sequence) = {
    .mersenne = mersenne,
    .product = {product_f32, product_f64, product_f16, product_bf16},
};
