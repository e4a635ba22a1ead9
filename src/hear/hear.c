// SPDX-License-Identifier: GPL-3.0-or-later
// The ears hang on the intake's two streams: onsets, beat and pitch on the fast one, harmony on the slow one, loudness
// on what the device brings. Each counts the frames of its own stream, which here become the device's. What one ear
// says is in the context before the next one listens, so that harmony knows of the beat that is expected, and the key
// of the chord. An ear that has nothing to say has still moved on: the context is put on the board after every push
// that filled a hop.
#include "hear/hear.h"

#include "core/denormals.h"
#include "hear/beat.h"
#include "hear/chord_ear.h"
#include "hear/dynamics.h"
#include "hear/intake.h"
#include "hear/key_ear.h"
#include "hear/pitch.h"
#include "hear/tell.h"

#include <math.h>
#include <stdlib.h>

static const float LOUDEST = 64.0F; ///< 36 dB over full scale

struct hear {
    struct hear_options options;
    struct intake *intake;
    struct onset *onset;
    struct beat *beat;
    struct chord_ear *chord;
    struct key_ear *key;
    struct pitch *pitch; ///< NULL where nobody asked for it
    struct dynamics *dynamics;
    struct context context;
    struct context_board board;
    uint64_t bad;  ///< samples
    size_t filled; ///< frames of the hop
    float hop[HEAR_HOP * HEAR_CHANNELS_MAX];
    float mono[HEAR_HOP];
};

_Static_assert((int)HEAR_HOP <= (int)INTAKE_BLOCK, "a hop goes through the intake at once");

static enum status check(const struct hear_options *options, struct complaint *complaint)
{
    if (options->channels < 1 || options->channels > HEAR_CHANNELS_MAX) {
        return complain(complaint, STATUS_RANGE, "%u channels: 1 to %d can be listened to", options->channels,
                        HEAR_CHANNELS_MAX);
    }
    if (options->rate < INTAKE_RATE_MIN || options->rate > INTAKE_RATE_MAX) {
        return complain(complaint, STATUS_RANGE,
                        "a rate of %u Hz: what is listened to has %d to %d Hz; convert it first", options->rate,
                        INTAKE_RATE_MIN, INTAKE_RATE_MAX);
    }
    return STATUS_OK;
}

static enum status make_ears(struct hear *hear, struct complaint *complaint)
{
    hear->intake = intake_new(hear->options.rate, complaint);
    if (!hear->intake) {
        return STATUS_NO_MEMORY;
    }
    const double fast = intake_fast(hear->intake)->rate;
    const double slow = intake_slow(hear->intake)->rate;
    enum status status = onset_new(fast, &hear->onset, complaint);
    status = status ? status : beat_new(fast, &hear->beat, complaint);
    status = status ? status : chord_ear_new(slow, &hear->chord, complaint);
    status = status ? status : key_ear_new(&hear->key, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    hear->pitch = hear->options.pitch ? pitch_new(fast) : NULL;
    hear->dynamics = dynamics_new(&(struct loudness_options){
        .rate = hear->options.rate, .channels = hear->options.channels, .surround = hear->options.surround});
    const bool complete = hear->dynamics && (hear->pitch || !hear->options.pitch);
    return complete ? STATUS_OK : complain(complaint, STATUS_NO_MEMORY, "out of memory");
}

enum status hear_new(const struct hear_options *options, struct hear **out, struct complaint *complaint)
{
    enum status status = check(options, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    struct hear *hear = calloc(1, sizeof *hear);
    if (!hear) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    hear->options = *options;
    hear->context.rate = options->rate;
    status = make_ears(hear, complaint);
    if (status != STATUS_OK) {
        hear_free(hear);
        return status;
    }
    context_put(&hear->board, &hear->context);
    *out = hear;
    return STATUS_OK;
}

void hear_free(struct hear *hear)
{
    if (hear) {
        intake_free(hear->intake);
        onset_free(hear->onset);
        beat_free(hear->beat);
        chord_ear_free(hear->chord);
        key_ear_free(hear->key);
        pitch_free(hear->pitch);
        dynamics_free(hear->dynamics);
        free(hear);
    }
}

// What no ear has to bear: a sample is a number that is not far beyond full scale. What is none is silence.
static float clean(float sample, uint64_t *bad) REALTIME;

static float clean(float sample, uint64_t *bad)
{
    // A comparison with what is no number is false.
    if (fabsf(sample) <= LOUDEST) {
        return sample;
    }
    ++*bad;
    return isfinite(sample) ? copysignf(LOUDEST, sample) : 0.0F;
}

// Takes frames until the hop is full or all are taken; how many. A channel that brings no numbers must not deafen the
// others, so each sample is looked at before they are mixed.
static size_t fill(struct hear *hear, const float *interleaved, size_t count) REALTIME;

static size_t fill(struct hear *hear, const float *interleaved, size_t count)
{
    const uint32_t channels = hear->options.channels;
    const size_t some = count < HEAR_HOP - hear->filled ? count : HEAR_HOP - hear->filled;
    const float part = 1.0F / (float)channels;
    float *hop = hear->hop + hear->filled * channels;
    for (size_t i = 0; i < some; i++) {
        float sum = 0.0F;
        for (uint32_t channel = 0; channel < channels; channel++) {
            hop[i * channels + channel] = clean(interleaved[i * channels + channel], &hear->bad);
            sum += hop[i * channels + channel];
        }
        hear->mono[hear->filled + i] = sum * part;
    }
    hear->filled += some;
    return some;
}

static void hear_onset(struct hear *hear, struct told *told) REALTIME;

static void hear_onset(struct hear *hear, struct told *told)
{
    const struct intake_stream *stream = intake_fast(hear->intake);
    struct onset_event heard;
    if (!onset_push(hear->onset, stream->frames, stream->count, &heard)) {
        return;
    }
    const double frame = fmax(intake_device_frame(stream, heard.frame), 0.0);
    tell_onset(told, &hear->context, &heard, frame);
    dynamics_onset(hear->dynamics, frame);
}

static void hear_pitch(struct hear *hear, struct told *told) REALTIME;

static void hear_pitch(struct hear *hear, struct told *told)
{
    const struct intake_stream *stream = intake_fast(hear->intake);
    struct pitch_estimate estimates[PITCH_ESTIMATES];
    const size_t count = pitch_push(hear->pitch, stream->frames, stream->count, estimates);
    for (size_t i = 0; i < count; i++) {
        struct hear_event *event =
            tell_event(told, &hear->context, HEAR_PITCH, intake_device_frame(stream, estimates[i].time));
        event->pitch.hz = estimates[i].frequency;
        event->pitch.confidence = estimates[i].confidence;
        hear->context.pitch.hz = event->pitch.hz;
        hear->context.pitch.confidence = event->pitch.confidence;
    }
}

static void hear_beat(struct hear *hear, struct told *told) REALTIME;

static void hear_beat(struct hear *hear, struct told *told)
{
    const struct intake_stream *stream = intake_fast(hear->intake);
    struct beat_event heard;
    const bool stated = beat_push(hear->beat, stream->frames, stream->count, &heard);
    struct beat_state state;
    beat_state(hear->beat, &state);
    tell_beat_state(&hear->context, &state, intake_device_frame(stream, state.next));
    if (stated) {
        // What is a beat's when a hop begins may be past when it ends.
        const double at = fmax(intake_device_frame(stream, heard.frame), (double)hear->context.frame);
        tell_beat(told, &hear->context, &state, &heard, at);
    }
}

// The frame of the slow stream under which the next beat lies.
static struct beat_hint hint_at_beat(const struct hear *hear) REALTIME;

static struct beat_hint hint_at_beat(const struct hear *hear)
{
    const struct intake_stream *slow = intake_slow(hear->intake);
    if (!(hear->context.beat.tempo > 0.0)) {
        return (struct beat_hint){.frame = -1.0};
    }
    return (struct beat_hint){.frame = (hear->context.beat.next_frame + slow->delay) / slow->factor,
                              .confidence = hear->context.beat.confidence};
}

static void hear_key(struct hear *hear, struct told *told) REALTIME;

static void hear_key(struct hear *hear, struct told *told)
{
    struct key_event heard;
    if (key_ear_push(hear->key, chord_ear_evidence(hear->chord), &heard)) {
        tell_key(told, &hear->context, &heard, intake_device_frame(intake_slow(hear->intake), heard.frame));
    }
    hear->context.key.confidence = key_ear_now(hear->key)->confidence;
}

static void hear_harmony(struct hear *hear, struct told *told) REALTIME;

static void hear_harmony(struct hear *hear, struct told *told)
{
    const struct intake_stream *stream = intake_slow(hear->intake);
    const struct beat_hint hint = hint_at_beat(hear);
    struct chord_event heard;
    if (chord_ear_push(hear->chord, stream->frames, stream->count, &hint, &heard)) {
        tell_chord(told, &hear->context, &heard, intake_device_frame(stream, heard.frame));
    }
    hear->context.chord.confidence = chord_ear_now(hear->chord)->confidence;
    hear_key(hear, told);
}

static void hear_dynamics(struct hear *hear) REALTIME;

static void hear_dynamics(struct hear *hear)
{
    struct dynamics_report now;
    dynamics_read(hear->dynamics, &now);
    hear->context.level.rms_db = now.rms;
    hear->context.level.peak_db = now.peak;
    hear->context.level.momentary = now.momentary;
    hear->context.level.short_term = now.short_term;
    hear->context.level.integrated = now.integrated;
    hear->context.level.slope_db_s = now.slope;
    hear->context.level.slope_confidence = now.slope_confidence;
    hear->context.onsets.a_second = now.density;
}

static void hear_hop(struct hear *hear, struct told *told) REALTIME;

static void hear_hop(struct hear *hear, struct told *told)
{
    hear->filled = 0;
    hear->context.frame += HEAR_HOP;
    intake_push(hear->intake, hear->mono, HEAR_HOP);
    dynamics_push(hear->dynamics, hear->hop, HEAR_HOP);
    hear_onset(hear, told);
    hear_beat(hear, told);
    hear_harmony(hear, told);
    if (hear->pitch) {
        hear_pitch(hear, told);
    }
    hear_dynamics(hear);
}

size_t hear_push(struct hear *hear, const float *interleaved, size_t count, struct hear_event *events)
{
    const uint64_t before = denormals_flush();
    struct told told = {.events = events};
    const uint64_t frame = hear->context.frame;
    for (size_t done = 0; done < count;) {
        done += fill(hear, interleaved + done * hear->options.channels, count - done);
        if (hear->filled == HEAR_HOP) {
            hear_hop(hear, &told);
        }
    }
    if (hear->context.frame != frame) {
        context_put(&hear->board, &hear->context);
    }
    denormals_restore(before);
    return told.count;
}

const struct context_board *hear_board(const struct hear *hear)
{
    return &hear->board;
}

uint64_t hear_bad_frames(const struct hear *hear)
{
    return hear->bad;
}
