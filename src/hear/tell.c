// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/tell.h"

struct hear_event *tell_event(struct told *told, const struct context *context, enum hear_kind kind, double frame)
{
    struct hear_event *event = &told->events[told->count++];
    *event = (struct hear_event){.kind = kind, .frame = frame, .emitted = context->frame};
    return event;
}

void tell_onset(struct told *told, struct context *context, const struct onset_event *heard, double frame)
{
    struct hear_event *event = tell_event(told, context, HEAR_ONSET, frame);
    event->onset.strength = heard->strength;
    event->onset.band = heard->band;
    event->onset.pitched = heard->pitched;
    context->onsets.count++;
    context->onsets.frame = frame;
    context->onsets.strength = heard->strength;
}

void tell_beat_state(struct context *context, const struct beat_state *state, double next_frame)
{
    context->beat.tempo = state->known ? state->tempo : 0.0;
    context->beat.phase = state->phase;
    context->beat.next_frame = next_frame;
    context->beat.beat = state->known ? state->number : 0;
    context->beat.beats = state->known ? state->beats : 0;
    context->beat.division = state->division;
    context->beat.confidence = state->confidence;
    context->beat.bar_confidence = state->bar_confidence;
}

void tell_beat(struct told *told, const struct context *context, const struct beat_state *state,
               const struct beat_event *heard, double frame)
{
    struct hear_event *event = tell_event(told, context, HEAR_BEAT, frame);
    event->beat.number = heard->number;
    event->beat.beats = heard->beats;
    event->beat.tempo = state->tempo;
    event->beat.confidence = heard->confidence;
}

void tell_chord(struct told *told, struct context *context, const struct chord_event *heard, double frame)
{
    struct hear_event *event = tell_event(told, context, HEAR_CHORD, frame);
    event->chord.sounds = context->chord.sounds = !heard->none;
    event->chord.chord = context->chord.chord = heard->chord;
    event->chord.confidence = heard->confidence;
    context->chord.since_frame = frame;
}

void tell_key(struct told *told, struct context *context, const struct key_event *heard, double frame)
{
    struct hear_event *event = tell_event(told, context, HEAR_KEY, frame);
    event->key.key = (struct key){.tonic = heard->tonic, .mode = heard->minor ? MODE_AEOLIAN : MODE_IONIAN};
    event->key.confidence = heard->confidence;
    context->key.known = true;
    context->key.key = event->key.key;
}
