// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A session on the device that plays to nobody, run by a thread of its own, and clients that steer it over UDP.
///
/// The test program is its own slot program: its main begins with rig_is_slot().
#pragma once

#include "session/session.h"

#include <pthread.h>

enum { RIG_RATE = 48000, RIG_TEXT_SIZE = 4096 };

struct rig {
    struct session *session;
    pthread_t thread;
    int stop[2]; ///< a pipe
    enum status status;
    struct complaint complaint;
};

/// What \p argv asks of a slot is done, and its exit status is in \p exit.
bool rig_is_slot(int argc, char **argv, int *exit);

/// The options of a session as most tests want it.
struct session_options rig_options(void);
void rig_start(struct rig *rig, const struct session_options *options);
/// Also ends the session; returns what session_run() did.
enum status rig_stop(struct rig *rig);

struct client {
    struct osc *osc;
    struct osc_peer peer; ///< the session
    int tags;
    char tag[16];               ///< that is waited for
    bool answered;              ///< with a reply or an error
    char answer[RIG_TEXT_SIZE]; ///< "reply ...", "error ...", without the address and the tag
    char items[RIG_TEXT_SIZE];  ///< one a line, likewise
    char heard[RIG_TEXT_SIZE];  ///< all that bears no tag, one a line with its address
    size_t heard_count;
};

void client_open(struct client *client, const struct rig *rig);
void client_close(struct client *client);
/// Sends a message as it stands in a script, without its time, and a tag; waits for the answer, which it returns.
const char *client_ask(struct client *client, const char *line);
/// The same, and fails the test where it is no reply.
void client_do(struct client *client, const char *line);
/// Sends it without a tag, and does not wait.
void client_say(struct client *client, const char *line);
/// Sends raw bytes.
void client_send(struct client *client, const void *bytes, size_t size);
/// Sends \p count messages as one bundle of time \p time (NTP, or OSC_NOW), and their tags; waits for no answer.
void client_bundle(struct client *client, uint64_t time, const char *const *lines, size_t count);
/// Waits until something that bears no tag begins with \p start.
void client_await(struct client *client, const char *start);
/// The figure called \p name of /tutti/synth/stats.
double client_figure(struct client *client, const char *name);
/// A time tag \p seconds from now.
uint64_t client_time(double seconds);
