// SPDX-License-Identifier: GPL-3.0-or-later
// A message that does not get through is the manager's to notice: there is nobody else to tell.
#include "cmd/notify.h"

#include "core/clock.h"

#include <systemd/sd-daemon.h>

static const int64_t NS_PER_US = 1000;

int64_t notify_watchdog_ns(void)
{
    uint64_t patience_us = 0;
    const int watched = sd_watchdog_enabled(0, &patience_us);
    return watched > 0 ? (int64_t)(patience_us / 3) * NS_PER_US : 0;
}

void notify_ready(const char *status)
{
    (void)sd_notifyf(0, "READY=1\nSTATUS=%s", status);
}

void notify_reloading(void)
{
    (void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)(clock_now_ns() / NS_PER_US));
}

void notify_alive(const char *status)
{
    (void)sd_notifyf(0, "WATCHDOG=1\nSTATUS=%s", status);
}

void notify_stopping(void)
{
    (void)sd_notify(0, "STOPPING=1");
}
