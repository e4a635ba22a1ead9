// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A folder of a test's own for files, and what is in them.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { FOLDER_PATH = 128 };

/// Embed it.
struct folder {
    char path[FOLDER_PATH];
};

/// Makes an empty folder. The test fails where that cannot be.
void folder_make(struct folder *folder);

/// Removes it with the files in it.
void folder_remove(const struct folder *folder);

/// Whether \p name is there.
bool folder_has(const struct folder *folder, const char *name);

/// Reads the file \p name; give the bytes, behind which stands a NUL, back with free(). The test fails where it is not
/// there.
char *folder_read(const struct folder *folder, const char *name, size_t *size);

/// Writes the file \p name.
void folder_write(const struct folder *folder, const char *name, const char *bytes, size_t size);
