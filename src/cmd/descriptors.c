// SPDX-License-Identifier: GPL-3.0-or-later
#include "cmd/descriptors.h"

#include "core/log.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

enum { OTHERS = 2560 }; // files, epoll sets, requests in the works, those who are being told that there is no room

unsigned descriptors_for(unsigned listeners)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return listeners;
    }
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    if (before < limit.rlim_max && setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        log_write(LOG_LEVEL_WARNING, "descriptor_limit", "reason=%s", strerror(errno));
        limit.rlim_cur = before;
    }
    const rlim_t room = limit.rlim_cur > 2 * OTHERS ? limit.rlim_cur - OTHERS : limit.rlim_cur / 2;
    if (limit.rlim_cur == RLIM_INFINITY || listeners <= room) {
        return listeners;
    }
    log_write(LOG_LEVEL_WARNING, "listeners_lowered", "wanted=%u possible=%u descriptors=%llu reason=%s", listeners,
              (unsigned)room, (unsigned long long)limit.rlim_cur,
              "the limit on open files: raise LimitNOFILE= of the unit, or ulimit -Hn");
    return room > 0 ? (unsigned)room : 1;
}
