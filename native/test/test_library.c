/*
 * Libraries that are opened at run time: what is there, and what is said of what is not.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "library.h"

#include <stdio.h>
#include <string.h>

#include "harness.h"

static void refused(const char *file)
{
    char reason[LIBRARY_REASON] = "";
    CHECK(!library_open(file, reason), "%s was opened", file);
    const char *text = strstr(reason, file);
    CHECK(text && strlen(text) > strlen(file) + 8, "%s: the reason is: %s", file, reason);
    CHECK(!strpbrk(reason, "\r\n"), "%s: lines: %s", file, reason);
}

int main(void)
{
    char reason[LIBRARY_REASON] = "";
    void *library = library_open(DROPFUSE_LIBRARY, reason);
    CHECK(library, "%s", reason);
    if (library) {
        void *address = library_function(library, "dropfuse_abi_version");
        int (*function)(void) = NULL;
        memcpy(&function, &address, sizeof function);
        CHECK(function && function() == DROPFUSE_ABI_VERSION, "dropfuse_abi_version");
        CHECK(!library_function(library, "dropfuse_none"), "dropfuse_none");
        library_close(library);
    }
    refused("no-such-library");
    refused("./no-such-directory/no-such-library");
    const char *const text = "./test-library.txt";
    FILE *file = fopen(text, "w");
    CHECK(file && fputs("no library\n", file) >= 0 && !fclose(file), "%s", text);
    refused(text);
    remove(text);
    return finish("library");
}
