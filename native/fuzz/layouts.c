/* SPDX-License-Identifier: Apache-2.0 */
#include "layouts.h"

#include <stdint.h>

#include "model.h"

typedef unsigned __int128 wide;

static const wide UNITS = (wide)1 << 64;

/* The greatest unit, if start were 0. Units grow within a block, from one multiple of cycle on. */
static wide greatest(const struct units *u)
{
    const uint64_t first = (uint64_t)u->first, last = first + (uint64_t)u->count - 1;
    const uint64_t run = (uint64_t)u->run, cycle = (uint64_t)u->cycle;
    const uint64_t block = run * cycle * (uint64_t)u->repeat;
    const uint64_t begin = last / block * block, from = (begin > first ? begin : first) / run;
    const uint64_t to = last / run;
    const uint64_t within = to / cycle > from / cycle ? cycle - 1 : to % cycle;
    return (wide)(last / block) * (uint64_t)u->step + within;
}

struct units layout_units_of(struct input *in, long long count, size_t size)
{
    struct units u = elements(count);
    const uint64_t most = (uint64_t)PTRDIFF_MAX / (size ? size : 1);
    switch (input_below(in, 6)) {
    case 0:
        break;
    case 1: /* samples, channels */
        u.run = 1 + (long long)input_below(in, 300);
        break;
    case 2: /* channels last */
        u.cycle = u.step = 1 + (long long)input_below(in, 300);
        u.repeat = 1 + (long long)input_below(in, 9);
        break;
    case 3: /* units that are far from each other */
        u.step = 1 + (long long)(input_any(in) >> 20);
        break;
    case 4: /* one that is as long as can be */
        u.run = (long long)(input_any(in) >> 1 | 1);
        break;
    default: /* a box */
        u.run = 1 + (long long)input_below(in, 70);
        u.cycle = 1 + (long long)input_below(in, 70);
        u.repeat = 1 + (long long)input_below(in, 9);
        u.step = u.cycle + (long long)input_take(in, 2);
    }
    switch (input_below(in, 4)) {
    case 0: /* the last elements that memory can hold */
        u.first = (long long)(most - (uint64_t)count - input_take(in, 1));
        break;
    case 1:
        u.first = (long long)input_take(in, 2);
        break;
    case 2:
        u.first = (long long)(input_any(in) >> 8);
        break;
    default:
        break;
    }
    if (!size)
        u.first &= ~7LL;
    u.p = input_probability(in);
    u.seed = input_take(in, 1) ? input_take(in, 8) : 0;
    u.offset = input_take(in, 1) ? input_any(in) & INT64_MAX : input_take(in, 1);
    switch (input_below(in, 4)) {
    case 0:
        u.start = input_take(in, 1);
        break;
    case 1:
        u.start = input_any(in);
        break;
    case 2:
        u.start = input_take(in, 8);
        break;
    default: /* the last units that there are */
        u.start = 0;
        if (count && layout_verdict(&u, size, 0) != REFUSED)
            u.start = (uint64_t)(UNITS - 1 - greatest(&u)) - input_below(in, 3);
    }
    return u;
}

void layout_spoil(struct input *in, struct units *u)
{
    const uint64_t any = input_any(in);
    switch (input_below(in, 9)) {
    case 0:
        u->first = (long long)any;
        break;
    case 1:
        u->count = (long long)any;
        break;
    case 2:
        u->run = (long long)any;
        break;
    case 3:
        u->cycle = (long long)any;
        break;
    case 4:
        u->repeat = (long long)any;
        break;
    case 5:
        u->step = (long long)any;
        break;
    case 6:
        u->offset = any;
        break;
    case 7:
        u->start = any;
        break;
    default:
        u->p = input_double(in);
    }
}

enum verdict layout_verdict(const struct units *u, size_t size, int decides)
{
    const wide most = (wide)PTRDIFF_MAX / (size ? size : 1);
    if (u->first < 0 || u->count < 0 || u->run < 1 || u->cycle < 1 || u->repeat < 1 ||
        u->step < u->cycle || (wide)u->first + (wide)u->count > most)
        return REFUSED;
    const wide period = (wide)u->run * (wide)u->cycle;
    if (period >> 63 || period * (wide)u->repeat >> 63)
        return REFUSED;
    if (u->count && greatest(u) + u->start >= UNITS)
        return REFUSED;
    if (!u->mask && decides && (!(u->p >= 0 && u->p <= 1) || u->offset >> 63))
        return REFUSED;
    if (!size && u->first % 8)
        return REFUSED;
    return u->count > LAYOUT_ELEMENTS ? TOO_LARGE : ALLOWED;
}

struct piece *layout_mask(struct input *in, struct units *u)
{
    uint64_t least = UINT64_MAX, most = 0;
    for (long long e = 0; e < u->count; e++) {
        const uint64_t byte = model_unit(u, (uint64_t)(u->first + e)) / 8;
        least = byte < least ? byte : least;
        most = byte > most ? byte : most;
    }
    if (!u->count || most - least >= TRIAL_BYTES)
        return NULL;
    struct piece *mask = trial_piece(in, (size_t)(most - least) + 1, -1, 1);
    piece_fill(mask, in);
    for (size_t k = 0; k < mask->bytes; k++)
        piece_hide(mask, k);
    for (long long e = 0; e < u->count; e++)
        mask->unread[model_unit(u, (uint64_t)(u->first + e)) / 8 - least] = 0;
    u->mask = element0(mask->at, least, 1);
    return mask;
}

void layout_decide(const struct units *u, const struct piece *mask, unsigned char *keep)
{
    if (!mask) {
        model_decide(u, keep);
        return;
    }
    const uint64_t byte0 = (uint64_t)((uintptr_t)mask->at - (uintptr_t)u->mask);
    for (long long e = 0; e < u->count; e++) {
        const uint64_t unit = model_unit(u, (uint64_t)(u->first + e));
        keep[e] = mask->before[unit / 8 - byte0] >> unit % 8 & 1;
    }
}

void layout_hide(const struct units *u, const unsigned char *keep, long long longer,
                 struct piece *piece)
{
    const long long length = u->cycle == 1 ? u->run * u->repeat : u->run;
    for (long long e = 0; e < u->count && length > longer; e++)
        if (!keep[e])
            piece_hide(piece, (size_t)e);
}

void *layout_element0(const struct units *u, const void *at, size_t size)
{
    return at ? element0((void *)(uintptr_t)at, (uint64_t)u->first, size) : NULL;
}
