/*
 * Builds of the library that are loaded beside each other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef VERSIONS_H
#define VERSIONS_H

#include "dropfuse.h"

/** The first ABI version whose calls are this one's: version 3 looks at less of a place. */
#define OLDEST_ABI_VERSION 3

#define VERSION_FUNCTIONS(F)                                                                       \
    F(abi_version) F(last_error) F(tier_name) F(tier_available) F(best_tier) F(mask) F(drop)       \
    F(residual) F(zoneout) F(sum_rows) F(normal) F(rows) F(blocks)

/** The library's functions; one that it does not have is NULL. */
struct version {
#define MEMBER(name) __typeof__(dropfuse_##name) *name;
    VERSION_FUNCTIONS(MEMBER)
#undef MEMBER
};

/**
 * Loads a library of an ABI version that this program calls.
 *
 * @return 0 with the reason on standard error if that fails
 */
int version_load(const char *file, struct version *version);

#endif
