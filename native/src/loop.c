/* SPDX-License-Identifier: Apache-2.0 */
#include "loop.h"

#include "course.h"

enum {
    /* Longer units are scaled or zeroed one by one, shorter ones through a bit per element. */
    SHORT_RUN = 64,
    PEN_WORDS = 64,
    /* Elements of a cycle whose bits are worth being expanded: room for it twice. */
    MOST_PERIOD = DRAW_WORDS * 32,
    /* Blocks of a box that are worth a loop of their own. */
    LONG_BLOCK = DRAW_TILES * TILE
};

/* Elements whose decisions are known, and how far they have been visited. */
struct stretch {
    const struct work *work;
    int stream;
    uint64_t e;
    struct course course;
    uint64_t at;
    const uint64_t *bits;
    size_t bit;
    struct ahead ahead;
};

/* Has the elements fetched from the given one on. */
static void look_ahead(struct stretch *s, uint64_t e)
{
    const struct job *job = s->work->job;
    const uintptr_t bytes = e * job->size;
    s->ahead.at[0] = (const char *)((uintptr_t)job->x + bytes);
    s->ahead.at[1] = job->second ? (const char *)((uintptr_t)job->second + bytes) : NULL;
}

static void select_some(const struct stretch *s, uint64_t at, uint64_t n)
{
    s->work->operation->select(s->work, s->e + at, n, s->bits, s->bit + at, s->stream);
}

static void begin_stretch(struct stretch *s, uint64_t e, uint64_t n, const uint64_t *bits,
                          size_t bit)
{
    const struct job *job = s->work->job;
    s->e = e;
    /* Drawing for elements of 2 bytes takes longer than their memory does, in any order. */
    s->course = job->size > 2 || s->work->source.mask ? course_through(job, e, n)
                                                      : (struct course){.n = n};
    s->at = 0;
    s->bits = bits;
    s->bit = bit;
    s->ahead.woven = s->course.to != 0;
    s->ahead.lines = (s->ahead.woven ? STRIP : TILE / FETCHING_ROUNDS) * job->size / CACHE_LINE;
    s->ahead.lines += !s->ahead.woven;
    s->ahead.stride = s->ahead.woven ? PAGE : s->ahead.lines * CACHE_LINE;
}

static void apply_woven(struct stretch *s, size_t part, size_t parts)
{
    const struct course *course = &s->course;
    do {
        if (s->at >= course->n)
            return;
        const struct part p = course_part(course, s->at);
        for (uint64_t k = 0, at = p.at; k < p.strips; k++, at += p.apart)
            select_some(s, at, p.each);
        s->at = course_after(course, s->at);
    } while (part + 1 == parts);
    look_ahead(s, s->e + course_after(course, course_after(course, s->at)));
}

/* A part of the elements, or with the last one all that are left. */
static void apply_part(void *context, size_t part, size_t parts)
{
    struct stretch *s = context;
    if (s->course.to) {
        apply_woven(s, part, parts);
        return;
    }
    const size_t from = part * TILE;
    if (from >= s->course.n)
        return;
    select_some(s, from, part + 1 < parts ? least(TILE, s->course.n - from) : s->course.n - from);
    look_ahead(s, s->e + from + 2 * TILE);
}

/* A unit per element for n of them. While some are drawn, those before are applied. */
static void each_element(const struct work *work, uint64_t e, uint64_t n, uint64_t unit)
{
    struct stretch s; /* not cleared, which small calls would feel */
    s.work = work;
    s.stream = streams(work->job);
    s.ahead = (struct ahead){0};
    const int far = is_far(work->job);
    struct meanwhile meanwhile = {0};
    const uint64_t last = unit + (n - 1);
    const uint64_t tile = unit / TILE, tiles = last / TILE - tile + 1;
    uint64_t reach = (tile + first_tiles(work->job, tiles)) * TILE - 1;
    struct window windows[2];
    windows[0].bits[DRAW_WORDS] = windows[1].bits[DRAW_WORDS] = 0;
    for (int turn = 0; n; turn ^= 1) {
        struct window *window = &windows[turn];
        window_fill(window, &work->source, unit, least(reach, last), meanwhile);
        reach = last;
        /* From now on there is something to apply. */
        meanwhile = (struct meanwhile){apply_part, &s, far ? &s.ahead : NULL};
        const uint64_t bit = unit - window->base, some = least(n, window->count - bit);
        begin_stretch(&s, e, some, window->bits, bit);
        e += some;
        unit += some;
        n -= some;
    }
    apply_part(&s, 0, 1);
}

/* All n elements from the e-th on are kept, or dropped. */
static void alike(const struct work *work, uint64_t e, uint64_t n, int keep, int stream)
{
    const struct operation *operation = work->operation;
    if (!keep) {
        operation->drop(work, e, n, stream);
        return;
    }
    const struct course course = course_through(work->job, e, n);
    if (!course.to) {
        operation->keep(work, e, n, stream);
        return;
    }
    for (uint64_t at = 0; at < n; at = course_after(&course, at)) {
        const struct part part = course_part(&course, at);
        for (uint64_t k = 0; k < part.strips; k++)
            operation->keep(work, e + at + k * part.apart, part.each, stream);
    }
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

/* Writes the low n <= 64 bits of a word, and zeros behind them in this word and the next. */
static void put_bits(uint64_t *bits, uint64_t bit, uint64_t word, uint64_t n)
{
    const uint64_t shift = bit % 64;
    uint64_t *at = bits + bit / 64;
    word &= low_bits(n);
    at[0] = (shift ? at[0] : 0) | word << shift;
    at[1] = word >> 1 >> (63 - shift);
}

/* The next n <= 64 elements, decided by the low bits of the word. */
static void pen_bits(struct pen *pen, uint64_t word, uint64_t n)
{
    put_bits(pen->bits, pen->used, word, n);
    pen->used += n;
    if (pen->used >= 64 * PEN_WORDS)
        pen_bits_out(pen, 64 * PEN_WORDS);
}

static void pen_stretch_out(struct pen *pen)
{
    alike(pen->work, pen->e, pen->stretch, pen->keep, pen->stream);
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

static void pen_out(struct pen *pen)
{
    if (pen->used)
        pen_bits_out(pen, pen->used);
    if (pen->stretch)
        pen_stretch_out(pen);
}

/* The bits of a cycle's elements, in runs of at most 64, over and over: of how many, whole cycles. */
static uint64_t expand(uint64_t *bits, const struct layout *l, const uint64_t *units, uint64_t unit,
                       uint64_t wanted)
{
    uint64_t have = 0;
    for (uint64_t u = 0, n; u < l->cycle; u += n) {
        n = l->run == 1 ? least(64, l->cycle - u) : 1;
        const uint64_t word = bits_from(units, unit + u);
        put_bits(bits, have, l->run == 1 ? word : -(word & 1), n * l->run);
        have += n * l->run;
    }
    for (const uint64_t period = have; have < wanted && have + period <= 64 * DRAW_WORDS;) {
        /* Twice as many, but for what has no room. */
        const uint64_t more = least(have, (64 * DRAW_WORDS - have) / period * period);
        for (uint64_t k = 0; k < more; k += 64)
            put_bits(bits, have + k, bits_from(bits, k), least(64, more - k));
        have += more;
    }
    return have;
}

/*
 * Elements of a cycle that is repeated, from the one at `phase` in it on: the cycle's bits are
 * expanded once, and what comes then takes what a stored mask does.
 */
static void repeated(struct pen *pen, const struct layout *l, const uint64_t *units, uint64_t unit,
                     uint64_t phase, uint64_t n)
{
    uint64_t bits[DRAW_WORDS + 2];
    const uint64_t have = expand(bits, l, units, unit, phase + n);
    pen_out(pen);
    struct stretch s = {.work = pen->work, .stream = pen->stream};
    for (uint64_t k; n; n -= k, phase = 0) {
        k = least(n, have - phase);
        begin_stretch(&s, pen->e, k, bits, phase);
        apply_part(&s, 0, 1);
        pen->e += k;
    }
}

static int holds(const struct window *window, uint64_t unit, uint64_t units)
{
    return unit - window->base < window->count && units <= window->count - (unit - window->base);
}

/*
 * The last unit to find together with those of a block that ends with the given one: of a stored
 * mask no byte, and of others no tile is between two blocks.
 */
static uint64_t end_of_group(const struct layout *l, uint64_t end, uint64_t last, int stored)
{
    const uint64_t gap = l->step - l->cycle, most = DRAW_TILES * TILE;
    if (gap < (stored ? 8 : TILE))
        return last;
    if (stored)
        return end;
    for (const uint64_t begin = end; last - end > gap && end - begin < most;) {
        const uint64_t next = end + gap + 1;
        if (next / TILE - end / TILE > 1)
            break;
        end = next + least(l->cycle - 1, last - next);
    }
    return end;
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
    struct pen pen = {.work = work, .stream = streams(work->job)};
    struct window window;
    window.base = window.count = window.bits[DRAW_WORDS] = 0;
    uint64_t base = l.start + l.first / block * l.step, at = l.first % block;
    uint64_t unit = at / l.run % l.cycle, begun = at % l.run;
    for (uint64_t left = l.count, n; left; left -= n, at = unit = begun = 0, base += l.step) {
        n = least(left, block - at);
        const uint64_t units = least(l.cycle - 1, last - base) + 1;
        /* A cycle that a window can hold is drawn once, not at every repeat. */
        if (l.repeat > 1 && n >= period && l.cycle <= (DRAW_TILES - 1) * TILE &&
            !holds(&window, base, units))
            window_fill(&window, &work->source, base,
                        end_of_group(&l, base + (units - 1), last, stored), (struct meanwhile){0});
        /* Elements of longer runs that are dropped are not read. */
        if (l.repeat > 1 && l.run <= SHORT_RUN && n > period && period <= MOST_PERIOD &&
            holds(&window, base, l.cycle)) {
            repeated(&pen, &l, window.bits, base - window.base, at % period, n);
            continue;
        }
        for (uint64_t in_block = n; in_block;) {
            if (!holds(&window, base + unit, 1)) {
                uint64_t to = end_of_group(&l, base + (units - 1), last, stored);
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
    pen_out(&pen);
}

void loop_units(const struct work *work)
{
    const struct job *job = work->job;
    const struct layout *l = &job->layout;
    const uint64_t threshold = job->decisions.threshold;
    if (threshold == 0 || threshold == EVERY_UNIT)
        alike(work, 0, l->count, threshold != 0, streams(job));
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
