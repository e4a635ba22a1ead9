// SPDX-License-Identifier: GPL-3.0-or-later
// A gesture is a motif laid on the time grid: every slot that is reached asks the motif whether it divides and sounds
// at this intensity. Between the slots falls only the resolution of a chromatic tone, which waits for no slot. Which
// key a note takes is the affair of melody_key.c.
#include "compose/melody.h"

#include "compose/melody_key.h"

enum { STREAM_MELODY = 5, DELAY_TICKS = 8, RING_TICKS = 3 * TICKS_PER_BEAT, CROSSING_TICKS = 2 * TICKS_PER_BEAT };

static const double SOUND_CHANCE_CALM = 0.5;
static const double SOUND_CHANCE_FULL = 0.8;

void melody_init(struct melody *melody, uint64_t seed)
{
    *melody = (struct melody){.last = MELODY_NO_KEY, .resolution = MELODY_NO_KEY};
    random_init(&melody->random, seed, STREAM_MELODY);
}

void melody_forget(struct melody *melody)
{
    melody->memory.stated = 0;
}

enum tone_class melody_tone_class(int key, struct chord chord, struct key scale)
{
    const int pitch = pitch_class(key);
    if (chord_set(chord) >> pitch & 1) {
        return TONE_CHORD;
    }
    return key_set(scale) >> pitch & 1 ? TONE_SCALE : TONE_CHROMATIC;
}

static void start_gesture(struct melody *melody, const struct moment *moment)
{
    melody->motif = motif_take(&melody->memory, moment->preset, &melody->random);
    melody->slot_ticks = (int64_t)(moment->preset->slot_beats * TICKS_PER_BEAT);
    melody->gesture_start = moment->tick;
    melody->gesture_end = moment->tick + melody->motif.count * melody->slot_ticks;
    const double breath = preset_pair_at(moment->preset->breath_beats, moment->intensity);
    const double beats = breath * (0.75 + 0.5 * random_unit(&melody->random));
    melody->breath_end = melody->gesture_end + (int64_t)(beats * TICKS_PER_BEAT);
    melody->last = MELODY_NO_KEY;
    melody->leap = 0;
    melody->placed = false;
    melody->resolution = MELODY_NO_KEY;
}

static bool divides(const struct melody *melody, const struct moment *moment, int slot)
{
    return melody->slot_ticks > STEP_TICKS &&
           melody->motif.slots[slot].divides < preset_pair_at(moment->preset->divide, moment->intensity);
}

static bool sounds(const struct melody *melody, const struct moment *moment, struct melody_place place)
{
    const double chance = SOUND_CHANCE_CALM + (SOUND_CHANCE_FULL - SOUND_CHANCE_CALM) * moment->intensity;
    return melody->motif.slots[place.slot].sounds[place.half] < chance;
}

// The slot, or half of one, that begins at the tick, where one does.
static struct melody_place place_at(const struct melody *melody, const struct moment *moment, int64_t tick)
{
    const int64_t slot = melody->slot_ticks;
    const int64_t since = tick - melody->gesture_start;
    const int index = (int)(since / slot);
    if (since % slot == 0) {
        return (struct melody_place){.slot = index};
    }
    if (since % slot == slot / 2 && divides(melody, moment, index)) {
        return (struct melody_place){.slot = index, .half = 1};
    }
    return (struct melody_place){.slot = MELODY_BESIDE};
}

static bool resolves(const struct melody *melody, int64_t tick)
{
    return melody->resolution != MELODY_NO_KEY && tick >= melody->resolves;
}

// When the next note of the gesture will sound if the intensity stays; its end when there is none.
static int64_t next_note(const struct melody *melody, const struct moment *moment, int64_t tick)
{
    for (tick += STEP_TICKS; tick < melody->gesture_end; tick += STEP_TICKS) {
        const struct melody_place place = place_at(melody, moment, tick);
        if (resolves(melody, tick) || (place.slot != MELODY_BESIDE && sounds(melody, moment, place))) {
            return tick;
        }
    }
    return melody->gesture_end;
}

static void count_note(struct melody *melody, bool beside, enum tone_class tone)
{
    melody->counts.notes += !beside;
    melody->counts.resolutions += beside;
    melody->counts.tones[tone]++;
    for (int i = 0; i < TONE_CLASSES; i++) {
        melody->owed[i] += melody_mix[i] - ((int)tone == i ? 1.0 : 0.0);
    }
}

// Up to the next note, or a last note that rings into the breath; not into a chord that it would rub against.
static int64_t note_length(const struct melody *melody, const struct moment *moment, int key)
{
    int64_t end = next_note(melody, moment, moment->tick);
    if (end == melody->gesture_end) {
        const int64_t ring = moment->tick + RING_TICKS;
        end = ring < melody->breath_end ? ring : melody->breath_end;
        end = end > moment->tick + TICKS_PER_BEAT ? end : moment->tick + TICKS_PER_BEAT;
    }
    const bool shared = chord_set(moment->next) >> pitch_class(key) & 1;
    return (end > moment->chord_end && !shared ? moment->chord_end : end) - moment->tick;
}

static void play_note(struct melody *melody, struct moment *moment, struct melody_place place)
{
    place.next = next_note(melody, moment, moment->tick);
    const int key = melody_key_choose(melody, moment, &place);
    const int64_t length = note_length(melody, moment, key);
    count_note(melody, place.slot == MELODY_BESIDE, melody_tone_class(key, moment->chord, moment->key));
    melody->leap = melody->last != MELODY_NO_KEY ? key - melody->last : 0;
    melody->last = key;
    const int strength = meter_strength(moment->preset->meter, moment->tick - moment->phrase_start);
    const double velocity =
        moment_velocity(moment, PART_MELODY) + 3.0 * strength - 3.0 + 8.0 * random_unit(&melody->random) - 4.0;
    moment_note(moment, PART_MELODY, key, velocity, (int32_t)random_below(&melody->random, DELAY_TICKS), length);
}

static void cross(struct melody *melody, struct moment *moment)
{
    moment_emit(moment, event_cut(moment->tick, PART_MELODY));
    melody->resolution = MELODY_NO_KEY;
    if (!moment_plays(moment, PART_MELODY)) {
        return;
    }
    // A key is heard as changed when the instrument with the quickest attack says so: the new tonic, at once.
    const struct preset_part *part = &moment->preset->melody;
    const int last = melody->last != MELODY_NO_KEY ? melody->last : (part->low + part->high) / 2;
    const int near = last > part->high ? part->high : last;
    int key = near - pitch_class(near - moment->chord.root);
    while (key < part->low) {
        key += PITCH_CLASSES;
    }
    count_note(melody, false, TONE_CHORD);
    melody->counts.slots++;
    melody->leap = 0;
    melody->last = key;
    melody->placed = false;
    moment_note(moment, PART_MELODY, key, moment_velocity(moment, PART_MELODY) + 4.0, 0, CROSSING_TICKS);
}

// The harmony may have changed since it was due, while the part was silent.
static void forget_foreign_resolution(struct melody *melody, const struct moment *moment)
{
    const int key = melody->resolution;
    if (key != MELODY_NO_KEY && melody_tone_class(key, moment->chord, moment->key) == TONE_CHROMATIC) {
        melody->resolution = MELODY_NO_KEY;
    }
}

void melody_step(struct melody *melody, struct moment *moment)
{
    if (moment->crossing) {
        cross(melody, moment);
        return;
    }
    if (!moment_plays(moment, PART_MELODY)) {
        return;
    }
    const bool on_beat = (moment->tick - moment->phrase_start) % TICKS_PER_BEAT == 0;
    if (moment->tick >= melody->breath_end && on_beat) {
        start_gesture(melody, moment);
    }
    if (moment->tick >= melody->gesture_end) {
        return;
    }
    const struct melody_place place = place_at(melody, moment, moment->tick);
    const bool on_slot = place.slot != MELODY_BESIDE;
    melody->counts.slots += on_slot;
    forget_foreign_resolution(melody, moment);
    if (resolves(melody, moment->tick) || (on_slot && sounds(melody, moment, place))) {
        play_note(melody, moment, place);
    }
}
