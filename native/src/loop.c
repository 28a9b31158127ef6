/* SPDX-License-Identifier: Apache-2.0 */
#include "loop.h"

#include <string.h>

enum {
    /* Longer units are scaled or zeroed one by one, shorter ones through a bit per element. */
    SHORT_RUN = 64,
    PEN_WORDS = 64
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

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t bits_at(const uint64_t *bits, uint64_t bit)
{
    const uint64_t *word = bits + bit / 64;
    return word[0] >> bit % 64 | word[1] << 1 << (63 - bit % 64);
}

static uint64_t low_bits(uint64_t n)
{
    return n < 64 ? (UINT64_C(1) << n) - 1 : ~UINT64_C(0);
}

void layout_units(const struct layout *l, uint64_t *least_unit, uint64_t *greatest_unit)
{
    const uint64_t period = l->run * l->cycle, block = period * l->repeat;
    const uint64_t last = l->first + l->count - 1;
    if (block == 1) { /* small calls would feel the divisions */
        *least_unit = l->start + l->first;
        *greatest_unit = l->start + last;
        return;
    }
    const uint64_t block0 = l->first / block, block1 = last / block;

    uint64_t from = l->first % block, to = block0 == block1 ? last % block : block - 1;
    uint64_t unit = from / period == to / period ? from / l->run % l->cycle : 0;
    *least_unit = l->start + block0 * l->cycle + unit;

    from = block0 == block1 ? from : 0;
    to = last % block;
    unit = from / period == to / period ? to / l->run % l->cycle : l->cycle - 1;
    *greatest_unit = l->start + block1 * l->cycle + unit;
}

void loop_mask(const struct source *source, uint64_t start, uint64_t count, unsigned char *mask)
{
    struct window window;
    window.bits[DRAW_WORDS] = 0;
    const uint64_t last = start + (count - 1);
    uint64_t open = 0; /* bits of the byte begun, which a window's end may cut */
    unsigned used = 0;
    for (uint64_t unit = start; count;) {
        window_fill(&window, source, unit, last, (struct meanwhile){0});
        uint64_t bit = unit - window.base;
        uint64_t n = least(count, window.count - bit);
        unit += n;
        count -= n;
        if (used) { /* complete the byte */
            const uint64_t k = least(n, 8 - used);
            open |= (bits_at(window.bits, bit) & low_bits(k)) << used;
            used += (unsigned)k;
            bit += k;
            n -= k;
            if (used < 8)
                continue;
            *mask++ = (unsigned char)open;
        }
        if (bit % 64 == 0) {
            memcpy(mask, window.bits + bit / 64, n / 64 * 8);
            mask += n / 64 * 8;
            bit += n / 64 * 64;
            n %= 64;
        }
        for (; n >= 64; n -= 64, bit += 64, mask += 8) {
            const uint64_t word = bits_at(window.bits, bit);
            memcpy(mask, &word, sizeof word);
        }
        open = n ? bits_at(window.bits, bit) & low_bits(n) : 0;
        for (; n >= 8; n -= 8, open >>= 8)
            *mask++ = (unsigned char)open;
        used = (unsigned)n;
    }
    if (used)
        *mask = (unsigned char)open;
}

void loop_mask_all(int keep, uint64_t count, unsigned char *mask)
{
    memset(mask, keep ? 0xFF : 0, count / 8);
    if (count % 8)
        mask[count / 8] = keep ? (unsigned char)low_bits(count % 8) : 0;
}

/* Elements whose decisions are known. */
struct stretch {
    const struct job *job;
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
    const struct job *job = s->job;
    const uintptr_t bytes = (e + 2 * TILE) * job->size;
    s->ahead.at[0] = (const char *)((uintptr_t)job->x + bytes);
    s->ahead.at[1] = job->second ? (const char *)((uintptr_t)job->second + bytes) : NULL;
}

/* A tile's worth of the elements, or with the last part all that are left. */
static void apply_part(void *context, size_t part, size_t parts)
{
    struct stretch *s = context;
    const struct job *job = s->job;
    const size_t from = part * TILE;
    if (from >= s->n)
        return;
    const size_t n = part + 1 < parts ? least(TILE, s->n - from) : s->n - from;
    job->operation->select(job, s->e + from, n, s->bits, s->bit + from, s->stream);
    look_ahead(s, s->e + from);
}

/* A decision per element: unit(e) = start + e. While some are drawn, those before are applied. */
static void each_element(const struct job *job)
{
    const struct layout *l = &job->layout;
    struct stretch s = {.job = job, .stream = streams(job)};
    s.ahead.lines = (TILE * job->size / CACHE_LINE + FETCHING_ROUNDS - 1) / FETCHING_ROUNDS;
    look_ahead(&s, 0);
    const struct meanwhile meanwhile = {apply_part, &s, is_far(job) ? &s.ahead : NULL};
    uint64_t unit = l->start + l->first, left = l->count;
    const uint64_t last = unit + (left - 1);
    struct window windows[2];
    windows[0].bits[DRAW_WORDS] = windows[1].bits[DRAW_WORDS] = 0;
    for (int turn = 0; left; turn ^= 1) {
        struct window *window = &windows[turn];
        window_fill(window, &job->source, unit, last, meanwhile);
        s.e += s.n;
        s.bits = window->bits;
        s.bit = unit - window->base;
        s.n = least(left, window->count - s.bit);
        unit += s.n;
        left -= s.n;
    }
    apply_part(&s, 0, 1);
    if (s.stream)
        job->source.tier->stream_end();
}

/* Writes the elements in order: as bits of short units, or as stretches that share a decision. */
struct pen {
    const struct job *job;
    uint64_t e;
    int stream, keep;
    uint64_t stretch;
    uint64_t used;
    uint64_t bits[PEN_WORDS + 2];
};

static void pen_bits_out(struct pen *pen, uint64_t n)
{
    pen->job->operation->select(pen->job, pen->e, n, pen->bits, 0, pen->stream);
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
        pen->job->operation->keep(pen->job, pen->e, pen->stretch, pen->stream);
    else
        pen->job->operation->drop(pen->job, pen->e, pen->stretch);
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
            pen_bits(pen, bits_at(bits, bit), k);
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

/* Units of any length, in any order that a layout has. */
static void each_unit(const struct job *job, struct layout l)
{
    uint64_t unused, last;
    layout_units(&l, &unused, &last);
    if (l.repeat == 1) /* one block holds all */
        l.cycle = (l.first + l.count - 1) / l.run + 1;

    struct pen pen = {.job = job, .stream = streams(job)};
    struct window window = {.count = 0};
    window.bits[DRAW_WORDS] = 0;
    const uint64_t block = l.run * l.cycle * l.repeat;
    uint64_t base = l.start + l.first / block * l.cycle, at = l.first % block;
    for (uint64_t left = l.count, n; left; left -= n, at = 0, base += l.cycle) {
        n = least(left, block - at);
        uint64_t in_block = n, unit = at / l.run % l.cycle, begun = at % l.run;
        /* A cycle that a window can hold is drawn once, not at every repeat. */
        if (l.repeat > 1 && l.cycle <= (DRAW_TILES - 1) * TILE &&
            (base - window.base >= window.count ||
             least(last - base, l.cycle - 1) >= window.count - (base - window.base)))
            window_fill(&window, &job->source, base, last, (struct meanwhile){0});
        while (in_block) {
            if (base + unit - window.base >= window.count)
                window_fill(&window, &job->source, base + unit, last, (struct meanwhile){0});
            const uint64_t bit = base + unit - window.base;
            const uint64_t units = least(l.cycle - unit, window.count - bit);
            const uint64_t elements = least(in_block, units * l.run - begun);
            pen_units(&pen, window.bits, bit, l.run, begun, elements);
            in_block -= elements;
            begun = 0;
            unit += units;
            if (unit == l.cycle)
                unit = 0;
        }
    }
    if (pen.used)
        pen_bits_out(&pen, pen.used);
    if (pen.stretch)
        pen_stretch_out(&pen);
    if (pen.stream)
        job->source.tier->stream_end();
}

void loop_units(const struct job *job)
{
    struct layout l = job->layout;
    if (l.cycle == 1) {
        l.run *= l.repeat;
        l.repeat = 1;
    }
    if (l.repeat == 1 && l.run == 1)
        each_element(job);
    else
        each_unit(job, l);
}

void loop_all(const struct job *job, int keep)
{
    const int stream = keep && streams(job);
    if (keep)
        job->operation->keep(job, 0, job->layout.count, stream);
    else
        job->operation->drop(job, 0, job->layout.count);
    if (stream)
        job->source.tier->stream_end();
}
