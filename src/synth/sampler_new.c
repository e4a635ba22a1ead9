// SPDX-License-Identifier: GPL-3.0-or-later
// The state is one block: its head, the groups of voices, the reverb and the chorus, one behind the other.
#include "synth/chorus.h"
#include "synth/reverb.h"
#include "synth/sampler_check.h"
#include "synth/sampler_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LAYOUT = 3, ALIGNMENT = 64 };

static const double DEFAULT_RATE = 48000;
static const double DEFAULT_GAIN = 0.2;
/// FluidSynth's filter adds 1.5 dB to every voice, and the 127ths that it counts as 128ths take 0.4 dB from it.
static const double LEVEL_OCTAVES = 1.12 / 6.0205999;
static const double KERNEL_UNIT_OCTAVES = -15.0; ///< a kernel's full scale is that of 16 bits

/// A medium hall for General MIDI, as loud as FluidSynth's at its own settings; and what stations play in.
static const struct reverb_settings hall = {
    .decay_s = 1.6, .damping = 0.45, .predelay_ms = 8.0, .width = 1.0, .level = 0.25};
static const struct reverb_settings station_hall = {
    .decay_s = 3.0, .damping = 0.45, .predelay_ms = 8.0, .width = 0.8, .level = 1.0};
static const struct chorus_settings ensemble = {.rate_hz = 0.4, .depth_ms = 2.2, .level = 1.5, .width = 1.0};

/// The level of the reverb for a return as loud as the dry sound: measured by tests/synth/reverb.c.
static const double WET_SCALE = 0.38;
static const double WET_MAX = 9.0; ///< times the dry sound: 90% wet

static size_t aligned(size_t size)
{
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/// Voices beyond the polyphony, for those that fade out.
static uint32_t groups_for(int polyphony)
{
    const int spare = polyphony / 4 > VOICE_LANES ? polyphony / 4 : VOICE_LANES;
    return (uint32_t)((polyphony + spare + VOICE_LANES - 1) / VOICE_LANES);
}

static void set_clock(struct voice_clock *clock, const struct instrument_options *options, double rate)
{
    const double range_db = options->literal ? 100.0 : 96.0;
    *clock = (struct voice_clock){
        .rate = (float)rate,
        .cutoff_max = (float)(0.45 * rate),
        .envelope_range = (float)(range_db / (20.0 * log10(2.0))),
        .gain = (float)(log2(options->gain > 0 ? options->gain : DEFAULT_GAIN) + KERNEL_UNIT_OCTAVES + LEVEL_OCTAVES),
        .literal = options->literal != 0,
        .uniform_sends = options->wet > 0,
    };
}

static void init_effects(struct sampler_state *state, const struct instrument_options *options, double rate)
{
    if (options->dry) {
        return;
    }
    struct reverb_settings settings = options->wet > 0 ? station_hall : hall;
    if (options->wet > 0) {
        settings.level = WET_SCALE * fmin(options->wet / (1.0 - options->wet), WET_MAX);
    }
    reverb_init(sampler_reverb(state), rate, &settings);
    if (state->chorus != 0) {
        chorus_init(sampler_chorus(state), rate, &ensemble);
    }
}

static struct sampler_state *new_state(const struct instrument_options *options, const struct soundfont *soundfont)
{
    const double rate = options->rate > 0 ? options->rate : DEFAULT_RATE;
    const int polyphony = options->polyphony > 0 ? options->polyphony : INSTRUMENT_POLYPHONY_DEFAULT;
    const uint32_t group_count = groups_for(polyphony);
    const size_t groups = aligned(sizeof(struct sampler_state));
    const size_t effects = groups + group_count * sizeof(struct voice_group);
    const size_t reverb = options->dry ? 0 : reverb_footprint(rate);
    const size_t chorus = options->dry || options->wet > 0 ? 0 : chorus_footprint(rate);
    struct sampler_state *state = aligned_alloc(ALIGNMENT, effects + reverb + chorus);
    if (!state) {
        return NULL;
    }
    memset(state, 0, effects + reverb + chorus);
    static const enum kernel_curve curves[] = {
        [INSTRUMENT_CUBIC] = KERNEL_CUBIC, [INSTRUMENT_LINEAR] = KERNEL_LINEAR, [INSTRUMENT_SINC] = KERNEL_SINC};
    state->layout = LAYOUT;
    state->size = (uint32_t)(effects + reverb + chorus);
    state->fingerprint = sampler_fingerprint(soundfont);
    state->polyphony = (uint32_t)polyphony;
    state->group_count = group_count;
    state->groups = (uint32_t)groups;
    state->reverb = reverb > 0 ? (uint32_t)effects : 0;
    state->chorus = chorus > 0 ? (uint32_t)(effects + reverb) : 0;
    state->curve = curves[options->interpolation];
    set_clock(&state->clock, options, rate);
    state->clock.has_reverb = reverb > 0;
    state->clock.has_chorus = chorus > 0;
    init_effects(state, options, rate);
    return state;
}

static enum status make(const struct instrument_options *options, const struct kernel *kernel, struct sampler **out,
                        struct complaint *complaint)
{
    struct sampler *sampler = calloc(1, sizeof *sampler);
    if (!sampler) {
        return complain(complaint, STATUS_NO_MEMORY, "no memory for the sampler");
    }
    sampler->base = (struct instrument){.ops = &sampler_ops, .name = sampler->name};
    sampler->kernel = kernel;
    (void)snprintf(sampler->name, sizeof sampler->name, "tutti %s %s", TUTTI_VERSION, kernel->name);
    const char *path = options->soundfont ? options->soundfont : soundfont_find();
    const enum status status = soundfont_open(path, &sampler->soundfont, complaint);
    if (status == STATUS_OK) {
        sampler->waits = !options->waits_never && soundfont_decodes(sampler->soundfont);
        sampler->state = new_state(options, sampler->soundfont);
    }
    if (status == STATUS_OK && sampler->state) {
        *out = sampler;
        return STATUS_OK;
    }
    instrument_free(&sampler->base);
    return status != STATUS_OK ? status : complain(complaint, STATUS_NO_MEMORY, "no memory for the sampler's voices");
}

enum status sampler_new_kernel(const struct instrument_options *options, const char *kernel, struct instrument **out,
                               struct complaint *complaint)
{
    const struct kernel *chosen = kernel ? kernel_find(kernel) : kernel_choose();
    if (!chosen) {
        return complain(complaint, STATUS_UNSUPPORTED, "this processor has no %.40s kernel: give avx512, avx2 or plain",
                        kernel);
    }
    enum status status = instrument_options_check(options, complaint);
    struct sampler *sampler = NULL;
    if (status == STATUS_OK) {
        status = make(options, chosen, &sampler, complaint);
    }
    if (status != STATUS_OK) {
        return status;
    }
    sampler_reset(&sampler->base, MIDI_RESET_GS);
    *out = &sampler->base;
    return STATUS_OK;
}

enum status sampler_new(const struct instrument_options *options, struct instrument **out, struct complaint *complaint)
{
    return sampler_new_kernel(options, NULL, out, complaint);
}
