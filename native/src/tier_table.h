/*
 * The loops of all types, and the tier that they make. A tier includes this file after all that
 * apply.h asks for, having defined TIER as its name, STREAMS as whether it has stores that bypass the
 * cache, and STREAM_END() as what orders those.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define TYPE f32
#include "apply.h"
#define TYPE f64
#include "apply.h"
#define TYPE f16
#include "apply.h"
#define TYPE bf16
#include "apply.h"

static void stream_end(void)
{
    STREAM_END();
}

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define NAME(name) JOIN(name, TIER)
#define TYPES(name) {name##_f32, name##_f64, name##_f16, name##_bf16}

const struct tier NAME(tier) = {
    .sequence = &NAME(sequence),
    .normal = &NAME(normal),
    .draw = NAME(draw),
    .scale = TYPES(scale),
    .affine = TYPES(affine),
    .branch = TYPES(branch),
    .sum = TYPES(sum),
    .finish = TYPES(finish),
    .fill = TYPES(fill),
    .streams = STREAMS,
    .stream_end = stream_end,
};
