// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// tutti bench listeners: a server under the load of thousands of listeners. A command of its own, because it takes
/// minutes and options that the other benchmarks have no use for.
#pragma once

#include "core/options.h"

#include <stddef.h>

/// argv[0] is the command's name; the result an exit status.
int bench_listeners(int argc, char **argv);

/// How many rules bench_listeners_rules() writes.
enum { BENCH_LISTENERS_RULES = 18 };

/// The rules of its options.
void bench_listeners_rules(struct option_rule rules[BENCH_LISTENERS_RULES]);
