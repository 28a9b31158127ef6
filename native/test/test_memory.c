/*
 * What must not be touched: dropped rows are not read, kept rows that stay as they are not
 * written, bytes of masks that decide nothing not read, and no byte is touched when nothing is to
 * be done.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "harness.h"
#include "model.h"
#include "pages.h"

enum { ROWS = 40 };

static size_t page;
static struct fenced x_memory, y_memory;

static void protect(unsigned char *row, size_t bytes, enum access access)
{
    CHECK(pages_protect(row, bytes, access), "access %d", access);
}

/* A unit for each row, which is a page. */
static struct units rows(int dtype, const unsigned char *mask, uint64_t seed)
{
    struct units u = elements(ROWS * (long long)page / model_size(dtype));
    u.run = (long long)page / model_size(dtype);
    u.mask = mask;
    u.seed = seed;
    u.offset = 7;
    u.start = 0;
    return u;
}

/* Dropped rows are unreadable, in the input. */
static void dropped_rows_unread(int tier, int dtype, const unsigned char *mask,
                                const unsigned char keep[ROWS], uint64_t seed)
{
    const struct units u = rows(dtype, mask, seed);
    memset(x_memory.low, 0x41, ROWS * page);
    memset(y_memory.low, 0x5A, ROWS * page);
    for (size_t r = 0; r < ROWS; r++)
        if (!keep[r])
            protect(x_memory.low + r * page, page, NO_ACCESS);
    CHECK(!call_drop(tier, dtype, x_memory.low, y_memory.low, &u, 2), "%s", dropfuse_last_error());
    protect(x_memory.low, ROWS * page, READ_AND_WRITE);
    for (size_t k = 0; k < ROWS * page; k++)
        CHECK(!y_memory.low[k] == !keep[k / page], "%s dtype %d: byte %zu",
              dropfuse_tier_name(tier), dtype, k);
}

/* The same where two rows' units come again and again. */
static void dropped_cycles_unread(int tier, int dtype, uint64_t seed)
{
    enum { CYCLE = 2 };
    struct units u = rows(dtype, NULL, seed);
    u.cycle = u.step = CYCLE;
    u.repeat = ROWS / CYCLE;
    unsigned char keep[CYCLE];
    for (uint64_t unit = 0; unit < CYCLE; unit++)
        keep[unit] = (unsigned char)model_keep(u.p, u.seed, u.offset, unit);
    memset(x_memory.low, 0x41, ROWS * page);
    memset(y_memory.low, 0x5A, ROWS * page);
    for (size_t r = 0; r < ROWS; r++)
        if (!keep[r % CYCLE])
            protect(x_memory.low + r * page, page, NO_ACCESS);
    CHECK(!call_drop(tier, dtype, x_memory.low, y_memory.low, &u, 2), "%s", dropfuse_last_error());
    protect(x_memory.low, ROWS * page, READ_AND_WRITE);
    for (size_t k = 0; k < ROWS * page; k++)
        CHECK(!y_memory.low[k] == !keep[k / page % CYCLE], "%s dtype %d: byte %zu",
              dropfuse_tier_name(tier), dtype, k);
}

/* In place with a scale of 1: kept rows may be read-only, dropped ones become zeros. */
static void kept_rows_unwritten(int tier, int dtype, const unsigned char *mask,
                                const unsigned char keep[ROWS], uint64_t seed)
{
    const struct units u = rows(dtype, mask, seed);
    memset(x_memory.low, 0x41, ROWS * page);
    for (size_t r = 0; r < ROWS; r++)
        if (keep[r])
            protect(x_memory.low + r * page, page, NO_ACCESS);
    CHECK(!call_drop(tier, dtype, x_memory.low, x_memory.low, &u, 1), "%s", dropfuse_last_error());
    protect(x_memory.low, ROWS * page, READ_AND_WRITE);
    for (size_t k = 0; k < ROWS * page; k++)
        CHECK(x_memory.low[k] == (keep[k / page] ? 0x41 : 0), "%s dtype %d: byte %zu",
              dropfuse_tier_name(tier), dtype, k);
}

/* Nothing kept: the input is not read. All kept as it is, in place: nothing is touched. */
static void extremes(int tier, int dtype)
{
    struct units u = elements((long long)(ROWS * page) / model_size(dtype));
    memset(y_memory.low, 0x5A, ROWS * page);
    protect(x_memory.low, ROWS * page, NO_ACCESS);
    u.p = 1;
    CHECK(!call_drop(tier, dtype, x_memory.low, y_memory.low, &u, 0), "%s", dropfuse_last_error());
    u.p = 0;
    CHECK(!call_drop(tier, dtype, x_memory.low, x_memory.low, &u, 1), "%s", dropfuse_last_error());
    u = elements(0);
    u.first = 5;
    CHECK(!call_drop(tier, dtype, x_memory.low, x_memory.low, &u, 2), "%s", dropfuse_last_error());
    u.first = 0;
    CHECK(!call_drop(tier, dtype, NULL, NULL, &u, 2), "%s", dropfuse_last_error());
    CHECK(!call_mask(tier, NULL, &u), "%s", dropfuse_last_error());
    protect(x_memory.low, ROWS * page, READ_AND_WRITE);
    for (size_t k = 0; k < ROWS * page; k++)
        CHECK(!y_memory.low[k], "%s dtype %d: byte %zu", dropfuse_tier_name(tier), dtype, k);
}

/* Each function that reads a stored mask, whose pages that decide nothing are unreadable. */
static void undecided_unread(int tier, struct units u)
{
    enum { MOST = 3000 };
    static unsigned char mask[MOST / 8 + 1];
    static float x[MOST], y[MOST], sums[MOST];
    unsigned char *const bits = y_memory.low;
    unsigned char needed[ROWS] = {0};
    memset(bits, 0xFF, ROWS * page);
    for (uint64_t e = 0; e < (uint64_t)u.count; e++) {
        const uint64_t unit = model_unit(&u, (uint64_t)u.first + e);
        needed[unit / 8 / page] = 1;
        if (unit % 3 == 0)
            bits[unit / 8] &= (unsigned char)~(1 << unit % 8);
    }
    for (size_t r = 0; r < ROWS; r++)
        if (!needed[r])
            protect(bits + r * page, page, NO_ACCESS);
    u.mask = bits;
    for (int e = 0; e < MOST; e++)
        x[e] = 1;
    float *const x0 = element0(x, (uint64_t)u.first, 4);
    float *const y0 = element0(y, (uint64_t)u.first, 4);
    CHECK(!call_drop(tier, DROPFUSE_FLOAT32, x0, y0, &u, 2), "%s", dropfuse_last_error());
    for (uint64_t e = 0; e < (uint64_t)u.count; e++)
        CHECK(y[e] == (model_unit(&u, (uint64_t)u.first + e) % 3 ? 2 : 0), "%s: element %d",
              dropfuse_tier_name(tier), (int)e);
    CHECK(!call_product(tier, DROPFUSE_FLOAT32, x0, y0, &u, 1, 2), "%s", dropfuse_last_error());
    CHECK(!call_residual(tier, DROPFUSE_FLOAT32, x0, 0, NULL, 1, y0, y0, &u, 2), "%s",
          dropfuse_last_error());
    CHECK(!call_mask(tier, element0(mask, (uint64_t)u.first / 8, 1), &u), "%s",
          dropfuse_last_error());
    for (uint64_t e = 0; e < (uint64_t)u.count; e++) {
        const int kept = model_unit(&u, (uint64_t)u.first + e) % 3 != 0;
        CHECK(y[e] == (kept ? 4 : 0), "%s: sum %d", dropfuse_tier_name(tier), (int)e);
        CHECK((mask[e / 8] >> e % 8 & 1) == kept, "%s: bit %d", dropfuse_tier_name(tier), (int)e);
    }
    if (u.first % 64 == 0)
        CHECK(!call_sum_rows(tier, DROPFUSE_FLOAT32, x0, NULL,
                             element0(sums, (uint64_t)u.first / 64, 4), 1, &u, 1), "%s",
              dropfuse_last_error());
    protect(bits, ROWS * page, READ_AND_WRITE);
}

static void undecided(int tier)
{
    const long long units = 8 * (long long)page; /* of a page of the mask */
    struct units u = elements(3000);
    u.start = 0;
    /* Columns: at the beginning and end of every second page of the mask, and across an end. */
    u.cycle = 1000;
    u.step = 2 * units;
    undecided_unread(tier, u);
    u.start = (uint64_t)units - 1000;
    undecided_unread(tier, u);
    u.start = (uint64_t)units - 500;
    u.step = 4 * units;
    undecided_unread(tier, u);
    u.count = 2048 + 8;
    u.first = 640;
    undecided_unread(tier, u);
    /* Part of a cycle that repeats: its middle, and its end and beginning. */
    u = elements(2000);
    u.start = 0;
    u.cycle = u.step = 6 * units;
    u.repeat = 3;
    u.first = 3 * units + 64;
    undecided_unread(tier, u);
    u.first = u.cycle - 960;
    undecided_unread(tier, u);
    u.start = (uint64_t)units - 1040;
    undecided_unread(tier, u);
    /* The same of a box, and of a cycle that a window holds. */
    u.step = 9 * units;
    undecided_unread(tier, u);
    u.start = 0;
    undecided_unread(tier, u);
    u.first = 2 * u.cycle + 4 * units;
    undecided_unread(tier, u);
    u.cycle = 8000;
    u.repeat = 2;
    u.start = (uint64_t)units - 4000;
    u.first = 8000 - 960;
    undecided_unread(tier, u);
    u.first = 16000 - 960;
    undecided_unread(tier, u);
    u.run = 3;
    u.first = 24000 - 960;
    undecided_unread(tier, u);
}

int main(void)
{
    page = pages_size();
    x_memory = fenced_new(ROWS * page);
    y_memory = fenced_new(ROWS * page);
    for (uint64_t seed = 0; seed < 4; seed++) {
        unsigned char keep[ROWS], mask[ROWS / 8] = {0};
        for (uint64_t r = 0; r < ROWS; r++) {
            keep[r] = (unsigned char)model_keep(0.5, seed, 7, r);
            mask[r / 8] |= (unsigned char)(keep[r] << r % 8);
        }
        for (const int *tier = tiers(); *tier >= 0; tier++) {
            undecided(*tier);
            for (int dtype = 0; dtype < 4; dtype++) {
                dropped_cycles_unread(*tier, dtype, seed);
                dropped_rows_unread(*tier, dtype, NULL, keep, seed);
                dropped_rows_unread(*tier, dtype, mask, keep, ~seed);
                kept_rows_unwritten(*tier, dtype, NULL, keep, seed);
                kept_rows_unwritten(*tier, dtype, mask, keep, ~seed);
                extremes(*tier, dtype);
            }
        }
    }
    return finish("memory");
}
