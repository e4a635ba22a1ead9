// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the program tells the service manager (systemd) that started it: sd_notify(3). Nothing where none did.
#pragma once

#include <stdint.h>

/// How often notify_alive() is wanted, in ns: twice in the time after which the manager takes the program for dead. 0
/// where nobody watches.
int64_t notify_watchdog_ns(void);

/// It serves; also the end of a reload. \p status is a line for people.
void notify_ready(const char *status);

/// It reads its configuration anew.
void notify_reloading(void);

/// It is alive.
void notify_alive(const char *status);

/// It is about to end.
void notify_stopping(void);
