/*
 * When a median is believed. The command line's Figure gives the same verdicts, see its test.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "measure.h"

#include <math.h>
#include <string.h>

#include "harness.h"

enum { MOST = 1000 };

static double values[MOST];

/* Evenly spread over `width` from 1 on, in another order. */
static struct figure spread(int n, double width)
{
    for (int k = 0; k < n; k++)
        values[k * 11 % n] = 1 + width * k / n;
    return figure_of(values, n);
}

/* Each `every`-th is `apart` more than the others. */
static struct figure heaps(int every, double least, double apart)
{
    for (int k = 0; k < 40; k++)
        values[k] = least + 0.001 * k + (k % every == 0 ? apart : 0);
    return figure_of(values, 40);
}

static void verdict(struct figure f, const char *expected)
{
    const char *const doubt = f.doubt ? f.doubt : "none";
    CHECK(!strcmp(doubt, expected), "doubt of %d values from %g, unsure by %g: %s, expected %s",
          f.n, f.least, f.unsure, doubt, expected);
}

int main(void)
{
    verdict(figure_of(values, 0), "too few");
    verdict(spread(LEAST_KEPT - 1, 0), "too few");
    verdict(spread(LEAST_KEPT, 0), "none");
    verdict(spread(40, 0.2), "unsure");
    verdict(spread(1000, 0.2), "none");
    verdict(heaps(2, 10, 1), "two heaps");
    verdict(heaps(3, 10, 1), "two heaps");
    verdict(heaps(10, 10, 1), "none");
    verdict(heaps(2, 100, 1), "none");

    /* 41 values: the interval is of the ranks 14 to 26. */
    const struct figure f = spread(41, 41 * 0.004);
    CHECK(f.n == 41 && f.least == 1 && fabs(f.lower - 1.04) < 1e-12 &&
              fabs(f.median - 1.08) < 1e-12 && fabs(f.upper - 1.12) < 1e-12,
          "%d values: %g, %g, %g, %g", f.n, f.least, f.lower, f.median, f.upper);
    CHECK(fabs(f.unsure - 12 * 0.004 / 1.08) < 1e-12, "unsure by %g", f.unsure);
    double two[] = {3, 2};
    CHECK(figure_of(two, 2).median == 2.5, "the median of 2 and 3 is %g", figure_of(two, 2).median);
    return finish("figures");
}
