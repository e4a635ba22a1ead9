// SPDX-License-Identifier: GPL-3.0-or-later
// A file is the same one when its device, inode, size and time of change are. Its bytes are copied to a memfd, sealed
// against every change; /proc/PID/fd/N opens it anew, with a position of its own, in any process of the same user.
#include "play/kept.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ABOVE_FD = 10, PIECE = 1 << 20 };

static const off_t LARGEST = 1 << 30;

struct kept_entry {
    struct stat file;
    int fd;
};

struct kept {
    pthread_mutex_t lock;
    uint32_t count;
    struct kept_entry entry[KEPT_FILES_MAX];
};

struct kept *kept_new(void)
{
    struct kept *kept = calloc(1, sizeof *kept);
    if (kept && pthread_mutex_init(&kept->lock, NULL) != 0) {
        free(kept);
        return NULL;
    }
    return kept;
}

void kept_free(struct kept *kept)
{
    if (kept) {
        for (uint32_t i = 0; i < kept->count; i++) {
            (void)close(kept->entry[i].fd);
        }
        (void)pthread_mutex_destroy(&kept->lock);
        free(kept);
    }
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

// All bytes of `from` to `to`; -1 with errno.
static int copy(int from, int to)
{
    unsigned char *piece = malloc(PIECE);
    ssize_t got = piece ? 1 : -1;
    while (got > 0) {
        got = read(from, piece, PIECE);
        for (ssize_t done = 0; done < got;) {
            const ssize_t put = write(to, piece + done, (size_t)(got - done));
            if (put < 0) {
                got = -1;
                break;
            }
            done += put;
        }
    }
    const int error = errno;
    free(piece);
    errno = error;
    return got < 0 ? -1 : 0;
}

// A sealed copy in memory; -1 with errno.
static int keep_bytes(int from)
{
    const int low = memfd_create("tutti-file", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (low < 0) {
        return -1;
    }
    int fd = fcntl(low, F_DUPFD_CLOEXEC, ABOVE_FD);
    if (fd >= 0 && (copy(from, fd) != 0 ||
                    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)) {
        const int error = errno;
        (void)close(fd);
        errno = error;
        fd = -1;
    }
    const int error = errno;
    (void)close(low);
    errno = error;
    return fd;
}

static const struct kept_entry *find(const struct kept *kept, const struct stat *file)
{
    for (uint32_t i = 0; i < kept->count; i++) {
        if (is_same(&kept->entry[i].file, file)) {
            return &kept->entry[i];
        }
    }
    return NULL;
}

// The entry for the file that is open at `fd`. The lock is held.
static enum status keep(struct kept *kept, const char *path, int fd, const struct kept_entry **out,
                        struct complaint *complaint)
{
    struct stat file;
    if (fstat(fd, &file) != 0) {
        return complain(complaint, STATUS_IO, "cannot read %s: %s", path, strerror(errno));
    }
    if (!S_ISREG(file.st_mode)) {
        return complain(complaint, STATUS_IO, "%s is not a file", path);
    }
    *out = find(kept, &file);
    if (*out) {
        return STATUS_OK;
    }
    if (file.st_size > LARGEST) {
        return complain(complaint, STATUS_RANGE, "%s is larger than 1 GB", path);
    }
    if (kept->count == KEPT_FILES_MAX) {
        return complain(complaint, STATUS_FULL, "%d files are in use already, for %s there is no room", KEPT_FILES_MAX,
                        path);
    }
    const int copied = keep_bytes(fd);
    if (copied < 0) {
        return complain(complaint, STATUS_IO, "cannot keep %s in memory: %s", path, strerror(errno));
    }
    struct kept_entry *entry = &kept->entry[kept->count++];
    entry->file = file;
    entry->fd = copied;
    *out = entry;
    return STATUS_OK;
}

enum status kept_file(struct kept *kept, const char *path, char out[PROGRAM_FILE_SIZE], struct complaint *complaint)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return complain(complaint, STATUS_IO, "cannot open %s: %s", path, strerror(errno));
    }
    const struct kept_entry *entry = NULL;
    (void)pthread_mutex_lock(&kept->lock);
    const enum status status = keep(kept, path, fd, &entry, complaint);
    (void)pthread_mutex_unlock(&kept->lock);
    (void)close(fd);
    if (!status && entry) {
        (void)snprintf(out, PROGRAM_FILE_SIZE, "/proc/%d/fd/%d", (int)getpid(), entry->fd);
    }
    return status;
}
