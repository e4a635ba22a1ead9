// SPDX-License-Identifier: GPL-3.0-or-later
// Each frame asks for a reduction: 0 below the ceiling, 1 - ceiling / peak above it. The gain that is applied is 1 less
//
//     the mean over the look-ahead  of  a slow fall from  the maximum over the look-ahead  of  the reductions asked for
//
// A frame leaves the delay when each of the values in the mean was taken from a maximum that saw it, so the mean is at
// least what that frame asked for: the ceiling holds, while the gain moves in a straight line rather than in a step.
//
// The look-ahead is a power of two of frames, the first from 4 ms on. So the maximum over it is found by doubling: the
// maximum over 2 frames from that over 1 now and 1 frame ago, the one over 4 from that over 2 now and 2 frames ago, and
// so on: each step a line and one comparison, with no list whose length depends on the sound.
//
// Reductions are whole numbers of 2^-24, rounded up. So a float holds them, the sum behind the mean is exact for ever
// however long the limiter runs, and when nothing is asked for, the output is the input bit for bit.
#include "synth/modules/guard.h"

enum { SIDES = 2, DOUBLINGS = 10, LINE_DOUBLING = SIDES, LINE_MEAN = LINE_DOUBLING + DOUBLINGS, LINES = LINE_MEAN + 1 };
enum { IN_LEFT, IN_RIGHT };
enum { PARAM_GAIN, PARAM_CEILING, PARAM_RELEASE };

static const double LOOK_AHEAD_S = 0.004;
static const int32_t WHOLE = 1 << 24;

struct limiter_state {
    struct line lines[LINES];
    int64_t sum;  ///< of the last reductions, as many as the look-ahead has frames
    int32_t held; ///< the last of them
};

static const struct module_port inputs[] = {
    [IN_LEFT] = {"left", "audio", "what is held below the ceiling"},
    [IN_RIGHT] = {"right", "audio", "with the same gain"},
    {0},
};

static const struct module_port outputs[] = {
    {"left", "audio", "4 to 8 ms later"},
    {"right", "audio", "4 to 8 ms later"},
    {0},
};

static const struct module_param params[] = {
    [PARAM_GAIN] = {"gain", "dB", "before it", -24, 24, 0, NULL, false},
    [PARAM_CEILING] = {"ceiling", "dB", "above which no sample gets", -24, 0, -0.3F, NULL, false},
    [PARAM_RELEASE] = {"release", "ms", "in which it lets go", 5, 2000, 100, NULL, true},
    {0},
};

/// The look-ahead is 2 to the power of this, in frames.
POLY_INLINE uint32_t doublings(double rate)
{
    uint32_t count = 1;
    while (count < DOUBLINGS && (double)(1U << count) < LOOK_AHEAD_S * rate) {
        count++;
    }
    return count;
}

static uint32_t lines(double rate, uint32_t sizes[MODULE_LINES_MAX])
{
    const uint32_t count = doublings(rate);
    for (uint32_t i = 0; i < LINES; i++) {
        sizes[i] = 1U << count;
    }
    for (uint32_t i = 0; i < DOUBLINGS; i++) {
        sizes[LINE_DOUBLING + i] = i < count ? 2U << i : 2;
    }
    return LINES;
}

/// The largest of \p asked and those before it, as many as the look-ahead has frames.
POLY_INLINE int32_t find_largest(const struct module_call *call, struct limiter_state *state, uint32_t count,
                                 int32_t asked)
{
    float largest = (float)asked;
    for (uint32_t i = 0; i < count; i++) {
        struct line *line = &state->lines[LINE_DOUBLING + i];
        const float before = line_read(line, call->cold, 1U << i);
        line_write(line, call->cold, largest);
        largest = before > largest ? before : largest;
    }
    return (int32_t)module_hold(largest, 0, (float)WHOLE);
}

/// The gain for the frame that leaves, when one of \p peak comes.
POLY_INLINE float find_gain(const struct module_call *call, struct limiter_state *state, uint32_t count, float peak,
                            float ceiling, float release)
{
    struct line *mean = &state->lines[LINE_MEAN];
    const uint32_t frames = 1U << count;
    const int32_t asked = peak > ceiling ? WHOLE - (int32_t)(ceiling / peak * (float)WHOLE) : 0;
    const int32_t largest = find_largest(call, state, count, asked);
    // At least one down, so that it comes all the way back, as an exponential alone never does.
    const int32_t falling = state->held - 1 - (int32_t)((float)(state->held - largest) * release);
    state->held = largest > falling ? largest : falling;
    state->sum += state->held - (int32_t)module_hold(line_read(mean, call->cold, frames), 0, (float)WHOLE);
    line_write(mean, call->cold, (float)state->held);
    return 1 - (float)state->sum / ((float)WHOLE * (float)frames);
}

POLY_INLINE void step(const struct module_call *call, uint32_t i, uint32_t count, float gain, float ceiling,
                      float release)
{
    struct limiter_state *state = call->state;
    const float left = module_mono(call, IN_LEFT, i) * gain;
    const float right = module_mono(call, IN_RIGHT, i) * gain;
    const float peak = __builtin_fmaxf(__builtin_fabsf(left), __builtin_fabsf(right));
    const float taken = find_gain(call, state, count, peak, ceiling, release);
    line_write(&state->lines[IN_LEFT], call->cold, left);
    line_write(&state->lines[IN_RIGHT], call->cold, right);
    for (uint32_t side = 0; side < SIDES; side++) {
        const float out = line_read(&state->lines[side], call->cold, 1U << count) * taken;
        module_put(call, side, i, module_hold(out, -ceiling, ceiling));
    }
}

static void process(const struct module_call *call) REALTIME
{
    struct limiter_state *state = call->state;
    const uint32_t count = doublings(call->setup->rate);
    const int64_t most = (int64_t)WHOLE << count;
    const float frames = module_hold(call->params[PARAM_RELEASE].value, 1, 10000) * 0.001F * (float)call->setup->rate;
    state->held = state->held < 0 ? 0 : state->held > WHOLE ? WHOLE : state->held;
    state->sum = state->sum < 0 ? 0 : state->sum > most ? most : state->sum;
    const bool glides = module_glides(call, PARAM_CEILING + 1);
    float gain = module_amplitude(call->params[PARAM_GAIN].value);
    float ceiling = module_amplitude(call->params[PARAM_CEILING].value);
    for (uint32_t i = 0; i < call->frames; i++) {
        if (glides) {
            gain = module_amplitude(module_value(call, PARAM_GAIN, i));
            ceiling = module_amplitude(module_value(call, PARAM_CEILING, i));
        }
        step(call, i, count, gain, ceiling, 1 / frames);
    }
}

const struct module_type MODULE(limiter) = {
    .name = "limiter",
    .title = "lets no sample above its ceiling, in stereo",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .mono = true,
    .state_size = sizeof(struct limiter_state),
    .lines = lines,
    .process = process,
};
