// SPDX-License-Identifier: GPL-3.0-or-later
// The notes that sound lie in one list, in no order; one that has ended stays for as long as its fading can be heard,
// and is the first to give way. A drum is a note that has ended when it begins. The last strokes and onsets lie in
// rings for dynamics.
#include "hear/midi_ear.h"

#include "hear/trend.h"
#include "music/drum.h"
#include "music/event.h"

#include <math.h>
#include <stdlib.h>

enum {
    KEYS = 128,
    CHANNELS = 16,
    DRUMS = 9,
    SUSTAIN = 64, ///< controllers
    ALL_SOUND_OFF = 120,
    RESET_CONTROLLERS = 121,
    ALL_NOTES_OFF = 123,
    STROKES = 256,
};

static const double CHORD = 0.03; // seconds
static const double SPAN = 4.0;
static const double DOUBT = 4.0;     // strokes with which a slope is half believed
static const double GONE = 0.6;      // after its end a note is no more heard
static const double DRUM_GONE = 4.0; // a drum ends as it begins, and a cymbal rings

// The first keys of the second band and of the third.
static const uint8_t EDGES[MIDI_EAR_BANDS - 1] = {52, 72};

// The bands in which drums begin.
static const uint8_t DRUM_BANDS[DRUM_KINDS] = {
    [DRUM_OTHER] = 1,    [DRUM_BASS] = 0, [DRUM_SNARE] = 1, [DRUM_TOM] = 1,        [DRUM_HAT] = 2,
    [DRUM_OPEN_HAT] = 2, [DRUM_RIDE] = 2, [DRUM_CRASH] = 2, [DRUM_TAMBOURINE] = 2,
};

enum hold { HOLD_KEY, HOLD_PEDAL, HOLD_NONE };

struct note {
    uint8_t channel, key;
    enum hold hold;
    double velocity; ///< 0 to 1
    double begin, end;
};

struct stroke {
    double time, level; ///< dB
};

struct midi_ear {
    double now;
    uint32_t count;
    struct note notes[MIDI_EAR_NOTES];
    bool pedals[CHANNELS];
    double onset; ///< time of the latest
    uint64_t onsets, taken;
    struct midi_onset waiting[MIDI_EAR_ONSETS];
    uint64_t strokes;
    struct stroke stroke[STROKES];
    double onset_times[STROKES];
    struct midi_ear_counts counts;
};

static void end_note(struct midi_ear *ear, struct note *note) REALTIME;
static void release(struct midi_ear *ear, uint8_t channel, enum hold hold) REALTIME;
static struct note *find(struct midi_ear *ear, uint8_t channel, uint8_t key) REALTIME;
static void forget_gone(struct midi_ear *ear) REALTIME;
static struct note *make_room(struct midi_ear *ear) REALTIME;
static uint32_t band_of(uint8_t channel, uint8_t key) REALTIME;
static void note_on(struct midi_ear *ear, uint8_t channel, uint8_t key, uint8_t velocity) REALTIME;
static void note_off(struct midi_ear *ear, uint8_t channel, uint8_t key) REALTIME;
static void control(struct midi_ear *ear, uint8_t channel, uint8_t number, uint8_t value) REALTIME;

struct midi_ear *midi_ear_new(void)
{
    struct midi_ear *ear = calloc(1, sizeof *ear);
    if (ear) {
        ear->now = ear->onset = -INFINITY;
    }
    return ear;
}

void midi_ear_free(struct midi_ear *ear)
{
    free(ear);
}

static void end_note(struct midi_ear *ear, struct note *note)
{
    note->hold = HOLD_NONE;
    note->end = ear->now;
}

// Ends what is held by `hold` or less than that.
static void release(struct midi_ear *ear, uint8_t channel, enum hold hold)
{
    for (uint32_t i = 0; i < ear->count; i++) {
        struct note *note = &ear->notes[i];
        if (note->channel == channel && note->hold != HOLD_NONE && note->hold >= hold) {
            end_note(ear, note);
        }
    }
}

// A note that has not ended.
static struct note *find(struct midi_ear *ear, uint8_t channel, uint8_t key)
{
    for (uint32_t i = 0; i < ear->count; i++) {
        struct note *note = &ear->notes[i];
        if (note->channel == channel && note->key == key && note->hold != HOLD_NONE) {
            return note;
        }
    }
    return NULL;
}

static void forget_gone(struct midi_ear *ear)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < ear->count; i++) {
        const struct note *note = &ear->notes[i];
        if (note->hold != HOLD_NONE || ear->now - note->end < (note->channel == DRUMS ? DRUM_GONE : GONE)) {
            ear->notes[kept++] = *note;
        }
    }
    ear->count = kept;
}

// What has ended gives way first, then what is held by the pedal alone, and of these the oldest.
static struct note *make_room(struct midi_ear *ear)
{
    forget_gone(ear);
    if (ear->count < MIDI_EAR_NOTES) {
        return &ear->notes[ear->count++];
    }
    struct note *least = &ear->notes[0];
    for (uint32_t i = 1; i < ear->count; i++) {
        struct note *note = &ear->notes[i];
        if (note->hold > least->hold || (note->hold == least->hold && note->begin < least->begin)) {
            least = note;
        }
    }
    ear->counts.crowded_out += least->hold != HOLD_NONE ? 1 : 0;
    return least;
}

static uint32_t band_of(uint8_t channel, uint8_t key)
{
    if (channel == DRUMS) {
        return DRUM_BANDS[drum_of_key(key)];
    }
    return key < EDGES[0] ? 0 : key < EDGES[1] ? 1 : 2;
}

static void note_on(struct midi_ear *ear, uint8_t channel, uint8_t key, uint8_t velocity)
{
    const double strength = velocity / 127.0;
    struct note *old = find(ear, channel, key);
    struct note *note = old ? old : make_room(ear);
    *note = (struct note){.channel = channel,
                          .key = key,
                          .hold = channel == DRUMS ? HOLD_NONE : HOLD_KEY,
                          .velocity = strength,
                          .begin = ear->now,
                          .end = ear->now};
    ear->counts.notes++;
    ear->stroke[ear->strokes++ % STROKES] = (struct stroke){ear->now, 40.0 * log10(strength)};
    const uint32_t band = band_of(channel, key);
    if (ear->now - ear->onset > CHORD || ear->onsets == 0) {
        ear->onset = ear->now;
        ear->onset_times[ear->onsets % STROKES] = ear->now;
        ear->waiting[ear->onsets++ % MIDI_EAR_ONSETS] =
            (struct midi_onset){.time = ear->now, .strength = strength, .band = band, .drum = channel == DRUMS};
        if (ear->onsets - ear->taken > MIDI_EAR_ONSETS) {
            ear->taken++;
            ear->counts.lost_onsets++;
        }
    }
}

static void note_off(struct midi_ear *ear, uint8_t channel, uint8_t key)
{
    struct note *note = find(ear, channel, key);
    if (channel == DRUMS) {
        return;
    }
    if (!note || note->hold != HOLD_KEY) {
        ear->counts.strays++;
    } else if (ear->pedals[channel]) {
        note->hold = HOLD_PEDAL;
    } else {
        end_note(ear, note);
    }
}

static void control(struct midi_ear *ear, uint8_t channel, uint8_t number, uint8_t value)
{
    if (number == SUSTAIN || number == RESET_CONTROLLERS) {
        ear->pedals[channel] = number == SUSTAIN && value >= 64;
        if (!ear->pedals[channel]) {
            release(ear, channel, HOLD_PEDAL);
        }
    } else if (number == ALL_SOUND_OFF || number == ALL_NOTES_OFF) {
        release(ear, channel, HOLD_KEY);
    }
}

void midi_ear_push(struct midi_ear *ear, double time, uint8_t status, uint8_t first, uint8_t second)
{
    const uint8_t channel = status & 15U;
    const uint8_t kind = status & 0xf0U;
    if (first >= KEYS || second >= KEYS || status < 0x80 || !isfinite(time)) {
        ear->counts.nonsense++;
        return;
    }
    ear->now = fmax(ear->now, time);
    if (kind == MIDI_NOTE_ON && second > 0) {
        note_on(ear, channel, first, second);
    } else if (kind == MIDI_NOTE_ON || kind == MIDI_NOTE_OFF) {
        note_off(ear, channel, first);
    } else if (kind == MIDI_CONTROLLER) {
        control(ear, channel, first, second);
    }
}

void midi_ear_pass(struct midi_ear *ear, double time)
{
    if (isfinite(time)) {
        ear->now = fmax(ear->now, time);
        forget_gone(ear);
    }
}

bool midi_ear_onset(struct midi_ear *ear, struct midi_onset *onset)
{
    if (ear->taken == ear->onsets) {
        return false;
    }
    *onset = ear->waiting[ear->taken++ % MIDI_EAR_ONSETS];
    return true;
}

uint32_t midi_ear_sounding_count(const struct midi_ear *ear)
{
    return ear->count;
}

struct midi_sounding midi_ear_sounding(const struct midi_ear *ear, uint32_t number)
{
    const struct note *note = &ear->notes[number];
    return (struct midi_sounding){.key = note->key,
                                  .drum = note->channel == DRUMS,
                                  .velocity = note->velocity,
                                  .begin = note->begin,
                                  .end = note->hold == HOLD_NONE ? note->end : (double)INFINITY};
}

void midi_ear_dynamics(const struct midi_ear *ear, double time, struct midi_dynamics *dynamics)
{
    time = fmax(ear->now, time);
    struct trend trend = {0};
    uint32_t onsets = 0;
    for (uint64_t i = 0; i < STROKES && i < ear->strokes; i++) {
        const struct stroke *stroke = &ear->stroke[i];
        if (stroke->time > time - SPAN) {
            trend_add(&trend, stroke->time - time, stroke->level);
        }
    }
    for (uint64_t i = 0; i < STROKES && i < ear->onsets; i++) {
        onsets += ear->onset_times[i] > time - SPAN ? 1 : 0;
    }
    const struct trend_line line = trend_fit(&trend, 1.0);
    *dynamics = (struct midi_dynamics){
        .level = trend.count > 0.0 ? trend.y / trend.count : 40.0 * log10(1.0 / 127.0),
        .slope = line.slope,
        .slope_confidence = line.confidence * trend.count / (trend.count + DOUBT),
        .density = onsets / SPAN,
    };
}

const struct midi_ear_counts *midi_ear_counts(const struct midi_ear *ear)
{
    return &ear->counts;
}
