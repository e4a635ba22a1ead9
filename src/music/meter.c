// SPDX-License-Identifier: GPL-3.0-or-later
#include "music/meter.h"

int32_t meter_beat_ticks(struct meter meter)
{
    return 4 * TICKS_PER_BEAT / meter.unit;
}

int32_t meter_bar_ticks(struct meter meter)
{
    return meter.beats * meter_beat_ticks(meter);
}

struct meter_position meter_locate(struct meter meter, int64_t tick)
{
    const int32_t bar = meter_bar_ticks(meter);
    const int32_t beat = meter_beat_ticks(meter);
    const int32_t inside = (int32_t)(tick % bar);
    return (struct meter_position){.bar = tick / bar, .beat = inside / beat, .tick = inside % beat};
}

int meter_strength(struct meter meter, int64_t tick)
{
    enum { BETWEEN, BEAT, MIDDLE, DOWNBEAT };
    const struct meter_position at = meter_locate(meter, tick);
    if (at.tick != 0) {
        return BETWEEN;
    }
    if (at.beat == 0) {
        return DOWNBEAT;
    }
    const int even = meter.beats % 2 == 0;
    const int compound = meter.unit >= 8 && meter.beats % 3 == 0 && meter.beats > 3;
    if ((even && at.beat == meter.beats / 2) || (!even && compound && at.beat % 3 == 0)) {
        return MIDDLE;
    }
    return BEAT;
}

double meter_frames(double ticks, double bpm, double rate)
{
    return ticks / (double)TICKS_PER_BEAT * 60.0 / bpm * rate;
}
