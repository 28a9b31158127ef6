/* SPDX-License-Identifier: Apache-2.0 */
#include "launch.h"

#include "dropfuse.h"
#include "operations.h"
#include "philox.h"

enum { WARPS = CUDA_BLOCK / 32 };

/* rint((1 - p) * 2^40): adding 2^52 rounds to an integer, to even in a tie. */
static uint64_t threshold(double p)
{
    const double exact = (1.0 - p) * 0x1p40;
    return (uint64_t)((exact + 0x1p52) - 0x1p52);
}

struct draw_params draw_params(double p, uint64_t seed, uint64_t offset)
{
    struct draw_params d;
    const uint64_t limit = threshold(p);
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        d.k0[round] = k0;
        d.k1[round] = k1;
        k0 += PHILOX_W0;
        k1 += PHILOX_W1;
    }
    const uint64_t product = (uint64_t)PHILOX_M1 * (uint32_t)offset;
    const uint32_t c3 = (uint32_t)(offset >> 32);
    d.a = (uint32_t)(product >> 32) ^ d.k0[0];
    d.b = (uint32_t)product ^ d.k0[1];
    d.c_first = c3 ^ d.k1[0];
    d.c_second = (c3 | PHILOX_SECOND) ^ d.k1[0];
    d.hi = (uint32_t)(limit >> 32);
    d.lo = (uint32_t)limit;
    return d;
}

int drops_all(const struct decisions *d)
{
    return !d->mask && threshold(d->p) == 0;
}

/* With l the bits of d - 1: m = ceil(2^(63 + l) / d) and n / d = n * m >> (63 + l), n < 2^63. */
struct divisor divisor(uint64_t d)
{
    if (d == 1)
        return (struct divisor){1, 0, 0};
    unsigned l = 1;
    while (l < 63 && d > UINT64_C(1) << l)
        l++;
    const unsigned __int128 power = (unsigned __int128)1 << (63 + l);
    return (struct divisor){d, (uint64_t)((power + (d - 1)) / d), l - 1};
}

int launch(const struct kernel *kernel, uint64_t chunks, void *params, CUstream stream)
{
    const uint64_t blocks = ceil_div(chunks, WARPS);
    const unsigned grid = blocks < kernel->blocks ? (unsigned)blocks : kernel->blocks;
    void *arguments[] = {params};
    return CALL(cuLaunchKernel, kernel->function, grid, 1, 1, CUDA_BLOCK, 1, 1, 0, stream,
                arguments, NULL);
}

struct value_params value_params(double factor, double shift, double dropped)
{
    return (struct value_params){
        .factor64 = constant(DROPFUSE_FLOAT64, factor),
        .shift64 = constant(DROPFUSE_FLOAT64, shift),
        .dropped64 = constant(DROPFUSE_FLOAT64, dropped),
        .factor32 = (float)constant(DROPFUSE_FLOAT32, factor),
        .shift32 = (float)constant(DROPFUSE_FLOAT32, shift),
        .dropped32 = (float)constant(DROPFUSE_FLOAT32, dropped),
    };
}

/* Units that come once are in no cycle, and units in no cycle repeat as one run. */
static struct layout simplest(struct layout l)
{
    if (l.repeat == 1)
        l.cycle = 1;
    if (l.cycle == 1) {
        l.run *= l.repeat;
        l.repeat = 1;
    }
    return l;
}

/* Only the range has to be there: element 0 may be no address at all. */
static const char *range(const struct job *job, const void *element0)
{
    return (const char *)((uintptr_t)element0 + (uintptr_t)(job->layout.first * job->size));
}

int launch_begin(struct job *job, const struct decisions *d)
{
    int status = check_dtype(d->dtype);
    if (!status)
        status = check_layout(d->first, d->count, d->run, d->cycle, d->repeat, d->start,
                              element_size(d->dtype));
    if (!status && !d->mask)
        status = check_draw(d->p, d->offset);
    if (status)
        return status;
    job->source.mask = (uintptr_t)d->mask;
    job->layout = simplest((struct layout){(uint64_t)d->first, (uint64_t)d->count,
                                           (uint64_t)d->run, (uint64_t)d->cycle,
                                           (uint64_t)d->repeat, d->start});
    job->dtype = d->dtype;
    job->size = element_size(d->dtype);
    job->x = range(job, job->x);
    job->y = (char *)(uintptr_t)range(job, job->y);
    job->second = job->second ? range(job, job->second) : NULL;
    return DROPFUSE_OK;
}

int by_element(const struct job *job)
{
    return job->layout.run == 1 && job->layout.cycle == 1;
}

void *element_0(const struct job *job, const void *range)
{
    return (void *)((uintptr_t)range - job->layout.first * job->size);
}

/* Whether accesses of 16 bytes from element `anchor` on are aligned in all tensors. */
static int aligned(const struct job *job, uint64_t anchor)
{
    const uint64_t ahead = (job->layout.first - anchor) * job->size;
    const uintptr_t second = (uintptr_t)(job->second ? job->second : job->x);
    uint64_t places = ((uintptr_t)job->x - ahead) | ((uintptr_t)job->y - ahead) | (second - ahead);
    /* No access is of two rows. */
    if (job->form & FORM_VECTOR)
        places |= (uintptr_t)job->vector | job->length * job->size | anchor * job->size;
    return places % ACCESS == 0;
}

/* The element at or before the first whose place in y is a multiple of 16 bytes. */
static uint64_t aligned_anchor(const struct job *job)
{
    return job->layout.first - (uintptr_t)job->y % ACCESS / job->size;
}

int fill_elements(const struct job *job, const struct decisions *d, struct element_params *params)
{
    const struct layout *l = &job->layout;
    const uint64_t unit = l->start + l->first;
    uint64_t anchor = d->mask ? aligned_anchor(job) : l->first - unit % CUDA_WINDOW;
    const int width = aligned(job, anchor) ? WIDE : SINGLE;
    const uint64_t chunk =
        width == WIDE && job->size == 2 ? CUDA_WIDEST_WINDOWS * CUDA_WINDOW : CUDA_WINDOW;
    if (!d->mask)
        anchor = l->first - unit % chunk;
    else if (width == SINGLE)
        anchor = l->first;
    params->draw = draw_params(d->mask ? 1 : d->p, d->seed, d->offset);
    params->x = element_0(job, job->x);
    params->y = element_0(job, job->y);
    params->first = l->first;
    params->end = l->first + l->count;
    params->start = l->start;
    params->mask = d->mask;
    params->anchor = anchor;
    params->chunks = ceil_div(l->first + l->count - anchor, chunk);
    return width;
}

int fill_units(const struct job *job, const struct decisions *d, struct unit_params *params)
{
    const struct layout *l = &job->layout;
    uint64_t anchor = aligned_anchor(job);
    const int width = aligned(job, anchor) ? WIDE : SINGLE;
    if (width == SINGLE)
        anchor = l->first;
    const uint64_t span = 32 * (width == WIDE ? ACCESS / job->size : 1);
    params->draw = draw_params(d->mask ? 1 : d->p, d->seed, d->offset);
    params->x = element_0(job, job->x);
    params->y = element_0(job, job->y);
    params->first = l->first;
    params->end = l->first + l->count;
    params->start = l->start;
    params->mask = d->mask;
    params->anchor = anchor;
    params->chunks = ceil_div(l->first + l->count - anchor, span * CUDA_REQUESTS);
    params->run = divisor(l->run);
    params->cycle = divisor(l->cycle);
    params->sample = divisor(l->run * l->cycle * l->repeat);
    return width;
}
