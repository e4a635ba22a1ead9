// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What an ear has heard, as an event that is said and in the context: the same whether it heard sound or notes.
///
/// \p frame is where it is in the context's frames; it is said as of the context's own. One thread at a time.
#pragma once

#include "core/realtime.h"
#include "hear/beat.h"
#include "hear/chord_ear.h"
#include "hear/context.h"
#include "hear/event.h"
#include "hear/key_ear.h"
#include "hear/onset.h"

#include <stddef.h>

/// What was said. The caller has room for all that the ears can say of one push.
struct told {
    struct hear_event *events;
    size_t count;
};

/// The next event of \p kind; what else there is to say is the caller's to write.
struct hear_event *tell_event(struct told *told, const struct context *context, enum hear_kind kind,
                              double frame) REALTIME;

/// Something began at \p frame; \p heard's own is not looked at.
void tell_onset(struct told *told, struct context *context, const struct onset_event *heard, double frame) REALTIME;

/// What is known of the beat, of which the next one is at \p next_frame.
void tell_beat_state(struct context *context, const struct beat_state *state, double next_frame) REALTIME;

/// A beat is at \p frame, while \p state is known.
void tell_beat(struct told *told, const struct context *context, const struct beat_state *state,
               const struct beat_event *heard, double frame) REALTIME;

/// Another chord, or another key, since \p frame.
void tell_chord(struct told *told, struct context *context, const struct chord_event *heard, double frame) REALTIME;
void tell_key(struct told *told, struct context *context, const struct key_event *heard, double frame) REALTIME;
