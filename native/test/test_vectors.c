/*
 * Known answers: Philox, and on every tier the cases of src/test/resources/vectors/mask.json, which
 * another program computed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "model.h"
#include "philox.h"
#include "sha256.h"

struct vector {
    double p;
    unsigned long long seed, offset, start;
    long long count, kept;
    char first[65], sha256[65];
};

static void philox_answers(void)
{
    static const uint32_t answers[][10] = {
        {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
        {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d,
         0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
        {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09,
         0x94fdcceb, 0x5001e420, 0x24126ea1},
    };
    for (size_t k = 0; k < sizeof answers / sizeof *answers; k++) {
        uint32_t library[4], model[4];
        memcpy(library, answers[k], sizeof library);
        memcpy(model, answers[k], sizeof model);
        philox(library, answers[k][4], answers[k][5]);
        model_philox(model, answers[k][4], answers[k][5]);
        CHECK(!memcmp(library, answers[k] + 6, sizeof library), "library's Philox, answer %zu", k);
        CHECK(!memcmp(model, answers[k] + 6, sizeof model), "model's Philox, answer %zu", k);
    }
}

static void digest_itself(void)
{
    char hex[65];
    sha256("abc", 3, hex);
    CHECK(!strcmp(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
          "SHA-256 of abc is %s", hex);
}

static void vector_on(int tier, const struct vector *v)
{
    const size_t bytes = (size_t)(v->count + 7) / 8;
    unsigned char *mask = malloc(bytes);
    memset(mask, 0xA5, bytes);
    struct units u = elements(v->count);
    u.p = v->p;
    u.seed = v->seed;
    u.offset = v->offset;
    u.start = v->start;
    const int status = call_mask(tier, mask, &u);
    CHECK(status == DROPFUSE_OK, "status %d: %s", status, dropfuse_last_error());

    long long kept = 0;
    for (size_t k = 0; k < bytes; k++)
        kept += __builtin_popcount(mask[k]);
    CHECK(kept == v->kept, "%s p=%.17g: kept %lld, not %lld", dropfuse_tier_name(tier), v->p, kept,
          v->kept);
    for (size_t k = 0; v->first[k]; k++)
        CHECK((mask[k / 8] >> k % 8 & 1) == (v->first[k] == '1'), "%s p=%.17g: unit %zu",
              dropfuse_tier_name(tier), v->p, k);
    char hex[65];
    sha256(mask, bytes, hex);
    CHECK(!strcmp(hex, v->sha256), "%s p=%.17g: sha256 %s", dropfuse_tier_name(tier), v->p, hex);
    free(mask);
}

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, 1 << 20);
    if (!file || !text || !fread(text, 1, (1 << 20) - 1, file)) {
        perror(path);
        exit(1);
    }
    fclose(file);
    return text;
}

/* What follows a key's colon, where an object of JSON has it. */
static const char *value_of(const char *object, const char *key)
{
    char quoted[16];
    snprintf(quoted, sizeof quoted, "\"%s\":", key);
    const char *at = strstr(object, quoted);
    if (!at) {
        fprintf(stderr, "no %s in %s\n", quoted, DROPFUSE_VECTORS);
        exit(1);
    }
    at += strlen(quoted);
    return at + strspn(at, " \"");
}

/* Reads the case whose object begins here. A negative seed is its two's complement. */
static struct vector read_vector(const char *object)
{
    struct vector v = {
        .p = strtod(value_of(object, "p"), NULL),
        .seed = strtoull(value_of(object, "seed"), NULL, 10),
        .offset = strtoull(value_of(object, "offset"), NULL, 10),
        .start = strtoull(value_of(object, "start"), NULL, 10),
        .count = strtoll(value_of(object, "count"), NULL, 10),
        .kept = strtoll(value_of(object, "kept"), NULL, 10),
    };
    const char *first = value_of(object, "first64"), *sha256 = value_of(object, "sha256");
    memcpy(v.first, first, strspn(first, "01"));
    memcpy(v.sha256, sha256, 64);
    return v;
}

int main(void)
{
    philox_answers();
    digest_itself();
    char *json = read_file(DROPFUSE_VECTORS);
    int cases = 0;
    for (const char *at = value_of(json, "cases"); (at = strchr(at, '{')); at++, cases++) {
        const struct vector v = read_vector(at);
        for (const int *tier = tiers(); *tier >= 0; tier++)
            vector_on(*tier, &v);
        vector_on(DROPFUSE_TIER_AUTO, &v);
        for (uint64_t j = 0; v.first[j]; j++)
            CHECK(model_keep(v.p, v.seed, v.offset, v.start + j) == (v.first[j] == '1'),
                  "model, p=%.17g: unit %llu", v.p, (unsigned long long)j);
    }
    CHECK(cases == 15, "%d cases", cases);
    free(json);
    return finish("vectors");
}
