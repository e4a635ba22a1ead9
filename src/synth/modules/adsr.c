// SPDX-License-Identifier: GPL-3.0-or-later
// Each segment is a curve from the level where it began to its end, over a progress from 0 to 1:
// (1 - 2^(-bend x)) / (1 - 2^-bend), which bends like the voltage of a capacitor but arrives exactly, and exactly when
// it should. The progress is a double, so that a minute at 96 kHz does not drift by a frame. Decay and sustain are one
// segment, whose progress stays at 1 when it has arrived; release and silence likewise. As a segment begins where the
// last one is, a gate that opens again goes on from there without a click. Levels are those of the output, with the
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
    poly_double progress;
    poly_int attacking; ///< all ones in an attack
    poly_int open;      ///< all ones while the gate is
    poly from;          ///< the level where the segment began
    poly level;         ///< the last output
    poly peak;          ///< where an attack leads
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
    double attack, decay, release;
};

POLY_INLINE double speed(const struct module_call *call, uint32_t param, uint32_t i)
{
    const double frames = (double)module_value(call, param, i) * 0.001 * call->setup->rate;
    return frames > 1 ? 1 / frames : 1;
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

/// Begins a segment where a gate opens or closes.
POLY_INLINE void follow_gate(struct adsr_state *state, poly gate, poly level)
{
    const poly_int open = gate > 0.5F;
    const poly_int changed = open ^ state->open;
    const poly_int opens = changed & open;
    state->open = open;
    state->progress = double_select(changed, (poly_double){0}, state->progress);
    state->from = poly_select(changed, state->level, state->from);
    state->peak = poly_select(opens, poly_clamp(level, 0, 16), state->peak);
    state->attacking = (state->attacking | opens) & open;
}

/// Moves on by a frame, and to the next segment where an attack has arrived.
POLY_INLINE void advance(struct adsr_state *state, struct speeds speeds, float sustain)
{
    const poly_double zero = {0};
    const poly_double fall = double_select(state->open, double_all(speeds.decay), double_all(speeds.release));
    const poly_double sum = state->progress + double_select(state->attacking, double_all(speeds.attack), fall);
    // Whatever rounding did to the sum, the last frame is the last.
    const poly_int done = ~__builtin_convertvector(sum < 1 - 1e-9, poly_int);
    state->progress = double_select(done, double_all(1), sum);
    const poly x = __builtin_convertvector(state->progress, poly);
    const poly bend = poly_select(state->attacking, poly_all(-attack_bend), poly_all(-fall_bend));
    const poly whole = poly_select(state->attacking, poly_all(4.0F / 3), poly_all(256.0F / 255));
    const poly curve = (1.0F - poly_exp2(bend * x)) * whole;
    const poly held = (poly)((poly_int)(state->peak * sustain) & state->open);
    const poly to = poly_select(state->attacking, state->peak, held);
    state->level = poly_select(done, to, state->from + (to - state->from) * curve);
    const poly_int arrived = done & state->attacking;
    state->from = poly_select(arrived, state->level, state->from);
    state->progress = double_select(arrived, zero, state->progress);
    state->attacking &= ~arrived;
}

static void process(const struct module_call *call)
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
