/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include "loop.h"
#include "normal_draw.h"

/* Tiles of numbers at a time. */
enum { TILES = 8 };

/* The numbers of units from `base` on. */
struct numbers {
    uint64_t base, count;
    _Alignas(64) float z[TILES * NORMAL_TILE];
};

/* Draws from a unit to at most `last`, as far as the memory reaches. */
static void draw_numbers(struct numbers *numbers, const struct tier *tier,
                         const struct draw *draw, uint64_t unit, uint64_t last)
{
    const uint64_t tile = unit / NORMAL_TILE;
    const uint64_t tiles = least(least(last / NORMAL_TILE - tile + 1, TILES),
                                 WRAP_TILES - tile % WRAP_TILES);
    tier->normal->numbers(draw, tile, tiles, numbers->z);
    numbers->base = tile * NORMAL_TILE;
    numbers->count = tiles * NORMAL_TILE;
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
    for (uint64_t e = 0; e < l.count; at = 0, base += l.step)
        for (block = least(l.count - e, l.cycle - at); block;) {
            if (base + at - numbers.base >= numbers.count)
                draw_numbers(&numbers, tier, &draw, base + at,
                             close ? last : base + at + (block - 1));
            const uint64_t ahead = base + at - numbers.base;
            const uint64_t n = least(block, numbers.count - ahead);
            tier->normal->noise[job->dtype](job->x + e * job->size, job->y + e * job->size, n,
                                            numbers.z + ahead, job->scale,
                                            job->form == FORM_MULTIPLY);
            e += n;
            at += n;
            block -= n;
        }
}
