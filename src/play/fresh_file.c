// SPDX-License-Identifier: GPL-3.0-or-later
#include "play/fresh_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
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

static bool is_used(const struct stat *about)
{
    return S_ISREG(about->st_mode) && about->st_size > 0;
}

/// A descriptor, or -1: EEXIST where something is there already that would be lost.
static int open_name(const char *name)
{
    // Not to wait for the reader of a pipe; a file does not know it.
    const int file = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK, RIGHTS);
    struct stat about;
    if (file < 0) {
        const int reason = errno;
        // Also what may not be written to.
        errno = stat(name, &about) == 0 && is_used(&about) ? EEXIST : reason;
        return -1;
    }
    // Two that find it empty at once: the lock has one of them go on, and the file is no longer empty afterwards.
    if (fstat(file, &about) == 0 && S_ISREG(about.st_mode) &&
        (flock(file, LOCK_EX | LOCK_NB) != 0 || fstat(file, &about) != 0 || is_used(&about))) {
        (void)close(file);
        errno = EEXIST;
        return -1;
    }
    return file;
}

enum status fresh_file_open(const char *path, int *descriptor, char *name, size_t size, struct complaint *complaint)
{
    for (int number = 1; number <= NUMBERS; number++) {
        if (!write_name(path, number, name, size)) {
            return complain(complaint, STATUS_RANGE, "the path of a file has up to %zu bytes here", size - 1);
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
