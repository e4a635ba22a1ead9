// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The methods of a session: what may be asked under which address, with which arguments, and what does it.
///
/// A new method is a line in the table in method.c and the function that it names (session/methods.h).
#pragma once

#include "core/status.h"
#include "net/osc.h"

#include <stdbool.h>

struct answer;
struct batch;
struct patch;
struct request;
struct session;

/// Asks or does something: at once on the main thread (now), or behind the edits that wait (ask: the editor's thread).
/// What it has to say goes to \p answer.
typedef enum status method_call(struct session *session, const struct request *request, struct answer *answer,
                                struct complaint *complaint);
/// Adds commands to \p batch. The document is locked.
typedef enum status method_play(struct patch *patch, const struct request *request, struct batch *batch,
                                struct complaint *complaint);
/// Changes \p patch, which it may replace by another. On the editor's thread.
typedef enum status method_edit(struct patch **patch, const struct request *request, struct complaint *complaint);

/// What must wait behind a request while it waits itself.
enum method_reach {
    METHOD_REACH_NONE,
    METHOD_REACH_MODULE, ///< what names the module that its first argument names
    METHOD_REACH_ALL,    ///< what names any module
};

struct method {
    const char *address;
    const char *types; ///< a letter for each argument: s a text, n a number, v either, x a voice (a text or a whole
                       ///< number); those behind | may be left out
    const char *usage; ///< the arguments as people call them, "ID TYPE [GAIN]"
    const char *help;  ///< a sentence
    bool quiet;        ///< success is answered only where the request has a tag
    bool changes;      ///< success is told to who subscribed to changes
    enum method_reach reach;
    method_call *now, *ask;
    method_play *play; ///< with edit: a value of a parameter is played, a setting is an edit
    method_edit *edit;
};

/// Method \p index, or NULL past the last. Any thread.
const struct method *method_at(size_t index);
/// The method at \p address, or NULL. Any thread.
const struct method *method_find(const char *address);
/// Whether the \p pattern of an address, part by part, matches that of \p method. Any thread.
bool method_matches(const struct method *method, const char *pattern);
/// "there is no method ...: did you mean ...?": STATUS_UNKNOWN. Any thread.
MUST_USE enum status method_unknown(const char *address, struct complaint *complaint);
/// Whether the arguments are as many and of the types that it takes; STATUS_INVALID with the usage. Any thread.
MUST_USE enum status method_check(const struct method *method, const struct osc_arg *args, size_t count,
                                  struct complaint *complaint);
