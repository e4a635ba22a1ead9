// SPDX-License-Identifier: GPL-3.0-or-later
// One long root a chord. Fuller music renews it on every bar, and in the middle of the bar sometimes touches the fifth
// where the chord has one. The root lies in the octave that is nearest to the last one played.
#include "compose/bass.h"

#include <stdlib.h>

enum { STREAM_BASS = 3, FIFTH = 7, LIFT_TICKS = 20 };

static const double RENEW_FROM = 0.45;
static const double FIFTH_FROM = 0.65;

void bass_init(struct bass *bass, uint64_t seed)
{
    *bass = (struct bass){0};
    random_init(&bass->random, seed, STREAM_BASS);
}

static int root_near(const struct preset_part *part, int pitch, int last)
{
    const int middle = last ? last : (part->low + part->high) / 2;
    int best = -1;
    for (int key = part->low; key <= part->high; key++) {
        if (pitch_class(key) == pitch && (best < 0 || abs(key - middle) < abs(best - middle))) {
            best = key;
        }
    }
    return best < 0 ? part->low : best;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

void bass_step(struct bass *bass, struct moment *moment)
{
    const struct preset_part *part = &moment->preset->bass;
    if (moment->crossing) {
        moment_emit(moment, event_cut(moment->tick, PART_BASS));
    }
    if (!moment_plays(moment, PART_BASS)) {
        return;
    }
    const int64_t bar = meter_bar_ticks(moment->preset->meter);
    const int64_t in_bar = (moment->tick - moment->phrase_start) % bar;
    const bool renews = moment->intensity >= RENEW_FROM;
    const double velocity = moment_velocity(moment, PART_BASS) + 4.0 * random_unit(&bass->random);
    if (moment->chord_starts || (renews && in_bar == 0)) {
        // A crossing shortly before a bar line sounds over it.
        const int64_t renewal = moment->tick - in_bar + (bar - in_bar < bar / 2 ? 2 * bar : bar);
        const int64_t end = renews ? least(moment->chord_end, renewal) : moment->chord_end;
        bass->key = root_near(part, moment->chord.bass, bass->key);
        moment_note(moment, PART_BASS, bass->key, velocity, 0, end - moment->tick - LIFT_TICKS);
        return;
    }
    const bool has_fifth = (chord_set(moment->chord) >> pitch_class(moment->chord.root + FIFTH)) & 1;
    const int64_t half = bar / 2 / STEP_TICKS * STEP_TICKS;
    if (moment->intensity >= FIFTH_FROM && in_bar == half && has_fifth && random_unit(&bass->random) < 0.5) {
        const int fifth = root_near(part, pitch_class(moment->chord.root + FIFTH), bass->key);
        moment_note(moment, PART_BASS, fifth, velocity - 6.0, 0,
                    least(moment->chord_end, moment->tick + bar - half) - moment->tick - LIFT_TICKS);
    }
}
