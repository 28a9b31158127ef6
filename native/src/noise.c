/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include "course.h"
#include "loop.h"
#include "normal_draw.h"

enum { NUMBERS = NORMAL_TILES * NORMAL_TILE };

/* The numbers of units from `base` on. */
struct numbers {
    uint64_t base, count;
    _Alignas(CACHE_LINE) float z[NUMBERS];
};

/* Draws from a unit to at most `last`, as far as the memory reaches. */
static void draw_numbers(struct numbers *numbers, const struct tier *tier,
                         const struct draw *draw, uint64_t unit, uint64_t last,
                         const struct ahead *ahead)
{
    const uint64_t tile = unit / NORMAL_TILE;
    const uint64_t tiles = least(least(last / NORMAL_TILE - tile + 1, NORMAL_TILES),
                                 WRAP_TILES - tile % WRAP_TILES);
    tier->normal->numbers(draw, tile, tiles, numbers->z, ahead);
    numbers->base = tile * NORMAL_TILE;
    numbers->count = tiles * NORMAL_TILE;
}

/* The n elements from the e-th on: past the caches by way of memory that stays in the first. */
static void apply(const struct tier *tier, const struct job *job, uint64_t e, uint64_t n,
                  const float *z)
{
    _Alignas(CACHE_LINE) char near[NUMBERS * sizeof(double)];
    char *const y = job->y + e * job->size;
    /* Computing for elements of 2 bytes takes longer than their memory does. */
    const int stream = streams(job) && job->size > 2;
    tier->normal->noise[job->dtype](job->x + e * job->size, stream ? near : y, n, z, job->scale,
                                    job->form == FORM_MULTIPLY);
    if (stream)
        tier->branch[job->dtype](near, FORM_SELECT, NULL, NULL, y, n, NULL, 0, 1, 0, 1);
}

void host_noise(const struct tier *tier, const struct job *job)
{
    struct layout l = job->layout;
    const struct draw draw = {.key = {(uint32_t)job->decisions.seed,
                                      (uint32_t)(job->decisions.seed >> 32)},
                              .offset = {(uint32_t)job->decisions.offset,
                                         (uint32_t)(job->decisions.offset >> 32)}};
    uint64_t unused, last;
    layout_units(&l, &unused, &last);
    if (l.step == 1) /* one block holds all */
        l.cycle = l.step = l.first + l.count;
    const int close = l.step - l.cycle < NORMAL_TILE; /* no tile lies between two blocks */
    uint64_t base = l.start + l.first / l.cycle * l.step, at = l.first % l.cycle, block;
    struct numbers numbers;
    numbers.base = numbers.count = 0;
    const size_t tile = NORMAL_TILE * job->size;
    const size_t lines = (tile / CACHE_LINE + FETCHING_ROUNDS - 1) / FETCHING_ROUNDS;
    struct ahead ahead = {.lines = lines, .stride = lines * CACHE_LINE, .step = tile};
    for (uint64_t e = 0; e < l.count; at = 0, base += l.step)
        for (block = least(l.count - e, l.cycle - at); block;) {
            if (base + at - numbers.base >= numbers.count) {
                /* What the numbers after these are for. */
                ahead.at[0] = (const char *)((uintptr_t)job->x + (e + NUMBERS) * job->size);
                draw_numbers(&numbers, tier, &draw, base + at,
                             close ? last : base + at + (block - 1), is_far(job) ? &ahead : NULL);
            }
            const uint64_t ahead_of = base + at - numbers.base;
            const uint64_t n = least(block, numbers.count - ahead_of);
            apply(tier, job, e, n, numbers.z + ahead_of);
            e += n;
            at += n;
            block -= n;
        }
    if (streams(job))
        tier->stream_end();
}
