/*
 * The functions of dropfuse.h that give PyTorch's masks: check, walk, hand on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "check.h"
#include "cpu.h"
#include "dropfuse.h"
#include "error.h"
#include "loop.h"
#include "operations.h"

enum { STATE = 625, CHUNK = 4096 };

int dropfuse_mersenne_mask(int tier, unsigned int *state, int outputs, int bits,
                           unsigned long long threshold, int above, long long count, void *mask)
{
    int status = DROPFUSE_OK;
    const struct tier *functions = tier_for(tier, &status);
    if (!status)
        status = check_mask(0, count, mask);
    if (status)
        return status;
    if (outputs < 1 || outputs > 2)
        return fail(DROPFUSE_INVALID_ARGUMENT, "outputs = %d is not in [1, 2]", outputs);
    if (bits < 1 || bits > 32 * outputs)
        return fail(DROPFUSE_INVALID_ARGUMENT, "bits = %d is not in [1, %d]", bits, 32 * outputs);
    if (!count)
        return DROPFUSE_OK;
    if (!state)
        return fail(DROPFUSE_INVALID_ARGUMENT, "state = NULL is allowed only when count = 0, not "
                    "%lld", count);
    /* Copied, so that any alignment will do and a mask over it is found before it is moved. */
    uint32_t moving[STATE];
    memcpy(moving, state, sizeof moving);
    if (moving[STATE - 1] >= STATE)
        return fail(DROPFUSE_INVALID_ARGUMENT, "state[624] = %u is not in [0, 624]",
                    (unsigned)moving[STATE - 1]);
    const uint64_t bytes = ((uint64_t)count + 7) / 8;
    const char *first = (const char *)state, *out = mask;
    if (out < first + sizeof moving && first < out + bytes)
        return fail(DROPFUSE_INVALID_ARGUMENT,
                    "mask overlaps state: its %llu bytes must be apart from the state's %zu",
                    (unsigned long long)bytes, sizeof moving);
    const struct mersenne_rule rule = {
        .outputs = (uint32_t)outputs,
        .above = above,
        .low = ~UINT64_C(0) >> (64 - bits),
        .threshold = threshold,
    };
    functions->sequence->mersenne(moving, &rule, (uint64_t)count, mask);
    memcpy(state, moving, sizeof moving);
    return DROPFUSE_OK;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Sets `n` bits from the given one on. */
static void set_bits(uint64_t *bits, uint64_t at, uint64_t n)
{
    for (uint64_t k; n; n -= k, at += k) {
        k = least(n, 64 - at % 64);
        bits[at / 64] |= ~UINT64_C(0) >> (64 - k) << at % 64;
    }
}

/* Decisions of elements e, e + 1, ...: each stretch of a unit has its bit n times. */
static void expand(const struct job *job, uint64_t e, uint64_t n, uint64_t *bits)
{
    const struct layout *l = &job->layout;
    const unsigned char *mask = (const unsigned char *)job->source.mask;
    const uint64_t period = l->run * l->cycle;
    uint64_t block = e / (period * l->repeat), within = e % l->run, turn = e % period / l->run;
    uint64_t left_in_block = period * l->repeat - e % (period * l->repeat);
    for (uint64_t at = 0, k; at < n; at += k) {
        const uint64_t unit = l->start + block * l->cycle + turn;
        k = least(n - at, l->run - within);
        if (mask[unit / 8] >> unit % 8 & 1)
            set_bits(bits, at, k);
        within = 0;
        turn = turn + 1 == l->cycle ? 0 : turn + 1;
        left_in_block -= k;
        if (!left_in_block) {
            left_in_block = period * l->repeat;
            block++;
        }
    }
}

/* The same where element e is unit start + e: the mask as it is, shifted. */
static void shift(const struct job *job, uint64_t e, uint64_t n, uint64_t *bits)
{
    const uint64_t unit = job->layout.start + e, bytes = (unit % 8 + n + 7) / 8;
    const unsigned by = unit % 8;
    memcpy(bits, (const void *)(job->source.mask + unit / 8), bytes);
    if (by)
        for (uint64_t w = 0; w <= n / 64; w++)
            bits[w] = bits[w] >> by | bits[w + 1] << (64 - by);
}

static void multiply(const struct job *job, double divisor, double factor)
{
    const struct layout *l = &job->layout;
    const int plain = l->run == 1 && (l->repeat == 1 || l->cycle > l->first + l->count);
    for (uint64_t done = 0, n; done < l->count; done += n) {
        uint64_t bits[CHUNK / 64 + 2] = {0};
        const uint64_t e = l->first + done;
        n = least(l->count - done, CHUNK);
        if (plain)
            shift(job, e, n, bits);
        else
            expand(job, e, n, bits);
        job->source.tier->sequence->product[job->dtype](
            job->x + done * job->size, job->y + done * job->size, n, bits, divisor, factor);
    }
}

int dropfuse_product(int tier, int dtype, const void *x, void *y, long long first,
                     long long count, long long run, long long cycle, long long repeat,
                     const void *mask, unsigned long long start, double divisor, double factor)
{
    int status = DROPFUSE_OK;
    const struct tier *functions = tier_for(tier, &status);
    if (!status)
        status = check_dtype(dtype);
    if (!status)
        status = check_layout(first, count, run, cycle, repeat, start, element_size(dtype));
    if (!status)
        status = check_stored(mask, count);
    if (status || !count)
        return status;
    status = check_pointers("x", x, "y", y, count);
    if (status)
        return status;
    const uintptr_t before = (uintptr_t)first * element_size(dtype);
    const struct job job = {
        .source = {.tier = functions, .mask = (uintptr_t)mask},
        .layout = {(uint64_t)first, (uint64_t)count, (uint64_t)run, (uint64_t)cycle,
                   (uint64_t)repeat, start},
        .dtype = dtype,
        .size = element_size(dtype),
        .x = (const char *)((uintptr_t)x + before),
        .y = (char *)((uintptr_t)y + before),
    };
    status = check_overlap(&job);
    if (!status)
        multiply(&job, constant(dtype, divisor), constant(dtype, factor));
    return status;
}
