// SPDX-License-Identifier: GPL-3.0-or-later
// When a chord starts, the voicing of the one after it is made as well: a key that both have, and that was not tied
// already, is written once with the length of both, so that the pad breathes in some voices and holds in others.
// A crossing (a key changed out of turn) throws the plan away: the old chord is cut and rings out under the new one.
#include "compose/pad.h"

#include <math.h>
#include <string.h>

enum { STREAM_PAD = 2, SPREAD_TICKS = 8, LIFT_TICKS = 10 };

void pad_init(struct pad *pad, uint64_t seed)
{
    *pad = (struct pad){0};
    random_init(&pad->random, seed, STREAM_PAD);
}

static int voices_at(const struct moment *moment)
{
    const struct preset_choices *choices = &moment->preset->pad_voices;
    const unsigned index = (unsigned)(moment->intensity * choices->count);
    return choices->values[index < choices->count ? index : choices->count - 1];
}

static bool holds(const uint8_t *keys, unsigned count, uint8_t key)
{
    return memchr(keys, key, count) != NULL;
}

// Registers open upwards as the music grows, from two octaves.
static struct voicing lead(const struct moment *moment, const struct voicing *from, struct chord chord)
{
    const struct preset_part *part = &moment->preset->pad;
    const int high = part->high - (int)lround(5.0 * (1.0 - moment->intensity));
    const int least = part->low + 2 * PITCH_CLASSES;
    return voicing_lead(from, chord, voices_at(moment), part->low, high > least ? high : least);
}

void pad_step(struct pad *pad, struct moment *moment)
{
    if (!moment->chord_starts) {
        return;
    }
    if (moment->crossing) {
        moment_emit(moment, event_cut(moment->tick, PART_PAD));
    }
    if (!moment_plays(moment, PART_PAD)) {
        pad->planned.count = 0;
        pad->tied_count = 0;
        return;
    }
    const bool as_planned = !moment->crossing && pad->planned.count > 0 && chord_equal(pad->planned_for, moment->chord);
    if (!as_planned) {
        pad->tied_count = 0;
    }
    const struct voicing now = as_planned ? pad->planned : lead(moment, &pad->sounding, moment->chord);
    const struct voicing next = lead(moment, &now, moment->next);
    const int64_t length = moment->chord_end - moment->tick;
    uint8_t ties[VOICING_MAX];
    uint8_t tie_count = 0;
    const double velocity = moment_velocity(moment, PART_PAD);
    int32_t delay = 0;
    for (unsigned i = 0; i < now.count; i++) {
        const uint8_t key = now.keys[i];
        if (holds(pad->tied, pad->tied_count, key)) {
            continue;
        }
        const bool tie = holds(next.keys, next.count, key) && !moment->crossing && random_unit(&pad->random) < 0.6;
        const int64_t tail = tie ? moment->next_end - moment->chord_end : 0;
        if (tie) {
            ties[tie_count++] = key;
        }
        moment_note(moment, PART_PAD, key, velocity + 4.0 * random_unit(&pad->random) - 2.0, delay,
                    length + tail - LIFT_TICKS - delay);
        // A crossing speaks at once, so that another one may follow on the next tick.
        delay += moment->crossing ? 0 : 1 + (int32_t)random_below(&pad->random, SPREAD_TICKS);
    }
    pad->sounding = now;
    pad->planned = next;
    pad->planned_for = moment->next;
    memcpy(pad->tied, ties, sizeof ties);
    pad->tied_count = tie_count;
}
