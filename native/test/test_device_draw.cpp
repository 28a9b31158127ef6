/*
 * The draw in device code, and masks and units of any layout, computed on the host and compared with
 * the model. So CUDA's part in a mask is tested where there is neither a GPU nor nvcc.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "device.h"
#include "mask.cuh"

extern "C" { /* after device code, which has structures of these functions' names */
#include "fill.h"
#include "harness.h"
#include "model.h"
}

enum { WARPS = CUDA_BLOCK / 32, MOST = 70000, SENTINEL = 0xA5 };

/* Its second draw is 0, with seed 7 and offset 0: the least low word of a threshold keeps it. */
static const uint64_t UNIT_OF_0 = 2318281890;

static unsigned char keep[MOST];
static uint32_t values[MOST];
static struct fenced x_memory, y_memory, mask_memory;

static uint64_t threshold_of(double p)
{
    return (uint64_t)rint((1 - p) * 0x1p40);
}

/* A block of all warps, one after the other, in a grid of some. */
template <typename Params> static void launch(void (*code)(const void *), const Params &params)
{
    gridDim.x = 1 + (unsigned)pick_below(3);
    for (blockIdx.x = 0; blockIdx.x < gridDim.x; blockIdx.x++)
        for (unsigned warp = 0; warp < WARPS; warp++)
            run_warp(32 * warp, code, &params);
}

static struct job job_of(const struct units *u)
{
    struct job job = {};
    job.size = 4;
    job.layout = {(uint64_t)u->first, (uint64_t)u->count, (uint64_t)u->run, (uint64_t)u->cycle,
                  (uint64_t)u->repeat, (uint64_t)u->step, u->start};
    job.decisions = {(uintptr_t)u->mask, u->mask ? 1 : threshold_of(u->p), u->seed, u->offset};
    struct layout *const l = &job.layout; /* as simple as front.c makes it */
    if (l->cycle == 1) {
        l->run *= l->repeat;
        l->repeat = 1;
    }
    if (l->repeat == 1 && l->step == l->cycle)
        l->cycle = l->step = 1;
    job.scale = 2;
    job.shift = -0.0;
    return job;
}

static void pick_draw(struct units *u)
{
    static const double ps[] = {0.1,  0.5,  0.37,       0.999,      1e-9,   0.9999990463256836,
                                0.25, 0.75, 0.99609375, 0.00390625, 0.4999, 0.5001};
    static const uint64_t starts[] = {0, 1, 512, 1023, 1024, 1 << 20, UINT64_C(1) << 36,
                                      (UINT64_C(1) << 36) - 700, (UINT64_C(1) << 34) - 700,
                                      UINT64_C(-1) << 40};
    u->p = ps[pick_below(sizeof ps / sizeof *ps)];
    u->seed = pick();
    u->offset = pick() >> 1;
    u->start = starts[pick_below(sizeof starts / sizeof *starts)] + pick_below(5);
}

#define DRAW "p=%.17g seed=%llx offset=%llx start=%llx"
#define DRAW_OF(u)                                                                            \
    (u)->p, (unsigned long long)(u)->seed, (unsigned long long)(u)->offset,                   \
        (unsigned long long)(u)->start

/* The p that just keeps it, of which the threshold's low word is 1. */
static double p_of_least(const struct units &u)
{
    uint64_t hi = 0;
    while (hi < 255 && !model_keep(1 - (double)((hi + 1) << 32) * 0x1p-40, u.seed, u.offset,
                                   UNIT_OF_0))
        hi++;
    return 1 - (double)((hi << 32) + 1) * 0x1p-40;
}

/* One window, or the two of the widest accesses; each lane keeps a word of each. */
struct windows {
    struct draw_params draw;
    uint64_t window;
    uint32_t (*words)[LANES];
};

template <int N> static void windows_code(const void *argument)
{
    const struct windows &w = *(const struct windows *)argument;
    uint32_t words[N];
    dropfuse::draw_windows<N>(w.draw, w.window, words);
    for (int n = 0; n < N; n++)
        w.words[n][dropfuse::lane_id()] = words[n];
}

template <int N> static void windows()
{
    uint32_t words[N][LANES];
    for (int round = 0; round < 40; round++) {
        struct units u = elements(N * CUDA_WINDOW);
        pick_draw(&u);
        u.start -= u.start % (N * CUDA_WINDOW);
        if (round == 0)
            u.p = 0;
        if (round == 1) {
            u.seed = 7;
            u.offset = 0;
            u.start = UNIT_OF_0 / (N * CUDA_WINDOW) * (N * CUDA_WINDOW);
            u.p = p_of_least(u);
        }
        const struct decisions decisions = {0, threshold_of(u.p), u.seed, u.offset};
        const struct windows w = {draw_params(&decisions), u.start, words};
        run_warp(32 * (unsigned)pick_below(WARPS), windows_code<N>, &w);
        for (uint32_t v = 0; v < N * CUDA_WINDOW; v++) {
            const uint32_t word = words[v / CUDA_WINDOW][v / 4 % LANES];
            const uint32_t bit = word >> (8 * (v % 4) + 7 - v % CUDA_WINDOW / 128) & 1;
            CHECK(bit == (uint32_t)model_keep(u.p, u.seed, u.offset, u.start + v),
                  "%d windows " DRAW ": unit %u is %u", N, DRAW_OF(&u), v, bit);
        }
    }
}

/* The 8 bits of a unit's first draw. */
static uint32_t first_bits(const struct units &u, uint64_t unit)
{
    const uint64_t block = unit / 512 * 32 + unit / 4 % 32;
    uint32_t words[4] = {(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)u.offset,
                         (uint32_t)(u.offset >> 32)};
    model_philox(words, (uint32_t)u.seed, (uint32_t)(u.seed >> 32));
    return words[unit % 512 / 128] >> 8 * (unit % 4) & 0xFF;
}

/* Windows in which the first and the last bit of a lane's word are both open. */
static void both_ends_open()
{
    uint32_t words[1][LANES];
    struct units u = elements(CUDA_WINDOW);
    u.start = 0;
    for (int found = 0; found < 6; u.start += CUDA_WINDOW)
        for (uint64_t lane = 0; lane < LANES; lane++) {
            const uint64_t first = u.start + 4 * lane + 3, last = u.start + 896 + 4 * lane;
            const uint64_t hi = first_bits(u, first);
            if (hi != first_bits(u, last))
                continue;
            found++;
            u.p = 1 - (double)((hi << 32) + 0x80000000) * 0x1p-40;
            const struct decisions decisions = {0, threshold_of(u.p), u.seed, u.offset};
            const struct windows w = {draw_params(&decisions), u.start, words};
            run_warp(0, windows_code<1>, &w);
            CHECK((words[0][lane] >> 31) == (uint32_t)model_keep(u.p, u.seed, u.offset, first) &&
                      (words[0][lane] & 1) == (uint32_t)model_keep(u.p, u.seed, u.offset, last),
                  DRAW ": lane %d has %x", DRAW_OF(&u), (int)lane, words[0][lane]);
        }
}

/* Second draws that equal the threshold's low word, or are one less, which keeps the unit. */
static void ties()
{
    uint32_t words[1][LANES];
    for (int round = 0; round < 8; round++) {
        struct units u = elements(CUDA_WINDOW);
        pick_draw(&u);
        u.start -= u.start % CUDA_WINDOW;
        const uint64_t v = pick_below(CUDA_WINDOW), unit = u.start + v;
        uint32_t second[4] = {(uint32_t)(unit / 4), (uint32_t)(unit / 4 >> 32), (uint32_t)u.offset,
                              (uint32_t)(u.offset >> 32) | 0x80000000};
        model_philox(second, (uint32_t)u.seed, (uint32_t)(u.seed >> 32));
        for (uint64_t more = 0; more < 2; more++) {
            const uint64_t threshold =
                ((uint64_t)first_bits(u, unit) << 32) + second[unit % 4] + more;
            const struct decisions decisions = {0, threshold, u.seed, u.offset};
            const struct windows w = {draw_params(&decisions), u.start, words};
            run_warp(0, windows_code<1>, &w);
            const uint32_t word = words[0][v / 4 % LANES];
            CHECK((word >> (8 * (v % 4) + 7 - v / 128) & 1) == more,
                  DRAW ": unit %llu, tied but for %d", DRAW_OF(&u), (unsigned long long)v,
                  (int)more);
        }
    }
}

static void expect_bits(const struct units *u, const unsigned char *mask, const char *what)
{
    const size_t n = (size_t)u->count, bytes = (n + 7) / 8;
    for (size_t e = 0; e < 8 * bytes; e++)
        CHECK((mask[e / 8] >> e % 8 & 1) == (e < n ? keep[e] : 0),
              "%s n=%zu first=%lld run=%lld cycle=%lld repeat=%lld step=%lld stored=%d " DRAW
              ": bit %zu", what, n, u->first, u->run, u->cycle, u->repeat, u->step,
              u->mask != NULL, DRAW_OF(u), e);
}

/* As run.c has it. */
static void masks()
{
    static const long long counts[] = {1, 7, 8, 9, 31, 32, 33, 63, 1000, 1023, 1024, 1025, 3000,
                                       9000, 26000};
    for (int round = 0; round < 60; round++) {
        struct units u = elements(counts[pick_below(sizeof counts / sizeof *counts)]);
        pick_draw(&u);
        if (pick_below(2))
            u.start = u.start / 8 * 8;
        model_decide(&u, keep);
        const struct job job = job_of(&u);
        const uint64_t count = (uint64_t)u.count;
        const uint64_t ahead = u.start % 8 ? 0 : u.start % CUDA_WINDOW;
        unsigned char *const at = fenced_at(&y_memory, (count + 7) / 8, round % 2);
        struct mask_params p = {};
        p.draw = draw_params(&job.decisions);
        p.start = u.start;
        p.count = count;
        p.anchor = u.start - ahead;
        p.chunks = ceil_div(count + ahead, CUDA_WINDOW);
        p.mask = at;
        memset(at, SENTINEL, (count + 7) / 8);
        launch([](const void *q) { dropfuse::mask(*(const struct mask_params *)q); }, p);
        expect_bits(&u, at, "mask");
    }
}

/* The same units with their decisions in a mask between fences, that of unit 0 somewhere before. */
static struct units stored(struct units u)
{
    uint64_t least = ~UINT64_C(0), greatest = 0;
    u.start = pick_below(600);
    for (uint64_t e = 0; e < (uint64_t)u.count; e++) {
        const uint64_t unit = model_unit(&u, (uint64_t)u.first + e);
        least = unit < least ? unit : least;
        greatest = unit > greatest ? unit : greatest;
    }
    const size_t bytes = (size_t)(greatest / 8 - least / 8 + 1);
    unsigned char *const mask = fenced_at(&mask_memory, bytes, (int)pick_below(2));
    for (size_t k = 0; k < bytes; k++)
        mask[k] = (unsigned char)pick();
    for (uint64_t e = 0; e < (uint64_t)u.count; e++) {
        const uint64_t at = model_unit(&u, (uint64_t)u.first + e) - least / 8 * 8;
        mask[at / 8] = (unsigned char)((mask[at / 8] & ~(1u << at % 8)) | keep[e] << at % 8);
    }
    u.mask = (const void *)((uintptr_t)mask - (uintptr_t)(least / 8));
    return u;
}

/* The numbers of an access's elements, of which registers may have two. */
template <typename Bits> struct Numbers {
    uint32_t first;

    template <int i> uint32_t part() const
    {
        const uint32_t low = first + 2 * i;
        return sizeof(Bits) == 2 ? (low & 0xFFFF) | (low + 1) << 16 : first + i;
    }
};

/* Kept values are x and the element's number, dropped ones that number; it may be in y already. */
template <typename Bits> struct Numbered {
    using Operands = Numbers<Bits>;
    using Operand = uint32_t;
    static constexpr int IN_FLIGHT = 2, UNROLLED = 1;
    bool in_place;

    Operands operands(uint64_t element) const { return {(uint32_t)element}; }
    Operands remains(uint64_t element) const { return {(uint32_t)element}; }
    Operand operand(uint64_t element) const { return (uint32_t)element; }
    bool untouched() const { return in_place; }
    template <typename X> X kept(X x, uint32_t number) const { return (X)(x ^ number); }
    Bits dropped_one(Operand number) const { return (Bits)number; }
    uint4 dropped(const Operands &o) const
    {
        return {o.template part<0>(), o.template part<1>(), o.template part<2>(),
                o.template part<3>()};
    }
};

struct numbered_params {
    struct range_params on;
    bool in_place;
};

template <typename T, int V, typename Decisions> static void units_code(const void *argument)
{
    using Value = Numbered<typename T::bits>;
    const struct numbered_params &p = *(const struct numbered_params *)argument;
    dropfuse::units<T, V, Value, Decisions>(p.on, Value{p.in_place});
}

template <typename T> static void drop_units(const struct units *u)
{
    using bits = typename T::bits;
    constexpr size_t size = sizeof(bits);
    constexpr int V = dropfuse::WIDTH<T>;
    const size_t n = (size_t)u->count, gap = 4 * pick_below(5);
    bits *const x = (bits *)(void *)(x_memory.high - gap - size * n);
    const int place = (int)pick_below(4), low = (int)pick_below(2);
    bits *const y = place == 0 ? x
                    : (bits *)(void *)(place == 1 ? fenced_at(&y_memory, size * n, low)
                                                  : y_memory.high - gap - size * n);
    const struct fenced *const memory = place == 0 ? &x_memory : &y_memory;
    struct numbered_params p;
    p.in_place = place && pick_below(2);
    const uint32_t first = (uint32_t)u->first;
    /* An access before and after y, as far as there is memory. */
    unsigned char *const begin = (unsigned char *)y, *const end = begin + size * n;
    unsigned char *const from = begin - memory->low < 16 ? memory->low : begin - 16;
    unsigned char *const to = memory->high - end < 16 ? memory->high : end + 16;
    memset(from, SENTINEL, (size_t)(to - from));
    for (uint32_t e = 0; e < n; e++) {
        values[e] = (uint32_t)pick();
        y[e] = p.in_place ? (bits)(first + e) : y[e];
        x[e] = (bits)values[e];
    }
    struct job job = job_of(u);
    job.kind = JOB_DROP;
    job.size = size;
    job.x = (const char *)x;
    job.y = (char *)y;
    if (by_element(&job.layout))
        return; /* there is another kernel for that */
    const int width = fill_range(&job, &p.on);
    launch(width == 0 ? u->mask ? units_code<T, V, dropfuse::StoredUnits>
                                : units_code<T, V, dropfuse::DrawnUnits>
           : u->mask  ? units_code<T, 1, dropfuse::StoredUnits>
                      : units_code<T, 1, dropfuse::DrawnUnits>, p);
    for (uint32_t e = 0; e < n; e++)
        CHECK(y[e] == (bits)((keep[e] ? values[e] : 0) ^ (first + e)),
              "units of %d bits n=%zu first=%lld run=%lld cycle=%lld repeat=%lld step=%lld stored=%d width=%d "
              DRAW ": element %u is %x", 8 * (int)size, n, u->first, u->run, u->cycle, u->repeat, u->step,
              u->mask != NULL, width, DRAW_OF(u), e, (unsigned)y[e]);
    for (const unsigned char *at = from; at < to; at++)
        CHECK((at >= begin && at < end) || *at == SENTINEL,
              "units n=%zu width=%d: byte %lld from y on was written", n, width,
              (long long)(at - begin));
}

static void mask_units(const struct units *u)
{
    const size_t bytes = ((size_t)u->count + 7) / 8;
    unsigned char *const at = fenced_at(&y_memory, bytes, (int)pick_below(2));
    memset(at, SENTINEL, bytes);
    const struct job job = job_of(u);
    struct range_params p = range_params(&job);
    p.y = (char *)((uintptr_t)at - p.first / 8);
    p.anchor = p.first;
    p.chunks = ceil_div(job.layout.count, 32 * 8 * CUDA_REQUESTS);
    launch([](const void *q) { dropfuse::mask_units(*(const struct range_params *)q); }, p);
    expect_bits(u, at, "mask of units");
}

#define ONE_OF(list) ((long long)list[pick_below(sizeof list / sizeof *list)])

static void layouts()
{
    static const int runs[] = {1, 1, 2, 3, 7, 16, 49, 100, 129, 511, 2048, 5000, 9000};
    static const int cycles[] = {1, 1, 2, 3, 5, 8, 63, 65, 1000, 1025, 5000};
    static const int repeats[] = {1, 1, 2, 3, 7, 100};
    static const int gaps[] = {0, 0, 1, 7, 60, 513, 9000};
    static const int counts[] = {1, 5, 31, 32, 33, 127, 128, 129, 1000, 2048, 2049, 4096, 9001};
    for (int round = 0; round < 120; round++) {
        struct units u = elements(ONE_OF(counts));
        u.run = ONE_OF(runs);
        u.cycle = ONE_OF(cycles);
        u.repeat = ONE_OF(repeats);
        u.step = u.cycle + ONE_OF(gaps);
        const long long block = u.run * u.cycle * u.repeat;
        u.first = pick_below(3) == 0 ? 0
                  : pick_below(2)    ? block - (long long)(pick_below((uint64_t)block) % 999)
                                     : (long long)pick_below(20000);
        u.first -= u.first % 8;
        pick_draw(&u);
        model_decide(&u, keep);
        const auto drop = round % 4 ? drop_units<dropfuse::float32> : drop_units<dropfuse::bfloat16>;
        drop(&u);
        mask_units(&u);
        const uint64_t blocks = (uint64_t)((u.first + u.count) / block - u.first / block + 1);
        if (blocks * (uint64_t)u.step < MOST) {
            const struct units s = stored(u);
            drop(&s);
            mask_units(&s);
        }
    }
}

/* More chunks than two blocks have warps. */
static void many_chunks()
{
    for (int round = 0; round < 8; round++) {
        struct units u = elements(MOST - 9);
        u.run = 3000 + round;
        model_decide(&u, keep);
        mask_units(&u);
        drop_units<dropfuse::float32>(&u);
    }
}

/* A run that begins before the first chunk and is longer than all of them. */
static void long_runs()
{
    for (int round = 0; round < 8; round++) {
        struct units u = elements(9001);
        u.first = 8;
        u.run = 20000;
        u.seed = pick();
        model_decide(&u, keep);
        drop_units<dropfuse::float32>(&u);
    }
}

/* Stored decisions of whole requests: none is read after the last one. */
static void whole_requests()
{
    struct units u = elements(256);
    u.run = 32;
    u.start = 0;
    memset(keep, 0, 256);
    u.mask = memset(mask_memory.high - 1, 0, 1);
    mask_units(&u);
}

/* Units of a request each, where a cycle begins again: two windows back, in the middle of 64 bits. */
static void back_by_windows()
{
    for (int round = 0; round < 8; round++) {
        struct units u = elements(256 * 16);
        u.run = 256;
        u.cycle = u.step = 2 * CUDA_WINDOW + 1;
        u.repeat = 2;
        u.first = 256 * (u.cycle - 8);
        u.p = 0.5;
        u.seed = pick();
        u.start = (UINT64_C(1) << 63) - CUDA_WINDOW;
        model_decide(&u, keep);
        mask_units(&u);
    }
}

int main()
{
    x_memory = fenced_new(4 * MOST);
    y_memory = fenced_new(4 * MOST);
    mask_memory = fenced_new(MOST);
    pick_from(33);
    windows<1>();
    windows<2>();
    both_ends_open();
    ties();
    masks();
    layouts();
    many_chunks();
    long_runs();
    whole_requests();
    back_by_windows();
    return finish("draw of devices");
}
