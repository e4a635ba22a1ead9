// SPDX-License-Identifier: GPL-3.0-or-later
// From the numbers of a SoundFont to the numbers that a kernel computes with (specification 2.04, sections 8.1.2 and
// 9.1). Pitch, volume and cutoff are kept as exponents of two, which add up and need one exponential each a block.
//
// Where practice and the letter part, practice is followed unless clock->literal is set: of the attenuation of a zone
// players since the first (E-mu's own hardware) take four tenths, envelopes run over 96 dB in place of 100, and
// velocity does not close the filter (section 8.4.2). SoundFonts are made by ear on such players.
//
// Below its floor a voice cannot be heard even at full volume and expression, and ends there.
#include "synth/voice_values.h"

#include "synth/exponents.h"
#include "synth/kernel/kernel.h"
#include "synth/modulator.h"

#include <math.h>

static const float OCTAVES_A_CENTIBEL = 0.0166096405F; ///< log2(10) / 200
static const float LOG10_2 = 0.301029996F;
static const float PRACTICE_ATTENUATION = 0.4F;
static const float AUDIBLE_CB = 1120.0F; ///< from full scale to 16 dB below where 16 bits end
static const float CENTS = 1200.0F;
static const float CUTOFF_OPEN = 13500.0F;      ///< cents: what the specification calls no filter
static const float CUTOFF_HZ_LOG2 = 3.0314209F; ///< log2 of 8.176 Hz, where absolute cents begin
static const float Q_FLAT_CB = 30.1F;           ///< a filter without a hump has its Q at -3.01 dB
static const float NO_CUTOFF = -1000.0F;
static const float TIME_NONE = -32768.0F;
static const float SOUND_CONTROLLER_OCTAVES = 3.0F; ///< of time, at either end of controllers 72, 73 and 75
static const float BRIGHTNESS_CENTS = 4800.0F;      ///< at either end of controller 74
static const float RESONANCE_CB = 240.0F;           ///< at either end of controller 71
static const float SOFT_CB = 40.0F;                 ///< by the soft pedal
static const float SOFT_CENTS = 600.0F;
static const float LONGEST = 0x1p31F; ///< frames: no sample has more

/// \p value within \p low to \p high; \p low for NaN, which a corrupt state may bring.
static float clamp(float value, float low, float high)
{
    return value > low ? value < high ? value : high : low;
}

/// -1 to 1 of a controller whose middle is 64.
static float centred(const struct channel *channel, enum channel_controller number)
{
    const int value = channel->controllers[number] - 64;
    return (float)value / (value < 0 ? 64.0F : 63.0F);
}

float voice_blocks(const struct voice_clock *clock, float timecents, float low, float high)
{
    if (timecents <= TIME_NONE) {
        return 0.0F;
    }
    const float held = clamp(timecents, low, high);
    return exponent_power(held / CENTS) * clock->rate / (float)KERNEL_BLOCK;
}

/// What the modulators of \p region add for \p input.
static const float *modulate(const struct voice_context *context, const struct soundfont_region *region,
                             const struct modulator_input *input)
{
    struct voice_modulation *last = context->modulation;
    if (last->count != region->modulator_count || last->list != region->modulators || last->channel != input->channel ||
        last->key != input->key || last->velocity != input->velocity || last->played_key != input->played_key) {
        *last = (struct voice_modulation){.count = region->modulator_count,
                                          .list = region->modulators,
                                          .key = input->key,
                                          .velocity = input->velocity,
                                          .played_key = input->played_key,
                                          .channel = input->channel};
        modulators_add(soundfont_modulators(context->soundfont, region->modulators), region->modulator_count, input,
                       context->clock->literal, last->sums);
    }
    return last->sums;
}

void voice_values_read(const struct voice_context *context, const struct voice_group *group, int lane,
                       struct voice_values *values)
{
    const struct voice_note *note = &group->notes[lane];
    const struct soundfont_region *region = soundfont_regions(context->soundfont, note->region);
    const struct channel *channel = &context->channels[group->channel[lane]];
    const int16_t *generators = region->generators;
    const struct modulator_input input = {
        .channel = channel,
        .key = generators[GENERATOR_KEY] >= 0 ? generators[GENERATOR_KEY] : group->key[lane],
        .velocity = generators[GENERATOR_VELOCITY] > 0 ? generators[GENERATOR_VELOCITY] : note->velocity,
        .played_key = group->key[lane]};
    values->region = region;
    values->sample = soundfont_sample(context->soundfont, note->sample);
    values->channel = channel;
    values->key = input.key;
    for (int i = 0; i < SOUNDFONT_GENERATORS; i++) {
        values->generators[i] = (float)generators[i] + channel->offsets[i];
    }
    if (!context->clock->literal) {
        values->generators[GENERATOR_ATTENUATION] *= PRACTICE_ATTENUATION;
    }
    const float *added = modulate(context, region, &input);
    for (int i = 0; i < SOUNDFONT_GENERATORS; i++) {
        values->generators[i] += added[i];
    }
}

static void set_pitch(const struct voice_context *context, struct voice_group *group, int lane,
                      const struct voice_values *values)
{
    const float *generators = values->generators;
    const int override = values->region->generators[GENERATOR_ROOT_KEY];
    const int root = override >= 0 ? override : values->sample->key;
    const struct channel *channel = values->channel;
    float cents = (float)values->region->generators[GENERATOR_SCALE_TUNING] * (float)(values->key - root) +
                  (float)values->sample->correction + 100.0F * generators[GENERATOR_COARSE_TUNE] +
                  generators[GENERATOR_FINE_TUNE] + (float)channel->fine_tune * (100.0F / 8192.0F);
    if (!channel->drums) {
        cents += 100.0F * (float)channel->coarse_tune;
    }
    if (channel->manager != CHANNEL_NO_MANAGER) {
        const struct channel *manager = &context->channels[channel->manager];
        cents += (float)(manager->bend - CHANNEL_BEND_CENTRE) / (float)CHANNEL_BEND_CENTRE * (float)manager->bend_range;
    }
    group->pitch[lane] = cents / CENTS + exponent_log((float)values->sample->rate / context->clock->rate);
    group->mod_lfo_to_pitch[lane] = clamp(generators[GENERATOR_MOD_LFO_TO_PITCH], -12000, 12000) / CENTS;
    group->vib_lfo_to_pitch[lane] = clamp(generators[GENERATOR_VIB_LFO_TO_PITCH], -12000, 12000) / CENTS;
    group->mod_env_to_pitch[lane] = clamp(generators[GENERATOR_MOD_ENV_TO_PITCH], -12000, 12000) / CENTS;
}

static void set_sends(const struct voice_clock *clock, struct voice_group *group, int lane,
                      const struct voice_values *values)
{
    const bool is_wet = values->channel->controllers[CONTROLLER_REVERB] > 0;
    const float reverb = clamp(values->generators[GENERATOR_REVERB_SEND] / 1000.0F, 0.0F, 1.0F);
    const float chorus = clamp(values->generators[GENERATOR_CHORUS_SEND] / 1000.0F, 0.0F, 1.0F);
    const float uniform = is_wet ? 1.0F : 0.0F;
    group->reverb_send[lane] = !clock->has_reverb ? 0.0F : clock->uniform_sends ? uniform : reverb;
    group->chorus_send[lane] = clock->has_chorus ? chorus : 0.0F;
}

static void set_volume(const struct voice_clock *clock, struct voice_group *group, int lane,
                       const struct voice_values *values)
{
    const float *generators = values->generators;
    const float soft = group->notes[lane].flags & VOICE_SOFT ? SOFT_CB : 0.0F;
    const float attenuation = clamp(generators[GENERATOR_ATTENUATION] + soft, 0.0F, 1440.0F);
    const float side = clamp(generators[GENERATOR_PAN] + 500.0F, 0.0F, 1000.0F) / 1000.0F;
    group->volume[lane] = clock->gain - attenuation * OCTAVES_A_CENTIBEL;
    group->mod_lfo_to_volume[lane] = clamp(generators[GENERATOR_MOD_LFO_TO_VOLUME], -960, 960) * OCTAVES_A_CENTIBEL;
    // Hard sides are exact, so that a kernel can leave the other side out.
    group->pan_left[lane] = exponent_sine(1.0F - side);
    group->pan_right[lane] = exponent_sine(side);
    set_sends(clock, group, lane, values);
}

static void set_filter(struct voice_group *group, int lane, const struct voice_values *values)
{
    const float *generators = values->generators;
    const float soft = group->notes[lane].flags & VOICE_SOFT ? SOFT_CENTS : 0.0F;
    const float cutoff =
        generators[GENERATOR_FILTER_CUTOFF] + BRIGHTNESS_CENTS * centred(values->channel, CONTROLLER_BRIGHTNESS) - soft;
    const float resonance =
        clamp(generators[GENERATOR_FILTER_Q] + RESONANCE_CB * centred(values->channel, CONTROLLER_RESONANCE), 0, 960);
    const float lfo = clamp(generators[GENERATOR_MOD_LFO_TO_FILTER], -12000, 12000);
    const float envelope = clamp(generators[GENERATOR_MOD_ENV_TO_FILTER], -12000, 12000);
    const float q = exponent_power((resonance - Q_FLAT_CB) * OCTAVES_A_CENTIBEL);
    // A filter that is open and stays so is left out; half the resonance is taken off the level (section 8.1.2, 9).
    // Once on it stays on: to leave it out again would be a jump.
    const bool is_needed = cutoff < CUTOFF_OPEN || resonance > 0.0F || lfo != 0.0F || envelope < 0.0F;
    group->filtered[lane] = is_needed || group->filtered[lane] != 0 ? -1 : 0;
    group->cutoff_goal[lane] = cutoff / CENTS + CUTOFF_HZ_LOG2;
    group->cutoff_held[lane] = NO_CUTOFF;
    group->damping[lane] = 0.5F / q;
    group->resonance[lane] = exponent_power(-0.5F * resonance * OCTAVES_A_CENTIBEL);
    group->mod_lfo_to_cutoff[lane] = lfo / CENTS;
    group->mod_env_to_cutoff[lane] = envelope / CENTS;
}

static void set_lfos(const struct voice_clock *clock, struct voice_group *group, int lane,
                     const struct voice_values *values)
{
    const float *generators = values->generators;
    const float blocks_a_second = clock->rate / (float)KERNEL_BLOCK;
    group->mod_lfo_step[lane] =
        8.176F * exponent_power(clamp(generators[GENERATOR_MOD_LFO_FREQUENCY], -16000, 4500) / CENTS) / blocks_a_second;
    group->vib_lfo_step[lane] =
        8.176F * exponent_power(clamp(generators[GENERATOR_VIB_LFO_FREQUENCY], -16000, 4500) / CENTS) / blocks_a_second;
}

static void read_envelope(const struct voice_clock *clock, const struct voice_values *values, bool volume,
                          struct voice_envelope *out)
{
    const enum soundfont_generator first = volume ? GENERATOR_VOL_ENV_DELAY : GENERATOR_MOD_ENV_DELAY;
    enum { DELAY, ATTACK, HOLD, DECAY, SUSTAIN, RELEASE, KEY_TO_HOLD, KEY_TO_DECAY };
    const float *generators = &values->generators[first];
    const float from_middle = (float)(60 - values->key);
    const struct channel *channel = values->channel;
    // Controllers 72, 73 and 75 stretch the volume envelope alone, in octaves of time.
    const float stretch = volume ? SOUND_CONTROLLER_OCTAVES * CENTS : 0.0F;
    const float attack = generators[ATTACK] + stretch * centred(channel, CONTROLLER_ATTACK);
    const float decay = generators[DECAY] + stretch * centred(channel, CONTROLLER_DECAY);
    const float release = generators[RELEASE] + stretch * centred(channel, CONTROLLER_RELEASE);
    const float shortest_release = volume ? -7200.0F : -12000.0F; // 16 ms, so that nothing clicks
    out->delay = (int32_t)voice_blocks(clock, generators[DELAY], -12000, 5000);
    out->attack = 1 + (int32_t)voice_blocks(clock, attack, -12000, 8000);
    out->hold =
        (int32_t)(voice_blocks(clock, generators[HOLD] + generators[KEY_TO_HOLD] * from_middle, -12000, 5000) + 0.5F);
    out->decay = (int32_t)(voice_blocks(clock, decay + generators[KEY_TO_DECAY] * from_middle, -12000, 8000) + 0.5F);
    out->release = 1 + (int32_t)voice_blocks(clock, fmaxf(release, shortest_release), shortest_release, 8000);
    out->sustain = 1.0F - clamp(generators[SUSTAIN] / 1000.0F, 0.0F, 1.0F);
}

/// Frames, with what modulators and NRPNs add; held to what no sample is longer than.
static int64_t offset_of(const struct voice_values *values, enum soundfont_generator fine,
                         enum soundfont_generator coarse)
{
    const float frames = values->generators[fine];
    const float coarser = values->generators[coarse];
    if (frames == 0.0F && coarser == 0.0F) {
        return 0;
    }
    return (int64_t)clamp(frames, -LONGEST, LONGEST) + 32768 * (int64_t)clamp(coarser, -LONGEST, LONGEST);
}

static int32_t clamp_frame(int64_t frame, int32_t low, int32_t high)
{
    return frame < low ? low : frame > high ? high : (int32_t)frame;
}

void voice_values_frames(const struct voice_values *values, struct voice_group *group, int lane)
{
    const struct soundfont_sample *sample = values->sample;
    const struct soundfont_region *region = values->region;
    const int32_t low = (int32_t)sample->start;
    const int32_t high = (int32_t)sample->end;
    const int mode = region->generators[GENERATOR_SAMPLE_MODES] & 3;
    const int32_t start =
        clamp_frame((int64_t)low + offset_of(values, GENERATOR_START_OFFSET, GENERATOR_START_COARSE_OFFSET), low,
                    high > low ? high - 1 : low);
    const int32_t end =
        clamp_frame((int64_t)high + offset_of(values, GENERATOR_END_OFFSET, GENERATOR_END_COARSE_OFFSET),
                    high > start ? start + 1 : high, high);
    const int32_t loop_start = clamp_frame((int64_t)sample->loop_start + offset_of(values, GENERATOR_LOOP_START_OFFSET,
                                                                                   GENERATOR_LOOP_START_COARSE_OFFSET),
                                           low, high);
    const int32_t loop_end = clamp_frame(
        (int64_t)sample->loop_end + offset_of(values, GENERATOR_LOOP_END_OFFSET, GENERATOR_LOOP_END_COARSE_OFFSET), low,
        high);
    const bool loops = (mode == 1 || mode == VOICE_LOOP_UNTIL_RELEASE) && loop_end >= loop_start + 2;
    group->notes[lane].mode = (uint8_t)(loops ? mode : 0);
    group->start[lane] = start;
    group->end[lane] = end;
    group->loop_start[lane] = loop_start;
    group->loop_end[lane] = loop_end;
    group->loops[lane] = loops ? -1 : 0;
    group->looped[lane] = 0;
}

void voice_values_floor(const struct voice_clock *clock, const struct voice_values *values, struct voice_note *note)
{
    // Volume and expression are taken as full: they may come up again.
    const uint8_t full[] = {CONTROLLER_VOLUME, CONTROLLER_EXPRESSION};
    float attenuation = values->generators[GENERATOR_ATTENUATION];
    for (size_t i = 0; i < sizeof full; i++) {
        const int value = values->channel->controllers[full[i]];
        attenuation -= value > 0 ? 400.0F * LOG10_2 * exponent_log(127.0F / (float)value) : 960.0F;
    }
    const float range_cb = clock->envelope_range / OCTAVES_A_CENTIBEL;
    note->floor = clamp(1.0F - (AUDIBLE_CB - clamp(attenuation, 0.0F, 960.0F)) / range_cb, 0.0F, 0.5F);
}

void voice_values_apply(const struct voice_context *context, const struct voice_values *values,
                        struct voice_group *group, int lane)
{
    struct voice_note *note = &group->notes[lane];
    set_pitch(context, group, lane, values);
    set_volume(context->clock, group, lane, values);
    set_filter(group, lane, values);
    set_lfos(context->clock, group, lane, values);
    read_envelope(context->clock, values, true, &note->volume);
    read_envelope(context->clock, values, false, &note->modulation);
}
