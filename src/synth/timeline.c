// SPDX-License-Identifier: GPL-3.0-or-later
// At a tempo change one (frame, tick) pair is noted down as the anchor, and any other position is that pair plus a
// product, computed anew each time. Nothing is summed up block by block, so nothing drifts. What a double cannot say
// exactly (a tempo of 61.7) could still put a tick that belongs right on a frame a hair above it and so one frame late;
// a hair is therefore a thousandth of a frame, which rounding stays under for years.
#include "synth/timeline.h"

#include "music/meter.h"

#include <math.h>

static const double BPM_MIN = 1e-3;
static const double BPM_MAX = 1e6;
static const double HAIR = 1e-3;

bool timeline_bpm_valid(double bpm)
{
    return isfinite(bpm) && bpm > 0;
}

static double bpm_held(double bpm)
{
    return fmin(fmax(bpm, BPM_MIN), BPM_MAX);
}

/// \p position as a whole number, rounded already.
static int64_t position_held(double position)
{
    return (int64_t)fmin(fmax(position, -(double)TIMELINE_END), (double)TIMELINE_END);
}

void timeline_init(struct timeline *timeline, double rate, double bpm)
{
    *timeline = (struct timeline){.rate = rate, .bpm = bpm_held(bpm)};
}

static double exact_frame(const struct timeline *timeline, double tick)
{
    const double ticks = tick - timeline->anchor_tick;
    return timeline->anchor_frame + ticks * (60 * timeline->rate) / (timeline->bpm * (double)TICKS_PER_BEAT);
}

static double exact_tick(const struct timeline *timeline, double frame)
{
    const double frames = frame - timeline->anchor_frame;
    return timeline->anchor_tick + frames * (timeline->bpm * (double)TICKS_PER_BEAT) / (60 * timeline->rate);
}

int64_t timeline_frame(const struct timeline *timeline, int64_t tick)
{
    return position_held(ceil(exact_frame(timeline, (double)tick) - HAIR));
}

int64_t timeline_tick(const struct timeline *timeline, int64_t frame)
{
    const int64_t tick = position_held(floor(exact_tick(timeline, (double)frame)));
    // That quotient is rounded; what counts is the frame that a tick plays on.
    if (timeline_frame(timeline, tick + 1) <= frame) {
        return tick + 1;
    }
    return timeline_frame(timeline, tick) > frame ? tick - 1 : tick;
}

void timeline_turn_at_frame(struct timeline *timeline, int64_t frame, double bpm)
{
    // Rounding must not put the anchor before a tick that has played: ticks would be seen to go back.
    const double played = (double)timeline_tick(timeline, frame);
    timeline->anchor_tick = fmax(played, exact_tick(timeline, (double)frame));
    timeline->anchor_frame = (double)frame;
    timeline->bpm = bpm_held(bpm);
}

void timeline_turn_at_tick(struct timeline *timeline, int64_t tick, double bpm)
{
    timeline->anchor_frame = exact_frame(timeline, (double)tick);
    timeline->anchor_tick = (double)tick;
    timeline->bpm = bpm_held(bpm);
}
