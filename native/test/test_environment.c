/*
 * The caller's floating-point environment changes no bit, and is the caller's again afterwards:
 * each function on each tier in each mode, against what it gives in the default one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "harness.h"
#include "model.h"
#include "modes.h"

enum { N = 1024, ROW = 64, BYTES = N * 8 };

static _Alignas(64) unsigned char x[BYTES], second[BYTES], vector[ROW * 8], mask[N / 8 + 1];
static uint64_t indices[N / ROW];

/* What a call gives: its status, its text where it fails, and memory. */
struct result {
    int status;
    char text[128];
    _Alignas(64) unsigned char y[BYTES], sums[BYTES];
};

static struct result expected, got;

/* Small and large values, subnormal ones and such as need to be rounded, no NaNs. */
static void fill(int dtype, unsigned char *to, int n)
{
    const int size = model_size(dtype);
    for (int e = 0; e < n; e++) {
        uint64_t bits = pick() >> (64 - 8 * size);
        if (e % 3 == 0) /* next to the least normal one */
            bits &= ~(UINT64_C(0x7E) << (8 * size - 8));
        if (model_is_nan(dtype, bits))
            bits = 0;
        memcpy(to + e * size, &bits, (size_t)size);
    }
}

enum { CALLS = 17 };

/* One of the calls. No number is computed here. */
static __attribute__((noinline)) void call(int which, int tier, int dtype, struct result *r)
{
    const struct dropfuse_place place = on(tier);
    struct units u = elements(N), all = u, few = u, stored = u, wrong = u;
    u.p = 0.3;
    all.p = 1e-300; /* keeps all, but in no other mode */
    few.p = 1 - DBL_EPSILON;
    stored.mask = mask;
    wrong.p = -0.1;
    switch (which) {
    case 0:
        r->status = call_drop(tier, dtype, x, r->y, &u, 1 / 0.9);
        break;
    case 1:
        r->status = call_affine(tier, dtype, x, r->y, &u, 1 / 0.9, 0.37, 1e-42);
        break;
    case 2:
        r->status = call_residual(tier, dtype, x, DROPFUSE_VECTOR_ADD, vector, ROW, second, r->y,
                                  &u, 1 / 0.9);
        break;
    case 3:
        r->status = call_residual(tier, dtype, x, DROPFUSE_VECTOR_MULTIPLY, vector, ROW, NULL, r->y,
                                  &stored, 1 / 0.9);
        break;
    case 4:
        r->status = call_sum_rows(tier, dtype, x, second, r->sums, ROW, &u, 1 / 0.9);
        break;
    case 5:
        r->status = call_sum_rows(tier, dtype, x, NULL, r->sums, 1, &stored, 0x1p-60);
        if (!r->status)
            r->status = call_sum_tree(tier, dtype, r->sums, N / ROW, 1, r->y);
        break;
    case 6:
        r->status = call_product(tier, dtype, x, r->y, &stored, 0.9, 1 / 0.7);
        break;
    case 7:
        r->status = call_normal(tier, dtype, x, r->y, &u, DROPFUSE_ADD, 0.1);
        break;
    case 8:
        r->status = call_normal(tier, dtype, x, r->y, &u, DROPFUSE_MULTIPLY, 1e-40);
        break;
    case 9:
        r->status = dropfuse_rows(&place, dtype, DROPFUSE_GATHER, x, r->y, indices, N / ROW / 2,
                                  ROW, 1 / 0.9);
        break;
    case 10:
        r->status = dropfuse_rows(&place, dtype, DROPFUSE_SCATTER_ADD, x, r->y, indices,
                                  N / ROW / 2, ROW, 0.3);
        break;
    case 11:
        r->status = call_mask(tier, r->y, &u);
        break;
    case 12:
        r->status = call_mask(tier, r->y, &few);
        break;
    case 13: /* kept in place as it is, memory is not touched, and need not be there */
        r->status = call_drop(tier, dtype, (void *)64, (void *)64, &all, 1);
        break;
    case 14:
        r->status = call_mask(tier, r->y, &wrong);
        break;
    case 15: /* 1 - p is rounded too */
        r->status = call_zoneout(tier, dtype, DROPFUSE_EXPECT, x, second, r->y, &u);
        break;
    default:
        r->status = call_drop(tier, dtype, x, r->y, &stored, 1e-42);
    }
}

static void compare(int which, int tier, int dtype, const struct mode *mode)
{
    const uint64_t callers = modes_get();
    memset(&got, 0x11, sizeof got);
    modes_set(mode->modes);
    const uint64_t before = modes_get();
    call(which, tier, dtype, &got);
    const uint64_t after = modes_get();
    modes_set(callers);
    CHECK(modes_are_kept(before, after), "%s call %d dtype %d, %s: %llx became %llx",
          dropfuse_tier_name(tier), which, dtype, mode->name, (unsigned long long)before,
          (unsigned long long)after);
    CHECK(got.status == expected.status, "%s call %d dtype %d, %s: status %d",
          dropfuse_tier_name(tier), which, dtype, mode->name, got.status);
    CHECK(!got.status || !strcmp(dropfuse_last_error(), expected.text), "%s",
          dropfuse_last_error());
    CHECK(!memcmp(got.y, expected.y, BYTES) && !memcmp(got.sums, expected.sums, BYTES),
          "%s call %d dtype %d, %s: other bits", dropfuse_tier_name(tier), which, dtype,
          mode->name);
}

int main(void)
{
    for (size_t k = 0; k < sizeof mask; k++)
        mask[k] = (unsigned char)pick();
    for (size_t k = 0; k < N / ROW; k++)
        indices[k] = (5 * k + 3) % (N / ROW);
    for (int dtype = 0; dtype < 4; dtype++) {
        fill(dtype, x, N);
        fill(dtype, second, N);
        fill(dtype, vector, ROW);
        for (const int *tier = tiers(); *tier >= 0; tier++)
            for (int which = 0; which < CALLS; which++) {
                memset(&expected, 0x11, sizeof expected);
                call(which, *tier, dtype, &expected);
                if (expected.status)
                    strncpy(expected.text, dropfuse_last_error(), sizeof expected.text - 1);
                expected.text[sizeof expected.text - 1] = 0;
                CHECK(which == 14 ? expected.status == DROPFUSE_INVALID_ARGUMENT : !expected.status,
                      "call %d: %s", which, dropfuse_last_error());
                for (size_t m = 0; m < modes_count; m++)
                    compare(which, *tier, dtype, modes + m);
            }
    }
    return finish("environment");
}
