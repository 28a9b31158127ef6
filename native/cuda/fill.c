/* SPDX-License-Identifier: Apache-2.0 */
#include "fill.h"

#include "context.h"
#include "philox.h"

int by_element(const struct layout *l)
{
    return l->run == 1 && l->cycle == 1 && l->step == 1;
}

char *element_0(const struct job *job, const void *range)
{
    return (char *)((uintptr_t)range - job->layout.first * job->size);
}

struct draw_params draw_params(const struct decisions *from)
{
    struct draw_params d;
    uint32_t k0 = (uint32_t)from->seed, k1 = (uint32_t)(from->seed >> 32);
    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        d.k0[round] = k0;
        d.k1[round] = k1;
        k0 += PHILOX_W0;
        k1 += PHILOX_W1;
    }
    const uint64_t product = (uint64_t)PHILOX_M1 * (uint32_t)from->offset;
    const uint32_t c3 = (uint32_t)(from->offset >> 32);
    d.a = (uint32_t)(product >> 32) ^ d.k0[0];
    d.b = (uint32_t)product ^ d.k0[1];
    d.c_first = c3 ^ d.k1[0];
    d.c_second = (c3 | PHILOX_SECOND) ^ d.k1[0];
    d.hi = (uint32_t)(from->threshold >> 32);
    d.lo = (uint32_t)from->threshold;
    return d;
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

struct value_params value_params(double factor, double shift, double dropped)
{
    return (struct value_params){factor,        shift,        dropped,
                                 (float)factor, (float)shift, (float)dropped};
}

struct range_params range_params(const struct job *job)
{
    const struct layout *l = &job->layout;
    return (struct range_params){
        .draw = draw_params(&job->decisions),
        .first = l->first,
        .end = l->first + l->count,
        .start = l->start,
        .mask = (const unsigned char *)job->decisions.mask,
        .run = divisor(l->run),
        .cycle = divisor(l->cycle),
        .block = divisor(l->run * l->cycle * l->repeat),
        .step = l->step,
        .leap = l->step - l->cycle + 1,
    };
}

/* Whether accesses of 16 bytes from element `anchor` on are aligned in all tensors. */
static int aligned(const struct job *job, uint64_t anchor)
{
    const uint64_t ahead = (job->layout.first - anchor) * job->size;
    const uintptr_t second = (uintptr_t)(job->second ? job->second : job->x);
    uint64_t places = ((uintptr_t)job->x - ahead) | ((uintptr_t)job->y - ahead) | (second - ahead);
    /* No access is of two rows. */
    if (job->kind == JOB_RESIDUAL && job->form & FORM_VECTOR)
        places |= (uintptr_t)job->vector | job->length * job->size | anchor * job->size;
    return places % ACCESS == 0;
}

int fill_range(const struct job *job, struct range_params *params)
{
    const struct layout *l = &job->layout;
    const int elements = by_element(l), drawn = elements && !job->decisions.mask;
    /* The first unit of a window, or the element whose place in y is a multiple of 16 bytes. */
    const uint64_t unit = l->start + l->first;
    uint64_t anchor = l->first - (drawn ? unit % CUDA_WINDOW
                                        : (uintptr_t)job->y % ACCESS / job->size);
    const int width = aligned(job, anchor) ? WIDE : SINGLE;
    const uint64_t lane = width == WIDE ? ACCESS / job->size : 1;
    const uint64_t windows = lane == 8 ? CUDA_WIDEST_WINDOWS : 1;
    const uint64_t chunk = elements ? windows * CUDA_WINDOW : 32 * lane * CUDA_REQUESTS;
    if (drawn)
        anchor = l->first - unit % chunk;
    else if (width == SINGLE)
        anchor = l->first;
    *params = range_params(job);
    params->x = element_0(job, job->x);
    params->y = element_0(job, job->y);
    params->anchor = anchor;
    params->chunks = ceil_div(params->end - anchor, chunk);
    params->value = value_params(job->scale, job->shift, job->dropped);
    return width;
}
