// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Ctrl-C and SIGTERM as a wish to come to an end, for work that leaves a file behind.
#pragma once

#include <stdbool.h>

/// From now on the first SIGINT or SIGTERM is only noted; the second ends the program as usual. A signal that the
/// program was started to ignore stays ignored.
void interrupt_watch(void);

/// Whether one has come. Any thread.
bool interrupt_came(void);
