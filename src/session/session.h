// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A session of the modular synthesizer: the patch as it stands, the engine that plays it, and who steers it.
///
/// Messages come by OSC or from a script, all the same way (docs/osc.md lists them). What carries a time in the future
/// waits here until a quarter of a second before, is checked and worked out then, and goes to the engine with its exact
/// frame. What changes the patch is done by a thread of its own (the editor), in the order of its coming, so that notes
/// and values go on meanwhile; a message that names what a waiting edit may bring queues behind it. A value or note for
/// a module that does not play yet takes effect with it.
#pragma once

#include "net/osc.h"
#include "play/engine.h"
#include "synth/patch.h"

struct session;

struct session_options {
    struct engine_options engine;
    const char *patch;  ///< as patch_file_load(); NULL for silence
    const char *record; ///< a path, or NULL
    enum recorder_bits bits;
    const char *script;  ///< a path, or NULL
    const char *address; ///< for OSC; NULL is 127.0.0.1
    int port;            ///< for OSC; -1: none, 0: any
    int metrics_port;    ///< for Prometheus on the loopback address; -1: none, 0: any
    double seconds;      ///< from second 0 of the script; 0: until stopped
};

/// STATUS_* with a complaint that names the option at fault. The main thread.
MUST_USE enum status session_new(const struct session_options *options, struct session **out,
                                 struct complaint *complaint);
void session_free(struct session *session);                   ///< NULL is fine
uint16_t session_port(const struct session *session);         ///< 0 for none
uint16_t session_metrics_port(const struct session *session); ///< 0 for none
/// For what it says of itself; it belongs to the session.
struct engine *session_engine(const struct session *session);
/// Serves until \p seconds are over (by the device's frames, or the wall's clock where the device stands still), or \p
/// stop_fd is readable. A device that goes is waited for: time stands still until it is back, but when it is not by the
/// end of \p seconds by the wall. STATUS_CLOSED where it is gone at the end. The main thread.
MUST_USE enum status session_run(struct session *session, int stop_fd, struct complaint *complaint);
/// Any thread; for a script that did not apply cleanly: how many of its lines were refused or late.
uint64_t session_script_errors(const struct session *session);
/// Lines of the script that were not reached.
size_t session_script_left(const struct session *session);
/// Prometheus text of all figures, to be freed; NULL when memory is out. Any thread.
char *session_metrics(const struct session *session);
