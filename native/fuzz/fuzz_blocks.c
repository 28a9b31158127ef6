/*
 * Blocks of images: dropfuse_blocks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "fuzz.h"
#include "model.h"
#include "trial.h"

static const char *const names[] = {"tier",  "centres", "mask",   "first", "images", "dimensions",
                                    "depth", "height",  "width",  "side",  NULL};

static struct {
    const unsigned char *centres;
    unsigned char *mask;
    long long first, images, depth, height, width, side;
    int dimensions, valid;
} c;

static int call(int tier)
{
    const struct dropfuse_place place = on(tier);
    return dropfuse_blocks(&place, c.centres, c.mask, c.first, c.images, c.dimensions, c.depth,
                           c.height, c.width, c.side, c.valid);
}

typedef unsigned __int128 wide;

/* Positions of an image; 0 for what has to be refused. */
static uint64_t positions_of(void)
{
    const long long extents[] = {c.dimensions == 3 ? c.depth : c.side, c.height, c.width};
    if (c.dimensions < 2 || c.dimensions > 3 || c.first < 0 || c.images < 0 || c.side < 1)
        return 0;
    wide positions = 1;
    for (int d = 0; d < 3; d++) {
        if (extents[d] < c.side)
            return 0;
        positions *= (wide)(d || c.dimensions == 3 ? extents[d] : 1);
        if (positions >> 63)
            return 0;
    }
    const wide images = (wide)c.first + (wide)c.images;
    if (images >> 63 || images * positions >> 63 || (wide)c.first * positions % 8)
        return 0;
    return (uint64_t)positions;
}

static void spoil_numbers(struct input *in)
{
    long long *const numbers[] = {&c.first, &c.images, &c.depth, &c.height, &c.width, &c.side};
    *numbers[input_below(in, 6)] = (long long)input_any(in);
    if (input_rarely(in, 4))
        c.dimensions = (int)input_any(in);
}

/* Memory that is not there, not aligned, or overlaps the output. */
static void spoil_memory(struct input *in, const struct piece *centres,
                         const struct piece *mask)
{
    switch (input_below(in, 4)) {
    case 0:
        c.centres = NULL;
        break;
    case 1:
        c.mask = NULL;
        break;
    case 2:
        c.centres += 1 + input_below(in, 7);
        break;
    default: { /* the mask begins within the centres that are read */
        const uintptr_t before = (uintptr_t)mask->at - (uintptr_t)c.mask;
        c.mask = (unsigned char *)((uintptr_t)centres->at + input_below(in, centres->bytes) - before);
    }
    }
}

void fuzz_one(struct input *in)
{
    trial_begin();
    const int deep = (int)input_below(in, 2), sides = (int)input_below(in, 3);
    c.dimensions = 2 + deep;
    c.valid = (int)input_below(in, 3);
    c.depth = deep ? 1 + (long long)input_below(in, 6) : (long long)input_take(in, 1) - 5;
    c.height = 1 + (long long)input_below(in, 24);
    c.width = 1 + (long long)input_below(in, input_below(in, 4) ? 70 : 300);
    long long most = c.height < c.width ? c.height : c.width;
    most = deep && c.depth < most ? c.depth : most;
    c.side = 1 + (long long)input_below(in, (uint64_t)(sides && most > 7 ? 7 : most));
    c.images = (long long)input_below(in, 9);
    c.first = input_below(in, 2) ? 8 * (long long)(input_any(in) >> 20) : 0;
    if (input_rarely(in, 16))
        spoil_numbers(in);
    const int tier = trial_tier(in);
    const uint64_t positions = positions_of();
    const int right = positions && trial_has(tier);
    if (right && (wide)positions * (wide)c.images > 8 * 1024)
        return;

    const struct model_images model = {
        c.dimensions, c.valid, {c.dimensions == 3 ? c.depth : 1, c.height, c.width}, c.side};
    uint64_t units = 0, from = 0, to = 1;
    if (right) {
        units = (uint64_t)(model_centres(&model, 0) * model_centres(&model, 1) *
                           model_centres(&model, 2));
        from = (uint64_t)c.first * units / 64;
        to = ((uint64_t)(c.first + c.images) * units + 63) / 64;
    }
    const uint64_t bits = right ? (uint64_t)c.images * positions : 64;
    struct piece *centres = trial_piece(in, c.images || !right ? (size_t)(to - from) * 8 : 0, -1, 8);
    struct piece *mask = trial_piece(in, (size_t)(bits + 7) / 8, -1, 1);
    piece_fill(centres, in);
    const uint64_t sparse = 1 + input_take(in, 1);
    for (size_t k = 0; k < centres->bytes && sparse % 4; k++)
        piece_put(centres, k, pick_below(sparse) ? 0xFF : pick() & 0xFF);
    piece_fill(mask, in);
    c.centres = element0(centres->at, from, 8);
    c.mask = right ? element0(mask->at, (uint64_t)c.first * positions / 8, 1) : mask->at;

    const int spoilt = right && bits && input_rarely(in, 16);
    if (spoilt)
        spoil_memory(in, centres, mask);
    if (!right || spoilt) {
        trial_refused(in, call, tier, names);
        return;
    }
    /* The model counts images from 0 on: its centres begin at a bit of the first word. */
    unsigned char own[TRIAL_BYTES] = {0};
    for (uint64_t unit = 0; unit < (uint64_t)c.images * units; unit++) {
        const uint64_t bit = (uint64_t)c.first * units + unit - from * 64;
        own[unit / 8] |= (unsigned char)((centres->before[bit / 8] >> bit % 8 & 1) << unit % 8);
    }
    memset(mask->after, 0, mask->bytes);
    for (uint64_t bit = 0; bit < bits; bit++)
        mask->after[bit / 8] |= (unsigned char)(model_covered(&model, own, bit) << bit % 8);
    trial_allowed(in, call);
}
