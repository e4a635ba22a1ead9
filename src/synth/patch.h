// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A patch as people see it: modules with ids, settings and parameters, and cables between their ports.
///
/// A patch is a document: it knows what may be plugged into what, but makes no sound; compiler.h turns it into a
/// program. One thread owns it (or its lock does). Every refusal leaves it as it was and says what is wrong and what to
/// do: "there is no module \"fliter\": did you mean \"filter\"?".
#pragma once

#include "synth/program.h"

struct patch;

enum { PATCH_TITLE_SIZE = 80, PATCH_ABOUT_SIZE = 240 };

struct patch_module {
    char id[PROGRAM_ID_SIZE]; ///< a letter, then letters, digits, _ and -
    const struct module_type *type;
    uint32_t uid;
    uint32_t voices; ///< the setting, of a type that has it; else 1
    char file[PROGRAM_FILE_SIZE];
    float params[MODULE_PARAMS_MAX]; ///< as last set
    uint64_t begin; ///< the frame from which it plays: for whoever sends values. Not touched by the patch.
};

struct patch_cable {
    uint32_t uid;
    uint32_t from, to;           ///< uids of modules
    uint32_t from_port, to_port; ///< places in the types' lists
    float gain;
};

/// An empty one; NULL when memory is out.
struct patch *patch_new(void);
/// Another of the same content, uids included; NULL when memory is out.
struct patch *patch_copy(const struct patch *patch);
/// NULL is fine.
void patch_free(struct patch *patch);

/// Gives everything in \p patch, which was made apart from \p before (read from a file), a uid that \p before never
/// gave: it takes the other's place in a session.
void patch_follow(struct patch *patch, const struct patch *before);

/// \name Reading
/// @{
const char *patch_title(const struct patch *patch); ///< "" for none
const char *patch_about(const struct patch *patch); ///< a sentence on what it is; "" for none
size_t patch_module_count(const struct patch *patch);
const struct patch_module *patch_module_at(const struct patch *patch, size_t index);
size_t patch_cable_count(const struct patch *patch);
const struct patch_cable *patch_cable_at(const struct patch *patch, size_t index);
/// The module called \p id; STATUS_UNKNOWN, with the nearest name in the complaint.
MUST_USE enum status patch_find(const struct patch *patch, const char *id, struct patch_module **out,
                                struct complaint *complaint);
const struct patch_module *patch_by_uid(const struct patch *patch, uint32_t uid);
/// @}

/// \name Changing
/// @{
/// STATUS_INVALID for what is not UTF-8 or not one line, STATUS_FULL for what does not fit.
MUST_USE enum status patch_set_title(struct patch *patch, const char *title, struct complaint *complaint);
MUST_USE enum status patch_set_about(struct patch *patch, const char *about, struct complaint *complaint);
/// STATUS_INVALID (a bad id, one that is taken), STATUS_UNKNOWN (a type), STATUS_FULL.
MUST_USE enum status patch_add(struct patch *patch, const char *id, const char *type, struct complaint *complaint);
/// With all its cables.
MUST_USE enum status patch_remove(struct patch *patch, const char *id, struct complaint *complaint);
/// A gain of -1000 to 1000; an existing cable is an error. A cycle without a feedback module is refused by the
/// compiler.
MUST_USE enum status patch_connect(struct patch *patch, const char *from, const char *out_port, const char *to,
                                   const char *in_port, float gain, struct complaint *complaint);
MUST_USE enum status patch_disconnect(struct patch *patch, const char *from, const char *out_port, const char *to,
                                      const char *in_port, struct complaint *complaint);

/// What a person set: either a parameter, whose value it is, or a setting.
struct patch_change {
    uint32_t uid;
    int param; ///< -1: a setting, which makes the module anew (it has a new uid)
    float value;
};
/// Sets a parameter or setting of \p id to \p text ("440", "highpass" of a choice, a path): STATUS_UNKNOWN,
/// STATUS_RANGE, STATUS_INVALID. \p out may be NULL.
MUST_USE enum status patch_set_text(struct patch *patch, const char *id, const char *name, const char *text,
                                    struct patch_change *out, struct complaint *complaint);
/// The same with a number.
MUST_USE enum status patch_set_number(struct patch *patch, const char *id, const char *name, double value,
                                      struct patch_change *out, struct complaint *complaint);
/// @}
