// SPDX-License-Identifier: GPL-3.0-or-later
// The types in the order of the list in synth/modules/meson.build, for one kind of machine.
#include "synth/modules/kind.h"

extern const struct module_type *const MODULE(types)[];

const struct module_type *const MODULE(types)[] = {
#define MODULE_ENTRY(name) &MODULE(name),
#include "modules_list.h"
#undef MODULE_ENTRY
    NULL,
};
