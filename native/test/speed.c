/*
 * How long kernels take beside memcpy or a plain sum of the same tensors, in one thread; and beside
 * the same kernels of another build of the library, in the same process. measure.h says how times
 * are taken.
 *
 *     speed [--library FILE] [--against FILE] [--tier NAME|best|all]... [--dtype NAME|all]...
 *           [--elements N[k|m]]... [--kernel NAME]... [--cache warm|cold]... [--rounds N]
 *           [--seconds S] [--p P] [--misalign BYTES] [--pages default|huge|small]
 *
 * Cold buffers are parts of RING bytes, no two of which in turn are neighbours. Tensors of as many
 * bytes are in no cache in any case.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "bounds.h"
#include "measure.h"
#include "pages.h"
#include "speed_kernels.h"

enum { RING = 128 << 20, LINE = 64, MOST_VALUES = 32, PATTERN = 1 << 14, SPACE = 4096 };

static const char *const dtype_names[] = {"f32", "f64", "f16", "bf16"};
static const int sizes[] = {4, 8, 2, 2};

struct list {
    const char *values[MOST_VALUES];
    int n;
};

static struct {
    const char *library, *against;
    struct list tiers, dtypes, elements, kernels, caches;
    struct plan plan;
    double p;
    size_t misalign;
    enum pages_kind pages;
} options = {.library = DROPFUSE_LIBRARY, .plan = {.rounds = 31, .seconds = 3}, .p = 0.1};

static struct version ours, theirs;

/* Memory that calls go round in. */
struct region {
    char *all;
    size_t bytes, stride;
};

/* A tensor's size, type and place in the caches. */
static struct scene {
    long long number, slots;
    int tier, dtype, cold;
    struct region x, y, other, mask, bits, more_bits, indices, vector, sums;
} scene;

/* One of the contenders: a kernel of a library, or a limit. */
struct turn {
    const struct kernel *kernel;
    const struct limit *sum;
    struct call call;
    uint64_t since_restored;
};

static uint64_t calls_made;

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

/* Memory, and values of it. */

static char *pages(size_t bytes)
{
    char *at = pages_new(bytes);
    if (!at || !pages_protect(at, bytes, READ_AND_WRITE))
        fail("no memory", "fewer elements, or --cache warm, take less");
    if (!pages_prefer(at, bytes, options.pages))
        fail("--pages", "this system does not let a program choose");
    return memset(at, 1, bytes);
}

static struct region region(long long bytes, size_t offset)
{
    struct region r = {.stride = ((size_t)bytes + 2 * LINE - 1) / LINE * LINE};
    r.bytes = r.stride * (size_t)scene.slots + offset + SPACE;
    r.all = pages(r.bytes) + offset;
    return r;
}

static void free_region(struct region *r, size_t offset)
{
    pages_free(r->all - offset, r->bytes);
}

/* Normal numbers between 1/8 and 2, of both signs. */
static void fill_pattern(unsigned char *pattern, int dtype)
{
    uint32_t state = 1;
    for (int k = 0; k < PATTERN / sizes[dtype]; k++) {
        state = state * 1664525 + 1013904223;
        const float magnitude = 0.125f + (float)(state >> 8) * (1.875f / (1 << 24));
        const float value = state & 0x80 ? -magnitude : magnitude;
        const double wide = value;
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        if (dtype == DROPFUSE_FLOAT32)
            memcpy(pattern + 4 * k, &value, 4);
        else if (dtype == DROPFUSE_FLOAT64)
            memcpy(pattern + 8 * k, &wide, 8);
        else {
            /* The exponent's bias is 112 less in float16. */
            const uint16_t half = (uint16_t)(
                dtype == DROPFUSE_BFLOAT16
                    ? bits >> 16
                    : (bits >> 16 & 0x8000) | (((bits & 0x7FFFFFFF) - (112u << 23)) >> 13));
            memcpy(pattern + 2 * k, &half, 2);
        }
    }
}

static void fill(const struct region *r)
{
    static unsigned char patterns[4][PATTERN];
    unsigned char *const pattern = patterns[scene.dtype];
    if (!pattern[0] && !pattern[1] && !pattern[2] && !pattern[3])
        fill_pattern(pattern, scene.dtype);
    const size_t all = r->stride * (size_t)scene.slots;
    for (size_t at = 0; at < all; at += PATTERN)
        memcpy(r->all + at, pattern, all - at < PATTERN ? all - at : PATTERN);
}

static void fill_indices(void)
{
    for (long long slot = 0; slot < scene.slots; slot++) {
        char *at = scene.indices.all + (size_t)slot * scene.indices.stride;
        const uint64_t rows = (uint64_t)scene.number * (uint64_t)sizes[scene.dtype] / 128 + 1;
        for (uint64_t j = 0; j < rows; j++) {
            const uint64_t index = 2 * j + (j * 2654435761u >> 16 & 1);
            memcpy(at + j * sizeof index, &index, sizeof index);
        }
    }
}

static const struct region *output_of(const struct kernel *k)
{
    const struct region *const outputs[] = {
        [TO_X] = &scene.x,         [TO_Y] = &scene.y,
        [TO_OTHER] = &scene.other, [TO_BITS] = &scene.bits,
        [TO_SUMS] = &scene.sums,   [TO_MORE_BITS] = &scene.more_bits};
    return outputs[k->output];
}

static void open_scene(void)
{
    const long long n = scene.number, bytes = n * sizes[scene.dtype];
    scene.slots = 1;
    while (scene.cold && 2 * scene.slots * bytes <= RING)
        scene.slots *= 2;
    scene.x = region(bytes, options.misalign);
    scene.y = region(bytes, options.misalign);
    scene.other = region(bytes, options.misalign);
    scene.mask = region(n / 8 + 8, 0);
    scene.bits = region(n / 8 + 8, 0);
    scene.more_bits = region(n / 8 + 8, 0);
    scene.indices = region(bytes / 16 + 8, 0);
    scene.vector = region(TOKEN * 8, 0);
    scene.sums = region((n / 64 + TOKEN) * 8, 0);
    fill(&scene.vector);
    fill_indices();
}

static void close_scene(void)
{
    free_region(&scene.x, options.misalign);
    free_region(&scene.y, options.misalign);
    free_region(&scene.other, options.misalign);
    free_region(&scene.mask, 0);
    free_region(&scene.bits, 0);
    free_region(&scene.more_bits, 0);
    free_region(&scene.indices, 0);
    free_region(&scene.vector, 0);
    free_region(&scene.sums, 0);
}

/* Calls. */

static void go_to(struct call *c, size_t slot)
{
    c->x = scene.x.all + slot * scene.x.stride;
    c->y = scene.y.all + slot * scene.y.stride;
    c->other = scene.other.all + slot * scene.other.stride;
    c->mask = scene.mask.all + slot * scene.mask.stride;
    c->bits = scene.bits.all + slot * scene.bits.stride;
    c->more_bits = scene.more_bits.all + slot * scene.more_bits.stride;
    c->indices = (const uint64_t *)(const void *)(scene.indices.all + slot * scene.indices.stride);
    c->vector = scene.vector.all + slot * scene.vector.stride;
    c->sums = scene.sums.all + slot * scene.sums.stride;
}

/* In an order that no prefetcher knows. */
static void go_on(struct call *c)
{
    if (scene.slots > 1)
        go_to(c, (size_t)(calls_made++ * 0x9E3779B97F4A7C15 >> 20) & (size_t)(scene.slots - 1));
}

static void call_kernel(void *context)
{
    struct turn *t = context;
    go_on(&t->call);
    t->call.offset++;
    if (t->kernel->run(&t->call))
        fail(t->kernel->name, t->call.version->last_error());
    t->since_restored++;
}

static void *(*volatile copy)(void *, const void *, size_t) = memcpy;

static void call_copy(void *context)
{
    struct turn *t = context;
    go_on(&t->call);
    copy(t->call.y, t->call.x, (size_t)t->call.n * (size_t)t->call.size);
}

static void call_sum(void *context)
{
    struct turn *t = context;
    const struct call *c = &t->call;
    go_on(&t->call);
    const size_t bytes = (size_t)c->n * (size_t)c->size / LINE * LINE;
    char *const out = t->kernel->limit == SUM ? c->y
                      : t->kernel->output == TO_Y ? c->y
                                                  : c->other;
    t->sum->sum(out, t->kernel->limit == SUM ? c->other : out, c->x, bytes);
}

/* Half of the values are left of those that a kernel overwrites with its own output. */
static long calls_in_place(void)
{
    const double calls = options.p > 0 && options.p < 1 ? log(0.5) / log(1 - options.p) : 1;
    return calls < 1 ? 1 : calls > 64 ? 64 : (long)calls;
}

static void restore(void *context)
{
    struct turn *t = context;
    const struct region *r = output_of(t->kernel);
    if (scene.slots == 1)
        fill(r);
    else if (t->since_restored >= (uint64_t)(calls_in_place() * scene.slots)) {
        fill(r);
        t->since_restored = 0;
    }
}

static struct turn turn_of(const struct version *version, const struct kernel *kernel, long long n)
{
    struct turn t = {.kernel = kernel,
                     .call = {.version = version, .tier = scene.tier, .dtype = scene.dtype,
                              .size = sizes[scene.dtype], .n = n, .p = options.p}};
    go_to(&t.call, 0);
    return t;
}

/* The fastest of the sums. */
static const struct limit *best_sum(struct turn *t)
{
    double best = 1e9;
    const struct limit *chosen = NULL;
    for (size_t k = 0; k < limits_count(); k++) {
        if (limits[k].streams && options.misalign % LINE)
            continue;
        t->sum = limits + k;
        const long calls = 1 + (long)(1000000 / (t->call.n * t->call.size));
        for (int tried = 0; tried < 5; tried++) {
            const double begun = clock_wall();
            for (long c = 0; c < calls; c++)
                call_sum(t);
            const double taken = clock_wall() - begun;
            if (taken < best) {
                best = taken;
                chosen = t->sum;
            }
        }
    }
    return chosen;
}

static uint64_t digest_of(struct turn *t)
{
    const struct region *r = output_of(t->kernel);
    if (t->kernel->in_place)
        fill(r);
    else
        memset(r->all, 0, r->stride);
    go_to(&t->call, 0);
    t->call.offset = 6;
    if (t->kernel->run(&t->call))
        fail(t->kernel->name, t->call.version->last_error());
    uint64_t digest = 0, word;
    for (size_t at = 0; at < r->stride; at += sizeof word) {
        memcpy(&word, r->all + at, sizeof word);
        digest = (digest ^ word) * 0x9E3779B97F4A7C15;
        digest ^= digest >> 29;
    }
    return digest;
}

/* What is printed. */

static const char *ratio_text(struct figure f, char text[32])
{
    if (!f.doubt)
        snprintf(text, 32, "%.3f [%.3f %.3f]", f.median, f.lower, f.upper);
    else if (!strcmp(f.doubt, "unsure"))
        snprintf(text, 32, "- (unsure by %.0f %%)", 100 * f.unsure);
    else
        snprintf(text, 32, "- (%s)", f.doubt);
    return text;
}

static const char *time_text(struct figure f, double per, char text[32])
{
    if (f.doubt || f.median < 0)
        snprintf(text, 32, "-");
    else
        snprintf(text, 32, "%.4f", f.median * per);
    return text;
}

static void print_head(void)
{
    printf("%-22s %-4s %9s %-6s %-4s  %-5s %9s %9s  %9s %9s %9s  ", "kernel", "type", "elements",
           "tier", "at", "core", "kept", "discarded", "least ns", "ns", "cpu ns");
    if (options.against)
        printf("%-21s  %-21s  %-21s  limit\n", "old / limit", "new / limit", "new / old");
    else
        printf("%-21s  limit\n", "kernel / limit");
}

static void print_state(const struct samples *s, const struct turn *t, enum state state,
                        const char *limit, const char *note)
{
    char text[32];
    const int last = s->contenders - 1;
    const double per = 1e9 / (double)t->call.n;
    const struct figure wall = wall_times(s, 0, state);
    printf("%-22s %-4s %9lld %-6s %-4s  %-5s %4d/%4d %4dp %3dc  ", t->kernel->name,
           dtype_names[scene.dtype], t->call.n, ours.tier_name(scene.tier),
           scene.cold ? "cold" : "warm", state == FAST ? "fast" : "slow", wall.n,
           s->kept + s->preempted + s->changed, s->preempted, s->changed);
    printf(wall.n ? "%9.4f " : "        - ", wall.least * per);
    printf("%9s ", time_text(wall, per, text));
    printf("%9s  ", time_text(cpu_times(s, 0, state), per, text));
    if (options.against)
        printf("%-21s  ", ratio_text(ratios(s, 1, last, state), text));
    printf("%-21s  ", ratio_text(ratios(s, 0, last, state), text));
    if (options.against)
        printf("%-21s  ", ratio_text(ratios(s, 0, 1, state), text));
    printf("%s%s\n", limit, note);
    fflush(stdout);
}

static void measure_row(const struct kernel *kernel)
{
    static struct samples s;
    const long long n = scene.number / kernel->part / kernel->grain * kernel->grain;
    void (*needed)(void), (*of_old)(void) = NULL;
    memcpy(&needed, (const char *)&ours + kernel->function, sizeof needed);
    if (options.against)
        memcpy(&of_old, (const char *)&theirs + kernel->function, sizeof of_old);
    if (!needed || (options.against && !of_old)) {
        printf("%-22s is not in both libraries\n", kernel->name);
        return;
    }
    if (!n)
        return;
    struct turn turns[MOST_CONTENDERS];
    struct contender contenders[MOST_CONTENDERS];
    int count = 0;
    turns[count++] = turn_of(&ours, kernel, n);
    if (options.against)
        turns[count++] = turn_of(&theirs, kernel, n);
    turns[count++] = turn_of(&ours, kernel, n);
    struct turn *const limit = turns + count - 1;
    fill(&scene.x);
    fill(&scene.y);
    fill(&scene.other);
    for (long long slot = 0; slot < scene.slots; slot++) {
        go_to(&turns->call, (size_t)slot);
        if (draw_inputs(&turns->call))
            fail(kernel->name, ours.last_error());
    }
    const char *note = "";
    if (options.against && digest_of(turns) != digest_of(turns + 1))
        note = "  BITS DIFFER";
    if (kernel->limit != COPY)
        limit->sum = best_sum(limit);
    for (int k = 0; k < count; k++) {
        const int is_kernel = turns + k != limit;
        contenders[k] = (struct contender){
            .call = is_kernel ? call_kernel : limit->sum ? call_sum : call_copy,
            .prepare = is_kernel && kernel->in_place ? restore : NULL,
            .context = turns + k};
        if (contenders[k].prepare && !scene.cold)
            contenders[k].calls = kernel->output == TO_X ? calls_in_place() : 256;
    }
    struct plan plan = options.plan;
    plan.calls = scene.cold ? (long)scene.slots : 0;
    measure(contenders, count, &plan, &s);
    const int fast = samples_of(&s, FAST), slow = samples_of(&s, SLOW);
    const char *const name = limit->sum ? limit->sum->name : "memcpy";
    if (fast >= LEAST_KEPT || fast >= slow)
        print_state(&s, turns, FAST, name, note);
    if (slow >= LEAST_KEPT || slow > fast)
        print_state(&s, turns, SLOW, name, note);
}

/* Options. */

static int listed(const struct list *list, const char *value)
{
    for (int k = 0; k < list->n; k++)
        if (!strcmp(list->values[k], value) || !strcmp(list->values[k], "all"))
            return 1;
    return !list->n;
}

/* Each value of a list has to be one of some. */
static void check_list(const char *option, const struct list *list, const char *const *allowed,
                       int n)
{
    for (int k = 0; k < list->n; k++) {
        int found = 0;
        for (int a = 0; a < n; a++)
            found |= !strcmp(list->values[k], allowed[a]);
        if (found)
            continue;
        fprintf(stderr, "%s is %s, allowed are", option, list->values[k]);
        for (int a = 0; a < n; a++)
            fprintf(stderr, " %s", allowed[a]);
        fprintf(stderr, "\n");
        exit(2);
    }
}

static double number_of(const char *option, const char *value, double least, double most)
{
    char *end;
    const double number = strtod(value, &end);
    if (end == value || *end || !(number >= least && number <= most)) {
        fprintf(stderr, "%s is %s, allowed are numbers from %g to %g\n", option, value, least,
                most);
        exit(2);
    }
    return number;
}

static long long elements_of(const char *value)
{
    char *unit;
    long long number = strtoll(value, &unit, 10);
    const int shift = *unit == 'k' ? 10 : *unit == 'm' ? 20 : 0;
    if (number < 1 || number > 1 << 30 || unit[shift ? 1 : 0] || number << shift > 1LL << 32) {
        fprintf(stderr, "--elements is %s, allowed are 1 to 4096m, with k or m for 2^10 or 2^20\n",
                value);
        exit(2);
    }
    return number << shift;
}

static void parse(int count, char **arguments)
{
    for (int k = 1; k < count; k += 2) {
        const char *name = arguments[k], *value = k + 1 < count ? arguments[k + 1] : NULL;
        struct list *list = !strcmp(name, "--tier")       ? &options.tiers
                            : !strcmp(name, "--dtype")    ? &options.dtypes
                            : !strcmp(name, "--elements") ? &options.elements
                            : !strcmp(name, "--kernel")   ? &options.kernels
                            : !strcmp(name, "--cache")    ? &options.caches
                                                          : NULL;
        if (!value)
            fail(name, "is unknown, or has no value");
        if (list && list->n == MOST_VALUES)
            fail(name, "is given too often");
        if (list)
            list->values[list->n++] = value;
        else if (!strcmp(name, "--library"))
            options.library = value;
        else if (!strcmp(name, "--against"))
            options.against = value;
        else if (!strcmp(name, "--rounds"))
            options.plan.rounds = (int)number_of(name, value, LEAST_KEPT, MOST_ROUNDS);
        else if (!strcmp(name, "--seconds"))
            options.plan.seconds = number_of(name, value, 0, 1e6);
        else if (!strcmp(name, "--p"))
            options.p = number_of(name, value, 0, 1);
        else if (!strcmp(name, "--misalign"))
            options.misalign = (size_t)number_of(name, value, 0, SPACE - LINE);
        else if (!strcmp(name, "--pages")) {
            const struct list one = {{value}, 1};
            check_list(name, &one, (const char *const[]){"default", "huge", "small"}, 3);
            options.pages = *value == 'd'   ? PAGES_DEFAULT
                            : *value == 'h' ? PAGES_HUGE
                                            : PAGES_SMALL;
        } else
            fail(name, "is unknown");
    }
    const char *names[64], *tiers[8] = {"best", "all"};
    for (int k = 0; k < kernels_count; k++)
        names[k] = kernels[k].name;
    check_list("--kernel", &options.kernels, names, kernels_count);
    check_list("--dtype", &options.dtypes,
               (const char *const[]){"f32", "f64", "f16", "bf16", "all"}, 5);
    check_list("--cache", &options.caches, (const char *const[]){"warm", "cold"}, 2);
    if (!version_load(options.library, &ours) ||
        (options.against && !version_load(options.against, &theirs)))
        exit(1);
    int known = 2;
    for (int tier = 1; ours.tier_name(tier); tier++)
        if (ours.tier_available(tier) == 1)
            tiers[known++] = ours.tier_name(tier);
    check_list("--tier", &options.tiers, tiers, known);
    if (!options.tiers.n)
        options.tiers.values[options.tiers.n++] = "best";
    if (!options.dtypes.n)
        options.dtypes.values[options.dtypes.n++] = "f32";
    static const char *const default_elements[] = {"64", "4k", "16k", "1m", "64m"};
    if (!options.elements.n)
        for (; options.elements.n < 5; options.elements.n++)
            options.elements.values[options.elements.n] = default_elements[options.elements.n];
}

/* A line of a file that says something of the machine. */
static void print_line(const char *file, const char *begins)
{
    char line[256];
    FILE *in = fopen(file, "r");
    while (in && fgets(line, sizeof line, in))
        if (!strncmp(line, begins, strlen(begins))) {
            printf("# %s: %s", file, line);
            break;
        }
    if (in)
        fclose(in);
}

int main(int count, char **arguments)
{
    parse(count, arguments);
    find_best_core(0.3);
    printf("# %s%s%s\n", options.library, options.against ? " against " : "",
           options.against ? options.against : "");
    print_line("/proc/cpuinfo", "model name");
    print_line("/proc/loadavg", "");
    print_line("/sys/kernel/mm/transparent_hugepage/enabled", "");
    if (clock_lacks)
        printf("# %s\n", clock_lacks);
    printf("# ns of an element; quartiles in brackets; p: preempted, c: the core changed\n");
    print_head();
    const double first = best_core();
    for (int e = 0; e < options.elements.n; e++)
        for (scene.dtype = 0; scene.dtype < 4; scene.dtype++)
            for (scene.cold = 0; scene.cold < 2; scene.cold++) {
                scene.number = elements_of(options.elements.values[e]);
                if (!listed(&options.dtypes, dtype_names[scene.dtype]) ||
                    !listed(&options.caches, scene.cold ? "cold" : "warm") ||
                    (scene.cold && scene.number * sizes[scene.dtype] > RING / 4))
                    continue;
                open_scene();
                for (int k = 0; k < kernels_count; k++)
                    for (scene.tier = 1; ours.tier_name(scene.tier); scene.tier++)
                        if (listed(&options.kernels, kernels[k].name) &&
                            ours.tier_available(scene.tier) == 1 &&
                            (listed(&options.tiers, ours.tier_name(scene.tier)) ||
                             (listed(&options.tiers, "best") &&
                              scene.tier == ours.best_tier())))
                            measure_row(kernels + k);
                close_scene();
            }
    printf("# the core: best %.1f us of known work", best_core() * 1e6);
    if (first > CORE_CHANGE * best_core())
        printf("; %.1f in the beginning, so that slow rows may be called fast there", first * 1e6);
    printf("\n");
    return 0;
}
