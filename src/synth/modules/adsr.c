// SPDX-License-Identifier: GPL-3.0-or-later
// Each segment is a curve from the level where it began to its end, over a progress from 0 to 1:
// (1 - 2^(-bend x)) / (1 - 2^-bend), which bends like the voltage of a capacitor but arrives exactly, and exactly when
// it should. The progress is a double, so that a minute at 96 kHz does not drift by a frame. Decay and sustain are one
// segment, which has arrived when its progress is 1 or more; release and silence likewise. As a segment begins where
// the last one is, a gate that opens again goes on from there without a click. Levels are those of the output, with the
// level input, which counts when the gate opens, in them: so a new level does not jump either.
#include "synth/modules/double.h"
#include "synth/modules/kind.h"

enum { IN_GATE, IN_LEVEL };
enum { PARAM_ATTACK, PARAM_DECAY, PARAM_SUSTAIN, PARAM_RELEASE };

// In powers of two: an attack is a little round, the others fall by half every eighth of their time.
static const float attack_bend = 2;
static const float fall_bend = 8;

// Zeroed: closed, and silent.
struct adsr_state {
    poly_double progress; ///< 1 at the end of the segment, and then beyond
    poly_int attacking;   ///< all ones in an attack
    poly_int arrived;     ///< all ones after the last frame of one
    poly_int open;        ///< all ones while the gate is
    poly from;            ///< the level where the segment began
    poly level;           ///< the last output
    poly peak;            ///< where an attack leads
};

static const struct module_port inputs[] = {
    [IN_GATE] = {"gate", "gate", "opens and closes the envelope"},
    [IN_LEVEL] = {"level", "control", "how high it goes, such as a velocity, taken when the gate opens; 1 unplugged"},
    {0},
};

static const struct module_port outputs[] = {{"out", "control", "0 to the level"}, {0}};

static const struct module_param params[] = {
    [PARAM_ATTACK] = {"attack", "ms", "from silence to the level", 0, 60000, 5, NULL, false},
    [PARAM_DECAY] = {"decay", "ms", "from the level to the sustain", 0, 60000, 200, NULL, false},
    [PARAM_SUSTAIN] = {"sustain", "", "what is held, as a part of the level", 0, 1, 0.7F, NULL, false},
    [PARAM_RELEASE] = {"release", "ms", "to silence", 0, 60000, 300, NULL, false},
    {0},
};

/// What the progress gains in a frame in each segment.
struct speeds {
    float attack, decay, release;
};

POLY_INLINE float speed(const struct module_call *call, uint32_t param, uint32_t i)
{
    const double frames = (double)module_value(call, param, i) * 0.001 * call->setup->rate;
    return frames > 1 ? (float)(1 / frames) : 1;
}

POLY_INLINE struct speeds speeds_at(const struct module_call *call, uint32_t i)
{
    return (struct speeds){speed(call, PARAM_ATTACK, i), speed(call, PARAM_DECAY, i), speed(call, PARAM_RELEASE, i)};
}

POLY_INLINE bool is_gliding(const struct module_call *call)
{
    const struct module_ramp *params_now = call->params;
    return params_now[PARAM_ATTACK].step != 0 || params_now[PARAM_DECAY].step != 0 ||
           params_now[PARAM_RELEASE].step != 0;
}

/// Begins a segment where a gate opens or closes, or an attack has arrived.
POLY_INLINE void follow_gate(struct adsr_state *state, poly gate, poly level)
{
    const poly_int open = poly_less(poly_all(0.5F), gate);
    const poly_int opens = open & ~state->open;
    const poly_int begins = (open ^ state->open) | state->arrived;
    state->attacking = ((state->attacking & ~state->arrived) | opens) & open;
    state->open = open;
    state->progress = double_clear(begins, state->progress);
    state->from = poly_select(begins, state->level, state->from);
    state->peak = poly_select(opens, poly_clamp(level, 0, 16), state->peak);
}

POLY_INLINE void advance(struct adsr_state *state, struct speeds speeds, float sustain)
{
    const poly fall = poly_select(state->open, poly_all(speeds.decay), poly_all(speeds.release));
    state->progress += double_of(poly_select(state->attacking, poly_all(speeds.attack), fall));
    const poly x = double_round(state->progress);
    // Whatever rounding did to the sum, the last frame is the last. What is no number, from elsewhere, is past it too.
    const poly_int done = ~poly_less(x, poly_all(0.9999999F));
    const poly bend = poly_select(state->attacking, poly_all(-attack_bend), poly_all(-fall_bend));
    const poly whole = poly_select(state->attacking, poly_all(4.0F / 3), poly_all(256.0F / 255));
    const poly curve = (1.0F - poly_exp2(bend * x)) * whole;
    const poly held = (poly)((poly_int)(state->peak * sustain) & state->open);
    const poly to = poly_select(state->attacking, state->peak, held);
    state->level = poly_select(done, to, state->from + (to - state->from) * curve);
    state->arrived = done & state->attacking;
}

static void process(const struct module_call *call) REALTIME
{
    struct adsr_state state = *(const struct adsr_state *)call->state;
    const poly *gate = module_in(call, IN_GATE);
    const poly *level = module_in(call, IN_LEVEL);
    const uint32_t is_plugged = module_is_plugged(call, IN_LEVEL);
    poly *out = module_out(call, 0);
    struct speeds speeds = speeds_at(call, 0);
    const bool glides = is_gliding(call);
    for (uint32_t i = 0; i < call->frames; i++) {
        follow_gate(&state, gate[i], is_plugged ? level[i] : poly_all(1));
        speeds = glides ? speeds_at(call, i) : speeds;
        advance(&state, speeds, module_value(call, PARAM_SUSTAIN, i));
        out[i] = state.level;
    }
    *(struct adsr_state *)call->state = state;
}

const struct module_type MODULE(adsr) = {
    .name = "adsr",
    .title = "an envelope: attack, decay, sustain, release",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .state_size = sizeof(struct adsr_state),
    .process = process,
};
