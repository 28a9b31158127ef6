/*
 * window.c, for all units: a stored mask is read at the bytes that hold units in [unit, last] and no
 * others, a draw is asked of the tiles that it may be asked of, and the window, which both write
 * within, holds the unit and nothing after the last one's byte or tile.
 *
 * prove: --unwind 2 --unsigned-overflow-check
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proof.h"

#include <string.h>

static uint64_t first_byte, last_byte;
static struct window *filled;
static int reads, draws;

/* Of a stored mask, whose byte 0 is at 0, as addresses are only numbers here. */
static void *read_bytes(void *to, const void *from, uint64_t bytes)
{
    const uint64_t at = (uint64_t)from;
    PROVE(bytes > 0 && at == first_byte && bytes - 1 <= last_byte - at);
    PROVE(__CPROVER_w_ok(to, bytes) && __CPROVER_r_ok(to, bytes));
    reads++;
    return to;
}

#define memcpy read_bytes
#include "../src/window.c"
#undef memcpy

static uint64_t first_tile, last_tile;

static void draw(const struct draw *source, uint64_t tile, size_t tiles, uint64_t *bits,
                 struct meanwhile meanwhile)
{
    (void)source;
    (void)meanwhile;
    PROVE(tiles >= 1 && tiles <= DRAW_TILES);
    PROVE(tile == first_tile && tiles - 1 <= last_tile - tile);
    /* The low word of the first block's number does not wrap around within the call. */
    PROVE((uint32_t)(tile * 32) <= UINT32_MAX - (tiles * 32 - 1));
    PROVE(bits == filled->bits && __CPROVER_w_ok(bits, tiles * TILE_WORDS * 8));
    PROVE(tiles * TILE_WORDS <= DRAW_WORDS);
    draws++;
}

int main(void)
{
    const struct tier tier = {.draw = draw};
    const uint64_t unit = nondet_uint64(), last = nondet_uint64();
    ASSUME(unit <= last);
    struct source source = {.tier = &tier};
    const int stored = nondet_int() != 0;
    first_byte = unit / 8;
    last_byte = last / 8;
    first_tile = unit / TILE;
    last_tile = last / TILE;
    struct window window;
    filled = &window;
    if (stored)
        read_mask(&window, 0, unit, last);
    else
        window_fill(&window, &source, unit, last, (struct meanwhile){0});
    PROVE(reads + draws == 1 && (reads == 1) == stored);
    PROVE(window.base <= unit && unit - window.base < window.count);
    PROVE(window.count <= 64 * DRAW_WORDS);
    PROVE(window.base + (window.count - 1) >= window.base); /* no unit after 2^64 - 1 */
    /* As far as it reaches: to the last unit, or to the end of what may be drawn at once. */
    const uint64_t end = window.base + (window.count - 1);
    const uint64_t most = UINT64_C(1) << 36; /* where a counter's first word ends */
    PROVE(end >= last || window.count == 64 * DRAW_WORDS || (!stored && end % most == most - 1));
}
