// SPDX-License-Identifier: GPL-3.0-or-later
// Each side goes through a low cut and a pre-delay to three all-pass diffusers in a row (Schroeder, "Natural sounding
// artificial reverberation", JAES 10(3), 1962) and from there into the tank: eight delay lines whose ends, each through
// a damper, come back to all beginnings through a Hadamard matrix (Jot and Chaigne, "Digital delay networks for
// designing artificial reverberators", AES 90th convention, 1991, preprint 3030). Left enters and leaves the even
// lines, right the odd ones; the matrix makes one room of both.
//
// Four of the lines are read at a point that wanders by half a millisecond, which spreads the modes of the network and
// keeps them from ringing. All eight shrink with `size` and, for decays below 2 s, to a third at 0.2 s: a small room
// has dense echoes, and its sound must pass the lines often enough for the dampers to act. When their lengths change,
// the reading goes from the old places to the new in a crossfade of 100 ms.
//
// Level. With A the mean power gain of the dampers, and eight lines fed with power q each, what leaves all dampers is S
// = A (S + 8 q), as the matrix shares power out evenly. So S = 8 q A / (1 - A), which says how strongly to feed the
// lines for a return of the power of what comes in, at 1 kHz.
//
// These numbers are aims: the network goes to them exponentially in 20 ms, frame by frame.
#include "synth/modules/damper.h"

enum { SIDES = 2, DIFFUSERS = 3, TANK = 8, MOVING = 4 };
enum { LINE_PREDELAY, LINE_DIFFUSER = LINE_PREDELAY + SIDES, LINE_TANK = LINE_DIFFUSER + SIDES * DIFFUSERS };
enum { LINES = LINE_TANK + TANK, LANE_DRIVE = TANK };
enum { IN_LEFT, IN_RIGHT };
enum { PARAM_DECAY, PARAM_DAMP, PARAM_SIZE, PARAM_PREDELAY, PARAM_MODULATION, PARAM_WIDTH, PARAM_MIX };

static const double PREDELAY_MAX_MS = 200;
static const float FADE_S = 0.1F;
static const float DEPTH_MS = 0.5F;
static const float LOW_CUT_HZ = 20;
static const float FULL_SIZE_S = 2;
static const float GLIDE_S = 0.02F;
static const float DOWN = 0.35355339F; ///< 1 / sqrt(8), which keeps the matrix from making anything louder

/// The moving lines stand first; left and right take turns, and share out long and short ones fairly.
static const float tank_ms[TANK] = {28.9F, 38.9F, 57.7F, 66.7F, 45.1F, 25.3F, 78.3F, 51.1F};
static const float diffuser_ms[SIDES][DIFFUSERS] = {{4.77F, 3.59F, 12.73F}, {4.31F, 3.97F, 11.83F}};
static const float diffusion[DIFFUSERS] = {0.7F, 0.7F, 0.625F};
static const float moving_hz[MOVING] = {0.47F, 0.61F, 0.53F, 0.37F};

/// Where lines are read, in frames ago.
struct place {
    uint32_t tank[TANK];
    uint32_t predelay;
};

struct reverb_state {
    struct line lines[LINES];
    struct place from, to;
    uint32_t fade;          ///< frames until the lines are read at `to` alone
    uint32_t has_begun;     ///< before the first frame there is nothing to glide from
    float decay, damp;      ///< what the aims were made for
    float low[SIDES];       ///< of the low cut
    poly_uint phases;       ///< of the motion, 2^32 to the turn
    poly feeds, feeds_aims; ///< of the dampers, with the matrix's 1 / sqrt(8); LANE_DRIVE: of the tank
    poly poles, poles_aims; ///< of the dampers
    poly ends;              ///< what the dampers gave last
};

static const struct module_port inputs[] = {
    [IN_LEFT] = {"left", "audio", "what is heard in the room, from the left"},
    [IN_RIGHT] = {"right", "audio", "and from the right"},
    {0},
};

static const struct module_port outputs[] = {
    {"left", "audio", "with the room"},
    {"right", "audio", "with the room"},
    {0},
};

static const struct module_param params[] = {
    [PARAM_DECAY] = {"decay", "s", "in which it falls by 60 dB at 1 kHz", 0.2F, 30, 2, NULL, true},
    [PARAM_DAMP] = {"damp", "", "1 - the part of that time in which 6 kHz fall as much", 0, 0.9F, 0.5F, NULL, true},
    [PARAM_SIZE] = {"size", "", "of the room", 0.3F, 1, 1, NULL, true},
    [PARAM_PREDELAY] = {"predelay", "ms", "until the room answers", 0, 200, 10, NULL, true},
    [PARAM_MODULATION] = {"modulation", "", "how far the room moves", 0, 1, 0.7F, NULL, false},
    [PARAM_WIDTH] = {"width", "", "0 is mono; at 1 left and right have little in common", 0, 1, 1, NULL, false},
    [PARAM_MIX] = {"mix", "", "0 is the signal as it was, 1 the room alone", 0, 1, 0.3F, NULL, false},
    {0},
};

static uint32_t lines(double rate, uint32_t sizes[MODULE_LINES_MAX])
{
    for (uint32_t side = 0; side < SIDES; side++) {
        sizes[LINE_PREDELAY + side] = module_line_size(rate, PREDELAY_MAX_MS, 1);
        for (uint32_t i = 0; i < DIFFUSERS; i++) {
            sizes[LINE_DIFFUSER + side * DIFFUSERS + i] = module_line_size(rate, (double)diffuser_ms[side][i], 2);
        }
    }
    for (uint32_t i = 0; i < TANK; i++) {
        sizes[LINE_TANK + i] = module_line_size(rate, (double)(tank_ms[i] + DEPTH_MS), 4);
    }
    return LINES;
}

static void init(const struct module_setup *setup, uint32_t group, void *memory)
{
    (void)setup;
    (void)group;
    struct reverb_state *state = memory;
    for (uint32_t i = 0; i < MOVING; i++) {
        state->phases[i] = i << 30;
    }
}

/// Aims for the lengths in `to`.
static void aim(struct reverb_state *state, float rate) REALTIME
{
    poly frames = {0};
    for (uint32_t i = 0; i < TANK; i++) {
        frames[i] = (float)state->to.tank[i];
    }
    const struct damper damper = damper_find(frames, rate, state->decay, state->damp);
    float sum = 0;
    for (uint32_t i = 0; i < TANK; i++) {
        sum += damper.kept[i];
    }
    state->feeds_aims = damper.feeds * DOWN;
    state->feeds_aims[LANE_DRIVE] = __builtin_sqrtf(2 * (TANK - sum) / sum);
    state->poles_aims = damper.poles;
}

/// Where the settings want the lines to be read.
static struct place find_place(const struct module_call *call) REALTIME
{
    const float rate = (float)call->setup->rate;
    const float decay = module_hold(call->params[PARAM_DECAY].value, 0.2F, 30);
    const float size = module_hold(call->params[PARAM_SIZE].value, 0.3F, 1);
    const float predelay = module_hold(call->params[PARAM_PREDELAY].value, 0, (float)PREDELAY_MAX_MS);
    const float scale = size * (decay < FULL_SIZE_S ? __builtin_sqrtf(decay / FULL_SIZE_S) : 1);
    struct place place = {.predelay = (uint32_t)(predelay * 0.001F * rate) + 1};
    for (uint32_t i = 0; i < TANK; i++) {
        place.tank[i] = (uint32_t)(scale * tank_ms[i] * 0.001F * rate) | 1;
    }
    return place;
}

static bool is_same(const struct place *a, const struct place *b) REALTIME
{
    bool same = a->predelay == b->predelay;
    for (uint32_t i = 0; i < TANK; i++) {
        same = same && a->tank[i] == b->tank[i];
    }
    return same;
}

/// Takes the state over and notices what was set, before the first frame of a call.
static void begin(const struct module_call *call, struct reverb_state *state, const struct place *wanted) REALTIME
{
    const float rate = (float)call->setup->rate;
    const float decay = module_hold(call->params[PARAM_DECAY].value, 0.2F, 30);
    const float damp = module_hold(call->params[PARAM_DAMP].value, 0, 0.9F);
    const uint32_t span = (uint32_t)(FADE_S * rate);
    const bool is_fresh = !state->has_begun;
    state->has_begun = 1;
    if (is_fresh) {
        state->to = *wanted;
    }
    if (is_fresh || state->decay != decay || state->damp != damp) {
        state->decay = decay;
        state->damp = damp;
        aim(state, rate);
    }
    if (is_fresh) {
        state->feeds = state->feeds_aims;
        state->poles = state->poles_aims;
    }
    state->fade = state->fade < span ? state->fade : span;
    state->feeds = poly_clamp(state->feeds, 0, 100);
    state->poles = poly_clamp(state->poles, 0, 1);
    state->feeds_aims = poly_clamp(state->feeds_aims, 0, 100);
    state->poles_aims = poly_clamp(state->poles_aims, 0, 1);
    state->ends = module_kept(state->ends);
    for (uint32_t side = 0; side < SIDES; side++) {
        state->low[side] = module_kept_one(state->low[side]);
    }
}

/// From what comes in on a side to what goes into its lines of the tank.
POLY_INLINE float diffuse(const struct module_call *call, struct reverb_state *state, uint32_t side, float in,
                          float share)
{
    const float rate = (float)call->setup->rate;
    struct line *line = &state->lines[LINE_PREDELAY + side];
    state->low[side] += LOW_CUT_HZ * 6.2831853F / rate * (in - state->low[side]);
    line_write(line, call->cold, in - state->low[side]);
    float x = line_read(line, call->cold, state->to.predelay);
    if (share > 0) {
        x += share * (line_read(line, call->cold, state->from.predelay) - x);
    }
    for (uint32_t i = 0; i < DIFFUSERS; i++) {
        line = &state->lines[LINE_DIFFUSER + side * DIFFUSERS + i];
        const float old = line_read(line, call->cold, (uint32_t)(diffuser_ms[side][i] * 0.001F * rate) | 1);
        const float new = module_kept_one(x + diffusion[i] * old);
        line_write(line, call->cold, new);
        x = old - diffusion[i] * new;
    }
    return x;
}

/// How the moving lines are read at a frame: by Lagrange's polynomial through four frames, \c shift further back.
struct motion {
    poly_int shift;
    poly weights[4];
};

POLY_INLINE struct motion move(struct reverb_state *state, float rate, float modulation)
{
    poly steps = {0};
    for (uint32_t i = 0; i < MOVING; i++) {
        steps[i] = moving_hz[i] * 4294967296.0F / rate;
    }
    state->phases += (poly_uint) __builtin_convertvector(steps, poly_int);
    const poly turns = __builtin_convertvector((poly_int)state->phases, poly) * (1.0F / 4294967296.0F);
    const poly way = poly_sine(turns) * (module_hold(modulation, 0, 1) * DEPTH_MS * 0.001F * rate);
    const poly whole = poly_floor(way);
    const poly f = way - whole;
    const poly inner = (f + 1.0F) * (f - 2.0F) * 0.5F;
    const poly outer = f * (f - 1.0F) * (1 / 6.0F);
    return (struct motion){.shift = __builtin_convertvector(whole, poly_int),
                           .weights = {outer * (2.0F - f), inner * (f - 1.0F), -inner * f, outer * (f + 1.0F)}};
}

POLY_INLINE poly read_tank(const struct module_call *call, const struct reverb_state *state,
                           const struct motion *motion, const struct place *place)
{
    poly x = {0};
    for (uint32_t i = 0; i < MOVING; i++) {
        const uint32_t ago = place->tank[i] + (uint32_t)motion->shift[i];
        float sum = 0;
        for (uint32_t j = 0; j < 4; j++) {
            sum += motion->weights[j][i] * line_read(&state->lines[LINE_TANK + i], call->cold, ago + j - 1);
        }
        x[i] = sum;
    }
    for (uint32_t i = MOVING; i < TANK; i++) {
        x[i] = line_read(&state->lines[LINE_TANK + i], call->cold, place->tank[i]);
    }
    return x;
}

/// From \p ends of the lines, through the matrix, with what is \p fed to each side, to their beginnings.
POLY_INLINE void close_loop(const struct module_call *call, struct reverb_state *state, const poly *ends,
                            const float fed[SIDES])
{
    float x[TANK];
    for (uint32_t i = 0; i < TANK; i++) {
        x[i] = (*ends)[i];
    }
    for (uint32_t half = 1; half < TANK; half *= 2) {
        for (uint32_t i = 0; i < TANK; i++) {
            if ((i & half) == 0) {
                const float a = x[i];
                x[i] = a + x[i + half];
                x[i + half] = a - x[i + half];
            }
        }
    }
    for (uint32_t i = 0; i < TANK; i++) {
        const float sum = (i & 2) != 0 ? x[i] - fed[i % 2] : x[i] + fed[i % 2];
        line_write(&state->lines[LINE_TANK + i], call->cold, module_kept_one(sum));
    }
}

POLY_INLINE void step(const struct module_call *call, struct reverb_state *state, uint32_t i, float share)
{
    const float rate = (float)call->setup->rate;
    const float pace = 1 / (GLIDE_S * rate);
    state->feeds += pace * (state->feeds_aims - state->feeds);
    state->poles += pace * (state->poles_aims - state->poles);
    const struct motion motion = move(state, rate, module_value(call, PARAM_MODULATION, i));
    poly x = read_tank(call, state, &motion, &state->to);
    if (share > 0) {
        x += share * (read_tank(call, state, &motion, &state->from) - x);
    }
    const poly ends = state->feeds * x + state->poles * state->ends;
    state->ends = ends;
    const float in[SIDES] = {module_mono(call, IN_LEFT, i), module_mono(call, IN_RIGHT, i)};
    float fed[SIDES];
    for (uint32_t side = 0; side < SIDES; side++) {
        fed[side] = state->feeds[LANE_DRIVE] * diffuse(call, state, side, in[side], share);
    }
    close_loop(call, state, &ends, fed);
    const float wet[SIDES] = {(ends[0] - ends[2]) + (ends[4] - ends[6]), (ends[1] + ends[3]) - (ends[5] + ends[7])};
    const poly turns = {(1 - module_value(call, PARAM_WIDTH, i)) * 0.125F};
    const float direct = poly_sine(0.25F - turns)[0];
    const float crossed = poly_sine(turns)[0];
    const float mix = module_value(call, PARAM_MIX, i);
    for (uint32_t side = 0; side < SIDES; side++) {
        module_put(call, side, i, in[side] + mix * (direct * wet[side] + crossed * wet[1 - side] - in[side]));
    }
}

static void process(const struct module_call *call) REALTIME
{
    struct reverb_state *state = call->state;
    const float rate = (float)call->setup->rate;
    const uint32_t span = (uint32_t)(FADE_S * rate);
    const struct place wanted = find_place(call);
    begin(call, state, &wanted);
    bool is_there = is_same(&wanted, &state->to);
    for (uint32_t i = 0; i < call->frames; i++) {
        if (state->fade == 0 && !is_there) {
            state->from = state->to;
            state->to = wanted;
            state->fade = span;
            is_there = true;
            aim(state, rate);
        }
        step(call, state, i, (float)state->fade / (float)span);
        state->fade -= state->fade > 0 ? 1 : 0;
    }
}

const struct module_type MODULE(reverb) = {
    .name = "reverb",
    .title = "a room or a hall, in stereo",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .mono = true,
    .state_size = sizeof(struct reverb_state),
    .lines = lines,
    .init = init,
    .process = process,
};
