// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// From a patch to a program: the order, the voices, the places in memory, and what fades between one and the next.
///
/// A compiler belongs to one rack (or to racks in lockstep) and remembers what it gave them: the places of modules that
/// live on, of those that are on their way out, and the serial.
#pragma once

#include "synth/patch.h"

struct compiler;

/// \p ins, \p outs: channels of the device. NULL when memory is out.
struct compiler *compiler_new(double rate, uint32_t ins, uint32_t outs);
/// NULL is fine.
void compiler_free(struct compiler *compiler);

/// Where a module's file is to be read: a path that every slot can open, for \p module's file. STATUS_IO and so on.
/// Called for each fresh module that has one, its type's own too, which is then opened once to see that it is what it
/// should be.
typedef enum status compiler_file(void *closure, const struct patch_module *module, char path[PROGRAM_FILE_SIZE],
                                  struct complaint *complaint);

/// Compiles \p patch into \p program, which follows the last that was committed: modules that are gone from the patch
/// still play in it, with their cables to what stays aimed at 0, and so do cables that are gone. A module whose number
/// of voices changed begins a new life, into which the old one fades over. STATUS_INVALID for a cycle without a
/// feedback module (it is spelled out: "a -> b -> a") or voices that do not fit; STATUS_FULL for a limit of program.h
/// (it may fit after compiler_settle() and, where memory is full and something leaves, once a program without that
/// plays and it was settled again); STATUS_NO_MEMORY; else what \p file (NULL: paths
/// are taken as they stand) and the module's type say. Nothing is remembered until compiler_commit().
MUST_USE enum status compiler_compile(struct compiler *compiler, const struct patch *patch, compiler_file *file,
                                      void *closure, struct program *program, struct complaint *complaint);

/// What compiler_compile() made last will be played.
void compiler_commit(struct compiler *compiler);

/// Whether the last program committed holds things that are on their way out: when its fades are over, one that was
/// compiled with compiler_settle() should follow.
bool compiler_is_leaving(const struct compiler *compiler);
/// The last program committed plays, and has for longer than its fades: what is on its way out in it will not be in the
/// next program. Its places in memory are given to others after the next settling.
void compiler_settle(struct compiler *compiler);
