/*
 * Gives a target every file of its corpus, without a fuzzer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _DEFAULT_SOURCE
#include <dirent.h>
#include <stdio.h>

#include "fuzz.h"

int main(int count, char **arguments)
{
    DIR *const directory = count == 2 ? opendir(arguments[1]) : NULL;
    if (!directory) {
        fprintf(stderr, "usage: %s DIRECTORY\n", arguments[0]);
        return 2;
    }
    int files = 0;
    for (struct dirent *entry; (entry = readdir(directory));) {
        static uint8_t bytes[1 << 16];
        char name[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", arguments[1], entry->d_name);
        FILE *const file = fopen(name, "rb");
        if (!file) {
            perror(name);
            return 1;
        }
        const size_t size = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        fprintf(stderr, "%s\n", name); /* the last one is the one that fails */
        fuzz_one(&(struct input){bytes, bytes + size});
        files++;
    }
    closedir(directory);
    printf("%d files\n", files);
    return !files;
}
