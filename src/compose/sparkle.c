// SPDX-License-Identifier: GPL-3.0-or-later
// A figure of 16 eighths is drawn for each phrase: for every place a chance and a tone. What is heard of it follows the
// density, so that growing music adds notes to the figure that the ear already knows.
#include "compose/sparkle.h"

#include <assert.h>

enum { STREAM_SPARKLE = 4, EIGHTH_TICKS = TICKS_PER_BEAT / 2, DELAY_TICKS = 8 };

void sparkle_init(struct sparkle *sparkle, uint64_t seed)
{
    *sparkle = (struct sparkle){.last = -1};
    random_init(&sparkle->random, seed, STREAM_SPARKLE);
}

static void draw_figure(struct sparkle *sparkle)
{
    for (int i = 0; i < SPARKLE_PLACES; i++) {
        sparkle->chance[i] = random_unit(&sparkle->random);
        sparkle->tone[i] = (uint8_t)random_below(&sparkle->random, 16);
    }
}

static int tone_at(const struct preset_part *part, pitch_set set, unsigned tone, int avoid)
{
    uint8_t tones[PITCH_KEYS];
    unsigned count = 0;
    for (int key = part->low; key <= part->high; key++) {
        if (set >> pitch_class(key) & 1) {
            tones[count++] = (uint8_t)key;
        }
    }
    assert(count > 0); // a register spans an octave
    const int key = tones[tone % count];
    return key == avoid ? tones[(tone + 1) % count] : key;
}

void sparkle_step(struct sparkle *sparkle, struct moment *moment)
{
    if (moment->phrase_starts) {
        draw_figure(sparkle);
    }
    if (moment->crossing) {
        moment_emit(moment, event_cut(moment->tick, PART_SPARKLE));
    }
    const int64_t since = moment->tick - moment->phrase_start;
    if (!moment_plays(moment, PART_SPARKLE) || since % EIGHTH_TICKS != 0) {
        return;
    }
    const int64_t place = since / EIGHTH_TICKS % SPARKLE_PLACES;
    if (sparkle->chance[place] >= preset_pair_at(moment->preset->sparkle_density, moment->intensity)) {
        return;
    }
    const struct preset_part *part = &moment->preset->sparkle;
    sparkle->last = tone_at(part, chord_set(moment->chord), sparkle->tone[place], sparkle->last);
    const double velocity = moment_velocity(moment, PART_SPARKLE) + 10.0 * random_unit(&sparkle->random) - 5.0;
    const int32_t delay = (int32_t)random_below(&sparkle->random, DELAY_TICKS);
    moment_note(moment, PART_SPARKLE, sparkle->last, velocity, delay, TICKS_PER_BEAT);
}
