/*
 * DropBlock's masks: a position is kept when all centres are that cover it. Along a dimension that
 * is the AND of neighbours, taken in steps of 1, 2, 4, ... positions. Rows of at most 64 positions
 * are a word each, and some of them are done at a time. Longer ones are done in place, in the mask,
 * all positions of a row, a plane or an image at once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "host.h"
#include "loop.h"

/* Short rows at a time, beside those within reach. */
enum { ROWS = 64 };

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

/* n <= 64 bits; no word is read that has none of them. Ones are above. */
static uint64_t centres_at(const uint64_t *centres, uint64_t bit, uint64_t n)
{
    const uint64_t shift = bit % 64, *low = centres + bit / 64, *high = low + (shift + n > 64);
    return *low >> shift | *high << 1 << (63 - shift) | ~low_bits(n);
}

/* Writes rows of dropped positions from a bit on, and ones behind them in the last one's word. */
static void put_rows(const struct packed *bits, uint64_t bit, const uint64_t *rows, uint64_t n,
                     uint64_t width, uint64_t shift)
{
    const struct packed to = *bits;
    const uint64_t row_bits = low_bits(width);
    uint64_t w = bit / 64, used = bit % 64;
    uint64_t word = used ? ~get(&to, w) & low_bits(used) : 0;
    for (uint64_t k = 0; k < n; k++) {
        const uint64_t row = rows[k] >> shift & row_bits;
        word |= row << used;
        used += width;
        if (used >= 64) {
            put(&to, w++, ~word);
            used -= 64;
            word = used ? row >> (width - used) : 0;
        }
    }
    if (used)
        put(&to, w, ~word);
}

/* The dropped ones of n rows of centres; gives whether there are any. */
static int get_rows(const uint64_t *centres, uint64_t centre, uint64_t width, uint64_t *rows,
                    uint64_t n)
{
    uint64_t any = 0;
    for (uint64_t k = 0; k < n; k++, centre += width)
        any |= rows[k] = ~centres_at(centres, centre, width);
    return any != 0;
}

/*
 * A plane whose rows have a word each. A dropped centre becomes a square that it is a corner of, in
 * steps along both dimensions at once; squares are moved into their places as they are written.
 * Gives whether there are any.
 */
static int narrow_plane(const struct packed *bits, uint64_t top, const uint64_t extents[3],
                        const uint64_t *centres, uint64_t centre, const uint64_t along[3],
                        struct reach reach)
{
    const uint64_t height = extents[1], width = extents[2], side = reach.before + reach.after + 1;
    int any = 0;
    for (uint64_t row = 0, n; row < height; row += n) {
        uint64_t rows[ROWS + 63];
        n = least(height - row, ROWS);
        /* Rows of centres within reach; outside of them none is dropped. */
        const uint64_t from = row < reach.after ? 0 : row - reach.after;
        const uint64_t to = least(row + n + reach.before, along[1]);
        const uint64_t above = from + reach.after - row, reached = n + side - 1;
        memset(rows, 0, above * sizeof *rows);
        const int dropped = get_rows(centres, centre + from * along[2], along[2], rows + above,
                                     to - from);
        const uint64_t below = above + (to - from);
        memset(rows + below, 0, (reached - below) * sizeof *rows);
        for (uint64_t done = 1, step; dropped && done < side; done += step) {
            step = least(done, side - done);
            for (uint64_t k = 0; k < reached - done + 1 - step; k++) {
                const uint64_t both = rows[k] | rows[k + step];
                rows[k] = both | both << step;
            }
        }
        put_rows(bits, top + row * width, rows, n, width, reach.before);
        any |= dropped;
    }
    return any;
}

/* A row of more positions, whose bits are ones so far; gives whether it has a dropped centre. */
static int wide_row(const struct packed *bits, uint64_t row, uint64_t width,
                    const uint64_t *centres, uint64_t centre, uint64_t n, struct reach reach)
{
    uint64_t all = ~UINT64_C(0);
    for (uint64_t x = 0, k; x < n; x += k) {
        k = least(n - x, 64);
        const uint64_t word = centres_at(centres, centre + x, k);
        if (~word)
            and_bits(bits, row + x, k, word);
        all &= word;
    }
    if (~all)
        and_neighbours(bits, row, row + width, 1, reach);
    return ~all != 0;
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
    const int narrow = width + reach[2].before <= 64;
    if (!narrow || along[0] < images->extents[0]) /* else all bits are written in any case */
        memset(bits.at, 0xFF, (all + 7) / 8);

    uint64_t centre = images->first * of_image;
    /* From byte 0, which may be no address, to the first image's first word. */
    const uint64_t *centres =
        (const uint64_t *)((uintptr_t)images->centres + centre / 64 * sizeof *centres);
    centre %= 64;
    const uint64_t of_plane = along[1] * along[2];
    for (uint64_t image = 0; image < all; image += positions) {
        int any = 0;
        for (uint64_t z = 0; z < along[0]; z++, centre += of_plane) {
            const uint64_t top = image + z * plane;
            if (narrow) { /* sides are as long along all dimensions of a plane */
                any |= narrow_plane(&bits, top, images->extents, centres, centre, along, reach[1]);
                continue;
            }
            int dropped = 0;
            for (uint64_t y = 0; y < along[1]; y++)
                dropped |= wide_row(&bits, top + y * width, width, centres,
                                    centre + y * along[2], along[2], reach[2]);
            if (dropped)
                and_neighbours(&bits, top, top + plane, width, reach[1]);
            any |= dropped;
        }
        if (any)
            and_neighbours(&bits, image, image + positions, plane, reach[0]);
    }
    if (all % 8)
        bits.at[all / 8] &= (unsigned char)low_bits(all % 8);
}
