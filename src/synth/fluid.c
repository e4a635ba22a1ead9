// SPDX-License-Identifier: GPL-3.0-or-later
// FluidSynth computes 64 frames at a time, and a larger request in one go. Asking it for exactly 64 each time, and
// keeping what the caller does not want yet, makes the samples independent of how a render is cut into calls: with
// larger requests the order in which voices are summed would depend on which of them ended within one request.
//
// A wet mix is FluidSynth's reverb, set so that what tests/synth/reverb.c measures is what the header promises. A
// SoundFont says for each of its instruments how much of it goes to the reverb, and FluidR3 says anything from nothing
// to most. Added to the most that there is, each of those is the whole (the send ends there), so every instrument is
// equally wet, and the level of the reverb alone decides how wet. Less than the least that there is makes a channel
// dry. FluidSynth forgets these sends and the interpolation when it resets, so they are set again then.
#include "synth/fluid.h"

#include "music/midi_reset.h"
#include "synth/fluid_loader.h"
#include "synth/kept_block.h"
#include "synth/soundfont.h"

#include <fluidsynth.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    REVERB_CONTROLLER = 91,
    RESET_CONTROLLER = 121,
};

static const double DEFAULT_RATE = 48000;
static const double RATE_SUPPORTED = 96000; ///< FluidSynth's own limit
static const double DEFAULT_GAIN = 0.2;     ///< FluidSynth's own: 32 loud voices seldom pass full scale

static const double REVERB_ROOM = 0.75;
static const double REVERB_DAMP = 0.3;
static const double REVERB_WIDTH = 0.8;
static const double REVERB_LEVEL = 0.392; ///< for as much reverb as dry sound
static const double REVERB_LEVEL_MAX = 1;
static const float SEND_ALL = 1000;
static const float SEND_NONE = -2000;

struct fluid {
    struct instrument base;
    fluid_settings_t *settings;
    fluid_synth_t *synth;
    char name[32];
    int interpolation;               ///< FluidSynth's number for it
    bool wet;                        ///< the sends are ours
    bool dried[INSTRUMENT_CHANNELS]; ///< the channels that controller 91 took out of the wet mix
    struct kept_block kept;
};

static struct fluid *fluid_of(struct instrument *instrument)
{
    return (struct fluid *)(void *)instrument;
}

static const struct fluid *fluid_of_const(const struct instrument *instrument)
{
    return (const struct fluid *)(const void *)instrument;
}

static void fluid_note_on(struct instrument *instrument, int channel, int key, int velocity)
{
    (void)fluid_synth_noteon(fluid_of(instrument)->synth, channel, key, velocity);
}

static void fluid_note_off(struct instrument *instrument, int channel, int key)
{
    (void)fluid_synth_noteoff(fluid_of(instrument)->synth, channel, key);
}

static void send_key_pressure(struct fluid *fluid, int channel, int key, int value)
{
    (void)fluid_synth_key_pressure(fluid->synth, channel, key, value);
}

static void set_reverb_send(struct fluid *fluid, int channel)
{
    const float send = fluid->dried[channel] ? SEND_NONE : SEND_ALL;
    (void)fluid_synth_set_gen(fluid->synth, channel, GEN_REVERBSEND, send);
}

static void send_controller(struct fluid *fluid, int channel, int number, int value)
{
    if (!fluid->wet || number != REVERB_CONTROLLER) {
        (void)fluid_synth_cc(fluid->synth, channel, number, value);
    } else {
        fluid->dried[channel] = value == 0;
    }
    if (fluid->wet && (number == REVERB_CONTROLLER || number == RESET_CONTROLLER)) {
        set_reverb_send(fluid, channel);
    }
}

static void send_program(struct fluid *fluid, int channel, int program, int unused)
{
    (void)unused;
    (void)fluid_synth_program_change(fluid->synth, channel, program);
}

static void send_pressure(struct fluid *fluid, int channel, int value, int unused)
{
    (void)unused;
    (void)fluid_synth_channel_pressure(fluid->synth, channel, value);
}

static void send_bend(struct fluid *fluid, int channel, int low, int high)
{
    (void)fluid_synth_pitch_bend(fluid->synth, channel, low | high << 7);
}

static void fluid_message(struct instrument *instrument, int status, int channel, int data1, int data2)
{
    static void (*const sends[])(struct fluid *, int, int, int) = {
        [0xa] = send_key_pressure, [0xb] = send_controller, [0xc] = send_program,
        [0xd] = send_pressure,     [0xe] = send_bend,
    };
    sends[status >> 4](fluid_of(instrument), channel, data1, data2);
}

/// Sets on FluidSynth's channels what they do not have by themselves at the start.
static void start_channels(struct fluid *fluid)
{
    (void)fluid_synth_set_interp_method(fluid->synth, -1, fluid->interpolation);
    for (int channel = 0; channel < INSTRUMENT_CHANNELS; channel++) {
        fluid->dried[channel] = false;
        if (fluid->wet) {
            set_reverb_send(fluid, channel);
        }
    }
}

static void fluid_reset(struct instrument *instrument, enum midi_reset reset)
{
    struct fluid *fluid = fluid_of(instrument);
    size_t size = 0;
    const char *message = (const char *)midi_reset_message(reset, &size);
    // Its own reset lets what sounds sound on; what is turned off ends with the next block, which nobody hears.
    float unheard[2][KEPT_BLOCK];
    (void)fluid_synth_all_sounds_off(fluid->synth, -1);
    (void)fluid_synth_write_float(fluid->synth, KEPT_BLOCK, unheard[0], 0, 1, unheard[1], 0, 1);
    // FluidSynth takes it without the F0 and F7 around it.
    (void)fluid_synth_sysex(fluid->synth, message + 1, (int)size - 2, NULL, NULL, NULL, 0);
    start_channels(fluid);
}

static void fluid_render(struct instrument *instrument, float *left, float *right, size_t frames)
{
    struct fluid *fluid = fluid_of(instrument);
    while (frames > 0) {
        if (fluid->kept.count == 0) {
            (void)fluid_synth_write_float(fluid->synth, KEPT_BLOCK, fluid->kept.left, 0, 1, fluid->kept.right, 0, 1);
            fluid->kept.count = KEPT_BLOCK;
        }
        const size_t part = kept_block_take(&fluid->kept, left, right, frames);
        left += part;
        right += part;
        frames -= part;
    }
}

static int fluid_voices(const struct instrument *instrument)
{
    return fluid_synth_get_active_voice_count(fluid_of_const(instrument)->synth);
}

static void release(struct instrument *instrument)
{
    struct fluid *fluid = fluid_of(instrument);
    delete_fluid_synth(fluid->synth);
    delete_fluid_settings(fluid->settings);
    free(fluid);
}

// Making it.

static enum status check_options(const struct instrument_options *options, struct complaint *complaint)
{
    const enum status status = instrument_options_check(options, complaint);
    if (status == STATUS_OK && options->rate > RATE_SUPPORTED) {
        return complain(complaint, STATUS_UNSUPPORTED, "FluidSynth renders at most %g frames a second, not %g",
                        RATE_SUPPORTED, options->rate);
    }
    return status;
}

/// Has the return of the reverb make up \p wet of the mix.
static void make_wet(struct fluid *fluid, double wet)
{
    const double level = wet < 1 ? fmin(REVERB_LEVEL * wet / (1 - wet), REVERB_LEVEL_MAX) : REVERB_LEVEL_MAX;
    (void)fluid_synth_set_reverb_group_roomsize(fluid->synth, -1, REVERB_ROOM);
    (void)fluid_synth_set_reverb_group_damp(fluid->synth, -1, REVERB_DAMP);
    (void)fluid_synth_set_reverb_group_width(fluid->synth, -1, REVERB_WIDTH);
    (void)fluid_synth_set_reverb_group_level(fluid->synth, -1, level);
    fluid->wet = true;
}

static fluid_settings_t *new_settings(const struct instrument_options *options)
{
    fluid_settings_t *settings = new_fluid_settings();
    if (!settings) {
        return NULL;
    }
    const struct {
        const char *name;
        int value;
    } whole[] = {
        {"synth.polyphony", options->polyphony > 0 ? options->polyphony : INSTRUMENT_POLYPHONY_DEFAULT},
        {"synth.reverb.active", !options->dry},
        {"synth.chorus.active", !options->dry && options->wet == 0},
        {"synth.device-id", MIDI_RESET_DEVICE},
        {"synth.cpu-cores", 1},
        {"synth.threadsafe-api", 0},
        {"synth.lock-memory", 0},
        {"synth.dynamic-sample-loading", 0},
    };
    const struct {
        const char *name;
        double value;
    } real[] = {
        {"synth.sample-rate", options->rate > 0 ? options->rate : DEFAULT_RATE},
        {"synth.gain", options->gain > 0 ? options->gain : DEFAULT_GAIN},
    };
    bool set = true;
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        set = fluid_settings_setint(settings, whole[i].name, whole[i].value) == FLUID_OK && set;
    }
    for (size_t i = 0; i < sizeof real / sizeof *real; i++) {
        set = fluid_settings_setnum(settings, real[i].name, real[i].value) == FLUID_OK && set;
    }
    if (!set) {
        delete_fluid_settings(settings);
        return NULL;
    }
    return settings;
}

static struct fluid *new_bare(const struct instrument_options *options)
{
    static const int interpolations[] = {[INSTRUMENT_CUBIC] = FLUID_INTERP_4THORDER,
                                         [INSTRUMENT_LINEAR] = FLUID_INTERP_LINEAR,
                                         [INSTRUMENT_SINC] = FLUID_INTERP_7THORDER};
    static const struct instrument_ops ops = {
        .note_on = fluid_note_on,
        .note_off = fluid_note_off,
        .message = fluid_message,
        .reset = fluid_reset,
        .render = fluid_render,
        .voices = fluid_voices,
        .free = release,
    };
    struct fluid *fluid = calloc(1, sizeof *fluid);
    if (!fluid) {
        return NULL;
    }
    fluid->base = (struct instrument){.ops = &ops, .name = fluid->name};
    (void)snprintf(fluid->name, sizeof fluid->name, "fluidsynth %s", fluid_version_str());
    fluid->interpolation = interpolations[options->interpolation];
    fluid->settings = new_settings(options);
    fluid->synth = fluid->settings ? new_fluid_synth(fluid->settings) : NULL;
    if (!fluid->synth) {
        release(&fluid->base);
        return NULL;
    }
    return fluid;
}

enum status fluid_new(const struct instrument_options *options, struct instrument **out, struct complaint *complaint)
{
    enum status status = check_options(options, complaint);
    const char *path = options->soundfont ? options->soundfont : soundfont_find();
    if (status == STATUS_OK) {
        status = soundfont_check(path, complaint);
    }
    if (status != STATUS_OK) {
        return status;
    }
    fluid_loader_hush();
    struct fluid *fluid = new_bare(options);
    if (!fluid) {
        return complain(complaint, STATUS_NO_MEMORY, "no memory for FluidSynth");
    }
    status = fluid_loader_load(fluid->settings, fluid->synth, path, complaint);
    if (status != STATUS_OK) {
        release(&fluid->base);
        return status;
    }
    if (options->wet > 0) {
        make_wet(fluid, options->wet);
    }
    start_channels(fluid);
    *out = &fluid->base;
    return STATUS_OK;
}
