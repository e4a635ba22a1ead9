// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What a performer plays on a MIDI instrument, as it comes: a port of JACK's (or of PipeWire's, which is JACK too).
#pragma once

#include "core/status.h"

#include <stdbool.h>
#include <stdint.h>

/// A channel message.
struct midi_in_message {
    int64_t at_ns; ///< by clock_now_ns(), when it is to sound: a period after it came, as JACK has it
    uint8_t status;
    uint8_t data[2]; ///< 0 where the message has fewer
};

struct midi_in;

/// A port "midi_in" of a client called \p client, or of a name like it where that is taken, whose messages are taken
/// from now on. As jack_common_join(); STATUS_IO where the server has no
/// room, STATUS_NO_MEMORY. The main thread.
MUST_USE enum status midi_in_open(const char *client, struct midi_in **out, struct complaint *complaint);

/// Nothing more comes when it returns. NULL is fine. The main thread.
void midi_in_close(struct midi_in *in);

/// Connects the instruments that are plugged in and have come since the last call, at the first call all of them. What
/// a person takes apart stays so. The main thread.
void midi_in_connect(struct midi_in *in);

/// How many ports of instruments or programs are connected. The main thread.
int midi_in_connections(const struct midi_in *in);

/// The full name of the port, such as "tutti:midi_in". The main thread.
const char *midi_in_port(const struct midi_in *in);

/// The next message, if there is one. One thread at a time.
MUST_USE bool midi_in_take(struct midi_in *in, struct midi_in_message *message);

/// Messages that came while nobody took those before them, and are lost. Any thread.
uint64_t midi_in_lost(const struct midi_in *in);

/// Whether the server is gone for good. Any thread.
bool midi_in_is_gone(const struct midi_in *in);
