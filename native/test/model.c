/* SPDX-License-Identifier: Apache-2.0 */
#include "model.h"

#include <string.h>

#include "dropfuse.h"
#include "fused.h"
#include "normal_table.h"

void model_philox(uint32_t c[4], uint32_t key0, uint32_t key1)
{
    for (int round = 0; round < 10; round++) {
        const uint64_t a = UINT64_C(0xD2511F53) * c[0], b = UINT64_C(0xCD9E8D57) * c[2];
        const uint32_t next[4] = {(uint32_t)(b >> 32) ^ c[1] ^ key0, (uint32_t)b,
                                  (uint32_t)(a >> 32) ^ c[3] ^ key1, (uint32_t)a};
        memcpy(c, next, sizeof next);
        key0 += 0x9E3779B9;
        key1 += 0xBB67AE85;
    }
}

int model_keep(double p, uint64_t seed, uint64_t offset, uint64_t i)
{
    const uint64_t T = (uint64_t)rint((1.0 - p) * 0x1p40);
    if (T == 0 || T == UINT64_C(1) << 40)
        return T != 0;
    const uint32_t hi = (uint32_t)(T >> 32), lo = (uint32_t)(T & 0xFFFFFFFF);

    const uint64_t tile = i / 512, e = i % 512;
    const uint64_t lane = e / 4 % 32, word = e / 128, byte = e % 4;
    const uint64_t block = tile * 32 + lane;
    uint32_t w[4] = {(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)offset,
                     (uint32_t)(offset >> 32)};
    model_philox(w, (uint32_t)seed, (uint32_t)(seed >> 32));
    const uint32_t r8 = w[word] >> 8 * byte & 0xFF;
    if (r8 != hi)
        return r8 < hi;

    uint32_t v[4] = {(uint32_t)(i / 4), (uint32_t)(i / 4 >> 32), (uint32_t)offset,
                     (uint32_t)(offset >> 32) | 0x80000000};
    model_philox(v, (uint32_t)seed, (uint32_t)(seed >> 32));
    return v[i % 4] < lo;
}

uint64_t model_unit(const struct units *u, uint64_t e)
{
    const uint64_t run = (uint64_t)u->run, cycle = (uint64_t)u->cycle;
    return u->start + e / (run * cycle * (uint64_t)u->repeat) * (uint64_t)u->step + e / run % cycle;
}

void model_decide(const struct units *u, unsigned char *keep)
{
    uint64_t before = 0;
    for (uint64_t e = 0; e < (uint64_t)u->count; e++) {
        const uint64_t unit = model_unit(u, (uint64_t)u->first + e);
        keep[e] = e && unit == before ? keep[e - 1]
                                      : (unsigned char)model_keep(u->p, u->seed, u->offset, unit);
        before = unit;
    }
}

int model_size(int dtype)
{
    return dtype == DROPFUSE_FLOAT64 ? 8 : dtype == DROPFUSE_FLOAT32 ? 4 : 2;
}

/* Of a binary format: bits of the fraction, and of the exponent. */
struct format {
    int fraction, exponent;
};

static struct format format_of(int dtype)
{
    static const struct format formats[] = {{23, 8}, {52, 11}, {10, 5}, {7, 8}};
    return formats[dtype];
}

int model_is_nan(int dtype, uint64_t bits)
{
    const struct format f = format_of(dtype);
    const uint64_t exponents = ((UINT64_C(1) << f.exponent) - 1) << f.fraction;
    return (bits & (exponents | ((UINT64_C(1) << f.fraction) - 1))) > exponents;
}

/* The value of a 16-bit pattern, by the definition of the format. */
static double value_of(struct format f, uint64_t bits)
{
    const int exponent = (int)(bits >> f.fraction & ((1u << f.exponent) - 1));
    const double fraction = (double)(bits & ((1u << f.fraction) - 1));
    const int bias = (1 << (f.exponent - 1)) - 1, top = (1 << f.exponent) - 1;
    const double magnitude =
        exponent == top ? (fraction == 0 ? INFINITY : NAN)
        : exponent == 0 ? ldexp(fraction, 1 - bias - f.fraction)
                        : ldexp(ldexp(1, f.fraction) + fraction, exponent - bias - f.fraction);
    return bits >> (f.exponent + f.fraction) & 1 ? -magnitude : magnitude;
}

/* The nearest pattern, ties to even: scaled so that a unit is the last place, then rint. */
static uint64_t nearest(struct format f, double value)
{
    const int bias = (1 << (f.exponent - 1)) - 1, top = (1 << f.exponent) - 1;
    const uint64_t sign = (uint64_t)!!signbit(value) << (f.exponent + f.fraction);
    const uint64_t infinity = (uint64_t)top << f.fraction;
    if (isnan(value))
        return infinity | 1;
    value = fabs(value);
    if (isinf(value))
        return sign | infinity;
    int exponent = 1 - bias;
    if (value >= ldexp(1, exponent)) {
        frexp(value, &exponent);
        exponent--;
    }
    const double units = rint(ldexp(value, f.fraction - exponent));
    /* A carry out of the fraction moves into the exponent by itself. */
    const uint64_t bits = units < ldexp(1, f.fraction)
        ? (uint64_t)units
        : ((uint64_t)(exponent + bias - 1) << f.fraction) + (uint64_t)units;
    return sign | (bits > infinity ? infinity : bits);
}

double model_value(int dtype, uint64_t bits)
{
    if (dtype == DROPFUSE_FLOAT64) {
        double v;
        memcpy(&v, &bits, sizeof v);
        return v;
    }
    if (dtype == DROPFUSE_FLOAT32) {
        const uint32_t low = (uint32_t)bits;
        float v;
        memcpy(&v, &low, sizeof v);
        return v;
    }
    return value_of(format_of(dtype), bits);
}

uint64_t model_bits(int dtype, double value)
{
    if (dtype == DROPFUSE_FLOAT64) {
        uint64_t bits;
        memcpy(&bits, &value, sizeof bits);
        return bits;
    }
    if (dtype == DROPFUSE_FLOAT32) {
        const float v = (float)value;
        uint32_t bits;
        memcpy(&bits, &v, sizeof bits);
        return bits;
    }
    return nearest(format_of(dtype), value);
}

double model_rounded(int dtype, double v)
{
    return dtype == DROPFUSE_FLOAT64 ? v : (double)(float)v;
}

double model_sum(int dtype, double a, double b)
{
    return dtype == DROPFUSE_FLOAT64 ? a + b : (double)((float)a + (float)b);
}

double model_product(int dtype, double a, double b)
{
    return dtype == DROPFUSE_FLOAT64 ? a * b : (double)((float)a * (float)b);
}

double model_fused(int dtype, double a, double b, double c)
{
    return dtype == DROPFUSE_FLOAT64 ? FUSED_F64(a, b, c)
                                     : (double)FUSED_F32((float)a, (float)b, (float)c);
}

uint64_t model_scale(int dtype, uint64_t bits, double scale)
{
    return model_bits(dtype, model_product(dtype, model_value(dtype, bits), scale));
}

uint64_t model_drop(int dtype, uint64_t x, int keep, double scale, double shift, double dropped)
{
    const double kept = model_fused(dtype, model_value(dtype, x), scale, shift);
    return model_bits(dtype, keep ? kept : model_rounded(dtype, dropped));
}

uint64_t model_residual(int dtype, uint64_t x, int operation, uint64_t vector,
                        const uint64_t *residual, int keep, double scale)
{
    if (!keep)
        return residual ? *residual : 0;
    const double v = model_value(dtype, vector);
    double kept = model_value(dtype, x);
    if (operation == DROPFUSE_VECTOR_ADD)
        kept = model_sum(dtype, kept, v);
    if (operation == DROPFUSE_VECTOR_MULTIPLY)
        kept = model_product(dtype, kept, v);
    kept = model_product(dtype, kept, scale);
    if (residual)
        kept = model_sum(dtype, model_value(dtype, *residual), kept);
    return model_bits(dtype, kept);
}

uint64_t model_expect(int dtype, uint64_t x, uint64_t previous, double p)
{
    const double product = model_product(dtype, p, model_value(dtype, previous));
    return model_bits(dtype, model_fused(dtype, model_value(dtype, x), 1 - p, product));
}

uint64_t model_masked(int dtype, uint64_t x, int keep, double divisor, double factor)
{
    const double v = model_value(dtype, x);
    const double quotient = dtype == DROPFUSE_FLOAT64 ? v / divisor
                                                      : (double)((float)v / (float)divisor);
    return model_scale(dtype, model_bits(dtype, quotient), keep ? factor : 0);
}

float model_normal(uint64_t seed, uint64_t offset, uint64_t unit)
{
    const uint64_t e = unit % 256, block = unit / 256 * 32 + e % 32;
    uint32_t c[4] = {(uint32_t)block, (uint32_t)(block >> 32) | 0x80000000, (uint32_t)offset,
                     (uint32_t)(offset >> 32) | 0x80000000};
    model_philox(c, (uint32_t)seed, (uint32_t)(seed >> 32));
    const uint32_t draw = c[e % 128 / 32] >> (e < 128 ? 0 : 16) & 0xFFFF;
    float t = (float)(2 * (draw & 0x7FFF) + 1);
    if ((draw & 0x7FFF) < 64) {
        uint32_t d[4] = {(uint32_t)(unit / 8), (uint32_t)(unit / 8 >> 32) | 0xA0000000,
                         (uint32_t)offset, (uint32_t)(offset >> 32) | 0x80000000};
        model_philox(d, (uint32_t)seed, (uint32_t)(seed >> 32));
        const uint32_t cut = d[unit % 8 / 2] >> (unit % 2 ? 16 : 0) & 0xFFFF;
        t = (float)(2 * ((draw & 0x7FFF) * 65536 + cut) + 1) / 65536;
    }
    int exponent;
    frexpf(t, &exponent);
    const int piece = (exponent - 1 + 127) & 31;
    float n = normal_table[5][piece];
    for (int power = 4; power >= 0; power--)
        n = FUSED_F32(n, t, normal_table[power][piece]);
    return draw & 0x8000 ? -n : n;
}

uint64_t model_noise(int dtype, uint64_t x, int form, double sigma, float normal)
{
    const double v = model_value(dtype, x);
    if (form == DROPFUSE_ADD)
        return model_bits(dtype, model_fused(dtype, sigma, (double)normal, v));
    return model_bits(dtype, model_product(dtype, v, model_fused(dtype, sigma, (double)normal, 1)));
}

uint64_t model_moved(int dtype, int operation, uint64_t from, uint64_t to, double scale)
{
    if (operation == DROPFUSE_SCATTER || (operation == DROPFUSE_GATHER && scale == 1))
        return from;
    if (operation == DROPFUSE_GATHER)
        return model_scale(dtype, from, scale);
    return model_residual(dtype, from, DROPFUSE_VECTOR_NONE, 0, &to, 1, scale);
}

double model_term(int dtype, uint64_t dy, const uint64_t *x, double scale)
{
    const double term = model_product(dtype, model_value(dtype, dy), scale);
    return x ? model_product(dtype, term, model_value(dtype, *x)) : term;
}

void model_tree(int dtype, double *sums, size_t blocks, size_t length)
{
    for (size_t step = 1; step < blocks; step *= 2)
        for (size_t b = 0; b + step < blocks; b += 2 * step)
            for (size_t c = 0; c < length; c++)
                sums[b * length + c] = model_sum(dtype, sums[b * length + c],
                                                 sums[(b + step) * length + c]);
}

uint32_t model_next(struct model_sequence *s)
{
    if (s->used == MODEL_WORDS) {
        for (int i = 0; i < MODEL_WORDS; i++) {
            const uint32_t y = (s->words[i] & 0x80000000) |
                               (s->words[(i + 1) % MODEL_WORDS] & 0x7FFFFFFF);
            s->words[i] = s->words[(i + 397) % MODEL_WORDS] ^ y >> 1 ^ (y & 1 ? 0x9908B0DF : 0);
        }
        s->used = 0;
    }
    uint32_t y = s->words[s->used++];
    y ^= y >> 11;
    y ^= y << 7 & 0x9D2C5680;
    y ^= y << 15 & 0xEFC60000;
    return y ^ y >> 18;
}

int model_next_keep(struct model_sequence *s, int outputs, int bits, uint64_t threshold, int above)
{
    uint64_t draw = model_next(s);
    if (outputs == 2)
        draw = draw << 32 | model_next(s);
    const uint64_t low = draw & ~UINT64_C(0) >> (64 - bits);
    return (low >= threshold) == !!above;
}

static int is_set(const unsigned char *bits, uint64_t bit)
{
    return bits[bit / 8] >> bit % 8 & 1;
}

static long long side_of(const struct model_images *s, int d)
{
    return d == 0 && s->dimensions == 2 ? 1 : s->side;
}

long long model_centres(const struct model_images *s, int d)
{
    return s->valid ? s->extents[d] - side_of(s, d) + 1 : s->extents[d];
}

/* The first and the last of the centres that cover a position along a dimension. */
static void covering(const struct model_images *s, int d, long long position, long long *from,
                     long long *to)
{
    const long long side = side_of(s, d), begin = s->valid ? (side - 1) / 2 : 0;
    const long long centres = model_centres(s, d);
    *from = centres;
    *to = -1;
    for (long long k = 0; k < centres; k++) {
        const long long c = begin + k;
        if (c - (side - 1) / 2 <= position && position <= c + side / 2) {
            *from = k < *from ? k : *from;
            *to = k;
        }
    }
}

int model_covered(const struct model_images *s, const unsigned char *centres, uint64_t bit)
{
    long long from[3], to[3];
    for (int d = 2; d >= 0; d--) {
        covering(s, d, (long long)(bit % (uint64_t)s->extents[d]), from + d, to + d);
        bit /= (uint64_t)s->extents[d];
    }
    for (long long z = from[0]; z <= to[0]; z++)
        for (long long y = from[1]; y <= to[1]; y++)
            for (long long x = from[2]; x <= to[2]; x++) {
                const uint64_t row = (uint64_t)z + bit * (uint64_t)model_centres(s, 0);
                const uint64_t line = (uint64_t)y + row * (uint64_t)model_centres(s, 1);
                if (!is_set(centres, (uint64_t)x + line * (uint64_t)model_centres(s, 2)))
                    return 0;
            }
    return 1;
}
