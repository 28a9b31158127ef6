/* SPDX-License-Identifier: Apache-2.0 */
#include "library.h"

#include <stdio.h>
#include <string.h>
#include <windows.h>

const char *const library_of_driver = "nvcuda.dll";

enum { MOST_PATH = 32768 }; /* of any path, with the end */

static void explain(const char *file, DWORD error, char reason[LIBRARY_REASON])
{
    wchar_t wide[LIBRARY_REASON];
    char text[3 * LIBRARY_REASON + 1]; /* in UTF-8 */
    const DWORD flags = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS |
                        FORMAT_MESSAGE_MAX_WIDTH_MASK; /* in one line */
    const DWORD length = FormatMessageW(flags, NULL, error, 0, wide, LIBRARY_REASON, NULL);
    int bytes = WideCharToMultiByte(CP_UTF8, 0, wide, (int)length, text, sizeof text - 1, NULL,
                                    NULL);
    while (bytes && text[bytes - 1] == ' ')
        bytes--;
    text[bytes] = 0;
    snprintf(reason, LIBRARY_REASON, "%s: error %lu: %s", file, error, text);
}

/* A name is looked for in the system's directory alone, not where the program was started. */
static HMODULE open_file(const char *file)
{
    if (!strpbrk(file, "/\\"))
        return LoadLibraryExA(file, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
    wchar_t *const path = HeapAlloc(GetProcessHeap(), 0, MOST_PATH * sizeof *path);
    if (!path) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    HMODULE library = NULL;
    if (MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, file, -1, path, MOST_PATH))
        library = LoadLibraryExW(path, NULL, 0);
    const DWORD error = GetLastError();
    HeapFree(GetProcessHeap(), 0, path);
    SetLastError(error);
    return library;
}

void *library_open(const char *file, char reason[LIBRARY_REASON])
{
    const HMODULE library = open_file(file);
    if (!library)
        explain(file, GetLastError(), reason);
    return library;
}

void *library_function(void *library, const char *name)
{
    const FARPROC address = GetProcAddress(library, name);
    void *function;
    memcpy(&function, &address, sizeof function);
    return function;
}

void library_close(void *library)
{
    FreeLibrary(library);
}
