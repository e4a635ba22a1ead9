// SPDX-License-Identifier: GPL-3.0-or-later
// All bytes go through the memory that holds them; as a rule they stay there for no longer than the call. A write that
// takes only a part moves the place up to which the file is right, and the rest is tried again, so that nothing is in
// the file twice or with a hole. That what was put is in the file as a whole is known only when nothing is held, for
// the system may stop anywhere.
#include "play/spool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum status spool_open(struct spool *spool, int descriptor, size_t room, struct complaint *complaint)
{
    *spool = (struct spool){.fd = descriptor, .room = room, .held = malloc(room)};
    return spool->held ? STATUS_OK : complain(complaint, STATUS_NO_MEMORY, "no memory for a recording");
}

bool spool_close(struct spool *spool)
{
    free(spool->held);
    spool->held = NULL;
    if (close(spool->fd)) {
        spool->error = errno;
        return false;
    }
    return true;
}

bool spool_flush(struct spool *spool)
{
    while (spool->held_at < spool->held_end) {
        const ssize_t count =
            pwrite(spool->fd, spool->held + spool->held_at, spool->held_end - spool->held_at, (off_t)spool->at);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            spool->error = count < 0 ? errno : ENOSPC;
            return false;
        }
        spool->held_at += (size_t)count;
        spool->at += (uint64_t)count;
    }
    spool->error = 0;
    spool->held_at = 0;
    spool->held_end = 0;
    spool->whole_at = spool->at;
    spool->whole_frames = spool->frames;
    return true;
}

bool spool_put(struct spool *spool, const void *bytes, size_t size, uint32_t frames)
{
    if (size > spool->room - spool->held_end) {
        return false;
    }
    const bool tries = spool->held_at == spool->held_end; // or the disk is full, and would be asked for each piece
    memcpy(spool->held + spool->held_end, bytes, size);
    spool->held_end += size;
    spool->frames += frames;
    if (tries) {
        (void)spool_flush(spool);
    }
    return true;
}

void spool_cut(struct spool *spool)
{
    if (spool->held_at == spool->held_end) {
        return;
    }
    if (spool->at != spool->whole_at && ftruncate(spool->fd, (off_t)spool->whole_at) == 0) {
        spool->at = spool->whole_at;
    }
    spool->held_at = 0;
    spool->held_end = 0;
    spool->frames = spool->whole_frames;
}

bool spool_patch(struct spool *spool, uint64_t at, const void *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        const ssize_t count = pwrite(spool->fd, (const uint8_t *)bytes + done, size - done, (off_t)(at + done));
        if (count <= 0 && !(count < 0 && errno == EINTR)) {
            spool->error = count < 0 ? errno : ENOSPC;
            return false;
        }
        done += count > 0 ? (size_t)count : 0;
    }
    return true;
}
