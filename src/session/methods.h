// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the methods do; the table in method.c says which and docs/osc.md what they mean.
#pragma once

#include "session/method.h"

/// \name The patch (methods_patch.c): on the editor's thread
/// @{
method_edit methods_add, methods_remove, methods_connect, methods_disconnect, methods_gain, methods_setting,
    methods_load;
method_call methods_save;
/// @}

/// \name Reading it (methods_list.c): on the editor's thread
/// @{
method_call methods_modules, methods_cables, methods_get, methods_types, methods_type;
/// @}

/// \name Playing (methods_play.c)
/// @{
method_play methods_set, methods_note_on, methods_note_off, methods_midi, methods_panic, methods_fault;
/// @}

/// \name The session (methods_session.c)
/// @{
method_call methods_ping, methods_help, methods_stats, methods_metrics, methods_subscribe, methods_unsubscribe,
    methods_record_start, methods_record_stop;
/// @}
