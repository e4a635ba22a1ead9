// SPDX-License-Identifier: GPL-3.0-or-later
#include "compose/part.h"

#include <math.h>

enum { VELOCITY_MIN = 20, VELOCITY_MAX = 100 };

const char *part_name(enum part part)
{
    static const char *const names[PART_COUNT] = {
        [PART_MELODY] = "melody", [PART_PAD] = "pad", [PART_BASS] = "bass", [PART_SPARKLE] = "sparkle"};
    return (unsigned)part < PART_COUNT ? names[part] : "unknown";
}

const struct preset_part *part_settings(const struct preset *preset, enum part part)
{
    const struct preset_part *const settings[PART_COUNT] = {[PART_MELODY] = &preset->melody,
                                                            [PART_PAD] = &preset->pad,
                                                            [PART_BASS] = &preset->bass,
                                                            [PART_SPARKLE] = &preset->sparkle};
    return settings[part];
}

void moment_emit(struct moment *moment, struct event event)
{
    const enum status status = score_add(moment->out, event);
    if (moment->status == STATUS_OK) {
        moment->status = status;
    }
}

void moment_note(struct moment *moment, enum part part, int key, double velocity, int32_t delay, int64_t duration)
{
    const int rounded = (int)lround(fmin(fmax(velocity, VELOCITY_MIN), VELOCITY_MAX));
    const int64_t tick = moment->tick + delay;
    moment->latest = tick > moment->latest ? tick : moment->latest;
    moment_emit(moment, event_note(tick, (int)part, key, rounded, duration > 1 ? (int32_t)duration : 1));
}

bool moment_plays(const struct moment *moment, enum part part)
{
    return moment->intensity >= part_settings(moment->preset, part)->enters;
}

double moment_velocity(const struct moment *moment, enum part part)
{
    return preset_pair_at(part_settings(moment->preset, part)->velocity, moment->intensity);
}

int choices_draw(const struct preset_choices *choices, struct random *random)
{
    return choices->values[random_below(random, choices->count)];
}
