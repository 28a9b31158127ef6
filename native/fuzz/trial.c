/* SPDX-License-Identifier: Apache-2.0 */
#include "trial.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "modes.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#endif
#endif
#ifndef ASAN_POISON_MEMORY_REGION
#define ASAN_POISON_MEMORY_REGION(at, bytes) ((void)(at), (void)(bytes))
#define ASAN_UNPOISON_MEMORY_REGION(at, bytes) ((void)(at), (void)(bytes))
#endif

enum { PIECES = 6, WORD = 8 };

static struct piece pieces[PIECES];
static struct fenced memories[PIECES];
static int used;

#define FAIL(...) (fprintf(stderr, "fuzz: " __VA_ARGS__), fputc('\n', stderr), abort())

void trial_begin(void)
{
    for (; !memories[PIECES - 1].low; used++)
        memories[used] = fenced_new(TRIAL_BYTES);
    for (int k = 0; k < used; k++)
        ASAN_POISON_MEMORY_REGION(memories[k].low, TRIAL_BYTES);
    used = 0;
}

struct piece *trial_piece(struct input *in, size_t bytes, int dtype, size_t alignment)
{
    struct piece *piece = pieces + used;
    const struct fenced *memory = memories + used++;
    const size_t where = (size_t)input_take(in, 1), away = where / 2 / alignment * alignment;
    const int low = (int)(where % 2);
    unsigned char *const at = fenced_at(memory, bytes, low);
    /* No further than there is memory. */
    const size_t room = (size_t)(low ? memory->high - at : at - memory->low + (long)bytes) - bytes;
    const size_t shift = away % 64 <= room ? away % 64 : 0;
    piece->at = low ? at + shift : at - shift;
    piece->bytes = bytes;
    piece->dtype = dtype;
    piece->is_scratch = 0;
    memset(piece->unread, 0, bytes);
    memset(piece->any_nan, 0, bytes);
    ASAN_UNPOISON_MEMORY_REGION(piece->at, bytes);
    return piece;
}

static size_t element_bytes(const struct piece *piece)
{
    return piece->dtype < 0 ? 1 : (size_t)model_size(piece->dtype);
}

/* An element's bits: any, subnormal ones, infinities and NaNs, or numbers that sums are made of. */
static uint64_t element(int dtype, int kind)
{
    const int bits = 8 * model_size(dtype);
    const uint64_t any = pick() >> (64 - bits);
    switch (pick_below(8) ? kind : (int)pick_below(4)) {
    case 0:
        return model_bits(dtype, model_rounded(dtype, (double)pick_below(4001) / 500 - 4));
    case 1:
        return any;
    case 2: /* the bits below the exponent's, and its lowest one */
        return any & ~(UINT64_C(0x7E) << (bits - 8));
    default: /* the exponent's bits, and perhaps those below */
        return (any & UINT64_C(1) << (bits - 1)) | UINT64_C(0x7C) << (bits - 8) |
               (pick_below(2) ? any & UINT64_C(3) << (bits - 8) : UINT64_C(3) << (bits - 8)) |
               (pick_below(2) ? any & ((UINT64_C(1) << (bits - 8)) - 1)
                              : UINT64_C(0xF0) << (bits - 16));
    }
}

void piece_fill(struct piece *piece, struct input *in)
{
    const int kind = (int)input_below(in, 4);
    pick_from(input_take(in, 2));
    if (piece->dtype < 0)
        for (size_t k = 0; k < piece->bytes; k++)
            piece->before[k] = (unsigned char)(kind == 2 ? 0 : kind == 3 ? 0xFF : pick());
    else
        for (size_t e = 0; e < piece->bytes / element_bytes(piece); e++)
            piece_put(piece, e, element(piece->dtype, kind));
    memcpy(piece->after, piece->before, piece->bytes);
}

uint64_t piece_get(const struct piece *piece, size_t e)
{
    uint64_t bits = 0;
    memcpy(&bits, piece->before + e * element_bytes(piece), element_bytes(piece));
    return bits;
}

void piece_put(struct piece *piece, size_t e, uint64_t bits)
{
    memcpy(piece->before + e * element_bytes(piece), &bits, element_bytes(piece));
    piece_expect(piece, e, bits, 0);
}

void piece_expect(struct piece *piece, size_t e, uint64_t bits, int any_nan)
{
    memcpy(piece->after + e * element_bytes(piece), &bits, element_bytes(piece));
    piece->any_nan[e] = (unsigned char)any_nan;
}

void piece_hide(struct piece *piece, size_t e)
{
    memset(piece->unread + e * element_bytes(piece), 1, element_bytes(piece));
}

/* Whole words of what must not be read; the sanitizer knows no smaller ones within memory. */
static void hide(const struct piece *piece)
{
    const size_t before = (size_t)((uintptr_t)piece->at % WORD);
    for (size_t k = (WORD - before) % WORD; k + WORD <= piece->bytes; k += WORD)
        if (!memchr(piece->unread + k, 0, WORD))
            ASAN_POISON_MEMORY_REGION(piece->at + k, WORD);
}

static void compare(const struct piece *piece, int index, int tier, int refused)
{
    const unsigned char *const wanted = refused ? piece->before : piece->after;
    if (piece->is_scratch && !refused)
        return;
    if (!memcmp(piece->at, wanted, piece->bytes))
        return;
    const size_t size = element_bytes(piece);
    for (size_t e = 0; e < piece->bytes / size; e++) {
        uint64_t got = 0, want = 0;
        memcpy(&got, piece->at + e * size, size);
        memcpy(&want, wanted + e * size, size);
        if (got == want || (!refused && piece->any_nan[e] && model_is_nan(piece->dtype, got) &&
                            model_is_nan(piece->dtype, want)))
            continue;
        FAIL("tier %d, type %d: element %zu of piece %d is %llx, not %llx%s", tier, piece->dtype, e,
             index, (unsigned long long)got, (unsigned long long)want,
             refused ? ", after a call that was refused" : "");
    }
}

/* One call, in one environment, with all pieces as they are to be before it. */
static int make(trial_call *call, int tier, const struct mode *mode)
{
    for (int k = 0; k < used; k++) {
        if (pieces[k].bytes)
            memcpy(pieces[k].at, pieces[k].before, pieces[k].bytes);
        hide(pieces + k);
    }
    const uint64_t callers = modes_get();
    if (mode)
        modes_set(mode->modes);
    const uint64_t before = modes_get();
    const int status = call(tier);
    const uint64_t after = modes_get();
    modes_set(callers);
    if (!modes_are_kept(before, after))
        FAIL("tier %d, %s: the environment %llx became %llx", tier, mode ? mode->name : "default",
             (unsigned long long)before, (unsigned long long)after);
    for (int k = 0; k < used; k++)
        ASAN_UNPOISON_MEMORY_REGION(pieces[k].at, pieces[k].bytes);
    return status;
}

static const struct mode *mode_of(struct input *in)
{
    const uint64_t mode = input_below(in, 2 * modes_count);
    return mode < modes_count ? modes + mode : NULL;
}

void trial_allowed(struct input *in, trial_call *call)
{
    const struct mode *mode = mode_of(in);
    for (int tier = DROPFUSE_TIER_AUTO; dropfuse_tier_name(tier); tier++) {
        if (!trial_has(tier))
            continue;
        const int status = make(call, tier, mode);
        if (status)
            FAIL("tier %d: status %d, %s", tier, status, dropfuse_last_error());
        for (int k = 0; k < used; k++)
            compare(pieces + k, k, tier, 0);
    }
}

/* Whether a text has a word in it. */
static int has_word(const char *text, const char *word)
{
    const size_t length = strlen(word);
    for (const char *at = text; (at = strstr(at, word)); at++)
        if ((at == text || !isalnum((unsigned char)at[-1])) && !isalnum((unsigned char)at[length]))
            return 1;
    return 0;
}

void trial_refused(struct input *in, trial_call *call, int tier, const char *const *names)
{
    static const char earlier[] = "outputs = -777777777 is not in [1, 2]";
    dropfuse_mersenne_mask(NULL, NULL, -777777777, 1, 0, 0, 0, NULL);
    const int status = make(call, tier, mode_of(in));
    const char *const text = dropfuse_last_error();
    int named = !trial_has(tier) && strcmp(text, earlier) != 0;
    for (; !named && *names && strcmp(text, earlier); names++)
        named = has_word(text, *names);
    if (!status || !named)
        FAIL("tier %d: status %d with the text \"%s\" where a call had to be refused", tier, status,
             text);
    for (int k = 0; k < used; k++)
        compare(pieces + k, k, tier, 1);
}

int trial_tier(struct input *in)
{
    if (input_rarely(in, 32))
        return (int)input_any(in);
    return input_rarely(in, 32) ? DROPFUSE_CUDA : DROPFUSE_TIER_AUTO;
}

int trial_has(int tier)
{
    return dropfuse_tier_name(tier) && dropfuse_tier_available(tier) == 1;
}
