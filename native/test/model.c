/* SPDX-License-Identifier: Apache-2.0 */
#include "model.h"

#include <math.h>
#include <string.h>

#include "dropfuse.h"

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

uint64_t model_scale(int dtype, uint64_t bits, double scale)
{
    const double v = model_value(dtype, bits);
    return model_bits(dtype, dtype == DROPFUSE_FLOAT64 ? v * scale
                                                       : (double)((float)v * (float)scale));
}
