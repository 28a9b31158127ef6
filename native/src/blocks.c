/*
 * DropBlock's masks: a position is kept when all centres are that cover it. Along a dimension that
 * is the AND of neighbours. It is taken in place, of all positions of a row, a plane or an image at
 * once, in steps of 1, 2, 4, ... positions. So no memory is needed, and 64 positions are done at a
 * time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "host.h"
#include "loop.h"

/* Packed bits at any address, in words but for what is left of one in the end. */
struct packed {
    unsigned char *at;
    uint64_t words;
    size_t rest;
};

static uint64_t get(const struct packed *bits, uint64_t w)
{
    uint64_t word = 0;
    if (w < bits->words)
        memcpy(&word, bits->at + 8 * w, sizeof word);
    else
        memcpy(&word, bits->at + 8 * w, bits->rest);
    return word;
}

static void put(const struct packed *bits, uint64_t w, uint64_t word)
{
    if (w < bits->words)
        memcpy(bits->at + 8 * w, &word, sizeof word);
    else
        memcpy(bits->at + 8 * w, &word, bits->rest);
}

/* ANDs n <= 64 bits from the given one on with the low bits of a word. */
static void and_bits(const struct packed *bits, uint64_t bit, uint64_t n, uint64_t word)
{
    const uint64_t w = bit / 64, shift = bit % 64;
    word |= ~low_bits(n);
    put(bits, w, get(bits, w) & (shift ? word << shift | low_bits(shift) : word));
    if (shift + n > 64)
        put(bits, w + 1, get(bits, w + 1) & (word >> (64 - shift) | ~low_bits(shift)));
}

/* The part of word w that lies in [from, to). */
static uint64_t part_of(uint64_t w, uint64_t from, uint64_t to)
{
    const uint64_t low = from > 64 * w ? ~low_bits(from - 64 * w) : ~UINT64_C(0);
    return to - 64 * w < 64 ? low & low_bits(to - 64 * w) : low;
}

/* In [from, to), ANDs each bit with what the one `by` before it was: from the end on. */
static void and_before(const struct packed *bits, uint64_t from, uint64_t to, uint64_t by)
{
    const uint64_t first = (from + by) / 64, shift = by % 64;
    for (uint64_t w = (to - 1) / 64 + 1; w-- > first;) {
        const uint64_t source = w - by / 64; /* and the word before it, if it is not word 0 */
        uint64_t word = get(bits, source) << shift;
        if (shift && source)
            word |= get(bits, source - 1) >> (64 - shift);
        put(bits, w, get(bits, w) & (word | ~part_of(w, from + by, to)));
    }
}

/* With the one `by` after it: from the beginning on. */
static void and_after(const struct packed *bits, uint64_t from, uint64_t to, uint64_t by)
{
    const uint64_t last = (to - 1) / 64, shift = by % 64;
    for (uint64_t w = from / 64; w <= (to - by - 1) / 64; w++) {
        const uint64_t source = w + by / 64;
        uint64_t word = get(bits, source) >> shift;
        if (shift && source < last)
            word |= get(bits, source + 1) << (64 - shift);
        put(bits, w, get(bits, w) & (word | ~part_of(w, from, to - by)));
    }
}

/* How far a block reaches from its centre, along a dimension. */
struct reach {
    uint64_t before, after;
};

/* ANDs with all neighbours within reach that are `unit` bits apart. */
static void and_neighbours(const struct packed *bits, uint64_t from, uint64_t to, uint64_t unit,
                           struct reach reach)
{
    for (uint64_t done = 0, step; done < reach.after; done += step) {
        step = least(done + 1, reach.after - done);
        and_before(bits, from, to, step * unit);
    }
    for (uint64_t done = 0, step; done < reach.before; done += step) {
        step = least(done + 1, reach.before - done);
        and_after(bits, from, to, step * unit);
    }
}

/* The same in a row of at most 64 bits, with ones above it. */
static uint64_t narrow_row(uint64_t row, uint64_t width, struct reach reach)
{
    for (uint64_t done = 0, step; done < reach.after; done += step) {
        step = least(done + 1, reach.after - done);
        row &= row << step | low_bits(step);
    }
    row |= ~low_bits(width);
    for (uint64_t done = 0, step; done < reach.before; done += step) {
        step = least(done + 1, reach.before - done);
        row &= row >> step | ~(~UINT64_C(0) >> step);
    }
    return row;
}

/* n <= 64 bits; no word is read that has none of them. Ones are above. */
static uint64_t centres_at(const uint64_t *centres, uint64_t bit, uint64_t n)
{
    const int two = bit % 64 + n > 64;
    return (two ? bits_from(centres, bit) : centres[bit / 64] >> bit % 64) | ~low_bits(n);
}

/* Words of n centres in which any is dropped. */
static uint64_t dropped_in(const uint64_t *centres, uint64_t centre, uint64_t n)
{
    uint64_t words = 0;
    for (uint64_t x = 0; x < n; x += 64)
        words += ~centres_at(centres, centre + x, least(n - x, 64)) != 0;
    return words;
}

/* Steps that and_neighbours() takes. */
static uint64_t steps_of(struct reach reach)
{
    uint64_t steps = 0;
    for (uint64_t done = 0; done < reach.after; done += least(done + 1, reach.after - done))
        steps++;
    for (uint64_t done = 0; done < reach.before; done += least(done + 1, reach.before - done))
        steps++;
    return steps;
}

/* A row of the image's positions, whose bits are ones so far. */
static void make_row(const struct packed *bits, uint64_t row, uint64_t width,
                    const uint64_t *centres, uint64_t centre, uint64_t n, struct reach reach)
{
    uint64_t all = ~UINT64_C(0);
    if (width <= 64) {
        all = centres_at(centres, centre, n);
        if (~all)
            and_bits(bits, row, width, narrow_row(all, width, reach));
        return;
    }
    for (uint64_t x = 0, k; x < n; x += k) {
        k = least(n - x, 64);
        const uint64_t word = centres_at(centres, centre + x, k);
        if (~word)
            and_bits(bits, row + x, k, word);
        all &= word;
    }
    if (~all)
        and_neighbours(bits, row, row + width, 1, reach);
}

/* A plane of rows of at most 64 positions: each row with a dropped centre, in all that it reaches. */
static void few_rows(const struct packed *bits, uint64_t top, const uint64_t extents[3],
                     const uint64_t *centres, uint64_t centre, const uint64_t along[3],
                     const struct reach reach[3])
{
    const uint64_t height = extents[1], width = extents[2];
    for (uint64_t y = 0; y < along[1]; y++, centre += along[2]) {
        const uint64_t row = centres_at(centres, centre, along[2]);
        if (!~row)
            continue;
        const uint64_t word = narrow_row(row, width, reach[2]);
        const uint64_t to = least(height, y + reach[1].after + 1);
        for (uint64_t k = y - least(y, reach[1].before); k < to; k++)
            and_bits(bits, top + k * width, width, word);
    }
}

void host_blocks(const struct job *job)
{
    const struct images *images = &job->images;
    struct reach reach[3];
    uint64_t along[3], of_image, positions;
    for (int d = 0; d < 3; d++) {
        const uint64_t side = images->sides[d];
        reach[d] = images->valid ? (struct reach){0, side - 1}
                                 : (struct reach){(side - 1) / 2, side / 2};
        along[d] = images->extents[d] - (images->valid ? side - 1 : 0);
    }
    image_bits(images, &of_image, &positions);
    const uint64_t all = images->count * positions;
    const uint64_t width = images->extents[2], plane = images->extents[1] * width;
    const struct packed bits = {(unsigned char *)job->y, all / 64, (all % 64 + 7) / 8};
    memset(bits.at, 0xFF, (all + 7) / 8);

    uint64_t centre = images->first * of_image;
    /* From byte 0, which may be no address, to the first image's first word. */
    const uint64_t *centres =
        (const uint64_t *)((uintptr_t)images->centres + centre / 64 * sizeof *centres);
    centre %= 64;
    const uint64_t of_plane = along[1] * along[2];
    const uint64_t side = reach[1].before + reach[1].after + 1;
    const uint64_t few = width <= 64 ? steps_of(reach[1]) * (plane / 64 + 1) / side : 0;
    for (uint64_t image = 0; image < all; image += positions) {
        int any = 0;
        for (uint64_t z = 0; z < along[0]; z++, centre += of_plane) {
            const uint64_t top = image + z * plane;
            const uint64_t dropped = dropped_in(centres, centre, of_plane);
            any |= dropped != 0;
            if (dropped <= few) {
                if (dropped)
                    few_rows(&bits, top, images->extents, centres, centre, along, reach);
                continue;
            }
            for (uint64_t y = 0; y < along[1]; y++)
                make_row(&bits, top + y * width, width, centres, centre + y * along[2], along[2],
                         reach[2]);
            and_neighbours(&bits, top, top + plane, width, reach[1]);
        }
        if (any)
            and_neighbours(&bits, image, image + positions, plane, reach[0]);
    }
    if (all % 8)
        bits.at[all / 8] &= (unsigned char)low_bits(all % 8);
}
