// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The commands of the program: one file each, and what several of them share.
#pragma once

#include "core/options.h"
#include "core/status.h"

/// Exit statuses.
enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_WRONG_USE = 2 };

/// \name The commands; argv[0] is the command's name, the result an exit status
/// @{
int command_serve(int argc, char **argv);
int command_render(int argc, char **argv);
int command_listen(int argc, char **argv);
int command_modules(int argc, char **argv);
int command_synth(int argc, char **argv);
int command_ctl(int argc, char **argv);
int command_bench(int argc, char **argv);
int command_slot(int argc, char **argv);
/// @}

/// Room for the rules of any command.
enum { COMMAND_RULES_MAX = 32 };

/// \name The rules of each command; they fill \p rules, which has room for COMMAND_RULES_MAX, and return their count
/// @{
size_t serve_rules(struct option_rule *rules);
size_t render_rules(struct option_rule *rules);
size_t listen_rules(struct option_rule *rules);
size_t modules_rules(struct option_rule *rules);
size_t synth_rules(struct option_rule *rules);
size_t ctl_rules(struct option_rule *rules);
size_t bench_rules(struct option_rule *rules);
/// @}

/// Reads the options of \p command. NULL when the program should end at once with \p exit: after --help (printed), or
/// after wrong use (told on standard error).
struct options *command_options(const struct options_command *command, int argc, char **argv, int *exit);

/// Prints "NAME: MESSAGE" on standard error and returns EXIT_FAILED.
int command_fail(const char *name, const char *message);
