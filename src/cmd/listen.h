// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The things that tutti listen listens to. All print what is heard on standard output, and a summary at the end.
#pragma once

#include "core/status.h"
#include "hear/hear.h"
#include "play/device.h"

#include <stdbool.h>

struct listen_options {
    const char *path; ///< the file, "-" for standard input
    struct device_options device;
    double seconds; ///< 0: to the end
    uint32_t hop;   ///< frames of a file at a time
    bool pitch, live;
};

/// As fast as it goes. STATUS_IO where the file cannot be read, STATUS_RANGE where it has a rate or number of channels
/// that cannot be. A file that ends too early is listened to as far as it goes.
MUST_USE enum status listen_to_file(const struct listen_options *options, struct complaint *complaint);

/// Whether \p path is named as MIDI files are.
bool listen_is_midi(const char *path);

/// The notes of a MIDI file, heard as they would come from an instrument. As input_read_midi() and hear_notes_new().
MUST_USE enum status listen_to_midi(const struct listen_options *options, struct complaint *complaint);

/// The notes that are played on MIDI instruments, until it is interrupted, or its time is over. As midi_in_open() and
/// hear_notes_new(); STATUS_CLOSED where the server goes away, after the summary.
MUST_USE enum status listen_to_midi_port(const struct listen_options *options, struct complaint *complaint);

/// Until it is interrupted, or its time is over. STATUS_CLOSED where the device goes away, after the summary; else as
/// device_open().
MUST_USE enum status listen_to_device(const struct listen_options *options, struct complaint *complaint);
