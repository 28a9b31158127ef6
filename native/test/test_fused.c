/*
 * The fused multiply-add that the kernels use where no flags give them an instruction, and both of
 * our own, against exact arithmetic: integers of so many bits that they hold every product and sum.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fused.h"

#include <string.h>

#include "convert.h"
#include "harness.h"

/* A type: its bits, those of its fraction, and the exponent of its least number. */
struct format {
    const char *name;
    int size, fraction, least;
};
static const struct format float32 = {"float32", 32, 23, -149};
static const struct format float64 = {"float64", 64, 52, -1074};

/* Two's complement, in units of the least product: 2^-2148 to 2^2048 for float64, and a sign. */
enum { WORDS = 134 };
typedef struct {
    uint32_t word[WORDS];
} integer;

static int bit(const integer *v, int at)
{
    return v->word[at / 32] >> at % 32 & 1;
}

static void negate(integer *v)
{
    uint64_t carry = 1;
    for (int k = 0; k < WORDS; k++) {
        carry += (uint32_t)~v->word[k];
        v->word[k] = (uint32_t)carry;
        carry >>= 32;
    }
}

/* v += +-digits * 2^at */
static void add(integer *v, int negative, uint64_t digits, int at)
{
    integer summand = {{0}};
    const unsigned __int128 shifted = (unsigned __int128)digits << at % 32;
    for (int k = 0; k < 3; k++)
        summand.word[at / 32 + k] = (uint32_t)(shifted >> 32 * k);
    if (negative)
        negate(&summand);
    uint64_t carry = 0;
    for (int k = 0; k < WORDS; k++) {
        carry += (uint64_t)v->word[k] + summand.word[k];
        v->word[k] = (uint32_t)carry;
        carry >>= 32;
    }
}

/* A number's digits, and how far they are shifted above the format's least number. */
static uint64_t digits(const struct format *f, uint64_t bits, int *shift)
{
    const uint64_t fraction = bits & ((UINT64_C(1) << f->fraction) - 1);
    const int biased = (int)(bits >> f->fraction & ((1u << (f->size - 1 - f->fraction)) - 1));
    *shift = biased ? biased - 1 : 0;
    return biased ? fraction | UINT64_C(1) << f->fraction : fraction;
}

/* The number next to an exact one that is not 0; of two the one whose last bit is 0. */
static uint64_t rounded(const struct format *f, integer exact)
{
    const uint64_t sign = UINT64_C(1) << (f->size - 1);
    const uint64_t infinity = (sign >> f->fraction) - 1;
    const int negative = bit(&exact, 32 * WORDS - 1);
    if (negative)
        negate(&exact);
    int word = WORDS - 1;
    while (!exact.word[word])
        word--;
    int first = 32 * word + 31;
    while (!bit(&exact, first))
        first--;
    int last = first - f->fraction; /* of the digits that are kept */
    if (last < -f->least)
        last = -f->least;
    uint64_t kept = 0;
    for (int k = first; k >= last; k--)
        kept = 2 * kept + (uint64_t)bit(&exact, k);
    const int half = last - 1;
    int rest = (exact.word[half / 32] & ((1u << half % 32) - 1)) != 0;
    for (int k = 0; k < half / 32; k++)
        rest |= exact.word[k] != 0;
    kept += bit(&exact, half) && (rest || kept & 1);
    /* The first digit adds one to the exponent, and so does one more digit. */
    uint64_t bits = ((uint64_t)(last + f->least) << f->fraction) + kept;
    if (bits > infinity << f->fraction)
        bits = infinity << f->fraction;
    return bits | (negative ? sign : 0);
}

static int is_finite(const struct format *f, uint64_t bits)
{
    const uint64_t infinity = (UINT64_C(1) << (f->size - 1)) - (UINT64_C(1) << f->fraction);
    return (bits & infinity) != infinity;
}

/* Of finite numbers. */
static uint64_t expected(const struct format *f, uint64_t x, uint64_t y, uint64_t z)
{
    int x_shift, y_shift, z_shift;
    const uint64_t a = digits(f, x, &x_shift), b = digits(f, y, &y_shift);
    const uint64_t c = digits(f, z, &z_shift);
    const int product_negative = (int)((x ^ y) >> (f->size - 1) & 1);
    const int z_negative = (int)(z >> (f->size - 1) & 1);
    integer exact = {{0}};
    const unsigned __int128 product = (unsigned __int128)a * b;
    add(&exact, product_negative, (uint64_t)product, x_shift + y_shift);
    add(&exact, product_negative, (uint64_t)(product >> 64), x_shift + y_shift + 64);
    add(&exact, z_negative, c, z_shift - f->least);
    for (int k = 0; k < WORDS; k++)
        if (exact.word[k])
            return rounded(f, exact);
    /* Zeros of one sign keep it, all others cancel to +0. */
    const int zeros = (!a || !b) && !c;
    return zeros && product_negative && z_negative ? UINT64_C(1) << (f->size - 1) : 0;
}

static float fused_f32(float x, float y, float z)
{
    return FUSED_F32(x, y, z);
}

static double fused_f64(double x, double y, double z)
{
    return FUSED_F64(x, y, z);
}

/* What is used, and what is used where no other can be. */
static const struct {
    const char *name;
    float (*f32)(float, float, float);
    double (*f64)(double, double, double);
} ways[] = {{"the kernels'", fused_f32, fused_f64},
            {"our own", fused_by_double, fused_by_integers}};

static uint64_t computed(const struct format *f, size_t way, const uint64_t operands[3])
{
    const uint64_t *o = operands;
    if (f->size == 32)
        return narrow_f32(ways[way].f32(widen_f32((uint32_t)o[0]), widen_f32((uint32_t)o[1]),
                                        widen_f32((uint32_t)o[2])));
    return narrow_f64(ways[way].f64(widen_f64(o[0]), widen_f64(o[1]), widen_f64(o[2])));
}

static void compare(const struct format *f, uint64_t x, uint64_t y, uint64_t z)
{
    const uint64_t operands[3] = {x, y, z};
    const uint64_t wanted = expected(f, x, y, z);
    for (size_t way = 0; way < sizeof ways / sizeof *ways; way++) {
        const uint64_t got = computed(f, way, operands);
        CHECK(got == wanted, "%s, %s: fma(%llx, %llx, %llx) is %llx, not %llx", f->name,
              ways[way].name, (unsigned long long)x, (unsigned long long)y, (unsigned long long)z,
              (unsigned long long)got, (unsigned long long)wanted);
    }
}

static uint64_t number(const struct format *f, int negative, int biased, uint64_t fraction)
{
    return (uint64_t)negative << (f->size - 1) | (uint64_t)biased << f->fraction |
           (fraction & ((UINT64_C(1) << f->fraction) - 1));
}

/* Zeros, the least and the greatest numbers of each kind, powers of two and what is next to them. */
static void special(const struct format *f)
{
    const int infinite = (1 << (f->size - 1 - f->fraction)) - 1, one = infinite / 2;
    const int exponents[] = {0, 1, 2, one / 2, one / 2 + 1, one - f->fraction - 1,
                             one - f->fraction, one - 1, one, one + 1, one + f->fraction,
                             infinite - one / 2, infinite - 1};
    uint64_t numbers[2 * 3 * (sizeof exponents / sizeof *exponents)];
    size_t n = 0;
    for (size_t k = 0; k < sizeof exponents / sizeof *exponents; k++)
        for (int negative = 0; negative < 2; negative++) {
            numbers[n++] = number(f, negative, exponents[k], 0);
            numbers[n++] = number(f, negative, exponents[k], 1);
            numbers[n++] = number(f, negative, exponents[k], ~UINT64_C(0));
        }
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < n; b++)
            for (size_t c = 0; c < n; c++)
                compare(f, numbers[a], numbers[b], numbers[c]);
}

/* Any numbers; and such whose product is not far from the summand, or cancels with it. */
static void random_numbers(const struct format *f)
{
    const int infinite = (1 << (f->size - 1 - f->fraction)) - 1, one = infinite / 2;
    for (int k = 0; k < 200000; k++) {
        const uint64_t any = pick();
        const int a = (int)pick_below((uint64_t)infinite), b = (int)pick_below((uint64_t)infinite);
        int c = (int)pick_below((uint64_t)infinite);
        if (k % 4)
            c = a + b - one + (int)pick_below((uint64_t)(3 * f->fraction)) - 3 * f->fraction / 2;
        c = c < 0 ? 0 : c >= infinite ? infinite - 1 : c;
        uint64_t x = number(f, (int)(any & 1), a, pick()), y = number(f, (int)(any >> 1 & 1), b, pick());
        uint64_t z = number(f, (int)(any >> 2 & 1), c, pick());
        if (k % 4 == 2) { /* few digits, so that there are ties */
            const uint64_t few = ~UINT64_C(0) << (f->fraction / 2 + 1);
            x &= few, y &= few, z &= few;
        } else if (k % 4 == 3) { /* minus the rounded product */
            z = expected(f, x, y, 0) ^ UINT64_C(1) << (f->size - 1);
        }
        if (is_finite(f, z))
            compare(f, x, y, z);
    }
}

/* Sums in the middle between two numbers, normal ones or not, and beside it by little or least. */
static void ties(const struct format *f)
{
    const int infinite = (1 << (f->size - 1 - f->fraction)) - 1, one = infinite / 2;
    for (int k = 0; k < 20000; k++) {
        const int z_negative = k & 1, x_negative = k >> 1 & 1;
        const int biased = k & 4 ? (int)pick_below(3) : (int)pick_below((uint64_t)infinite);
        const uint64_t z = number(f, z_negative, biased, pick());
        const uint64_t x = number(f, x_negative, one - f->fraction - 1, 0); /* half a last place */
        const uint64_t y = number(f, 0, biased ? biased : 1, 0);
        compare(f, x, y, z);
        compare(f, x - 1, y, z);
        compare(f, x + 1, y, z);
        /* (1 + 2^-a) (1 + 2^-b) where a + b is one more than there are digits, and least numbers */
        const int a = 1 + (int)pick_below((uint64_t)f->fraction);
        const uint64_t v = number(f, x_negative, one, UINT64_C(1) << (f->fraction - a));
        const uint64_t w = number(f, 0, one, UINT64_C(1) << (a - 1));
        compare(f, v, w, number(f, z_negative, 0, 0));
        compare(f, v, w, number(f, z_negative, 0, 1));
    }
}

/* Infinities and NaNs are what operations on them give, whichever NaN that is. */
static void not_finite(const struct format *f)
{
    const int infinite = (1 << (f->size - 1 - f->fraction)) - 1;
    const uint64_t plus = number(f, 0, infinite, 0), minus = number(f, 1, infinite, 0);
    const uint64_t nan = number(f, 0, infinite, UINT64_C(1) << (f->fraction - 1));
    const uint64_t large = number(f, 0, infinite - 1, ~UINT64_C(0)), zero = 0;
    const uint64_t cases[][4] = {
        {plus, large, large, plus}, {large, plus, minus, nan},  {plus, zero, large, nan},
        {zero, minus, large, nan},  {large, large, minus, minus}, {large, large, nan, nan},
        {nan, zero, large, nan},    {zero, nan, large, nan},    {minus, large, zero, minus},
        {minus, minus, plus, plus}, {zero, zero, minus, minus}, {nan, plus, plus, nan},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        for (size_t way = 0; way < sizeof ways / sizeof *ways; way++) {
            const uint64_t got = computed(f, way, cases[k]);
            const int is_nan = !is_finite(f, got) && got != plus && got != minus;
            CHECK(cases[k][3] == nan ? is_nan : got == cases[k][3], "%s, %s: case %d is %llx",
                  f->name, ways[way].name, (int)k, (unsigned long long)got);
        }
}

int main(void)
{
    const struct format *const formats[] = {&float32, &float64};
    for (int k = 0; k < 2; k++) {
        special(formats[k]);
        random_numbers(formats[k]);
        ties(formats[k]);
        not_finite(formats[k]);
    }
    return finish("fused");
}
