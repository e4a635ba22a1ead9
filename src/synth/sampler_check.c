// SPDX-License-Identifier: GPL-3.0-or-later
// What a state is made of falls into three parts. What decides its shape must be equal, byte for byte. What is used as
// an index, a length or a shift must lie in its range; but for `least` of the groups, which who takes the state over
// forgets (sampler.c). The rest are numbers, and whatever they are, they only sound.
#include "synth/sampler_check.h"

#include "synth/chorus.h"
#include "synth/reverb.h"

#include <math.h>
#include <string.h>

static uint64_t mix(uint64_t hash, uint64_t value)
{
    // FNV-1a over words, with a shift so that high bits come down.
    hash = (hash ^ value) * 0x100000001b3ULL;
    return hash ^ hash >> 29;
}

static uint64_t mix_region(uint64_t hash, const struct soundfont *soundfont, const struct soundfont_region *region)
{
    hash = mix(hash, (uint64_t)region->key_low << 24 | (uint64_t)region->key_high << 16 |
                         (uint64_t)region->velocity_low << 8 | region->velocity_high);
    hash = mix(hash, (uint64_t)region->sample << 16 | region->modulator_count);
    for (int i = 0; i < SOUNDFONT_GENERATORS; i++) {
        hash = mix(hash, (uint16_t)region->generators[i]);
    }
    const struct soundfont_modulator *modulators = soundfont_modulators(soundfont, region->modulators);
    for (int i = 0; i < region->modulator_count; i++) {
        const struct soundfont_modulator *modulator = &modulators[i];
        hash = mix(hash, (uint64_t)modulator->source << 48 | (uint64_t)modulator->amount_source << 32 |
                             (uint64_t)modulator->transform << 16 | modulator->destination);
        hash = mix(hash, (uint64_t)(int64_t)modulator->amount);
    }
    return hash;
}

uint64_t sampler_fingerprint(const struct soundfont *soundfont)
{
    uint64_t hash = 0xcbf29ce484222325ULL;
    for (uint32_t i = 0; i < soundfont_sample_count(soundfont); i++) {
        const struct soundfont_sample *sample = soundfont_sample(soundfont, i);
        if (!soundfont_decodes(soundfont)) {
            hash = mix(hash, (uint64_t)sample->end << 32 | (sample->loop_start ^ sample->loop_end));
        }
        hash = mix(hash, (uint64_t)sample->rate << 16 | (uint64_t)sample->key << 8 | (uint8_t)sample->correction);
        for (size_t c = 0; c < sizeof sample->name && sample->name[c] != '\0'; c++) {
            hash = mix(hash, (uint8_t)sample->name[c]);
        }
    }
    for (uint32_t i = 0; i < soundfont_preset_count(soundfont); i++) {
        const struct soundfont_preset *preset = soundfont_preset(soundfont, i);
        hash = mix(hash, (uint64_t)preset->bank << 48 | (uint64_t)preset->program << 32 | preset->region_count);
        for (uint32_t j = 0; j < preset->region_count; j++) {
            hash = mix_region(hash, soundfont, soundfont_regions(soundfont, preset->regions + j));
        }
    }
    return hash;
}

/// Whether a byte of the state is one that a bool may be.
static bool is_bool(const bool *at)
{
    unsigned char byte = 0;
    memcpy(&byte, at, sizeof byte);
    return byte <= 1;
}

static bool channel_is_sound(const struct channel *channel, const struct soundfont *soundfont)
{
    bool sound = channel->preset >= -1 && channel->preset < (int32_t)soundfont_preset_count(soundfont) &&
                 channel->program < 128 && channel->manager >= CHANNEL_NO_MANAGER &&
                 channel->manager < INSTRUMENT_CHANNELS && channel->bend >= 0 && channel->bend < 16384 &&
                 channel->rules < MIDI_RESETS && is_bool(&channel->drums) && is_bool(&channel->parameter_nrpn) &&
                 is_bool(&channel->dirty);
    for (int i = 0; i < CONTROLLERS; i++) {
        sound = sound && channel->controllers[i] < 128;
    }
    return sound;
}

static bool note_is_sound(const struct voice_note *note, const struct soundfont *soundfont)
{
    return note->region < soundfont_region_count(soundfont) &&
           note->sample == soundfont_regions(soundfont, note->region)->sample && note->velocity < 128 &&
           note->volume_section <= SECTION_END && note->modulation_section <= SECTION_END;
}

/// Whether all that a voice may read lies in its sample.
static bool course_is_sound(const struct voice_group *group, int lane, const struct soundfont_sample *sample)
{
    const int32_t low = (int32_t)sample->start;
    const int32_t high = (int32_t)sample->end;
    const int32_t position = group->position[lane];
    const int32_t start = group->start[lane];
    const int32_t loop_start = group->loop_start[lane];
    const int32_t loop_end = group->loop_end[lane];
    // Where it has been through a loop, the loop still says what lies before its start.
    const bool has_loop = group->loops[lane] != 0 || group->looped[lane] != 0;
    const bool loop_is_sound =
        !has_loop || (loop_start >= low && loop_start <= high && loop_end <= high && loop_end >= loop_start + 2);
    const int32_t from = group->looped[lane] != 0 && loop_start < start ? loop_start : start;
    return start >= low && start < group->end[lane] && group->end[lane] <= high && position >= from &&
           position <= high && loop_is_sound;
}

/// All bits or none.
static bool is_mask(int32_t value)
{
    return value == 0 || value == -1;
}

static bool lane_is_sound(const struct voice_group *group, int lane, const struct soundfont *soundfont)
{
    const struct voice_note *note = &group->notes[lane];
    // Five octaves up at most: see kernel/window.h.
    return note_is_sound(note, soundfont) && group->channel[lane] < INSTRUMENT_CHANNELS && group->key[lane] < 128 &&
           is_mask(group->loops[lane]) && is_mask(group->looped[lane]) &&
           course_is_sound(group, lane, soundfont_sample(soundfont, note->sample)) &&
           group->fraction[lane] < 1U << VOICE_FRACTION_BITS && group->increment[lane] <= 32U << VOICE_FRACTION_BITS;
}

static bool group_is_sound(const struct voice_group *group, const struct soundfont *soundfont)
{
    const uint32_t all = (1U << VOICE_LANES) - 1;
    if (((group->active | group->waiting | group->stolen | group->released | group->delayed | group->filter_on |
          group->settled) &
         ~all) != 0) {
        return false;
    }
    bool sound = true;
    for (uint32_t lanes = group->active; lanes != 0; lanes &= lanes - 1) {
        sound = sound && lane_is_sound(group, __builtin_ctz(lanes), soundfont);
    }
    return sound;
}

/// Delays lie where ours lie and stand on a block.
static bool delays_are_sound(const struct delay *own, const struct delay *other, int count)
{
    bool sound = true;
    for (int i = 0; i < count; i++) {
        sound = sound && other[i].start == own[i].start && other[i].size == own[i].size && other[i].ago == own[i].ago &&
                other[i].position >= 0 && other[i].position < own[i].size && other[i].position % KERNEL_BLOCK == 0;
    }
    return sound;
}

static bool same_numbers(const float *own, const float *other, size_t count)
{
    bool same = true;
    for (size_t i = 0; i < count; i++) {
        same = same && own[i] == other[i];
    }
    return same;
}

static bool reverb_is_sound(const struct reverb *own, const struct reverb *other)
{
    bool same = same_numbers(own->low_cut, other->low_cut, REVERB_POWERS);
    for (int i = 0; i < REVERB_LINES; i++) {
        same = same && same_numbers(own->dampers[i], other->dampers[i], REVERB_POWERS);
    }
    return same && memcmp(own, other, offsetof(struct reverb, phases)) == 0 && other->front_awake >= 0 &&
           other->front_awake <= own->front_span && other->tank_awake >= 0 &&
           delays_are_sound(&own->predelay, &other->predelay, 1) &&
           delays_are_sound(own->diffusers, other->diffusers, REVERB_DIFFUSERS) &&
           delays_are_sound(own->tank, other->tank, REVERB_LINES);
}

static bool chorus_is_sound(const struct chorus *own, const struct chorus *other)
{
    return memcmp(own, other, offsetof(struct chorus, phases)) == 0 && other->awake >= 0 && other->awake <= own->span &&
           other->size == own->size && other->span == own->span && delays_are_sound(&own->delay, &other->delay, 1);
}

static bool same_shape(const struct sampler_state *own, const struct sampler_state *other)
{
    // Byte by byte up to the clock's last member: what looks like a bool in a foreign state may be none.
    const size_t clock = offsetof(struct voice_clock, uniform_sends) + sizeof own->clock.uniform_sends;
    return memcmp(own, other, offsetof(struct sampler_state, clock)) == 0 &&
           memcmp((const char *)own + offsetof(struct sampler_state, clock),
                  (const char *)other + offsetof(struct sampler_state, clock), clock) == 0;
}

/// Whether a voice plays a sample that is not in memory yet.
static bool lacks_samples(const struct sampler_state *state, const struct soundfont *soundfont)
{
    const struct voice_group *groups = sampler_groups_const(state);
    bool lacks = false;
    for (uint32_t g = 0; g < state->group_count; g++) {
        for (uint32_t lanes = groups[g].active & ((1U << VOICE_LANES) - 1); lanes != 0; lanes &= lanes - 1) {
            const uint16_t sample = groups[g].notes[__builtin_ctz(lanes)].sample;
            lacks = lacks || (sample < soundfont_sample_count(soundfont) && !soundfont_sample_ready(soundfont, sample));
        }
    }
    return lacks;
}

enum status sampler_check(const struct sampler_state *own, const struct soundfont *soundfont, const void *state,
                          size_t size)
{
    const struct sampler_state *other = state;
    if ((uintptr_t)state % alignof(struct sampler_state) != 0 || size != own->size || !same_shape(own, other)) {
        return STATUS_INVALID;
    }
    if (lacks_samples(other, soundfont)) {
        return STATUS_AGAIN;
    }
    bool sound = other->kept.count <= KEPT_BLOCK;
    for (int i = 0; i < INSTRUMENT_CHANNELS; i++) {
        sound = sound && channel_is_sound(&other->channels[i], soundfont);
    }
    const struct voice_group *groups = sampler_groups_const(other);
    for (uint32_t g = 0; g < other->group_count; g++) {
        sound = sound && group_is_sound(&groups[g], soundfont);
    }
    sound = sound && (own->reverb == 0 || reverb_is_sound(sampler_reverb_const(own), sampler_reverb_const(other)));
    sound = sound && (own->chorus == 0 || chorus_is_sound(sampler_chorus_const(own), sampler_chorus_const(other)));
    return sound ? STATUS_OK : STATUS_CORRUPT;
}
