// SPDX-License-Identifier: GPL-3.0-or-later
// First the class of the note is found (chord, scale, chromatic): the motif says how far into the mix it falls, and the
// mix leans to what is still owed of each class since the start, towards chord tones on strong places and where a note
// will stand for long, away from them on weak ones.
//
// A motif that comes back says which key it had here, and that one is taken, moved to where the gesture lies now, as
// long as the mix can bear its class: what the tune does to the mix is paid back where it is free. Else the key of the
// wanted class is taken that lies best: near the tune or the contour, near the last note, not the last note again, no
// tritone away, after a leap back into it, and, for a note that is held, not a semitone above a tone of the chord.
//
// A chromatic tone stands a step from the note before and is short: half a beat later, or sooner where the next note
// falls sooner, comes its resolution, a semitone on in the same direction (passing) or back (neighbour).
#include "compose/melody_key.h"

#include <math.h>
#include <stdlib.h>

enum { TRITONE = 6, LEAP = 5, LEAP_MAX = PITCH_CLASSES, LONG_TICKS = 2 * TICKS_PER_BEAT, HELD_TICKS = TICKS_PER_BEAT };

const double melody_mix[TONE_CLASSES] = {[TONE_CHORD] = 0.70, [TONE_SCALE] = 0.25, [TONE_CHROMATIC] = 0.05};

static const double DEBT_MAX = 4.0; // notes of a class that a tune may take in advance
static const double COST_RUB = 4.0;

static bool chromatic_fits(const struct melody *melody, const struct moment *moment)
{
    const int64_t resolves = moment->tick + MELODY_RESOLVES_TICKS;
    return melody->last != MELODY_NO_KEY && resolves < melody->gesture_end && resolves < moment->chord_end;
}

// Whether a note that starts now will be heard for so long.
static bool lasts(const struct melody *melody, const struct moment *moment, const struct melody_place *place,
                  int64_t ticks)
{
    return place->next == melody->gesture_end || place->next - moment->tick >= ticks;
}

static enum tone_class class_at(const struct melody *melody, const struct moment *moment,
                                const struct melody_place *place)
{
    const int strength = meter_strength(moment->preset->meter, moment->tick - moment->phrase_start);
    const bool stands = lasts(melody, moment, place, LONG_TICKS);
    const double lean = stands ? 4.0 : strength >= 2 ? 1.5 : strength == 1 ? 1.0 : 0.8;
    double weights[TONE_CLASSES];
    double sum = 0.0;
    for (int i = 0; i < TONE_CLASSES; i++) {
        weights[i] = melody_mix[i] * exp(0.5 * fmin(fmax(melody->owed[i], -8.0), 8.0));
        weights[i] *= i == TONE_CHORD ? lean : 1.0;
        if (i == TONE_CHROMATIC && (strength >= 2 || !chromatic_fits(melody, moment))) {
            weights[i] = 0.0;
        }
        sum += weights[i];
    }
    double left = melody->motif.slots[place->slot].colour[place->half] * sum;
    for (int i = 0; i < TONE_CLASSES - 1; i++) {
        left -= weights[i];
        if (left < 0.0) {
            return (enum tone_class)i;
        }
    }
    return weights[TONE_CHROMATIC] > 0.0 ? TONE_CHROMATIC : TONE_CHORD;
}

static double contour_target(const struct melody *melody, const struct moment *moment, const struct melody_place *place)
{
    const struct preset_part *part = &moment->preset->melody;
    const struct motif *motif = &melody->motif;
    const double progress = (place->slot + 0.5 * place->half) / fmax(motif->count - 1, 1.0);
    // The register climbs with the intensity: the upper third stays empty in calm music.
    const double room = (part->high - part->low) * (0.65 + 0.35 * moment->intensity);
    const double centre = part->low + room * (0.35 + 0.4 * motif->centre);
    return centre + motif_contour_at(motif, fmin(progress, 1.0)) + motif->slots[place->slot].offset[place->half];
}

static double cost_of_leap(const struct melody *melody, int key)
{
    if (melody->last == MELODY_NO_KEY) {
        return 0.0;
    }
    const int leap = abs(key - melody->last);
    const bool onward = (key > melody->last) == (melody->leap > 0);
    double cost = leap == 0 ? 3.0 : 0.0;
    cost += leap == TRITONE ? 5.0 : 0.0;
    cost += leap > LEAP ? 0.8 * (leap - LEAP) : 0.0;
    cost += leap > 9 ? 3.0 * (leap - 9) : 0.0;
    cost += abs(melody->leap) > LEAP && leap > 0 && onward ? 4.0 : 0.0;
    return cost;
}

// A semitone, or an octave and one, above a tone of the chord.
static bool rubs(const struct moment *moment, int key)
{
    return chord_set(moment->chord) >> pitch_class(key - 1) & 1;
}

// What a note must be, and would best be.
struct wish {
    enum tone_class tone;
    double target;
    bool held; ///< it stands so long that it must not rub
};

static int best_key(const struct melody *melody, const struct moment *moment, struct wish wish)
{
    const struct preset_part *part = &moment->preset->melody;
    int best = MELODY_NO_KEY;
    double best_cost = 0.0;
    for (int key = part->low; key <= part->high; key++) {
        if (melody_tone_class(key, moment->chord, moment->key) != wish.tone) {
            continue;
        }
        if (wish.tone == TONE_CHROMATIC && (abs(key - melody->last) > 2 || key == melody->last)) {
            continue;
        }
        const double cost =
            fabs(key - wish.target) + cost_of_leap(melody, key) + (wish.held && rubs(moment, key) ? COST_RUB : 0.0);
        if (best == MELODY_NO_KEY || cost < best_cost) {
            best = key;
            best_cost = cost;
        }
    }
    return best;
}

static bool in_register(const struct moment *moment, int key)
{
    return key >= moment->preset->melody.low && key <= moment->preset->melody.high;
}

// On in the same direction or back: a tone of the chord before one of the key, on before back. One of both is in the
// key, since in the seven modes no two chromatic tones are neighbours.
static int resolution_of(const struct moment *moment, int before, int chromatic)
{
    const int onward = chromatic > before ? 1 : -1;
    const int keys[] = {chromatic + onward, chromatic - onward};
    for (enum tone_class tone = TONE_CHORD; tone <= TONE_SCALE; tone++) {
        for (int i = 0; i < 2; i++) {
            if (in_register(moment, keys[i]) && melody_tone_class(keys[i], moment->chord, moment->key) == tone) {
                return keys[i];
            }
        }
    }
    return before;
}

// The key that this place had in the tune, where the tune is known that far and the line would not jump.
static int tune_key(const struct melody *melody, const struct moment *moment, const struct melody_place *place)
{
    const struct motif_slot *slot = &melody->motif.slots[place->slot];
    if (!slot->known[place->half] || !melody->placed) {
        return MELODY_NO_KEY;
    }
    const int key = key_scale_note(moment->key, melody->base + slot->step[place->half]);
    const int leap = melody->last == MELODY_NO_KEY ? 0 : abs(key - melody->last);
    return in_register(moment, key) && leap != TRITONE && leap <= LEAP_MAX ? key : MELODY_NO_KEY;
}

static int key_of_class(const struct melody *melody, const struct moment *moment, struct wish wish, int tune)
{
    if (tune != MELODY_NO_KEY && wish.tone != TONE_CHROMATIC) {
        const enum tone_class tone = melody_tone_class(tune, moment->chord, moment->key);
        const bool borne = tone == wish.tone || melody->owed[tone] > -DEBT_MAX;
        if (tone != TONE_CHROMATIC && borne && !(wish.held && tone == TONE_SCALE && rubs(moment, tune))) {
            return tune;
        }
    }
    return best_key(melody, moment, wish);
}

static void learn(struct melody *melody, const struct moment *moment, const struct melody_place *place, int key)
{
    if (key_class_degree(moment->key, pitch_class(key)) < 0) {
        return;
    }
    const struct motif_slot *slot = &melody->motif.slots[place->slot];
    const int index = key_scale_index(moment->key, key);
    if (!melody->placed) {
        melody->placed = true;
        melody->base = index - (slot->known[place->half] ? slot->step[place->half] : 0);
    }
    motif_learn(&melody->memory, &melody->motif, place->slot, place->half, index - melody->base);
}

static int choose(struct melody *melody, const struct moment *moment, const struct melody_place *place)
{
    const int tune = tune_key(melody, moment, place);
    struct wish wish = {.tone = class_at(melody, moment, place),
                        .target = tune == MELODY_NO_KEY ? contour_target(melody, moment, place) : tune,
                        .held = lasts(melody, moment, place, HELD_TICKS)};
    const int key = key_of_class(melody, moment, wish, tune);
    if (key == MELODY_NO_KEY) {
        wish.tone = TONE_CHORD;
        return best_key(melody, moment, wish);
    }
    if (wish.tone == TONE_CHROMATIC) {
        melody->resolution = resolution_of(moment, melody->last, key);
        melody->resolves = moment->tick + MELODY_RESOLVES_TICKS;
    }
    return key;
}

int melody_key_choose(struct melody *melody, const struct moment *moment, const struct melody_place *place)
{
    int key = melody->resolution;
    melody->resolution = MELODY_NO_KEY;
    if (key == MELODY_NO_KEY) {
        key = choose(melody, moment, place);
    }
    if (place->slot != MELODY_BESIDE) {
        learn(melody, moment, place, key);
    }
    return key;
}
