// SPDX-License-Identifier: GPL-3.0-or-later
#include "play/fresh_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/// The file belongs to who runs the program, and to others as far as they allow (umask).
enum { RIGHTS = 0666, NUMBERS = 9999 };

/// Writes the name of the file of that number: \p path itself for 1. False where there is no room.
static bool write_name(const char *path, int number, char *name, size_t size)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(path, '.');
    const size_t stem = dot && dot > (slash ? slash + 1 : path) ? (size_t)(dot - path) : strlen(path);
    const int length = number == 1 ? snprintf(name, size, "%s", path)
                                   : snprintf(name, size, "%.*s-%d%s", (int)stem, path, number, path + stem);
    return length >= 0 && (size_t)length < size;
}

/// A descriptor, or -1: EEXIST where something is there already that would be lost.
static int open_name(const char *name)
{
    // Not to wait for the reader of a pipe; a file does not know it.
    const int flags = O_WRONLY | O_CLOEXEC | O_NONBLOCK;
    const int created = open(name, flags | O_CREAT | O_EXCL, RIGHTS);
    if (created >= 0 || errno != EEXIST) {
        return created;
    }
    const int there = open(name, flags);
    struct stat stat;
    if (there >= 0 && fstat(there, &stat) == 0 && S_ISREG(stat.st_mode) && stat.st_size > 0) {
        (void)close(there);
        errno = EEXIST;
        return -1;
    }
    return there;
}

enum status fresh_file_open(const char *path, int *descriptor, char *name, size_t size, struct complaint *complaint)
{
    for (int number = 1; number <= NUMBERS; number++) {
        if (!write_name(path, number, name, size)) {
            return complain(complaint, STATUS_RANGE, "the path of a recording has up to %zu bytes", size - 1);
        }
        *descriptor = open_name(name);
        if (*descriptor >= 0) {
            return STATUS_OK;
        }
        if (errno != EEXIST) {
            return complain(complaint, STATUS_IO, "cannot create %s: %s", name, strerror(errno));
        }
    }
    return complain(complaint, STATUS_FULL, "%s and all its numbers to %d are there already: give another name", path,
                    NUMBERS);
}
