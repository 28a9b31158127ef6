/*
 * What becomes of single values: every pattern of the 16-bit types, NaNs, infinities, zeros,
 * subnormals, ties and overflow, kept through both kernels and dropped.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "model.h"

enum { N = 65536 };

static unsigned char x[N * 8], y[N * 8], ones[N / 8], zeros[N / 8];

static const double scales[] = {
    1.0 / 0.9, 1, 1.5, 0.75, 2, 0.5, 3, 1.0078125, 1.0009765625, 1.00390625, 0x1p-8, 0x1p-20,
    0x1.8p-12, 0x1.fcp3, 0x1p40, 0x1p-140, 0, -0.0, -1.25, INFINITY, NAN, 0x1.000001p0, 0x1p-1060};

/* Patterns of a type: all of 16 bits, or every exponent with chosen and random fractions. */
static void patterns(int dtype)
{
    const int size = model_size(dtype), fraction = dtype == DROPFUSE_FLOAT32 ? 23 : 52;
    for (uint64_t k = 0; k < N; k++) {
        uint64_t bits = k;
        if (size > 2) {
            static const uint64_t fractions[] = {0, 1, 2, 3, ~UINT64_C(0), ~UINT64_C(1)};
            const uint64_t low = (UINT64_C(1) << fraction) - 1;
            bits = (k << fraction) | (k >> 12 < 6 ? fractions[k >> 12] & low : pick() & low);
            if (k & 2048)
                bits |= UINT64_C(1) << (8 * size - 1);
        }
        memcpy(x + k * (uint64_t)size, &bits, (size_t)size);
    }
}

static uint64_t bits_of(const unsigned char *from, size_t k, size_t size)
{
    uint64_t bits = 0;
    memcpy(&bits, from + k * size, size);
    return bits;
}

static void kept(int tier, int dtype, double scale, const unsigned char *mask)
{
    const size_t size = (size_t)model_size(dtype);
    memset(y, 0x5A, sizeof y);
    struct units u = elements(N);
    u.mask = mask;
    u.p = 0;
    u.start = 0;
    const int status = call_drop(tier, dtype, x, y, &u, scale);
    CHECK(!status, "%s", dropfuse_last_error());
    for (size_t k = 0; k < N; k++) {
        const uint64_t from = bits_of(x, k, size), got = bits_of(y, k, size);
        const uint64_t want = model_scale(dtype, from, scale);
        const int nan = model_is_nan(dtype, want);
        CHECK(nan ? model_is_nan(dtype, got) : got == want,
              "%s dtype %d mask=%d: %llx * %a = %llx, not %llx", dropfuse_tier_name(tier), dtype,
              mask != NULL, (unsigned long long)from, scale, (unsigned long long)got,
              (unsigned long long)want);
    }
}

static void dropped(int tier, int dtype)
{
    for (int stored = 0; stored < 2; stored++) {
        memset(y, 0x5A, sizeof y);
        struct units u = elements(N);
        u.mask = stored ? zeros : NULL;
        u.p = 1;
        u.start = 0;
        const int status = call_drop(tier, dtype, x, y, &u, 1.5);
        CHECK(!status, "%s", dropfuse_last_error());
        for (size_t k = 0; k < (size_t)(N * model_size(dtype)); k++)
            CHECK(!y[k], "%s dtype %d stored=%d: a dropped value is not +0",
                  dropfuse_tier_name(tier), dtype, stored);
    }
}

int main(void)
{
    memset(ones, 0xFF, sizeof ones);
    for (int dtype = 0; dtype < 4; dtype++) {
        patterns(dtype);
        for (const int *tier = tiers(); *tier >= 0; tier++) {
            for (size_t s = 0; s < sizeof scales / sizeof *scales; s++) {
                kept(*tier, dtype, scales[s], NULL);
                kept(*tier, dtype, scales[s], ones);
            }
            dropped(*tier, dtype);
        }
    }
    return finish("values");
}
