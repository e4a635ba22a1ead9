// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the parts of a session see of it. Only for the files of this folder.
///
/// Two threads act: the main one takes messages, keeps the schedule and plays; the editor's changes the patch. What
/// both use has a lock of its own or is atomic.
#pragma once

#include "session/batch.h"
#include "session/document.h"
#include "session/editor.h"
#include "session/meters.h"
#include "session/publisher.h"
#include "session/schedule.h"
#include "session/script.h"
#include "session/session.h"
#include "session/subscribers.h"

#include <stdatomic.h>

struct exporter;

/// Since the start.
struct session_counts {
    _Atomic uint64_t refused;       ///< messages and lines that were answered with an error
    _Atomic uint64_t late;          ///< that had a time and missed it
    _Atomic uint64_t script_errors; ///< lines of the script that were refused or late
    _Atomic uint64_t scheduled;     ///< messages that wait for their time: now
};

/// Of the sound device.
struct absence {
    int64_t since_ns;           ///< 0: it is there
    int64_t next_ns, pause_ns;  ///< when it is asked for next, and how long after that again
    int64_t back_ns, total_ns;  ///< when it came back last; all absences that are over
    struct complaint complaint; ///< why it cannot be had, as was told last
};

struct session {
    struct engine *engine;
    struct osc *osc; ///< NULL for none
    struct document document;
    bool has_document;
    struct publisher *publisher;
    struct editor *editor;
    struct schedule *schedule;
    struct script *script; ///< NULL for none
    struct subscribers subscribers;
    struct exporter *exporter; ///< NULL for none
    struct session_counts counts;
    struct meters meters;
    struct absence absence;
    enum recorder_bits bits;
    double seconds;
    uint64_t start;        ///< the frame of second 0
    uint64_t tag;          ///< the last time tag, and
    int64_t tag_due;       ///< when that is
    struct batch batch;    ///< of the main thread
    struct batch deferred; ///< of the editor's
};

/// \name intake.c, the main thread
/// @{
/// The handler of OSC messages; \p closure is the session.
void intake_take(void *closure, const struct osc_message *message);
/// What is due of the schedule and of the script.
void intake_tend(struct session *session);
/// Milliseconds until intake_tend() has something to do; -1 for nothing in sight.
int intake_wait_ms(const struct session *session);
/// @}

/// \name player.c
/// @{
/// Plays \p request with \p batch, which is sent where it has no room for more. The thread whose batch it is.
void player_play(struct session *session, struct batch *batch, const struct request *request);
/// Sends what is in \p batch and answers for it.
void player_send(struct session *session, struct batch *batch);
/// What the editor calls (struct editor_ops); \p closure is the session.
struct editor_ops player_editor_ops(struct session *session);
/// @}

/// \name absence.c, the main thread
/// @{
/// Where the device is gone, tells so and tries to have it again; tells when it is back, and why it is not.
void absence_tend(struct session *session, int64_t now_ns);
/// Milliseconds until it has something to do.
int absence_wait_ms(const struct session *session, int64_t now_ns);
/// @}

/// \name meters.c, the main thread
/// @{
/// Tells who subscribed; writes the log of what changed and of the figures.
void meters_tend(struct session *session, int64_t now_ns);
/// Milliseconds until it has something to do.
int meters_wait_ms(const struct session *session, int64_t now_ns);
/// @}
