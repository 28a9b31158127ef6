/*
 * x * y + z, rounded once to nearest. The fused instructions where the flags have them, and elsewhere
 * functions of our own, as C libraries differ: mingw-w64's round twice, and so does musl's fmaf() where
 * the result is subnormal.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_FUSED_H
#define DROPFUSE_FUSED_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__FMA__) || defined(__AVX512F__) || defined(__aarch64__)
#define FUSED_F32 __builtin_fmaf
#define FUSED_F64 __builtin_fma
#else
#define FUSED_F32 fused_by_double
#define FUSED_F64 fused_by_integers
#endif

static inline uint64_t fused_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double fused_number(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/*
 * The product is exact in float64. Its sum is rounded to odd there, that is, cut with its last bit
 * set where that was not exact, so that the second rounding errs by nothing: S. Boldo and
 * G. Melquiond, Emulation of a FMA and correctly rounded sums, IEEE Trans. Comput. 57 (2008).
 */
static inline float fused_by_double(float x, float y, float z)
{
    const double product = (double)x * y, sum = product + z, other = sum - product;
    const double error = (product - (sum - other)) + (z - other);
    uint64_t bits = fused_bits(sum);
    const int finite = (bits & UINT64_C(0x7FF) << 52) != UINT64_C(0x7FF) << 52;
    if (finite && error != 0 && !(bits & 1))
        bits += (error > 0) == (sum > 0) ? 1 : -UINT64_C(1);
    return (float)fused_number(bits);
}

/** A number of 53 bits, the first of which is set, from a finite one that is not 0. */
static inline uint64_t fused_significand(double x, int *exponent)
{
    const uint64_t fraction = fused_bits(x) & ((UINT64_C(1) << 52) - 1);
    const int biased = (int)(fused_bits(x) >> 52 & 0x7FF);
    const int shift = biased ? 0 : __builtin_clzll(fraction) - 11;
    *exponent = (biased ? biased : 1 - shift) - 1075;
    return biased ? fraction | UINT64_C(1) << 52 : fraction << shift;
}

/** v / 2^by, cut, with the last bit set where that is not exact. */
static inline unsigned __int128 fused_shifted(unsigned __int128 v, int by)
{
    if (by > 127)
        return v != 0;
    return v >> by | ((v & (((unsigned __int128)1 << by) - 1)) != 0);
}

/** v * 2^exponent for v < 2^127, rounded. */
static inline double fused_rounded(int negative, unsigned __int128 v, int exponent)
{
    const uint64_t high = (uint64_t)(v >> 64);
    const int length = high ? 128 - __builtin_clzll(high) : 64 - __builtin_clzll((uint64_t)v);
    int last = exponent + length - 53; /* the last bit that is kept is 2^last */
    last = last < -1074 ? -1074 : last;
    const int drop = last - exponent;
    uint64_t kept = 0;
    if (drop <= 0) {
        kept = (uint64_t)v << -drop;
    } else if (drop < 128) {
        const unsigned __int128 half = (unsigned __int128)1 << (drop - 1);
        const unsigned __int128 rest = v & (2 * half - 1);
        kept = (uint64_t)(v >> drop);
        kept += rest > half || (rest == half && kept & 1);
    }
    const uint64_t infinity = UINT64_C(0x7FF) << 52;
    const uint64_t bits = ((uint64_t)(last + 1074) << 52) + kept; /* the first bit counts there */
    return fused_number((bits < infinity ? bits : infinity) | (uint64_t)negative << 63);
}

/* A call, as in line it would make the library half as large again. */
__attribute__((noinline, unused)) static double fused_by_integers(double x, double y, double z)
{
    if (x == 0 || y == 0 || !isfinite(x) || !isfinite(y))
        return x * y + z;
    if (!isfinite(z))
        return z + z;
    if (z == 0)
        return x * y;
    int x_exponent, y_exponent, z_exponent;
    const uint64_t x_digits = fused_significand(x, &x_exponent);
    const uint64_t y_digits = fused_significand(y, &y_exponent);
    const uint64_t z_digits = fused_significand(z, &z_exponent);
    /* Both of 125 or 126 bits. Where one is cut, the last bits of the other are 0. */
    unsigned __int128 product = (unsigned __int128)x_digits * y_digits << 20;
    unsigned __int128 summand = (unsigned __int128)z_digits << 73;
    const int product_exponent = x_exponent + y_exponent - 20;
    z_exponent -= 73;
    const int exponent = product_exponent > z_exponent ? product_exponent : z_exponent;
    product = fused_shifted(product, exponent - product_exponent);
    summand = fused_shifted(summand, exponent - z_exponent);
    const int product_negative = !signbit(x) != !signbit(y), z_negative = !!signbit(z);
    if (product_negative == z_negative)
        return fused_rounded(z_negative, product + summand, exponent);
    if (product == summand)
        return 0;
    return product > summand ? fused_rounded(product_negative, product - summand, exponent)
                             : fused_rounded(z_negative, summand - product, exponent);
}

#endif
