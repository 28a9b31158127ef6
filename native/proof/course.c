/*
 * course.h, for all ranges and addresses: from any place on a course, its part holds elements of the
 * range that were not visited before, and the place after it is one where these are visited, and no
 * others. So every element is visited once. A part has at most TILE elements.
 *
 * prove: -DSIZE=2
 * prove: -DSIZE=4
 * prove: -DSIZE=8
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proof.h"

#include "../src/course.h"

enum { GROUP = PAGES * PAGE / SIZE };

static struct course course;

static int is_woven(uint64_t at)
{
    return at >= course.from && at < course.to;
}

static uint64_t in_group(uint64_t at)
{
    return (at - course.from) % GROUP;
}

/* Whether a part may begin there. */
static int is_place(uint64_t at)
{
    return at <= course.n &&
           (!is_woven(at) || (in_group(at) < course.page && in_group(at) % STRIP == 0));
}

/* Whether an element was visited by the parts before a place. */
static int visited(uint64_t element, uint64_t at)
{
    if (!is_woven(at) || element < course.from)
        return element < at;
    const uint64_t group = (at - course.from) / GROUP;
    const uint64_t of_element = (element - course.from) / GROUP;
    return of_element < group ||
           (of_element == group && in_group(element) % course.page < in_group(at));
}

static int is_in(const struct part *part, uint64_t element)
{
    int found = 0;
    for (uint64_t k = 0; k < PAGES; k++) {
        const uint64_t begin = part->at + k * part->apart;
        found += k < part->strips && element >= begin && element - begin < part->each;
    }
    return found;
}

int main(void)
{
    static struct job job;
    const uint64_t e = nondet_uint64(), n = nondet_uint64();
    job.size = SIZE;
    job.stores = nondet_int();
    job.y = (char *)(uintptr_t)nondet_uint64();
    ASSUME(n >= 1 && n <= INT64_MAX / SIZE && e <= INT64_MAX / SIZE - n);
    course = course_through(&job, e, n);
    PROVE(course.n == n && course.from <= course.to && course.to <= n);
    PROVE((course.to - course.from) % GROUP == 0);
    PROVE(!course.to || ((uintptr_t)job.y + (e + course.from) * SIZE) % CACHE_LINE == 0);

    const uint64_t at = nondet_uint64(), element = nondet_uint64();
    PROVE(is_place(0));
    ASSUME(at < n && is_place(at) && element < n);
    PROVE(!visited(element, 0) && visited(element, n));
    const struct part part = course_part(&course, at);
    const uint64_t after = course_after(&course, at);
    PROVE(part.each >= 1 && part.strips >= 1 && part.strips <= PAGES);
    PROVE(part.each * part.strips <= TILE);
    PROVE(after > at && is_place(after));
    PROVE(visited(element, at) + is_in(&part, element) == visited(element, after));
    PROVE(part.at + (part.strips - 1) * part.apart + part.each <= n);
}
