/*
 * SHA-256 (FIPS 180-4), to compare masks with digests.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHA256_H
#define SHA256_H

#include <stddef.h>

/** The digest in lower-case hexadecimal. */
void sha256(const void *data, size_t bytes, char hex[65]);

#endif
