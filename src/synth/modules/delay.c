// SPDX-License-Identifier: GPL-3.0-or-later
// A line for each side, read a whole number of frames ago. When the time is set anew, the reading goes from the old
// place to the new in a crossfade of 50 ms, so that there is neither a zipper nor a howl; what is set meanwhile waits
// for its end. With ping_pong both inputs enter on the left, and what comes out of each line goes back into the other.
//
// The damper in the way back is a one-pole low-pass at 500 Hz / damp, which lets all pass at 0.
#include "synth/modules/guard.h"

enum { SIDES = 2 };
enum { IN_LEFT, IN_RIGHT };
enum { PARAM_TIME, PARAM_FEEDBACK, PARAM_DAMP, PARAM_MIX, PARAM_PING_PONG };

static const float TIME_MAX_MS = 2000;
static const float FADE_S = 0.05F;
static const float DAMPED_HZ = 500;
static const float LOUDEST = 1000; ///< in the lines, whatever comes in

struct delay_state {
    struct line lines[SIDES];
    uint32_t from, to; ///< frames ago; 0 before the first frame
    uint32_t fade;     ///< frames until the reading is at `to` alone
    float damped[SIDES];
};

static const char *const switches[] = {"off", "on", NULL};

static const struct module_port inputs[] = {
    [IN_LEFT] = {"left", "audio", "what is repeated on the left"},
    [IN_RIGHT] = {"right", "audio", "what is repeated on the right"},
    {0},
};

static const struct module_port outputs[] = {
    {"left", "audio", "with its echoes"},
    {"right", "audio", "with its echoes"},
    {0},
};

static const struct module_param params[] = {
    [PARAM_TIME] = {"time", "ms", "until the echo, a whole number of frames", 1, 2000, 375, NULL, true},
    [PARAM_FEEDBACK] = {"feedback", "", "how much of an echo is echoed again", 0, 1, 0.4F, NULL, false},
    [PARAM_DAMP] = {"damp", "", "how much of the highs each echo loses", 0, 1, 0.1F, NULL, false},
    [PARAM_MIX] = {"mix", "", "0 is the signal as it was, 1 the echoes alone", 0, 1, 0.3F, NULL, false},
    [PARAM_PING_PONG] = {"ping_pong", "", "whether echoes change sides", 0, 1, 0, switches, true},
    {0},
};

static uint32_t lines(double rate, uint32_t sizes[MODULE_LINES_MAX])
{
    const uint32_t size = module_line_size(rate, TIME_MAX_MS, 0);
    for (uint32_t side = 0; side < SIDES; side++) {
        sizes[side] = size;
    }
    return SIDES;
}

/// What a damper takes of its input in a frame.
POLY_INLINE float opening(float damp, float rate)
{
    const float turns = DAMPED_HZ / (module_hold(damp, 1e-6F, 1) * rate);
    return 1 - poly_exp2(poly_all(turns * -9.0647203F))[0];
}

/// How much of what is heard at this frame is read at `from`; the rest is read at `to`.
POLY_INLINE float move(struct delay_state *state, uint32_t wanted, uint32_t span)
{
    if (state->fade == 0 && wanted != state->to) {
        state->from = state->to;
        state->to = wanted;
        state->fade = state->from ? span : 0;
    }
    if (state->fade == 0) {
        return 0;
    }
    const float share = (float)state->fade / (float)span;
    state->fade--;
    return share * share * (3 - 2 * share);
}

POLY_INLINE void step(const struct module_call *call, struct delay_state *state, uint32_t i, float share, float open)
{
    const float mix = module_value(call, PARAM_MIX, i);
    const float feedback = module_value(call, PARAM_FEEDBACK, i);
    const uint32_t other = module_choice(call, PARAM_PING_PONG) ? 1 : 0;
    const float in[SIDES] = {module_mono(call, IN_LEFT, i), module_mono(call, IN_RIGHT, i)};
    const float fed[SIDES] = {other ? 0.5F * (in[0] + in[1]) : in[0], other ? 0 : in[1]};
    for (uint32_t side = 0; side < SIDES; side++) {
        float echo = line_read(&state->lines[side], call->cold, state->to);
        if (share > 0) {
            echo += share * (line_read(&state->lines[side], call->cold, state->from) - echo);
        }
        state->damped[side] += open * (echo - state->damped[side]);
        module_put(call, side, i, in[side] + mix * (echo - in[side]));
    }
    for (uint32_t side = 0; side < SIDES; side++) {
        const float sum = fed[side] + feedback * state->damped[side ^ other];
        line_write(&state->lines[side], call->cold, module_hold(module_kept_one(sum), -LOUDEST, LOUDEST));
    }
}

static void process(const struct module_call *call) REALTIME
{
    struct delay_state *state = call->state;
    const float rate = (float)call->setup->rate;
    const uint32_t span = (uint32_t)(FADE_S * rate);
    const float time = module_hold(call->params[PARAM_TIME].value, 1, TIME_MAX_MS);
    const uint32_t wanted = (uint32_t)(time * 0.001F * rate + 0.5F);
    state->fade = state->fade < span ? state->fade : span;
    state->damped[0] = module_kept_one(state->damped[0]);
    state->damped[1] = module_kept_one(state->damped[1]);
    const bool glides = call->params[PARAM_DAMP].step != 0;
    float open = opening(call->params[PARAM_DAMP].value, rate);
    for (uint32_t i = 0; i < call->frames; i++) {
        if (glides) {
            open = opening(module_value(call, PARAM_DAMP, i), rate);
        }
        step(call, state, i, move(state, wanted, span), open);
    }
}

const struct module_type MODULE(delay) = {
    .name = "delay",
    .title = "echoes, in stereo",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .mono = true,
    .state_size = sizeof(struct delay_state),
    .lines = lines,
    .process = process,
};
