/*
 * The order in which elements are visited whose decisions are known.
 *
 * What bypasses the cache is woven: some elements of each of four neighbouring pages in turn, until
 * these are done. Processors' prefetchers stop at a page's end and need a few accesses to begin in
 * the next one. In four pages at a time they begin a quarter as often, and look ahead in all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_COURSE_H
#define DROPFUSE_COURSE_H

#include <stdint.h>

#include "cpu.h"
#include "job.h"

enum {
    PAGES = 4,
    STRIP = TILE / PAGES,
    FAR_BYTES = 64 << 10,
    SECOND_CACHE = 2 << 20,
    MEMORY_BYTES = 16 << 20
};

/** Elements in `strips` strips of `each`, whose beginnings are `apart` elements apart. */
struct part {
    uint64_t at, each, strips, apart;
};

/**
 * Through n elements: in order to `from`, woven to `to`, and in order to the end. A page has a
 * power of two of them.
 */
struct course {
    uint64_t n, from, to, page;
};

/** Through the job's n elements from the e-th on. */
static inline struct course course_through(const struct job *job, uint64_t e, uint64_t n)
{
    struct course course = {.n = n};
    if (job->stores != DROPFUSE_STORES_WOVEN)
        return course;
    /* Strips begin with lines of the output, of which none is then written in parts. */
    const uint64_t before = -(uintptr_t)(job->y + e * job->size) % CACHE_LINE;
    course.page = PAGE / job->size;
    if (before % job->size == 0 && n >= before / job->size + PAGES * course.page) {
        course.from = before / job->size;
        course.to = n - (n - course.from) % (PAGES * course.page);
    }
    return course;
}

/** The part that begins with the given element, at most TILE elements; it is one of the course. */
static inline struct part course_part(const struct course *course, uint64_t at)
{
    if (at >= course->from && at < course->to)
        return (struct part){at, STRIP, PAGES, course->page};
    const uint64_t left = (at < course->from ? course->from : course->n) - at;
    return (struct part){at, left < TILE ? left : TILE, 1, 0};
}

/** Where the part begins that comes after the one that begins with the given element. */
static inline uint64_t course_after(const struct course *course, uint64_t at)
{
    const struct part part = course_part(course, at);
    at += part.each;
    const int done = part.strips > 1 && ((at - course->from) & (course->page - 1)) == 0;
    return done ? at + (PAGES - 1) * course->page : at;
}

/** Whether a job's output is written past the caches. */
static inline int streams(const struct job *job)
{
    return job->stores > DROPFUSE_STORES_CACHED;
}

/**
 * How many of an input's tiles the first window has: half of them where a window could hold all,
 * as nothing is applied while it is drawn. Where stores are woven, that is, on a Xeon, 4 and 8
 * bytes then take 0.85 to 0.93 times as long, beyond the first cache; 2 bytes and two inputs take
 * longer.
 */
static inline uint64_t first_tiles(const struct job *job, uint64_t tiles)
{
    const int one_input = job->kind != JOB_MASK && !job->decisions.mask && !job->second;
    const uint64_t bytes = job->layout.count * job->size * (job->in_place ? 1 : 2);
    const int halve = one_input && tiles <= DRAW_TILES && bytes >= FAR_BYTES && job->size > 2 &&
                      cpu_order() == DROPFUSE_STORES_WOVEN;
    return halve ? tiles - tiles / 2 : tiles;
}

/**
 * Whether a job's memory is fetched ahead: where the first cache does not hold it. In place that
 * gains less, and is done where no cache holds it; or, for one input where stores are woven, where
 * the second does not: a Xeon then takes 0.77 times as long. Two inputs that no cache holds are not
 * fetched where stores are in order: an EPYC (Zen 2) then takes 0.73 to 0.86 times as long.
 */
static inline int is_far(const struct job *job)
{
    const uint64_t bytes = job->layout.count * job->size;
    if (bytes < FAR_BYTES)
        return 0;
    const int woven = cpu_order() == DROPFUSE_STORES_WOVEN;
    if (job->second && (streams(job) || job->in_place) && !woven)
        return 0;
    return !job->in_place || bytes >= (woven && !job->second ? SECOND_CACHE : MEMORY_BYTES);
}

#endif
