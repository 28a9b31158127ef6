/* SPDX-License-Identifier: Apache-2.0 */
#include "window.h"

#include <string.h>

static void read_mask(struct window *window, uintptr_t mask, uint64_t unit,
                      uint64_t last)
{
    const uint64_t byte = unit / 8;
    uint64_t bytes = last / 8 - byte + 1;
    if (bytes > sizeof(uint64_t) * DRAW_WORDS)
        bytes = sizeof(uint64_t) * DRAW_WORDS;
    memcpy(window->bits, (const void *)(mask + byte), bytes);
    window->base = byte * 8;
    window->count = bytes * 8;
}

static void draw_mask(struct window *window, const struct source *source, uint64_t unit,
                      uint64_t last, struct meanwhile meanwhile)
{
    const uint64_t tile = unit / TILE;
    uint64_t tiles = last / TILE - tile + 1;
    if (tiles > DRAW_TILES)
        tiles = DRAW_TILES;
    if (tiles > WRAP_TILES - tile % WRAP_TILES)
        tiles = WRAP_TILES - tile % WRAP_TILES;
    source->tier->draw(&source->draw, tile, tiles, window->bits, meanwhile);
    window->base = tile * TILE;
    window->count = tiles * TILE;
}

void window_fill(struct window *window, const struct source *source, uint64_t unit, uint64_t last,
                 struct meanwhile meanwhile)
{
    if (source->mask) {
        if (meanwhile.work)
            meanwhile.work(meanwhile.context, 0, 1);
        read_mask(window, source->mask, unit, last);
    } else
        draw_mask(window, source, unit, last, meanwhile);
}
