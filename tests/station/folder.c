// SPDX-License-Identifier: GPL-3.0-or-later
#include "folder.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATH_ROOM = 512 };

static void path_of(const struct folder *folder, const char *name, char path[PATH_ROOM])
{
    const int length = snprintf(path, PATH_ROOM, "%s/%s", folder->path, name);
    assert_in_range(length, 1, PATH_ROOM - 1);
}

void folder_make(struct folder *folder)
{
    const char *parent = getenv("TMPDIR");
    const int length =
        snprintf(folder->path, sizeof folder->path, "%s/tutti-test-XXXXXX", parent && *parent ? parent : "/tmp");
    assert_in_range(length, 1, sizeof folder->path - 1);
    assert_non_null(mkdtemp(folder->path));
}

void folder_remove(const struct folder *folder)
{
    char path[PATH_ROOM];
    DIR *entries = opendir(folder->path);
    assert_non_null(entries);
    for (const struct dirent *entry = readdir(entries); entry; entry = readdir(entries)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            path_of(folder, entry->d_name, path);
            assert_int_equal(remove(path), 0);
        }
    }
    (void)closedir(entries);
    assert_int_equal(rmdir(folder->path), 0);
}

bool folder_has(const struct folder *folder, const char *name)
{
    char path[PATH_ROOM];
    path_of(folder, name, path);
    return access(path, F_OK) == 0;
}

char *folder_read(const struct folder *folder, const char *name, size_t *size)
{
    char path[PATH_ROOM];
    path_of(folder, name, path);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    const long end = ftell(file);
    assert_true(end >= 0);
    rewind(file);
    char *bytes = malloc((size_t)end + 1);
    assert_non_null(bytes);
    *size = fread(bytes, 1, (size_t)end, file);
    bytes[*size] = '\0';
    (void)fclose(file);
    return bytes;
}

void folder_write(const struct folder *folder, const char *name, const char *bytes, size_t size)
{
    char path[PATH_ROOM];
    path_of(folder, name, path);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}
