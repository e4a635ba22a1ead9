// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A listener to a live MIDI stream: says the same things as hear.h, and keeps the same context. The ears for harmony
/// and for the beat are those for sound, and are shown what the notes would sound like.
///
/// Its time goes in steps of ten milliseconds. Messages are taken as they come, and what they mean is said by the step
/// that follows. Frames are those of HEAR_NOTES_RATE.
#pragma once

#include "core/realtime.h"
#include "core/status.h"
#include "hear/context.h"
#include "hear/event.h"
#include "hear/midi_ear.h"

#include <stddef.h>
#include <stdint.h>

enum {
    HEAR_NOTES_RATE = 48000,
    HEAR_NOTES_STEP = 480,  ///< frames
    HEAR_NOTES_EVENTS = 80, ///< that a step says at most: MIDI_EAR_ONSETS and a few more
};

struct hear_notes;

/// STATUS_NO_MEMORY; STATUS_CORRUPT where what an ear has learned cannot be read. Not for audio callbacks.
MUST_USE enum status hear_notes_new(struct hear_notes **out, struct complaint *complaint);

void hear_notes_free(struct hear_notes *notes);

/// \name One thread at a time
/// @{
/// Takes a channel message that came at \p time, seconds since the first step began; a time after the step that runs is
/// taken as its end, and one before 0 as 0. midi_ear_push() says what becomes of it.
void hear_notes_push(struct hear_notes *notes, double time, uint8_t status, uint8_t first, uint8_t second) REALTIME;

/// Ends a step and writes what there is to say to \p events, with room for HEAR_NOTES_EVENTS; returns how many.
size_t hear_notes_step(struct hear_notes *notes, struct hear_event *events) REALTIME;
/// @}

/// Where the context is put after each step. Its levels are those of the velocities: what midi_ear.h calls the level
/// stands for RMS and loudness. Any thread.
const struct context_board *hear_notes_board(const struct hear_notes *notes) REALTIME;

const struct midi_ear_counts *hear_notes_counts(const struct hear_notes *notes) REALTIME;
