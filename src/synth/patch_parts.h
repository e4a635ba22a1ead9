// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What a patch is made of, for the files patch*.c alone.
#pragma once

#include "synth/patch.h"

/// Plain: a copy of it is another patch.
struct patch {
    char title[PATCH_TITLE_SIZE];
    char about[PATCH_ABOUT_SIZE];
    uint32_t uids; ///< handed out so far
    uint32_t modules, cables;
    struct patch_module module[PROGRAM_MODULES_MAX];
    struct patch_cable cable[PROGRAM_CABLES_MAX];
};

/// The module called \p id, or NULL with a complaint.
struct patch_module *patch_module_called(struct patch *patch, const char *id, struct complaint *complaint);

/// What follows a name that there is not: what was meant, or what there is; \p names are \p count names.
void patch_name_hint(const char *wanted, const char *const *names, size_t count, char text[COMPLAINT_SIZE]);
