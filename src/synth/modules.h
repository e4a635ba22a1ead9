// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// All types of modules, compiled for the kind of machine that this is.
#pragma once

#include "synth/module.h"

/// The type called \p name, for this processor, or NULL. Any thread.
const struct module_type *modules_find(const char *name);

/// Type \p index in the order of the list, or NULL past the last. The index is the same for every kind of machine of
/// one build. Any thread.
const struct module_type *modules_at(size_t index);

/// Adds up \p voices voices lane by lane: \p blocks are those of their groups, \p to is one.
typedef void modules_summing(const void *blocks, uint32_t voices, uint32_t frames, void *to) REALTIME;
/// What does that, for this processor; the sum is the same on all. Any thread.
modules_summing *modules_sum(void);

/// The place of \p type in the list. Any thread.
size_t modules_index(const struct module_type *type);

/// The name nearest to the mistyped \p name, or NULL where none is near; for complaints. Any thread.
const char *modules_nearest(const char *name);

/// The same type for a kind of machine by name ("avx512", "avx2", "plain"); NULL where this processor cannot run it or
/// there is none. For tests.
const struct module_type *modules_find_kind(const char *kind, const char *name);

/// How many inputs, outputs or parameters a list of them has. Any thread.
size_t module_ports(const struct module_port *ports) REALTIME;
size_t module_params(const struct module_param *params) REALTIME;
/// The place of \p name in the list, or -1. Any thread.
int module_port_find(const struct module_port *ports, const char *name);
int module_param_find(const struct module_param *params, const char *name);
