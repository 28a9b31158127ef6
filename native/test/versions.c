/* SPDX-License-Identifier: Apache-2.0 */
#include "versions.h"

#include <stdio.h>
#include <string.h>

#include "library.h"

int version_load(const char *file, struct version *version)
{
    char reason[LIBRARY_REASON];
    void *const library = library_open(file, reason);
    if (!library)
        return fprintf(stderr, "%s\n", reason), 0;
    void *address;
    /* C allows no conversion of an object's pointer to a function's. */
#define FIND(name)                                                                                 \
    address = library_function(library, "dropfuse_" #name);                                        \
    memcpy(&version->name, &address, sizeof address);
    VERSION_FUNCTIONS(FIND)
#undef FIND
    const int abi = version->abi_version ? version->abi_version() : 0;
    if (abi < OLDEST_ABI_VERSION || abi > DROPFUSE_ABI_VERSION)
        return fprintf(stderr, "%s has ABI version %d, this program calls versions %d to %d\n", file,
                       abi, OLDEST_ABI_VERSION, DROPFUSE_ABI_VERSION), 0;
    return 1;
}
