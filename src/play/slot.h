// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A slot: the process that renders, one of two. `tutti slot` is this; the engine starts it.
#pragma once

/// Plays until the engine is gone or says stop; \p score_fd and \p area_fd and \p other_fd are shared memory that the
/// engine made (play/shared.h), \p number 0 or 1. Returns an exit status. The only call of its process, whose
/// rendering thread it binds to a share of the cores (play/cores.h).
int slot_run(int score_fd, int area_fd, int other_fd, int number);

/// The same for a program that was started as `PROGRAM slot SCORE_FD AREA_FD OTHER_FD NUMBER`; argv[0] is "slot".
int slot_main(int argc, char **argv);
