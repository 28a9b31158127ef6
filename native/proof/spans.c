/*
 * check_overlap(), for every kind of job and all numbers that check_numbers() accepts: where it accepts,
 * it has compared the output, as long as dropfuse.h has it, with each input, as long as that is, and found
 * them apart, but for an input that is exactly the output. Of the larger tensor of rows that is its first
 * row, as indices are not checked. What overlap() finds, overlap.c proves.
 *
 * Assumed: an input is there, as pointers.c has it; and what layout_units() gives, for which any two units
 * stand here.
 *
 * Bounded: float16, as how many bytes an element has is a factor of all that is compared.
 *
 * prove: calls=overlap:compare calls=layout_units:any_units --unwind 5 -DKIND=JOB_MASK
 * prove: calls=overlap:compare calls=layout_units:any_units --unwind 5 -DKIND=ELEMENTS
 * prove: calls=overlap:compare calls=layout_units:any_units products --unwind 5 -DKIND=JOB_SUM_ROWS
 * prove: calls=overlap:compare products --unwind 5 -DKIND=JOB_SUM_TREE
 * prove: calls=overlap:compare --unwind 5 -DKIND=JOB_MERSENNE
 * prove: calls=overlap:compare products --unwind 5 -DKIND=JOB_ROWS
 * prove: calls=overlap:compare products --unwind 5 -DKIND=JOB_BLOCKS
 * SPDX-License-Identifier: Apache-2.0
 */
#include "layout.h"
#include "lemmas.h"

#include "../src/check.c"
#include "../src/job.c"

enum { ELEMENTS = JOB_KINDS, DTYPE = DROPFUSE_FLOAT16, SIZE = 2, TOTAL = 4 };

struct span {
    uint64_t from;
    wide bytes;
};

/* What overlap() was asked about, and said no to. */
static struct {
    struct span input, output;
} apart[4];
static int compared;

int compare(uintptr_t a, uint64_t a_bytes, uintptr_t b, uint64_t b_bytes)
{
    if (nondet_int())
        return 1;
    PROVE(compared < 4);
    apart[compared].input = (struct span){a, a_bytes};
    apart[compared].output = (struct span){b, b_bytes};
    compared++;
    return 0;
}

static int holds(struct span whole, struct span part)
{
    return whole.from == part.from && whole.bytes >= part.bytes;
}

static int is_apart(struct span input, struct span output)
{
    int found = !input.bytes;
    for (int i = 0; i < compared; i++)
        found |= holds(apart[i].input, input) && holds(apart[i].output, output);
    return found;
}

static struct span span(const void *from, wide bytes)
{
    return (struct span){(uint64_t)from, bytes};
}

static wide bytes_of_bits(uint64_t bits)
{
    return ((wide)bits + 7) / 8;
}

static uint64_t least_unit, greatest_unit;

void any_units(const struct layout *layout, uint64_t *least, uint64_t *greatest)
{
    (void)layout;
    *least = least_unit;
    *greatest = greatest_unit;
}

static struct span mask_of(const struct job *job)
{
    return span((const void *)(job->decisions.mask + least_unit / 8),
                (wide)(greatest_unit / 8) - least_unit / 8 + 1);
}

int main(void)
{
    const int kind = KIND == ELEMENTS ? nondet_int() : KIND;
    struct job job = any_job((enum kind)kind);
    ASSUME(KIND != ELEMENTS || kind == JOB_DROP || kind == JOB_RESIDUAL || kind == JOB_ZONEOUT ||
           kind == JOB_PRODUCT || kind == JOB_NORMAL);
    job.dtype = DTYPE;
    job.size = KIND == JOB_MASK ? 0 : SIZE;
    const uint64_t count = job.layout.count, length = job.length;
    const wide bytes = (wide)count * SIZE;
    ASSUME(KIND == JOB_MASK || KIND == JOB_MERSENNE ? count <= INT64_MAX : bytes <= INT64_MAX);
    ASSUME(length >= 1 && (wide)length * SIZE <= INT64_MAX);
    least_unit = nondet_uint64();
    greatest_unit = nondet_uint64();
    ASSUME(least_unit <= greatest_unit);
    struct span out, in[4] = {0};
    int same = 0;
    switch (KIND) {
    case JOB_MASK:
    case JOB_MERSENNE:
        ASSUME(count);
        out = span(job.y, bytes_of_bits(count));
        if (KIND == JOB_MERSENNE)
            in[0] = span(job.sequence.state, 625 * 4);
        break;
    case JOB_SUM_ROWS: {
        const uint64_t rows = count / length, blocks = rows / 64 + (rows % 64 != 0);
        ASSUME(count && product_grows(blocks, rows, length));
        PROVE((wide)blocks * length <= count);
        out = span(job.y, (wide)blocks * length * TOTAL);
        in[1] = span(job.x, bytes);
        in[2] = span(job.second, job.second ? bytes : 0);
        break;
    }
    case JOB_SUM_TREE: {
        const wide sums = (wide)job.sum_blocks * length;
        ASSUME(sums >> 60 == 0 && length >> 60 == 0);
        out = span(job.y, (wide)length * SIZE);
        in[0] = span(job.x, sums * TOTAL);
        break;
    }
    case JOB_ROWS: {
        const uint64_t row = length * SIZE;
        const wide all = (wide)job.rows.count * row;
        const int gathers = job.operation == DROPFUSE_GATHER;
        ASSUME(job.rows.count && job.rows.count >> 60 == 0 && all <= INT64_MAX);
        out = span(job.y, gathers ? all : row);
        in[0] = span(job.x, gathers ? row : all);
        in[1] = span(job.rows.indices, (wide)job.rows.count * 8);
        break;
    }
    case JOB_BLOCKS: {
        const struct images *images = &job.images;
        const uint64_t all = images->first + images->count;
        uint64_t centres, positions;
        image_bits(images, &centres, &positions);
        ASSUME(images->count && all > images->first && (wide)all * centres <= INT64_MAX);
        ASSUME(centres && (wide)images->count * positions <= INT64_MAX);
        ASSUME(product_grows(images->first, all, centres));
        const uint64_t first = images->first * centres / 64, last = (all * centres - 1) / 64;
        out = span(job.y, bytes_of_bits(images->count * positions));
        in[0] = (struct span){(uint64_t)images->centres + first * 8, (last - first + 1) * 8};
        break;
    }
    default:
        ASSUME(count);
        same = 1;
        out = span(job.y, bytes);
        in[1] = span(job.x, job.x ? bytes : 0);
        in[2] = span(job.second, job.second ? bytes : 0);
        if (kind == JOB_RESIDUAL && job.form & FORM_VECTOR)
            in[3] = span(job.vector, (wide)length * SIZE);
        break;
    }
    if (has_layout((enum kind)kind) && job.decisions.mask)
        in[0] = mask_of(&job);
    const int status = check_overlap(&job);
    prove_status(status);
    ASSUME(!status);
    PROVE(is_apart(in[0], out) && is_apart(in[3], out));
    PROVE(is_apart(in[1], out) || (same && in[1].from == out.from));
    PROVE(is_apart(in[2], out) || (same && in[2].from == out.from));
}
