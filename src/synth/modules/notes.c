// SPDX-License-Identifier: GPL-3.0-or-later
// Events only change the keyboard (synth/keyboard.h), which says what each voice plays; the signals follow at the first
// frame of the next call, where the news is looked for. Everything is in one state: `process` comes once for each group
// of voices and moves on what belongs to that group, so nothing that several groups share is counted twice.
//
// A voice whose gate is open when it is struck again closes it for one frame, so that an envelope sees it open; and a
// gate stays open for one frame at least, however short the note.
#include "music/event.h"
#include "synth/keyboard.h"
#include "synth/modules/kind.h"

enum { OUT_PITCH, OUT_GATE, OUT_VELOCITY, OUT_PRESSURE, OUT_WHEEL };
enum { PARAM_MODE, PARAM_PRIORITY, PARAM_GLIDE, PARAM_BEND, PARAM_CHANNEL, PARAM_LOW, PARAM_HIGH };

enum {
    GROUPS = MODULE_VOICES_MAX / POLY_LANES,
    CONTROLLER_WHEEL = 1,
    CONTROLLER_PEDAL = 64,
    CONTROLLER_SOUND_OFF = 120,
    CONTROLLER_RESET = 121,
    CONTROLLER_NOTES_OFF = 123,
    CONTROLLER_POLY = 127, ///< like those between, it changes a mode and so ends notes
    BEND_CENTRE = 8192,
};

static const float A4 = 69;
static const float SMOOTH_S = 0.005F; ///< in which a wheel or a pressure gets where it was moved to

/// Straight to a target, for each voice.
struct glide {
    poly now, target, step;
    poly_int left; ///< frames
};

/// The same, for what all voices share.
struct slide {
    float now, target, step;
    uint32_t left;
};

struct notes_group {
    struct glide pitch; ///< without the bend
    struct glide pressure;
    poly_int high; ///< all bits where the gate was open in the last frame
    poly_int gap;  ///< frames for which it is closed first
    poly_int hold; ///< and for which it then is open at least
    struct slide bend, wheel;
};

struct notes_state {
    struct notes_group group[GROUPS];
    struct keyboard keyboard;
    float bend; ///< of the wheel, -1 to 1
    float wheel;
    float pressure;   ///< of the channel
    uint32_t mode;    ///< that the keyboard is played in
    uint32_t channel; ///< that it hears
};

static const struct module_port outputs[] = {
    [OUT_PITCH] = {"pitch", "semitones", "of the key, with the pitch wheel"},
    [OUT_GATE] = {"gate", "gate", "open while the key is down or the pedal holds it"},
    [OUT_VELOCITY] = {"velocity", "control", "of the last stroke, 0 to 1"},
    [OUT_PRESSURE] = {"pressure", "control", "of the key or the channel, 0 to 1"},
    [OUT_WHEEL] = {"wheel", "control", "the modulation wheel (controller 1), 0 to 1"},
    {0},
};

static const char *const modes[] = {"poly", "mono", "legato", NULL};
static const char *const priorities[] = {"last", "high", "low", NULL};

static const struct module_param params[] = {
    [PARAM_MODE] = {"mode", "", "a voice for each key; or one, which begins with each; or one, when no other is down",
                    0, 2, 0, modes, true},
    [PARAM_PRIORITY] = {"priority", "", "which of several keys one voice plays", 0, 2, 0, priorities, true},
    [PARAM_GLIDE] = {"glide", "ms", "from key to key; legato: only between keys that overlap", 0, 10000, 0, NULL, true},
    [PARAM_BEND] = {"bend", "semitones", "what the whole pitch wheel bends", 0, 48, 2, NULL, true},
    [PARAM_CHANNEL] = {"channel", "", "of MIDI, 1 to 16, that it hears; 0: all", 0, 16, 0, NULL, true},
    [PARAM_LOW] = {"low", "", "lowest key that it hears", 0, 127, 0, NULL, true},
    [PARAM_HIGH] = {"high", "", "highest key that it hears", 0, 127, 127, NULL, true},
    {0},
};

static struct keyboard_rules rules_of(const struct module_call *call)
{
    return (struct keyboard_rules){.mode = (enum keyboard_mode)module_choice(call, PARAM_MODE),
                                   .priority = (enum keyboard_priority)module_choice(call, PARAM_PRIORITY),
                                   .voices = call->setup->voices};
}

/// Keys that went down in another mode or on another channel would never go up.
static void follow_params(const struct module_call *call)
{
    struct notes_state *state = call->state;
    const uint32_t mode = module_choice(call, PARAM_MODE);
    const uint32_t channel = module_choice(call, PARAM_CHANNEL);
    if (state->mode != mode || state->channel != channel) {
        state->mode = mode;
        state->channel = channel;
        keyboard_clear(&state->keyboard);
    }
}

// Events.

static void note_on(const struct module_call *call, float key, float velocity) REALTIME
{
    struct notes_state *state = call->state;
    const struct keyboard_rules rules = rules_of(call);
    if (key >= call->params[PARAM_LOW].value && key <= call->params[PARAM_HIGH].value) {
        keyboard_press(&state->keyboard, &rules, key, velocity < 1 ? velocity : 1);
    }
}

static void note_off(const struct module_call *call, float key) REALTIME
{
    struct notes_state *state = call->state;
    const struct keyboard_rules rules = rules_of(call);
    keyboard_release(&state->keyboard, &rules, key);
}

static void reset_controllers(struct notes_state *state, const struct keyboard_rules *rules) REALTIME
{
    state->bend = 0;
    state->wheel = 0;
    state->pressure = 0;
    keyboard_pedal(&state->keyboard, rules, false);
}

static void control(const struct module_call *call, uint8_t number, uint8_t value) REALTIME
{
    struct notes_state *state = call->state;
    const struct keyboard_rules rules = rules_of(call);
    if (number >= CONTROLLER_NOTES_OFF && number <= CONTROLLER_POLY) {
        keyboard_release_all(&state->keyboard, &rules);
        return;
    }
    switch (number) {
    case CONTROLLER_WHEEL:
        state->wheel = (float)value / 127;
        break;
    case CONTROLLER_PEDAL:
        keyboard_pedal(&state->keyboard, &rules, value >= 64);
        break;
    case CONTROLLER_RESET:
        reset_controllers(state, &rules);
        break;
    case CONTROLLER_SOUND_OFF:
        keyboard_clear(&state->keyboard);
        break;
    default:
        break;
    }
}

static void bend(struct notes_state *state, uint8_t fine, uint8_t coarse) REALTIME
{
    const int value = (coarse << 7 | fine) - BEND_CENTRE;
    state->bend = (float)value / (float)(value < 0 ? BEND_CENTRE : BEND_CENTRE - 1);
}

static void midi(const struct module_call *call, const struct module_event *event) REALTIME
{
    struct notes_state *state = call->state;
    const struct keyboard_rules rules = rules_of(call);
    const uint32_t channel = module_choice(call, PARAM_CHANNEL);
    if (channel != 0 && channel != (event->status & 15U) + 1U) {
        return;
    }
    switch (event->status & 0xf0) {
    case MIDI_NOTE_ON:
        if (event->data2 > 0) {
            note_on(call, event->data1, (float)event->data2 / 127);
        } else {
            note_off(call, event->data1);
        }
        break;
    case MIDI_NOTE_OFF:
        note_off(call, event->data1);
        break;
    case MIDI_KEY_PRESSURE:
        keyboard_pressure(&state->keyboard, &rules, event->data1, (float)event->data2 / 127);
        break;
    case MIDI_CONTROLLER:
        control(call, event->data1, event->data2);
        break;
    case MIDI_PRESSURE:
        state->pressure = (float)event->data1 / 127;
        break;
    case MIDI_BEND:
        bend(state, event->data1, event->data2);
        break;
    default:
        break;
    }
}

static void event(const struct module_call *call, const struct module_event *event) REALTIME
{
    struct notes_state *state = call->state;
    follow_params(call);
    switch (event->kind) {
    case MODULE_EVENT_NOTE_ON:
        if (event->velocity > 0 && event->key >= 0 && event->key <= 127) {
            note_on(call, event->key, event->velocity);
        }
        break;
    case MODULE_EVENT_NOTE_OFF:
        note_off(call, event->key);
        break;
    case MODULE_EVENT_MIDI:
        midi(call, event);
        break;
    case MODULE_EVENT_PANIC:
        keyboard_clear(&state->keyboard);
        break;
    default:
        break;
    }
}

// Signals.

static void glide_aim(struct glide *glide, uint32_t lane, float target, uint32_t frames)
{
    glide->target[lane] = target;
    glide->left[lane] = (int32_t)frames;
    glide->step[lane] = frames > 0 ? (target - glide->now[lane]) / (float)frames : 0;
}

POLY_INLINE poly glide_next(struct glide *glide)
{
    glide->left += glide->left > 0;
    glide->now = poly_select(glide->left > 0, glide->now + glide->step, glide->target);
    return glide->now;
}

/// Not 0 where it may move.
POLY_INLINE poly_int is_gliding(const struct glide *glide)
{
    return glide->left | ((poly_int)glide->now ^ (poly_int)glide->target);
}

static void slide_follow(struct slide *slide, float target, uint32_t frames)
{
    if (slide->target != target) {
        *slide = (struct slide){slide->now, target, (target - slide->now) / (float)frames, frames};
    }
}

POLY_INLINE float slide_next(struct slide *slide)
{
    slide->left -= slide->left > 0;
    slide->now = slide->left > 0 ? slide->now + slide->step : slide->target;
    return slide->now;
}

static float smaller(float a, float b)
{
    return a < b ? a : b;
}

static float pressure_of(const struct notes_state *state, const struct keyboard_voice *voice)
{
    return state->pressure > voice->pressure ? state->pressure : voice->pressure;
}

/// What happened to a voice since the last call.
static void begin_lane(const struct module_call *call, struct notes_group *group, struct keyboard_voice *voice,
                       uint32_t lane)
{
    const struct notes_state *state = call->state;
    const float rate = (float)call->setup->rate;
    if (voice->moved) {
        if (!voice->glides) {
            group->pitch.now[lane] = voice->key - A4;
        } else if (state->mode == KEYBOARD_POLY) {
            group->pitch.now[lane] = voice->from - A4;
        }
        const float frames = call->params[PARAM_GLIDE].value * 0.001F * rate;
        glide_aim(&group->pitch, lane, voice->key - A4, voice->glides ? (uint32_t)smaller(frames, 1e9F) : 0);
    }
    const float pressure = pressure_of(state, voice);
    if (voice->struck) {
        group->gap[lane] = group->high[lane] != 0;
        group->hold[lane] = 1;
        group->pressure.now[lane] = pressure;
        glide_aim(&group->pressure, lane, pressure, 0);
    } else if (group->pressure.target[lane] != pressure) {
        glide_aim(&group->pressure, lane, pressure, (uint32_t)(SMOOTH_S * rate));
    }
    voice->struck = false;
    voice->moved = false;
}

/// Whether nothing moves but what an event will.
static bool is_steady(const struct notes_group *group)
{
    const poly_int moves = group->gap | group->hold | is_gliding(&group->pitch) | is_gliding(&group->pressure);
    return !poly_any(moves) && group->bend.left == 0 && group->bend.now == group->bend.target &&
           group->wheel.left == 0 && group->wheel.now == group->wheel.target;
}

POLY_INLINE poly gate_of(poly_int high)
{
    return (poly)(high & (poly_int)poly_all(1));
}

/// The same as run, where nothing moves.
static void rest(const struct module_call *call, struct notes_group *group, poly_int open)
{
    group->high = open;
    module_fill(call, OUT_PITCH, group->pitch.target + group->bend.target);
    module_fill(call, OUT_GATE, gate_of(open));
    module_fill(call, OUT_PRESSURE, group->pressure.target);
    module_fill(call, OUT_WHEEL, poly_all(group->wheel.target));
}

static void run(const struct module_call *call, struct notes_group *group, poly_int open)
{
    for (uint32_t i = 0; i < call->frames; i++) {
        const poly_int closed = group->gap > 0;
        group->gap += closed;
        group->high = ~closed & (open | (group->hold > 0));
        group->hold += group->high & (group->hold > 0);
        module_out(call, OUT_PITCH)[i] = glide_next(&group->pitch) + slide_next(&group->bend);
        module_out(call, OUT_GATE)[i] = gate_of(group->high);
        module_out(call, OUT_PRESSURE)[i] = glide_next(&group->pressure);
        module_out(call, OUT_WHEEL)[i] = poly_all(slide_next(&group->wheel));
    }
}

static void process(const struct module_call *call) REALTIME
{
    struct notes_state *state = call->state;
    struct notes_group *group = &state->group[call->group];
    struct keyboard_voice *voices = &state->keyboard.voice[call->group * POLY_LANES];
    follow_params(call);
    poly velocity = {0};
    poly_int open = {0};
    bool is_news = false;
    for (uint32_t lane = 0; lane < call->lanes; lane++) {
        const struct keyboard_voice *voice = &voices[lane];
        velocity[lane] = voice->velocity;
        open[lane] = -(int32_t)voice->open;
        is_news |= voice->struck | voice->moved | (group->pressure.target[lane] != pressure_of(state, voice));
    }
    for (uint32_t lane = 0; is_news && lane < call->lanes; lane++) {
        begin_lane(call, group, &voices[lane], lane);
    }
    const uint32_t smooth = (uint32_t)(SMOOTH_S * (float)call->setup->rate);
    slide_follow(&group->bend, state->bend * call->params[PARAM_BEND].value, smooth);
    slide_follow(&group->wheel, state->wheel, smooth);
    module_fill(call, OUT_VELOCITY, velocity);
    if (is_steady(group)) {
        rest(call, group, open);
    } else {
        run(call, group, open);
    }
}

const struct module_type MODULE(notes) = {
    .name = "notes",
    .title = "notes to pitches and gates, a voice for each",
    .outputs = outputs,
    .params = params,
    .has_voices = true,
    .state_size = sizeof(struct notes_state),
    .process = process,
    .event = event,
};
