/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <math.h>
#include <string.h>

#include "dropfuse.h"
#include "error.h"

/* What a function calls its input and its output. */
static const struct {
    const char *x, *y;
} names[JOB_KINDS] = {
    [JOB_MASK] = {NULL, "out"},         [JOB_DROP] = {"x", "y"},
    [JOB_RESIDUAL] = {"x", "y"},        [JOB_ZONEOUT] = {NULL, "y"},
    [JOB_SUM_ROWS] = {"dy", "sums"},
    [JOB_SUM_TREE] = {"sums", "y"},     [JOB_MERSENNE] = {NULL, "mask"},
    [JOB_PRODUCT] = {"x", "y"},         [JOB_NORMAL] = {"x", "y"},
    [JOB_ROWS] = {"x", "y"},            [JOB_BLOCKS] = {NULL, "mask"},
};

static int at_least(const char *name, uint64_t value, long long minimum)
{
    if ((long long)value >= minimum)
        return DROPFUSE_OK;
    return fail(DROPFUSE_INVALID_ARGUMENT, "%s = %lld is not in [%lld, 2^63)", name,
                (long long)value, minimum);
}

static int check_choice(const char *name, int value, int most)
{
    if (value >= 0 && value <= most)
        return DROPFUSE_OK;
    return fail(DROPFUSE_INVALID_ARGUMENT, "%s = %d is not in [0, %d]", name, value, most);
}

static int check_units(const struct layout *layout, uint64_t block)
{
    const uint64_t last = layout->first + layout->count - 1;
    uint64_t blocks = last, unit = 0, unused, greatest;
    if (block > 1) { /* the greatest unit within the last block */
        struct layout l = *layout;
        l.start = l.step = 0;
        layout_units(&l, &unused, &unit);
        blocks = last / block;
    }
    if (__builtin_mul_overflow(blocks, layout->step, &greatest) ||
        __builtin_add_overflow(greatest, unit, &greatest))
        return fail(DROPFUSE_INVALID_ARGUMENT,
                    "step = %llu is not in [%llu, %llu]: no unit after 2^64 - 1 exists",
                    (unsigned long long)layout->step, (unsigned long long)layout->cycle,
                    (unsigned long long)((~UINT64_C(0) - unit) / blocks));
    if (greatest > ~UINT64_C(0) - layout->start)
        return fail(DROPFUSE_INVALID_ARGUMENT,
                    "start = %llu is not in [0, %llu]: no unit after 2^64 - 1 exists",
                    (unsigned long long)layout->start,
                    (unsigned long long)(~UINT64_C(0) - greatest));
    return DROPFUSE_OK;
}

/* That memory can hold; bits have no size. By cases, as small calls would feel a division. */
static uint64_t most_elements(size_t size)
{
    return size == 8   ? PTRDIFF_MAX / 8
           : size == 4 ? PTRDIFF_MAX / 4
           : size == 2 ? PTRDIFF_MAX / 2
                       : PTRDIFF_MAX;
}

static int check_layout(const struct layout *l, size_t size)
{
    int status;
    if ((status = at_least("first", l->first, 0)) || (status = at_least("count", l->count, 0)) ||
        (status = at_least("run", l->run, 1)) || (status = at_least("cycle", l->cycle, 1)) ||
        (status = at_least("repeat", l->repeat, 1)) ||
        (status = at_least("step", l->step, (long long)l->cycle)))
        return status;

    const uint64_t most = most_elements(size);
    if (l->first > most || l->count > most - l->first)
        return fail(DROPFUSE_INVALID_ARGUMENT,
                    "first + count = %lld + %lld is not in [0, %lld], the elements that memory "
                    "can hold", (long long)l->first, (long long)l->count, (long long)most);
    const long long run = (long long)l->run, cycle = (long long)l->cycle;
    const long long repeat = (long long)l->repeat;
    long long block;
    if (__builtin_mul_overflow(run, cycle, &block) ||
        __builtin_mul_overflow(block, repeat, &block))
        return fail(DROPFUSE_INVALID_ARGUMENT,
                    "run * cycle * repeat = %lld * %lld * %lld is not in [1, 2^63)", run, cycle,
                    repeat);
    return l->count ? check_units(l, (uint64_t)block) : DROPFUSE_OK;
}

static int check_draw(double p, uint64_t offset)
{
    if (!(p >= 0 && p <= 1))
        return fail(DROPFUSE_INVALID_ARGUMENT, "p = %.17g is not in [0, 1]", p);
    if (offset >> 63)
        return fail(DROPFUSE_INVALID_ARGUMENT, "offset = %llu is not in [0, 2^63)",
                    (unsigned long long)offset);
    return DROPFUSE_OK;
}

static int check_vector(const struct job *job)
{
    int status = check_choice("operation", job->operation, DROPFUSE_VECTOR_MULTIPLY);
    if (!status)
        status = at_least("length", job->length, 1);
    const uint64_t most = PTRDIFF_MAX / job->size;
    if (status || job->operation == DROPFUSE_VECTOR_NONE || job->length <= most)
        return status;
    return fail(DROPFUSE_INVALID_ARGUMENT,
                "length = %lld is not in [1, %lld], the elements that memory can hold",
                (long long)job->length, (long long)most);
}

static int check_sum_rows(const struct job *job)
{
    const struct layout *l = &job->layout;
    const long long length = (long long)job->length;
    const int status = at_least("length", job->length, 1);
    if (status)
        return status;
    if (!isfinite(job->dtype == DROPFUSE_FLOAT64 ? job->scale : (double)(float)job->scale))
        return fail(DROPFUSE_INVALID_ARGUMENT, "scale = %g is not finite in the compute type",
                    job->scale);
    long long block;
    if (__builtin_mul_overflow(length, DROPFUSE_SUM_ROWS, &block))
        return fail(DROPFUSE_INVALID_ARGUMENT, "length = %lld is not in [1, 2^63 / %d)", length,
                    DROPFUSE_SUM_ROWS);
    if (l->first % (uint64_t)block)
        return fail(DROPFUSE_INVALID_ARGUMENT,
                    "first = %lld is not a multiple of %d * length = %lld", (long long)l->first,
                    DROPFUSE_SUM_ROWS, block);
    if (l->count % job->length)
        return fail(DROPFUSE_INVALID_ARGUMENT, "count = %lld is not a multiple of length = %lld",
                    (long long)l->count, length);
    return DROPFUSE_OK;
}

static int check_sum_tree(const struct job *job)
{
    int status;
    if ((status = at_least("blocks", job->sum_blocks, 0)) ||
        (status = at_least("length", job->length, 1)))
        return status;
    const long long blocks = (long long)job->sum_blocks, length = (long long)job->length;
    long long all;
    if (__builtin_mul_overflow(blocks, length, &all) || all >> 60 || length >> 60)
        return fail(DROPFUSE_INVALID_ARGUMENT, "blocks * length = %lld * %lld is not below 2^60",
                    blocks, length);
    return DROPFUSE_OK;
}

static int check_rows(const struct job *job)
{
    int status = check_choice("operation", job->operation, DROPFUSE_SCATTER_ADD);
    if (status)
        return status;
    if (job->rows.count >> 60)
        return fail(DROPFUSE_INVALID_ARGUMENT, "rows = %lld is not in [0, 2^60)",
                    (long long)job->rows.count);
    status = at_least("length", job->length, 1);
    const uint64_t most = PTRDIFF_MAX / job->size;
    if (status || job->rows.count <= most / job->length)
        return status;
    return fail(DROPFUSE_INVALID_ARGUMENT,
                "rows * length = %lld * %lld is not in [0, %lld], the elements that memory "
                "can hold", (long long)job->rows.count, (long long)job->length, (long long)most);
}

static int check_images(const struct images *images)
{
    static const char *const extents[] = {"depth", "height", "width"};
    int status;
    if ((status = at_least("first", images->first, 0)) ||
        (status = at_least("images", images->count, 0)) ||
        (status = at_least("side", images->sides[2], 1)))
        return status;
    long long of_image = 1, all;
    int many = __builtin_add_overflow((long long)images->first, (long long)images->count, &all);
    for (int d = 0; d < 3; d++) {
        if ((long long)images->extents[d] < (long long)images->sides[d])
            return fail(DROPFUSE_INVALID_ARGUMENT, "%s = %lld is not in [%lld, 2^63), from side on",
                        extents[d], (long long)images->extents[d], (long long)images->sides[d]);
        many |= __builtin_mul_overflow(of_image, (long long)images->extents[d], &of_image);
    }
    if (many || __builtin_mul_overflow(of_image, all, &all))
        return fail(DROPFUSE_INVALID_ARGUMENT,
                    "images have 2^63 positions and more; allowed are fewer");
    if ((images->first * (uint64_t)of_image) % 8)
        return fail(DROPFUSE_INVALID_ARGUMENT,
                    "first = %lld is no image that begins at a byte: an image has %lld positions",
                    (long long)images->first, of_image);
    return DROPFUSE_OK;
}

int check_stores(int stores)
{
    if (stores < DROPFUSE_STORES_AUTO || stores > DROPFUSE_STORES_WOVEN)
        return fail(DROPFUSE_INVALID_ARGUMENT, "stores = %d is not in [0, %d]", stores,
                    DROPFUSE_STORES_WOVEN);
    return DROPFUSE_OK;
}

int check_outputs(int outputs, int bits)
{
    if (outputs < 1 || outputs > 2)
        return fail(DROPFUSE_INVALID_ARGUMENT, "outputs = %d is not in [1, 2]", outputs);
    if (bits < 1 || bits > 32 * outputs)
        return fail(DROPFUSE_INVALID_ARGUMENT, "bits = %d is not in [1, %d]", bits, 32 * outputs);
    return DROPFUSE_OK;
}

int check_dimensions(int dimensions)
{
    if (dimensions < 2 || dimensions > 3)
        return fail(DROPFUSE_INVALID_ARGUMENT, "dimensions = %d is not in [2, 3]", dimensions);
    return DROPFUSE_OK;
}

static int check_noise(const struct job *job)
{
    const int status = check_choice("form", job->operation, DROPFUSE_MULTIPLY);
    if (status || (job->scale >= 0 && !isinf(job->scale)))
        return status;
    return fail(DROPFUSE_INVALID_ARGUMENT, "sigma = %.17g is not in [0, infinity)", job->scale);
}

int check_numbers(const struct job *job, double p)
{
    int status = check_choice("dtype", job->dtype, DROPFUSE_BFLOAT16);
    if (status)
        return status;
    switch (job->kind) {
    case JOB_SUM_TREE:
        return check_sum_tree(job);
    case JOB_MERSENNE:
        return at_least("count", job->layout.count, 0);
    case JOB_ROWS:
        return check_rows(job);
    case JOB_BLOCKS:
        return check_images(&job->images);
    default:
        break;
    }
    status = check_layout(&job->layout, job->size);
    if (!status && !job->decisions.mask)
        status = check_draw(p, job->decisions.offset);
    if (status)
        return status;
    if (job->kind == JOB_MASK && job->layout.first % 8)
        return fail(DROPFUSE_INVALID_ARGUMENT, "first = %lld is not a multiple of 8",
                    (long long)job->layout.first);
    return job->kind == JOB_RESIDUAL   ? check_vector(job)
           : job->kind == JOB_ZONEOUT  ? check_choice("operation", job->operation, DROPFUSE_EXPECT)
           : job->kind == JOB_SUM_ROWS ? check_sum_rows(job)
           : job->kind == JOB_NORMAL   ? check_noise(job)
                                       : DROPFUSE_OK;
}

static int check_there(const char *name, const void *memory, const char *number, uint64_t value)
{
    if (memory)
        return DROPFUSE_OK;
    return fail(DROPFUSE_INVALID_ARGUMENT, "%s = NULL is allowed only when %s = 0, not %lld", name,
                number, (long long)value);
}

static int check_aligned(const char *name, const void *memory, size_t bytes)
{
    if ((uintptr_t)memory % bytes == 0)
        return DROPFUSE_OK;
    return fail(DROPFUSE_INVALID_ARGUMENT, "%s is not at a multiple of %zu bytes", name, bytes);
}

static int check_sequence(const struct job *job)
{
    const int status = check_there("state", job->sequence.state, "count", job->layout.count);
    if (status)
        return status;
    uint32_t used; /* the state may be at any alignment */
    memcpy(&used, (const char *)job->sequence.state + SEQUENCE_WORDS * sizeof used, sizeof used);
    if (used <= SEQUENCE_WORDS)
        return DROPFUSE_OK;
    return fail(DROPFUSE_INVALID_ARGUMENT, "state[%d] = %u is not in [0, %d]", SEQUENCE_WORDS,
                (unsigned)used, SEQUENCE_WORDS);
}

/* What is selected from may be one input alone. */
static int check_states(const struct job *job)
{
    const uint64_t count = job->layout.count;
    if (job->operation == DROPFUSE_EXPECT) {
        const int status = check_there("x", job->x, "count", count);
        return status ? status : check_there("previous", job->second, "count", count);
    }
    return check_there("x = previous", job->x ? job->x : job->second, "count", count);
}

int check_pointers(const struct job *job)
{
    const char *const x = names[job->kind].x, *const y = names[job->kind].y;
    const char *number = "count";
    uint64_t count = job->layout.count;
    if (job->kind == JOB_SUM_TREE) {
        if (!job->y || (!job->x && job->sum_blocks))
            return fail(DROPFUSE_INVALID_ARGUMENT, "%s = NULL is not allowed", job->y ? x : y);
        return check_aligned(x, job->x, total_size(job->dtype));
    }
    if (job->kind == JOB_ROWS || job->kind == JOB_BLOCKS) {
        const int of_rows = job->kind == JOB_ROWS;
        number = of_rows ? "rows" : "images";
        count = of_rows ? job->rows.count : job->images.count;
    }
    int status = x ? check_there(x, job->x, number, count) : DROPFUSE_OK;
    if (!status)
        status = check_there(y, job->y, number, count);
    if (status)
        return status;
    switch (job->kind) {
    case JOB_RESIDUAL:
        if (job->operation != DROPFUSE_VECTOR_NONE && !job->vector)
            return fail(DROPFUSE_INVALID_ARGUMENT,
                        "vector = NULL is allowed only when operation = 0, not %d", job->operation);
        return DROPFUSE_OK;
    case JOB_ZONEOUT:
        return check_states(job);
    case JOB_SUM_ROWS:
        return check_aligned(y, job->y, total_size(job->dtype));
    case JOB_MERSENNE:
        return check_sequence(job);
    case JOB_PRODUCT:
        return check_there("mask", (const void *)job->decisions.mask, number, count);
    case JOB_ROWS:
        status = check_there("indices", job->rows.indices, number, count);
        return status ? status
                      : check_aligned("indices", job->rows.indices, sizeof *job->rows.indices);
    case JOB_BLOCKS:
        status = check_there("centres", job->images.centres, number, count);
        return status ? status : check_aligned("centres", job->images.centres, sizeof(uint64_t));
    default:
        return DROPFUSE_OK;
    }
}

static int overlap(uintptr_t a, uint64_t a_bytes, uintptr_t b, uint64_t b_bytes)
{
    return a < b ? b - a < a_bytes : a - b < b_bytes;
}

/* Bytes from `from` on, `bytes` of them, that have nothing to do with the output. */
static int check_apart(const struct job *job, const char *name, const void *from, uint64_t bytes,
                       uint64_t y_bytes)
{
    if (!overlap((uintptr_t)from, bytes, (uintptr_t)job->y, y_bytes))
        return DROPFUSE_OK;
    return fail(DROPFUSE_INVALID_ARGUMENT,
                "%s overlaps %s: its %llu bytes must be apart from the output", name,
                names[job->kind].y, (unsigned long long)bytes);
}

/* The same elements, or none of them. */
static int check_input(const struct job *job, const char *name, const char *input, uint64_t bytes)
{
    const uintptr_t x = (uintptr_t)input, y = (uintptr_t)job->y;
    if (!input || x == y || !overlap(x, bytes, y, bytes))
        return DROPFUSE_OK;
    return fail(DROPFUSE_INVALID_ARGUMENT,
                "y = %s %c %llu bytes overlaps %s: y must be exactly %s, or at least %llu bytes "
                "away", name, y < x ? '-' : '+', (unsigned long long)(y < x ? x - y : y - x),
                name, name, (unsigned long long)bytes);
}

static int check_mask_apart(const struct job *job, uint64_t y_bytes)
{
    if (!job->decisions.mask)
        return DROPFUSE_OK;
    uint64_t least, greatest;
    layout_units(&job->layout, &least, &greatest);
    if (!overlap(job->decisions.mask + least / 8, greatest / 8 - least / 8 + 1, (uintptr_t)job->y,
                 y_bytes))
        return DROPFUSE_OK;
    return fail(DROPFUSE_INVALID_ARGUMENT,
                "mask overlaps %s: its bytes %llu to %llu must be apart from the output",
                names[job->kind].y, (unsigned long long)(least / 8),
                (unsigned long long)(greatest / 8));
}

static int overlap_of_rows(const struct job *job)
{
    /* The dense tensor is all of its rows; of the larger one the first is sure to be there. */
    const uint64_t row = job->length * job->size, all = job->rows.count * row;
    const int gathers = job->operation == DROPFUSE_GATHER;
    const int status = check_apart(job, "x", job->x, gathers ? row : all, gathers ? all : row);
    return status ? status
                  : check_apart(job, "indices", job->rows.indices,
                                job->rows.count * sizeof *job->rows.indices, gathers ? all : row);
}

static int overlap_of_images(const struct job *job)
{
    const struct images *images = &job->images;
    uint64_t centres, positions;
    image_bits(images, &centres, &positions);
    const uint64_t from = images->first * centres / 64;
    const uint64_t to = ((images->first + images->count) * centres - 1) / 64 + 1;
    const uintptr_t words = (uintptr_t)images->centres + from * 8; /* byte 0 may be no address */
    return check_apart(job, "centres", (const void *)words, (to - from) * 8,
                       (images->count * positions + 7) / 8);
}

int check_overlap(const struct job *job)
{
    const uint64_t bytes = job->layout.count * job->size;
    const char *const second = job->kind == JOB_ZONEOUT ? "previous" : "residual";
    uint64_t y_bytes = bytes;
    int status;
    switch (job->kind) {
    case JOB_MASK:
        return check_mask_apart(job, (job->layout.count + 7) / 8);
    case JOB_MERSENNE:
        return check_apart(job, "state", job->sequence.state,
                           (SEQUENCE_WORDS + 1) * sizeof *job->sequence.state,
                           (job->layout.count + 7) / 8);
    case JOB_ROWS:
        return overlap_of_rows(job);
    case JOB_BLOCKS:
        return overlap_of_images(job);
    case JOB_SUM_TREE:
        if (!job->sum_blocks)
            return DROPFUSE_OK;
        return check_apart(job, "sums", job->x,
                           job->sum_blocks * job->length * total_size(job->dtype),
                           job->length * job->size);
    case JOB_SUM_ROWS:
        y_bytes = rows_of_sums(job) * job->length * total_size(job->dtype);
        status = check_apart(job, "dy", job->x, bytes, y_bytes);
        if (!status && job->second)
            status = check_apart(job, "x", job->second, bytes, y_bytes);
        break;
    default:
        status = check_input(job, job->form & FORM_REST ? second : "x", job->x, bytes);
        if (!status)
            status = check_input(job, second, job->second, bytes);
        if (!status && job->form & FORM_VECTOR && job->kind == JOB_RESIDUAL)
            status = check_apart(job, "vector", job->vector, job->length * job->size, bytes);
    }
    return status ? status : check_mask_apart(job, y_bytes);
}
