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
                         struct meanwhile meanwhile)
{
    const uint64_t tile = unit / NORMAL_TILE;
    const uint64_t tiles = least(least(last / NORMAL_TILE - tile + 1, NORMAL_TILES),
                                 WRAP_TILES - tile % WRAP_TILES);
    tier->normal->numbers(draw, tile, tiles, numbers->z, meanwhile);
    numbers->base = tile * NORMAL_TILE;
    numbers->count = tiles * NORMAL_TILE;
}

/* Elements that follow each other, and their numbers. */
struct stretch {
    const struct tier *tier;
    const struct job *job;
    int far;
    uint64_t e, n;
    const float *z;
};

/*
 * Past the caches by way of memory that stays in the first. The next part is fetched, and comes
 * while numbers are drawn.
 */
static void apply_part(void *context, size_t part, size_t parts)
{
    struct stretch *const s = context;
    const struct job *const job = s->job;
    const uint64_t from = s->n * part / parts, n = s->n * (part + 1) / parts - from;
    const char *const x = job->x + (s->e + from) * job->size;
    char *const y = job->y + (s->e + from) * job->size;
    _Alignas(CACHE_LINE) char near[NUMBERS * sizeof(double)];
    /* Computing for elements of 2 bytes takes longer than their memory does. */
    const int stream = streams(job) && job->size > 2;
    if (s->far) {
        const uintptr_t next = (uintptr_t)x + n * job->size;
        for (uint64_t k = 0; k < n * job->size; k += CACHE_LINE)
            __builtin_prefetch((const char *)(next + k));
    }
    s->tier->normal->noise[job->dtype](x, stream ? near : y, n, s->z + from, job->scale,
                                       job->form == FORM_MULTIPLY);
    if (stream)
        s->tier->branch[job->dtype](near, FORM_SELECT, NULL, NULL, y, n, NULL, 0, 1, 0, 1);
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
    struct numbers groups[2], *numbers = groups;
    numbers->base = numbers->count = 0;
    struct stretch s = {.tier = tier, .job = job, .far = is_far(job)};
    for (uint64_t e = 0; e < l.count; at = 0, base += l.step)
        for (block = least(l.count - e, l.cycle - at); block;) {
            if (base + at - numbers->base >= numbers->count) {
                const struct meanwhile meanwhile = {apply_part, &s, NULL};
                numbers = &groups[numbers == groups];
                draw_numbers(numbers, tier, &draw, base + at,
                             close ? last : base + at + (block - 1),
                             s.n ? meanwhile : (struct meanwhile){0});
            } else {
                apply_part(&s, 0, 1);
            }
            const uint64_t ahead_of = base + at - numbers->base;
            s.e = e;
            s.n = least(block, numbers->count - ahead_of);
            s.z = numbers->z + ahead_of;
            e += s.n;
            at += s.n;
            block -= s.n;
        }
    apply_part(&s, 0, 1);
    if (streams(job))
        tier->stream_end();
}
