/*
 * dropfuse_normal: check, walk, hand on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "check.h"
#include "cpu.h"
#include "dropfuse.h"
#include "loop.h"
#include "operations.h"

/* Tiles of numbers at a time. */
enum { TILES = 8, NUMBERS = TILES * NORMAL_TILE };

/* Tiles from which on the low word of the block number starts again at 0. */
enum { WRAP_TILES = 1 << 27 };

static void apply(const struct job *job, int multiply, double sigma)
{
    const struct layout *l = &job->layout;
    const struct normal *normal = job->source.tier->normal;
    _Alignas(64) float z[NUMBERS];
    const char *x = job->x;
    char *y = job->y;
    uint64_t unit = l->start + l->first, left = l->count;
    while (left) {
        const uint64_t skip = unit % NORMAL_TILE;
        const uint64_t tile = unit / NORMAL_TILE, room = WRAP_TILES - tile % WRAP_TILES;
        const uint64_t most = (room < TILES ? room : TILES) * NORMAL_TILE - skip;
        const uint64_t wanted = left < most ? left : most;
        normal->numbers(&job->source.draw, tile,
                      (size_t)((skip + wanted + NORMAL_TILE - 1) / NORMAL_TILE), z);
        normal->noise[job->dtype](x, y, (size_t)wanted, z + skip, sigma, multiply);
        x += wanted * job->size;
        y += wanted * job->size;
        unit += wanted;
        left -= wanted;
    }
}

int dropfuse_normal(int tier, int dtype, const void *x, void *y, long long first,
                    long long count, unsigned long long seed, unsigned long long offset,
                    unsigned long long start, int form, double sigma)
{
    int status = DROPFUSE_OK;
    const struct tier *functions = tier_for(tier, &status);
    if (!status)
        status = check_dtype(dtype);
    if (!status)
        status = check_layout(first, count, 1, 1, 1, start, element_size(dtype));
    if (!status)
        status = check_draw(0, offset);
    if (!status)
        status = check_noise(form, sigma);
    if (status || !count)
        return status;
    status = check_pointers("x", x, "y", y, count);
    if (status)
        return status;
    const uintptr_t before = (uintptr_t)first * element_size(dtype);
    const struct job job = {
        .source = {.tier = functions,
                   .draw = {.key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
                            .offset = {(uint32_t)offset, (uint32_t)(offset >> 32)}}},
        .layout = {(uint64_t)first, (uint64_t)count, 1, 1, 1, start},
        .dtype = dtype,
        .size = element_size(dtype),
        .x = (const char *)((uintptr_t)x + before),
        .y = (char *)((uintptr_t)y + before),
    };
    status = check_overlap(&job);
    if (!status)
        apply(&job, form == DROPFUSE_MULTIPLY, sigma);
    return status;
}
