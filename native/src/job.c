/* SPDX-License-Identifier: Apache-2.0 */
#include "job.h"

#include "dropfuse.h"

uint64_t rows_of_sums(const struct job *job)
{
    const uint64_t rows = job->layout.count / job->length;
    return rows / DROPFUSE_SUM_ROWS + (rows % DROPFUSE_SUM_ROWS != 0);
}

void layout_units(const struct layout *l, uint64_t *least_unit, uint64_t *greatest_unit)
{
    const uint64_t period = l->run * l->cycle, block = period * l->repeat;
    const uint64_t last = l->first + l->count - 1;
    if (block == 1) { /* small calls would feel the divisions */
        *least_unit = l->start + l->first * l->step;
        *greatest_unit = l->start + last * l->step;
        return;
    }
    const uint64_t block0 = l->first / block, block1 = last / block;

    uint64_t from = l->first % block, to = block0 == block1 ? last % block : block - 1;
    uint64_t unit = from / period == to / period ? from / l->run % l->cycle : 0;
    *least_unit = l->start + block0 * l->step + unit;

    from = block0 == block1 ? from : 0;
    to = last % block;
    unit = from / period == to / period ? to / l->run % l->cycle : l->cycle - 1;
    *greatest_unit = l->start + block1 * l->step + unit;
}

void image_bits(const struct images *images, uint64_t *centres, uint64_t *positions)
{
    *centres = *positions = 1;
    for (int d = 0; d < 3; d++) {
        *positions *= images->extents[d];
        *centres *= images->extents[d] - (images->valid ? images->sides[d] - 1 : 0);
    }
}
