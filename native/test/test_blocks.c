/*
 * dropfuse_blocks against its definition: extents, sides and numbers of images, with both masks
 * flush against a page that may not be touched.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "harness.h"
#include "model.h"

enum { MOST = 1 << 18 };

static struct fenced centre_memory, mask_memory;

static int is_set(const unsigned char *bits, uint64_t bit)
{
    return bits[bit / 8] >> bit % 8 & 1;
}

static void images(const struct model_images *s, long long count, uint64_t sparse)
{
    const uint64_t positions = (uint64_t)(s->extents[0] * s->extents[1] * s->extents[2]);
    const uint64_t units = (uint64_t)(model_centres(s, 0) * model_centres(s, 1) *
                                        model_centres(s, 2));
    long long first = count > 8 ? (long long)pick_below((uint64_t)count) / 8 * 8 : 0;
    const uint64_t words = ((uint64_t)count * units + 63) / 64;
    const uint64_t bits = (uint64_t)(count - first) * positions, bytes = (bits + 7) / 8;
    if (8 * words > MOST || bytes > MOST)
        return;
    unsigned char *centres = fenced_at(&centre_memory, words * 8, (int)pick_below(2));
    unsigned char *mask = fenced_at(&mask_memory, bytes, (int)pick_below(2));
    memset(centres, 0xFF, words * 8);
    for (uint64_t unit = 0; unit < (uint64_t)count * units; unit++)
        if (pick_below(sparse) == 0)
            centres[unit / 8] &= (unsigned char)~(1 << unit % 8);
    memset(mask, (int)pick_below(256), bytes);
    CHECK(!dropfuse_blocks(NULL, centres,
                           element0(mask, (uint64_t)first * positions / 8, 1), first,
                           count - first, s->dimensions, s->dimensions == 3 ? s->extents[0] : -7,
                           s->extents[1], s->extents[2], s->side, s->valid),
          "%s", dropfuse_last_error());
    for (uint64_t bit = 0; bit < 8 * bytes; bit++) {
        const int want =
            bit < bits && model_covered(s, centres, (uint64_t)first * positions + bit);
        CHECK(is_set(mask, bit) == want,
              "%d dimensions %lld x %lld x %lld, side %lld, valid %d, images %lld from %lld: bit "
              "%llu", s->dimensions, s->extents[0], s->extents[1], s->extents[2], s->side, s->valid,
              count, first, (unsigned long long)bit);
    }
}

int main(void)
{
    static const long long widths[] = {1,  2,  3,  5,  7,  8,  14, 31, 32,  33,
                                       56, 63, 64, 65, 66, 90, 127, 128, 129, 200};
    centre_memory = fenced_new(MOST);
    mask_memory = fenced_new(MOST);
    for (int round = 0; round < 1500; round++) {
        struct model_images s = {.dimensions = 2 + round % 2, .valid = round / 2 % 2};
        s.extents[2] = widths[pick_below(sizeof widths / sizeof *widths)];
        s.extents[1] = 1 + (long long)pick_below(pick_below(8) ? 12 : 90);
        s.extents[0] = s.dimensions == 3 ? 1 + (long long)pick_below(6) : 1;
        if (pick_below(6) == 0) { /* rows and columns change places */
            const long long width = s.extents[2];
            s.extents[2] = s.extents[1];
            s.extents[1] = width;
        }
        long long most = s.extents[1] < s.extents[2] ? s.extents[1] : s.extents[2];
        most = s.dimensions == 3 && s.extents[0] < most ? s.extents[0] : most;
        s.side = 1 + (long long)pick_below((uint64_t)(pick_below(3) || most < 7 ? most : 7));
        images(&s, 1 + (long long)pick_below(pick_below(3) ? 3 : 20), pick_below(2) ? 40 : 3000);
    }
    /* The widest rows of a word, with the greatest blocks, as many as are done at a time. */
    for (int valid = 0; valid < 2; valid++) {
        const struct model_images s = {2, valid, {1, 150, 64}, 64};
        images(&s, 2, 40);
    }
    return finish("blocks");
}
