// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What a session says to whoever asked, and to who subscribed.
///
///     /tutti/reply ADDRESS VALUES... [TAG]    it is done
///     /tutti/item ADDRESS VALUES... [TAG]     a line of a list, before its reply
///     /tutti/error ADDRESS TEXT [TAG]         it was refused, and why
///
/// Any thread. A script's refusals go to the log and are counted.
#pragma once

#include "session/request.h"

#include "core/status.h"

struct session;

enum { ANSWER_VALUES_MAX = 12 };

/// What a method has to say for its reply. Its texts must last until the method has returned, but for \c made.
struct answer {
    struct session *session;
    const struct request *request;
    size_t count;
    struct osc_arg values[ANSWER_VALUES_MAX];
    char *made; ///< a text among the values that is to be freed, or NULL
};

void answers_reply(struct session *session, const struct method *method, const struct request_origin *to,
                   const struct osc_arg *values, size_t count);
void answers_item(struct session *session, const struct request *request, const struct osc_arg *values, size_t count);
void answers_error(struct session *session, const char *address, const struct request_origin *to,
                   const struct complaint *complaint);
/// What a script or a time tag asked for came too late by so many frames.
void answers_late(struct session *session, const struct method *method, const struct request_origin *from,
                  uint64_t frames);
/// Tells who subscribed to changes, but for who made it (may be NULL).
void answers_change(struct session *session, const struct osc_peer *by, const char *address,
                    const struct osc_arg *values, size_t count);

/// \name Arguments
/// @{
struct osc_arg answer_text(const char *text);
struct osc_arg answer_number(double number);
/// An int32 where it is none too large, else an int64.
struct osc_arg answer_count(uint64_t count);
/// @}
