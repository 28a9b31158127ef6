/*
 * The least and the greatest unit of every small layout, against the units of its elements.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness.h"
#include "job.h"
#include "model.h"

/* All ranges that begin at an element. */
static void ranges_from(long long first, long long most, struct units *u)
{
    uint64_t least = ~UINT64_C(0), greatest = 0;
    for (long long count = 1; count <= most; count++) {
        const uint64_t unit = model_unit(u, (uint64_t)(first + count - 1));
        least = unit < least ? unit : least;
        greatest = unit > greatest ? unit : greatest;
        const struct layout layout = {(uint64_t)first,     (uint64_t)count,   (uint64_t)u->run,
                                      (uint64_t)u->cycle, (uint64_t)u->repeat, (uint64_t)u->step,
                                      u->start};
        uint64_t low, high;
        layout_units(&layout, &low, &high);
        CHECK(low == least && high == greatest,
              "first=%lld count=%lld run=%lld cycle=%lld repeat=%lld step=%lld: units %llu to %llu "
              "are %llu to %llu", first, count, u->run, u->cycle, u->repeat, u->step,
              (unsigned long long)least, (unsigned long long)greatest, (unsigned long long)low,
              (unsigned long long)high);
    }
}

int main(void)
{
    struct units u = elements(0);
    u.start = 1000;
    for (u.run = 1; u.run <= 3; u.run++)
        for (u.cycle = 1; u.cycle <= 4; u.cycle++)
            for (u.repeat = 1; u.repeat <= 3; u.repeat++)
                for (u.step = u.cycle; u.step <= u.cycle + 2; u.step++) {
                    const long long block = u.run * u.cycle * u.repeat;
                    for (long long first = 0; first <= 2 * block; first++)
                        ranges_from(first, 2 * block + 2, &u);
                }
    return finish("units of layouts");
}
