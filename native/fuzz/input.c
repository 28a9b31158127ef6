/* SPDX-License-Identifier: Apache-2.0 */
#include "input.h"

#include <float.h>
#include <math.h>
#include <string.h>

uint64_t input_take(struct input *in, int bytes)
{
    uint64_t number = 0;
    for (int k = 0; k < bytes && in->at < in->end; k++)
        number |= (uint64_t)*in->at++ << 8 * k;
    return number;
}

uint64_t input_below(struct input *in, uint64_t n)
{
    return input_take(in, n <= UINT64_C(1) << 8 ? 1 : n <= UINT64_C(1) << 16 ? 2 : 8) % n;
}

int input_rarely(struct input *in, uint64_t n)
{
    return input_below(in, n) == n - 1;
}

uint64_t input_any(struct input *in)
{
    switch (input_below(in, 4)) {
    case 0:
        return input_take(in, 1);
    case 1: { /* next to a power of two, the 64th among them */
        const uint64_t power = input_below(in, 65);
        return (power < 64 ? UINT64_C(1) << power : 0) + input_take(in, 1) - 128;
    }
    case 2:
        return input_take(in, 3);
    default:
        return input_take(in, 8);
    }
}

static double from_bits(uint64_t bits)
{
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

double input_double(struct input *in)
{
    static const double some[] = {1, 0, -0.0, 2, -1, 1 / 0.9, 0.5, 1e-42, 1e-310, 1e39, 3.5e38, 65520,
                                  FLT_MIN, DBL_MIN, DBL_MAX, INFINITY, -INFINITY, NAN};
    switch (input_below(in, 3)) {
    case 0:
        return some[input_below(in, sizeof some / sizeof *some)];
    case 1:
        return (double)input_take(in, 2) / 4096 - 8;
    default:
        return from_bits(input_take(in, 8));
    }
}

double input_probability(struct input *in)
{
    static const double some[] = {0, 1, 0.5, 0.1, -0.0, 1e-300, 0x1p-41, 0x1.8p-41, 0x1p-40,
                                  1 - 0x1p-40, 1 - 0x1p-41, 1 - DBL_EPSILON, DBL_EPSILON};
    switch (input_below(in, 8)) {
    case 0:
    case 1:
        return some[input_below(in, sizeof some / sizeof *some)];
    case 2: /* the second draw decides nothing, or next to it */
        return (double)input_take(in, 1) / 256;
    case 3:
        return (double)input_take(in, 5) * 0x1p-40;
    case 4:
        return input_double(in);
    default:
        return (double)input_take(in, 4) * 0x1p-32;
    }
}
