/*
 * Loads a library as a JVM does, by path, and draws the mask contract's mask on every tier that it
 * has here. The library may have been built for another C library than this program.
 *
 *     load LIBRARY
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "dropfuse.h"
#include "sha256.h"

enum { UNITS = 1000 };

static const char digest[] = "a927870478860a1c42885d295fb019cd34a9eb9bc19648395ef0fff2c48a6739";

/* C allows no conversion of an object's pointer to a function's. */
static int find(void *library, const char *name, void *function, size_t size)
{
    void *address = dlsym(library, name);
    if (!address)
        fprintf(stderr, "%s\n", dlerror());
    memcpy(function, &address, size);
    return !!address;
}

int main(int count, char **arguments)
{
    if (count != 2) {
        fprintf(stderr, "usage: load LIBRARY\n");
        return 2;
    }
    void *library = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    int (*available)(int);
    const char *(*name)(int), *(*last_error)(void);
    int (*mask)(const struct dropfuse_place *, void *, long long, long long, long long, long long,
                long long, long long, const void *, double, unsigned long long,
                unsigned long long, unsigned long long);
    if (!find(library, "dropfuse_tier_available", &available, sizeof available) ||
        !find(library, "dropfuse_tier_name", &name, sizeof name) ||
        !find(library, "dropfuse_last_error", &last_error, sizeof last_error) ||
        !find(library, "dropfuse_mask", &mask, sizeof mask))
        return 1;
    int wrong = 0, drawn = 0;
    for (int tier = DROPFUSE_TIER_SCALAR; available(tier) != -2; tier++) {
        if (available(tier) != 1)
            continue;
        unsigned char bits[UNITS / 8];
        char hex[65];
        const struct dropfuse_place place = {.tier = tier};
        if (mask(&place, bits, 0, UNITS, 1, 1, 1, 1, NULL, 0.1, 42, 0, 0)) {
            fprintf(stderr, "%s: %s\n", name(tier), last_error());
            return 1;
        }
        sha256(bits, sizeof bits, hex);
        printf("%s: sha256=%s\n", name(tier), hex);
        wrong |= strcmp(hex, digest);
        drawn++;
    }
    /* The text of a failure is the thread's own memory, which loaders find in ways of their own. */
    if (!mask(NULL, NULL, 0, UNITS, 1, 1, 1, 1, NULL, 2.5, 42, 0, 0) ||
        !strstr(last_error(), "p = 2.5 ")) {
        fprintf(stderr, "not the text of p = 2.5: %s\n", last_error());
        wrong = 1;
    }
    if (wrong || drawn < 2) {
        fprintf(stderr, "%d tiers, of which some are wrong or missing\n", drawn);
        return 1;
    }
    return dlclose(library) != 0;
}
