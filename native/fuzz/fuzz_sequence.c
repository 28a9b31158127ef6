/*
 * Masks from a sequence: dropfuse_mersenne_mask.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "fuzz.h"
#include "model.h"
#include "trial.h"

enum { STATE = MODEL_WORDS + 1, MOST = 3000 };

static const char *const names[] = {"tier",  "state", "outputs", "bits", "count", "mask", NULL};

static struct {
    void *state, *mask;
    int outputs, bits, above;
    uint64_t threshold;
    long long count;
} c;

static int call(int tier)
{
    const struct dropfuse_place place = on(tier);
    return dropfuse_mersenne_mask(&place, c.state, c.outputs, c.bits, c.threshold, c.above, c.count,
                                  c.mask);
}

/* Memory that is not there, overlaps, or holds a number that is out of range. */
static void spoil_memory(struct input *in, struct piece *state)
{
    switch (input_below(in, 4)) {
    case 0:
        c.state = NULL;
        break;
    case 1:
        c.mask = NULL;
        break;
    case 2:
        c.mask = state->at + input_below(in, state->bytes);
        break;
    default:
        piece_put(state, MODEL_WORDS, STATE + input_take(in, 3));
    }
}

void fuzz_one(struct input *in)
{
    trial_begin();
    c.outputs = 1 + (int)input_below(in, 2);
    c.bits = 1 + (int)input_below(in, (uint64_t)(32 * c.outputs));
    c.above = (int)input_below(in, 3) - 1;
    c.threshold = input_below(in, 2) ? input_any(in) : input_take(in, 8) >> (64 - c.bits);
    c.count = (long long)input_below(in, MOST + 1);
    if (input_rarely(in, 20))
        c.outputs = (int)input_any(in);
    if (input_rarely(in, 20))
        c.bits = (int)input_any(in);
    if (input_rarely(in, 20))
        c.count = (long long)input_any(in);
    const int tier = trial_tier(in);
    const int right = c.outputs >= 1 && c.outputs <= 2 && c.bits >= 1 &&
                      c.bits <= 32 * c.outputs && c.count >= 0 && trial_has(tier);
    if (right && c.count > MOST)
        return;
    struct piece *state = trial_piece(in, STATE * 4, DROPFUSE_FLOAT32, 4);
    struct piece *mask = trial_piece(in, right ? ((size_t)c.count + 7) / 8 : 4, -1, 1);
    piece_fill(state, in);
    piece_fill(mask, in);
    piece_put(state, MODEL_WORDS, input_below(in, STATE));
    c.state = state->at;
    c.mask = mask->at;
    const int spoilt = right && c.count && input_rarely(in, 16);
    if (spoilt)
        spoil_memory(in, state);
    if (!right || spoilt) {
        trial_refused(in, call, tier, names);
        return;
    }
    struct model_sequence model;
    memcpy(model.words, state->before, sizeof model.words);
    model.used = (uint32_t)piece_get(state, MODEL_WORDS);
    memset(mask->after, 0, mask->bytes);
    for (long long e = 0; e < c.count; e++)
        mask->after[e / 8] |= (unsigned char)(
            model_next_keep(&model, c.outputs, c.bits, c.threshold, c.above) << e % 8);
    memcpy(state->after, model.words, sizeof model.words);
    piece_expect(state, MODEL_WORDS, model.used, 0);
    trial_allowed(in, call);
}
