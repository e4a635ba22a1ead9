// SPDX-License-Identifier: GPL-3.0-or-later
#include "cmd/descriptors.h"

#include "core/log.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

enum { OTHERS = 2560 }; // files, epoll sets, requests in the works, those who are being told that there is no room

// A sixteenth of the room may be Ogg players even where listeners alone fill it: the others never need all of theirs.
static struct descriptors_room share(unsigned listeners, rlim_t room)
{
    const rlim_t spare = room > listeners ? room - listeners : 0;
    const rlim_t streams = spare > room / 16 ? spare : room / 16 + 1;
    return (struct descriptors_room){.listeners = listeners,
                                     .streams = streams < listeners ? (unsigned)streams : listeners};
}

struct descriptors_room descriptors_for(unsigned listeners)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return (struct descriptors_room){.listeners = listeners, .streams = listeners};
    }
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    if (before < limit.rlim_max && setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        log_write(LOG_LEVEL_WARNING, "descriptor_limit", "reason=%s", strerror(errno));
        limit.rlim_cur = before;
    }
    const rlim_t room = limit.rlim_cur > 2 * OTHERS ? limit.rlim_cur - OTHERS : limit.rlim_cur / 2;
    if (listeners <= room) {
        return share(listeners, room);
    }
    log_write(LOG_LEVEL_WARNING, "listeners_lowered", "wanted=%u possible=%u descriptors=%llu reason=%s", listeners,
              (unsigned)room, (unsigned long long)limit.rlim_cur,
              "the limit on open files: raise LimitNOFILE= of the unit, or ulimit -Hn");
    return share(room > 0 ? (unsigned)room : 1, room);
}
