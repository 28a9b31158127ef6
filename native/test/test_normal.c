/*
 * dropfuse_normal on every tier: sizes, alignments and boxes against a plain loop, with every
 * buffer flush against a page that may not be touched, and every error.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <math.h>
#include <string.h>

#include "fused.h"
#include "harness.h"
#include "model.h"

enum { MOST = 5000 };

static const int sizes[] = {0,   1,   2,   7,   8,   9,   31,  32,  33,   63,   64,   65,  127,
                            128, 129, 255, 256, 257, 511, 513, 1023, 1025, 2049, 4097, MOST};
enum { SIZES = sizeof sizes / sizeof *sizes };

static struct fenced x_memory, y_memory;

static void fill(int dtype, unsigned char *at, int n)
{
    for (int j = 0; j < n; j++) {
        const uint64_t bits = model_bits(dtype, ((double)pick_below(2000) - 1000) / 128);
        memcpy(at + j * model_size(dtype), &bits, (size_t)model_size(dtype));
    }
}

/* Both forms, in float32, of elements at either end of memory. */
static void forms(int tier, const struct units *u, int low)
{
    const int n = (int)u->count;
    const uint64_t first = (uint64_t)u->first;
    call_stores = (int)pick_below(DROPFUSE_STORES_WOVEN + 1);
    unsigned char *x = fenced_at(&x_memory, (size_t)n * 4, low);
    unsigned char *y = fenced_at(&y_memory, (size_t)n * 4, low);
    fill(DROPFUSE_FLOAT32, x, n);
    for (int form = 0; form < 2; form++) {
        CHECK(!call_normal(tier, DROPFUSE_FLOAT32, element0(x, first, 4), element0(y, first, 4), u,
                           form, 0.375), "%s", dropfuse_last_error());
        for (int j = 0; j < n; j++) {
            const float z = model_normal(u->seed, u->offset, model_unit(u, first + (uint64_t)j));
            float v, got;
            memcpy(&v, x + 4 * j, 4);
            memcpy(&got, y + 4 * j, 4);
            const float wanted = form ? v * FUSED_F32(0.375f, z, 1) : FUSED_F32(0.375f, z, v);
            CHECK(got == wanted, "tier %d stores %d: normal number %d of %d, cycle %lld, step %lld",
                  tier, call_stores, j, n, u->cycle, u->step);
        }
    }
}

static void normals(int tier)
{
    static const uint64_t starts[] = {0, 1, 200, UINT64_C(0xFFFFFF00), (UINT64_C(1) << 35) - 300,
                                      (UINT64_C(1) << 61) - 3};
    struct units u = elements(0);
    u.seed = UINT64_C(0x123456789ABCDEF0);
    u.offset = UINT64_C(0x7FFFFFFF00000001);
    for (unsigned s = 0; s < sizeof starts / sizeof *starts; s++)
        for (int k = 0; k < SIZES; k++) {
            u.count = sizes[k];
            u.start = starts[s];
            forms(tier, &u, !(k % 2));
        }
    /* Enough to meet slices on both sides of the limit of second draws, and 9 of these in a group. */
    u.count = MOST;
    u.start = 0;
    for (u.offset = 0; u.offset < 100; u.offset++) {
        static float zero[MOST], drawn[MOST];
        CHECK(!call_normal(tier, DROPFUSE_FLOAT32, zero, drawn, &u, DROPFUSE_ADD, 1), "%s",
              dropfuse_last_error());
        for (uint64_t j = 0; j < MOST; j++)
            CHECK(drawn[j] == model_normal(u.seed, u.offset, j), "tier %d: unit %d of call %d",
                  tier, (int)j, (int)u.offset);
    }
}

static void boxes(int tier)
{
    static const int cycles[] = {1, 3, 64, 100, 256, 300, 2048, 3000};
    static const int gaps[] = {0, 1, 60, 255, 256, 257, 3000, 1 << 20};
    for (int c = 0; c < 8; c++)
        for (int g = 0; g < 8; g++) {
            struct units u = elements((long long)pick_below(MOST));
            u.first = (long long)pick_below(4000);
            u.cycle = cycles[c];
            u.step = u.cycle + gaps[g];
            u.start = pick_below(2) ? pick_below(600) : (UINT64_C(1) << 35) - pick_below(4000);
            forms(tier, &u, g % 2);
        }
}

/* Other types on guarded memory; their values are compared in Java. */
static void types(int tier)
{
    for (int dtype = 0; dtype < 4; dtype++)
        for (int k = 0; k < SIZES; k++) {
            const struct units u = elements(sizes[k]);
            const size_t bytes = (size_t)sizes[k] * (size_t)model_size(dtype);
            unsigned char *x = fenced_at(&x_memory, bytes, !(k % 2)), again[MOST * 8];
            unsigned char *y = fenced_at(&y_memory, bytes, !(k % 2));
            fill(dtype, x, sizes[k]);
            call_stores = DROPFUSE_STORES_AUTO;
            CHECK(!call_normal(tier, dtype, x, y, &u, 1, 0.5), "%s", dropfuse_last_error());
            memcpy(again, y, bytes);
            for (call_stores = 1; call_stores <= DROPFUSE_STORES_WOVEN; call_stores++) {
                memset(y, 0xA5, bytes);
                CHECK(!call_normal(tier, dtype, x, y, &u, 1, 0.5), "%s", dropfuse_last_error());
                CHECK(!memcmp(y, again, bytes), "tier %d type %d: stores %d", tier, dtype,
                      call_stores);
            }
            call_stores = DROPFUSE_STORES_AUTO;
            CHECK(!call_normal(tier, dtype, x, x, &u, 1, 0.5), "%s", dropfuse_last_error());
            CHECK(!memcmp(x, again, bytes), "tier %d type %d: in place", tier, dtype);
        }
}

static void refused(int status, const char *text)
{
    CHECK(status == DROPFUSE_INVALID_ARGUMENT, "status %d for '%s'", status, text);
    CHECK(!strncmp(dropfuse_last_error(), text, strlen(text)), "'%s' instead of '%s'",
          dropfuse_last_error(), text);
}

static void errors(void)
{
    float x[8] = {0}, y[8] = {0};
    const struct units u = elements(8), seven = elements(7);
    struct units wrong = u;
    refused(call_normal(0, 0, x, y, &u, 2, 1), "form = 2 is not in [0, 1]");
    refused(call_normal(0, 0, x, y, &u, -1, 1), "form = -1 is not in [0, 1]");
    refused(call_normal(0, 0, x, y, &u, 0, -1), "sigma = -1 ");
    refused(call_normal(0, 0, x, y, &u, 0, INFINITY), "sigma = inf ");
    refused(call_normal(0, 0, x, y, &u, 0, NAN), "sigma = ");
    wrong.offset = 1ULL << 63;
    refused(call_normal(0, 0, x, y, &wrong, 0, 1), "offset = ");
    wrong = u;
    wrong.start = ~0ULL;
    refused(call_normal(0, 0, x, y, &wrong, 0, 1), "start = ");
    refused(call_normal(0, 0, x, NULL, &u, 0, 1), "y = NULL ");
    wrong = u;
    wrong.first = -1;
    refused(call_normal(0, 0, x, y, &wrong, 0, 1), "first = -1 ");
    wrong = u;
    wrong.cycle = 3;
    refused(call_normal(0, 0, x, y, &wrong, 0, 1), "step = 1 is not in [3, 2^63)");
    refused(call_normal(0, 0, x, x + 1, &seven, 0, 1), "y = x + 4 bytes ");
    CHECK(y[0] == 0 && x[1] == 0, "something was written");
}

int main(void)
{
    x_memory = fenced_new(MOST * 8);
    y_memory = fenced_new(MOST * 8);
    for (const int *tier = tiers(); *tier >= 0; tier++) {
        normals(*tier);
        boxes(*tier);
        types(*tier);
    }
    errors();
    return finish("normal numbers");
}
