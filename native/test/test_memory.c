/*
 * What must not be touched: dropped rows are not read, kept rows that stay as they are not
 * written, and no byte is touched when nothing is to be done.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _DEFAULT_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness.h"
#include "model.h"

enum { ROWS = 40 };

static size_t page;
static struct fenced x_memory, y_memory;

static void protect(unsigned char *row, size_t bytes, int rights)
{
    CHECK(!mprotect(row, bytes, rights), "mprotect");
}

/* Rows of one page each: dropped ones unreadable, in the input. */
static void dropped_rows_unread(int tier, int dtype, const unsigned char *mask,
                                const unsigned char keep[ROWS], uint64_t seed)
{
    const long long run = (long long)page / model_size(dtype);
    memset(x_memory.low, 0x41, ROWS * page);
    memset(y_memory.low, 0x5A, ROWS * page);
    for (size_t r = 0; r < ROWS; r++)
        if (!keep[r])
            protect(x_memory.low + r * page, page, PROT_NONE);
    const int status = dropfuse_drop(tier, dtype, x_memory.low, y_memory.low, 0, ROWS * run, run,
                                     1, 1, mask, 0.5, seed, 7, 0, 2);
    CHECK(!status, "%s", dropfuse_last_error());
    protect(x_memory.low, ROWS * page, PROT_READ | PROT_WRITE);
    for (size_t k = 0; k < ROWS * page; k++)
        CHECK(!y_memory.low[k] == !keep[k / page], "%s dtype %d: byte %zu",
              dropfuse_tier_name(tier), dtype, k);
}

/* In place with a scale of 1: kept rows may be read-only, dropped ones become zeros. */
static void kept_rows_unwritten(int tier, int dtype, const unsigned char *mask,
                                const unsigned char keep[ROWS], uint64_t seed)
{
    const long long run = (long long)page / model_size(dtype);
    memset(x_memory.low, 0x41, ROWS * page);
    for (size_t r = 0; r < ROWS; r++)
        if (keep[r])
            protect(x_memory.low + r * page, page, PROT_NONE);
    const int status = dropfuse_drop(tier, dtype, x_memory.low, x_memory.low, 0, ROWS * run, run,
                                     1, 1, mask, 0.5, seed, 7, 0, 1);
    CHECK(!status, "%s", dropfuse_last_error());
    protect(x_memory.low, ROWS * page, PROT_READ | PROT_WRITE);
    for (size_t k = 0; k < ROWS * page; k++)
        CHECK(x_memory.low[k] == (keep[k / page] ? 0x41 : 0), "%s dtype %d: byte %zu",
              dropfuse_tier_name(tier), dtype, k);
}

/* Nothing kept: the input is not read. All kept as it is, in place: nothing is touched. */
static void extremes(int tier, int dtype)
{
    const long long n = (long long)(ROWS * page) / model_size(dtype);
    memset(y_memory.low, 0x5A, ROWS * page);
    protect(x_memory.low, ROWS * page, PROT_NONE);
    CHECK(!dropfuse_drop(tier, dtype, x_memory.low, y_memory.low, 0, n, 1, 1, 1, NULL, 1, 2, 3, 4,
                         0), "%s", dropfuse_last_error());
    CHECK(!dropfuse_drop(tier, dtype, x_memory.low, x_memory.low, 0, n, 1, 1, 1, NULL, 0, 2, 3, 4,
                         1), "%s", dropfuse_last_error());
    CHECK(!dropfuse_drop(tier, dtype, x_memory.low, x_memory.low, 5, 0, 1, 1, 1, NULL, 0.5, 2, 3,
                         4, 2), "%s", dropfuse_last_error());
    CHECK(!dropfuse_drop(tier, dtype, NULL, NULL, 0, 0, 1, 1, 1, NULL, 0.5, 2, 3, 4, 2), "%s",
          dropfuse_last_error());
    CHECK(!dropfuse_mask(tier, 0.5, 2, 3, 4, 0, NULL), "%s", dropfuse_last_error());
    protect(x_memory.low, ROWS * page, PROT_READ | PROT_WRITE);
    for (size_t k = 0; k < ROWS * page; k++)
        CHECK(!y_memory.low[k], "%s dtype %d: byte %zu", dropfuse_tier_name(tier), dtype, k);
}

int main(void)
{
    page = (size_t)sysconf(_SC_PAGESIZE);
    x_memory = fenced_new(ROWS * page);
    y_memory = fenced_new(ROWS * page);
    for (uint64_t seed = 0; seed < 4; seed++) {
        unsigned char keep[ROWS], mask[ROWS / 8] = {0};
        for (uint64_t r = 0; r < ROWS; r++) {
            keep[r] = (unsigned char)model_keep(0.5, seed, 7, r);
            mask[r / 8] |= (unsigned char)(keep[r] << r % 8);
        }
        for (const int *tier = tiers(); *tier >= 0; tier++)
            for (int dtype = 0; dtype < 4; dtype++) {
                dropped_rows_unread(*tier, dtype, NULL, keep, seed);
                dropped_rows_unread(*tier, dtype, mask, keep, ~seed);
                kept_rows_unwritten(*tier, dtype, NULL, keep, seed);
                kept_rows_unwritten(*tier, dtype, mask, keep, ~seed);
                extremes(*tier, dtype);
            }
    }
    return finish("memory");
}
