/* SPDX-License-Identifier: Apache-2.0 */
#include "loop.h"

enum {
    /* Longer units are scaled or zeroed one by one, shorter ones through a bit per element. */
    SHORT_RUN = 64,
    PEN_WORDS = 64,
    /* Blocks of a box that are worth a loop of their own. */
    LONG_BLOCK = DRAW_TILES * TILE
};

/* Outputs that no cache keeps until they are read again: then the cache is better left alone. */
static const uint64_t STREAM_BYTES = UINT64_C(16) << 20;

static int is_far(const struct job *job)
{
    return job->layout.count * job->size >= STREAM_BYTES;
}

static int streams(const struct job *job)
{
    return !job->in_place && is_far(job);
}

/* Elements whose decisions are known. */
struct stretch {
    const struct work *work;
    int stream;
    uint64_t e;
    size_t n;
    const uint64_t *bits;
    size_t bit;
    struct ahead ahead;
};

/* Has the elements fetched from two tiles after the e-th on. */
static void look_ahead(struct stretch *s, uint64_t e)
{
    const struct job *job = s->work->job;
    const uintptr_t bytes = (e + 2 * TILE) * job->size;
    s->ahead.at[0] = (const char *)((uintptr_t)job->x + bytes);
    s->ahead.at[1] = job->second ? (const char *)((uintptr_t)job->second + bytes) : NULL;
}

/* A tile's worth of the elements, or with the last part all that are left. */
static void apply_part(void *context, size_t part, size_t parts)
{
    struct stretch *s = context;
    const size_t from = part * TILE;
    if (from >= s->n)
        return;
    const size_t n = part + 1 < parts ? least(TILE, s->n - from) : s->n - from;
    s->work->operation->select(s->work, s->e + from, n, s->bits, s->bit + from, s->stream);
    look_ahead(s, s->e + from);
}

/* A unit per element for n of them. While some are drawn, those before are applied. */
static void each_element(const struct work *work, uint64_t e, uint64_t n, uint64_t unit)
{
    const struct job *job = work->job;
    struct stretch s = {.work = work, .e = e, .stream = streams(job)};
    s.ahead.lines = (TILE * job->size / CACHE_LINE + FETCHING_ROUNDS - 1) / FETCHING_ROUNDS;
    look_ahead(&s, e);
    struct meanwhile meanwhile = {NULL, &s, is_far(job) ? &s.ahead : NULL};
    const uint64_t last = unit + (n - 1);
    struct window windows[2];
    windows[0].bits[DRAW_WORDS] = windows[1].bits[DRAW_WORDS] = 0;
    for (int turn = 0; n; turn ^= 1) {
        struct window *window = &windows[turn];
        window_fill(window, &work->source, unit, last, meanwhile);
        meanwhile.work = apply_part; /* from now on there is something to apply */
        s.e += s.n;
        s.bits = window->bits;
        s.bit = unit - window->base;
        s.n = least(n, window->count - s.bit);
        unit += s.n;
        n -= s.n;
    }
    apply_part(&s, 0, 1);
}

/* Writes the elements in order: as bits of short units, or as stretches that share a decision. */
struct pen {
    const struct work *work;
    uint64_t e;
    int stream, keep;
    uint64_t stretch;
    uint64_t used;
    uint64_t bits[PEN_WORDS + 2];
};

static void pen_bits_out(struct pen *pen, uint64_t n)
{
    pen->work->operation->select(pen->work, pen->e, n, pen->bits, 0, pen->stream);
    pen->e += n;
    pen->bits[0] = pen->bits[n / 64];
    pen->used -= n;
}

/* The next n <= 64 elements, decided by the low bits of the word. */
static void pen_bits(struct pen *pen, uint64_t word, uint64_t n)
{
    const uint64_t shift = pen->used % 64;
    uint64_t *at = pen->bits + pen->used / 64;
    word &= low_bits(n);
    at[0] = (shift ? at[0] : 0) | word << shift;
    at[1] = word >> 1 >> (63 - shift);
    pen->used += n;
    if (pen->used >= 64 * PEN_WORDS)
        pen_bits_out(pen, 64 * PEN_WORDS);
}

static void pen_stretch_out(struct pen *pen)
{
    if (pen->keep)
        pen->work->operation->keep(pen->work, pen->e, pen->stretch, pen->stream);
    else
        pen->work->operation->drop(pen->work, pen->e, pen->stretch);
    pen->e += pen->stretch;
    pen->stretch = 0;
}

static void pen_stretch(struct pen *pen, int keep, uint64_t n)
{
    if (keep != pen->keep && pen->stretch)
        pen_stretch_out(pen);
    pen->keep = keep;
    pen->stretch += n;
}

/* The next n elements, in units of `run` from the given bit on, the first one begun by `begun`. */
static void pen_units(struct pen *pen, const uint64_t *bits, uint64_t bit, uint64_t run,
                      uint64_t begun, uint64_t n)
{
    if (run == 1) {
        for (uint64_t k; n; n -= k, bit += k) {
            k = least(n, 64);
            pen_bits(pen, bits_from(bits, bit), k);
        }
        return;
    }
    for (uint64_t k; n; n -= k, bit++, begun = 0) {
        const int keep = bits[bit / 64] >> bit % 64 & 1;
        k = least(n, run - begun);
        if (run <= SHORT_RUN)
            pen_bits(pen, -(uint64_t)keep, k);
        else
            pen_stretch(pen, keep, k);
    }
}

static int holds(const struct window *window, uint64_t unit, uint64_t units)
{
    return unit - window->base < window->count && units <= window->count - (unit - window->base);
}

/* Units of any length, in any order that a layout has. */
static void each_unit(const struct work *work)
{
    struct layout l = work->job->layout;
    uint64_t unused, last;
    layout_units(&l, &unused, &last);
    if (l.cycle == l.step && l.repeat == 1) /* one block holds all */
        l.cycle = l.step = (l.first + l.count - 1) / l.run + 1;
    const uint64_t period = l.run * l.cycle, block = period * l.repeat;

    const int stored = work->source.mask != 0;
    /* Of a stored mask, no byte lies between two blocks; of others, no more than a tile. */
    const int close = l.step - l.cycle < (stored ? 8 : 2 * TILE);
    struct pen pen = {.work = work, .stream = streams(work->job)};
    struct window window;
    window.base = window.count = window.bits[DRAW_WORDS] = 0;
    uint64_t base = l.start + l.first / block * l.step, at = l.first % block;
    uint64_t unit = at / l.run % l.cycle, begun = at % l.run;
    for (uint64_t left = l.count, n; left; left -= n, at = unit = begun = 0, base += l.step) {
        n = least(left, block - at);
        const uint64_t units = least(l.cycle - 1, last - base) + 1;
        const uint64_t end = close ? last : base + (units - 1);
        /* A cycle that a window can hold is drawn once, not at every repeat. */
        if (l.repeat > 1 && n >= period && l.cycle <= (DRAW_TILES - 1) * TILE &&
            !holds(&window, base, units))
            window_fill(&window, &work->source, base, end, (struct meanwhile){0});
        for (uint64_t in_block = n; in_block;) {
            if (!holds(&window, base + unit, 1)) {
                uint64_t to = end;
                if (stored && n < period) /* bytes that decide nothing may not be there */
                    to = base + least(units - 1, unit + (begun + in_block - 1) / l.run);
                window_fill(&window, &work->source, base + unit, to, (struct meanwhile){0});
            }
            const uint64_t bit = base + unit - window.base;
            const uint64_t some = least(l.cycle - unit, window.count - bit);
            const uint64_t elements = least(in_block, some * l.run - begun);
            pen_units(&pen, window.bits, bit, l.run, begun, elements);
            in_block -= elements;
            begun = 0;
            unit += some;
            if (unit == l.cycle)
                unit = 0;
        }
    }
    if (pen.used)
        pen_bits_out(&pen, pen.used);
    if (pen.stretch)
        pen_stretch_out(&pen);
}

void loop_units(const struct work *work)
{
    const struct job *job = work->job;
    const struct layout *l = &job->layout;
    const uint64_t threshold = job->decisions.threshold;
    if (threshold == 0) {
        work->operation->drop(work, 0, l->count);
        return;
    }
    if (threshold == EVERY_UNIT)
        work->operation->keep(work, 0, l->count, streams(job));
    else if (l->run > 1 || l->repeat > 1 || (l->step > 1 && l->cycle < LONG_BLOCK))
        each_unit(work);
    else if (l->step == 1)
        each_element(work, 0, l->count, l->start + l->first);
    else {
        uint64_t at = l->first % l->cycle, base = l->start + l->first / l->cycle * l->step;
        for (uint64_t e = 0, n; e < l->count; e += n, at = 0, base += l->step) {
            n = least(l->count - e, l->cycle - at);
            each_element(work, e, n, base + at);
        }
    }
    if (streams(job))
        work->source.tier->stream_end();
}
