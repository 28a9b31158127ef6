/*
 * Rows between a dense tensor and their places in a larger one. Rows of a few elements are copied a
 * memory's width at a time and, where they are scaled, a stretch of them together.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "course.h"
#include "dropfuse.h"
#include "host.h"
#include "loop.h"

enum {
    /* Longer rows are worth a call each. */
    SHORT_ROW = 512,
    /* Bytes of short rows that are computed at a time, in the first cache. */
    STRETCH = 8192
};

/* At least 16 bytes. The last access overlaps the one before it. */
static inline void copy_short(char *to, const char *from, uint64_t bytes)
{
    for (uint64_t at = 0; at + 16 < bytes; at += 16)
        memcpy(to + at, from + at, 16);
    memcpy(to + bytes - 16, from + bytes - 16, 16);
}

static inline __attribute__((always_inline)) void copy_each(const char *x, char *y,
                                                            const uint64_t *indices, uint64_t rows,
                                                            uint64_t bytes, int gathers)
{
    for (uint64_t j = 0; j < rows; j++) {
        const char *from = x + (gathers ? indices[j] : j) * bytes;
        char *to = y + (gathers ? j : indices[j]) * bytes;
        if (bytes >= 16 && bytes <= SHORT_ROW)
            copy_short(to, from, bytes);
        else
            memcpy(to, from, bytes);
    }
}

/* For each of the usual short lengths, a loop that has it as a constant. */
static void copy_rows(const char *x, char *y, const uint64_t *indices, uint64_t rows,
                      uint64_t bytes, int gathers)
{
    switch (bytes) {
    case 4:
        copy_each(x, y, indices, rows, 4, gathers);
        break;
    case 8:
        copy_each(x, y, indices, rows, 8, gathers);
        break;
    case 16:
        copy_each(x, y, indices, rows, 16, gathers);
        break;
    case 32:
        copy_each(x, y, indices, rows, 32, gathers);
        break;
    case 64:
        copy_each(x, y, indices, rows, 64, gathers);
        break;
    case 128:
        copy_each(x, y, indices, rows, 128, gathers);
        break;
    default:
        copy_each(x, y, indices, rows, bytes, gathers);
    }
}

/* Adds n rows to those of y. Short ones are brought together and taken back: they differ. */
static void add_rows(const struct tier *tier, const struct job *job, const char *x,
                     const uint64_t *indices, uint64_t n)
{
    const uint64_t bytes = job->length * job->size;
    unsigned char memory[STRETCH];
    char *rows = n == 1 ? job->y + *indices * bytes : (char *)memory;
    if (n > 1)
        copy_rows(job->y, rows, indices, n, bytes, 1);
    tier->branch[job->dtype](x, FORM_RESIDUAL, NULL, rows, rows, n * job->length, NULL, 0,
                             job->scale, 0, 0);
    if (n > 1)
        copy_rows(rows, job->y, indices, n, bytes, 0);
}

/* How many of the rows that are left are computed together. */
static uint64_t together(uint64_t left, uint64_t bytes)
{
    return bytes > SHORT_ROW ? 1 : least(left, STRETCH / bytes);
}

/* Whole lines: parts of one would be written into the caches as well. */
static int streams_rows(const struct tier *tier, const struct job *job, uint64_t bytes)
{
    return tier->streams && streams(job) && job->operation != DROPFUSE_SCATTER_ADD &&
           bytes > SHORT_ROW && bytes % CACHE_LINE == 0 && (uintptr_t)job->y % CACHE_LINE == 0;
}

static void stream_rows(const struct tier *tier, const struct job *job, uint64_t bytes)
{
    const int gathers = job->operation == DROPFUSE_GATHER;
    for (uint64_t j = 0; j < job->rows.count; j++) {
        const uint64_t place = job->rows.indices[j];
        const char *from = job->x + (gathers ? place : j) * bytes;
        char *to = job->y + (gathers ? j : place) * bytes;
        if (gathers && job->scale != 1)
            tier->scale[job->dtype](from, to, job->length, NULL, 0, job->scale, 1);
        else
            tier->branch[job->dtype](from, FORM_SELECT, NULL, NULL, to, job->length, NULL, 0, 1,
                                     0, 1);
    }
    tier->stream_end();
}

void host_rows(const struct tier *tier, const struct job *job)
{
    const uint64_t *indices = job->rows.indices;
    const uint64_t bytes = job->length * job->size, rows = job->rows.count;
    const int gathers = job->operation == DROPFUSE_GATHER;
    if (streams_rows(tier, job, bytes)) {
        stream_rows(tier, job, bytes);
        return;
    }
    if (job->operation == DROPFUSE_SCATTER || (gathers && job->scale == 1)) {
        copy_rows(job->x, job->y, indices, rows, bytes, gathers);
        return;
    }
    for (uint64_t j = 0, n; j < rows; j += n) {
        n = together(rows - j, bytes);
        const char *x = job->x + (gathers ? 0 : j * bytes);
        char *y = job->y + j * bytes;
        if (!gathers) {
            add_rows(tier, job, x, indices + j, n);
            continue;
        }
        if (n > 1)
            copy_rows(x, y, indices + j, n, bytes, 1);
        tier->scale[job->dtype](n > 1 ? y : x + indices[j] * bytes, y, n * job->length, NULL, 0,
                                job->scale, 0);
    }
}
