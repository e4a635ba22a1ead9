// SPDX-License-Identifier: GPL-3.0-or-later
// Each segment is a curve from the level where it began to its end, over a progress from 0 to 1:
// (1 - 2^(-bend x)) / (1 - 2^-bend), which bends like the voltage of a capacitor but arrives exactly, and exactly when
// it should. The progress is a count of frames times a speed, so that a minute at 96 kHz does not drift by a frame;
// only where a time is changed on the way, what was made at the old speed is put aside and the count begins anew. Decay
// and sustain are one segment, which has arrived when its progress is 1 and then stays there; release and silence
// likewise. As a segment begins where the last one is, a gate that opens again goes on from there without a click.
// Levels are those of the output, with the level input, which counts when the gate opens, in them: so a new level does
// not jump either.
//
// Most calls find every voice at rest, held or silent, with nothing to do but to say so again.
#include "synth/modules/kind.h"

enum { IN_GATE, IN_LEVEL };
enum { PARAM_ATTACK, PARAM_DECAY, PARAM_SUSTAIN, PARAM_RELEASE };

// In powers of two: an attack is a little round, the others fall by half every eighth of their time.
static const float attack_bend = 2;
static const float fall_bend = 8;

struct times {
    float attack, decay, release; ///< ms
};

// Zeroed: closed, and silent.
struct adsr_state {
    poly behind;        ///< progress before the count; 1 at the end of the segment, whose count is then 0
    poly_int count;     ///< frames since then
    poly_int attacking; ///< all ones in an attack
    poly_int arrived;   ///< all ones after the last frame of one
    poly_int open;      ///< all ones while the gate is
    poly from;          ///< the level where the segment began
    poly level;         ///< the last output
    poly peak;          ///< where an attack leads
    struct times times; ///< of the last frame
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

POLY_INLINE struct times times_at(const struct module_call *call, uint32_t i)
{
    return (struct times){module_value(call, PARAM_ATTACK, i), module_value(call, PARAM_DECAY, i),
                          module_value(call, PARAM_RELEASE, i)};
}

POLY_INLINE float speed(float ms, double rate)
{
    const double frames = (double)ms * 0.001 * rate;
    return frames > 1 ? (float)(1 / frames) : 1;
}

POLY_INLINE struct speeds speeds_of(struct times times, double rate)
{
    return (struct speeds){speed(times.attack, rate), speed(times.decay, rate), speed(times.release, rate)};
}

POLY_INLINE bool is_gliding(const struct module_call *call)
{
    const struct module_ramp *ramps = call->params;
    return ramps[PARAM_ATTACK].step != 0 || ramps[PARAM_DECAY].step != 0 || ramps[PARAM_RELEASE].step != 0;
}

/// Where each voice's segment leads.
POLY_INLINE poly end_of(const struct adsr_state *state, float sustain)
{
    const poly held = (poly)((poly_int)(state->peak * sustain) & state->open);
    return poly_select(state->attacking, state->peak, held);
}

POLY_INLINE poly progress_of(const struct adsr_state *state, struct speeds speeds)
{
    const poly fall = poly_select(state->open, poly_all(speeds.decay), poly_all(speeds.release));
    const poly speed_now = poly_select(state->attacking, poly_all(speeds.attack), fall);
    return state->behind + __builtin_convertvector(state->count, poly) * speed_now;
}

/// Goes on at the speeds of other times.
POLY_INLINE struct speeds follow_times(struct adsr_state *state, struct times times, double rate)
{
    const struct times before = state->times;
    if (before.attack != times.attack || before.decay != times.decay || before.release != times.release) {
        state->behind = progress_of(state, speeds_of(before, rate));
        state->count = (poly_int){0};
        state->times = times;
    }
    return speeds_of(times, rate);
}

/// Begins a segment where a gate opens or closes, or an attack has arrived.
POLY_INLINE void follow_gate(struct adsr_state *state, poly_int open, poly level)
{
    const poly_int opens = open & ~state->open;
    const poly_int begins = (open ^ state->open) | state->arrived;
    state->attacking = ((state->attacking & ~state->arrived) | opens) & open;
    state->open = open;
    state->behind = poly_select(begins, poly_all(0), state->behind);
    state->count &= ~begins;
    state->from = poly_select(begins, state->level, state->from);
    state->peak = poly_select(opens, poly_clamp(level, 0, 16), state->peak);
}

POLY_INLINE void advance(struct adsr_state *state, struct speeds speeds, float sustain)
{
    state->count += 1;
    const poly x = progress_of(state, speeds);
    // Whatever rounding did to the product, the last frame is the last. What is no number, from elsewhere, is past it.
    const poly_int done = ~poly_less(x, poly_all(0.9999999F));
    const poly bend = poly_select(state->attacking, poly_all(-attack_bend), poly_all(-fall_bend));
    const poly whole = poly_select(state->attacking, poly_all(4.0F / 3), poly_all(256.0F / 255));
    const poly curve = (1.0F - poly_exp2(bend * x)) * whole;
    const poly to = end_of(state, sustain);
    state->level = poly_select(done, to, state->from + (to - state->from) * curve);
    state->arrived = done & state->attacking;
    state->behind = poly_select(done, poly_all(1), state->behind);
    state->count &= ~done;
}

/// Whether each frame would be the one before again.
POLY_INLINE bool is_resting(const struct adsr_state *state, const struct module_call *call)
{
    const poly *gate = module_in(call, IN_GATE);
    const poly to = end_of(state, call->params[PARAM_SUSTAIN].value);
    const poly_int moves = state->attacking | state->arrived | state->count |
                           ((poly_int)state->behind ^ (poly_int)poly_all(1)) | ((poly_int)state->level ^ (poly_int)to) |
                           (poly_less(poly_all(0.5F), gate[0]) ^ state->open);
    return !poly_any(moves) && call->params[PARAM_SUSTAIN].step == 0 && poly_is_steady(gate, call->frames);
}

static void run(const struct module_call *call, struct adsr_state *kept)
{
    struct adsr_state state = *kept;
    const poly *gate = module_in(call, IN_GATE);
    const poly *level = module_in(call, IN_LEVEL);
    const uint32_t is_plugged = module_is_plugged(call, IN_LEVEL);
    poly *out = module_out(call, 0);
    const double rate = call->setup->rate;
    const bool glides = is_gliding(call);
    struct speeds speeds = follow_times(&state, times_at(call, 0), rate);
    for (uint32_t i = 0; i < call->frames; i++) {
        if (glides) {
            speeds = follow_times(&state, times_at(call, i), rate);
        }
        const poly_int open = poly_less(poly_all(0.5F), gate[i]);
        if (poly_any((open ^ state.open) | state.arrived)) {
            follow_gate(&state, open, is_plugged ? level[i] : poly_all(1));
        }
        advance(&state, speeds, module_value(call, PARAM_SUSTAIN, i));
        out[i] = state.level;
    }
    *kept = state;
}

static void process(const struct module_call *call) REALTIME
{
    struct adsr_state *state = call->state;
    if (is_resting(state, call)) {
        state->times = times_at(call, call->frames - 1);
        module_fill(call, 0, state->level);
    } else {
        run(call, state);
    }
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
