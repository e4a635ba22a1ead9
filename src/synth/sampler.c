// SPDX-License-Identifier: GPL-3.0-or-later
// A block of 64 frames is computed when the first of its frames is asked for, and the rest is kept: so how a render is
// cut into calls changes nothing. In each block, first the messages since the last one take hold (polyphony.c), then
// the kernel moves the envelopes and LFOs of each group of sixteen voices and adds what they play to the mix and to the
// sends of reverb and chorus, then these add their returns.
//
// Everything that changes is in `state`; beside it stand the SoundFont, which is read-only, and the kernel. Messages
// are in sampler_messages.c, making a sampler is in sampler_new.c.
#include "synth/sampler.h"

#include "synth/foresight.h"
#include "synth/place.h"
#include "synth/polyphony.h"
#include "synth/sampler_check.h"
#include "synth/sampler_parts.h"

#include <stdlib.h>
#include <string.h>

void sampler_note_on(struct instrument *instrument, int channel, int key, int velocity)
{
    struct sampler *sampler = sampler_of(instrument);
    polyphony_note_on(sampler->state, sampler->soundfont, sampler->kernel, channel, key, velocity);
}

void sampler_note_off(struct instrument *instrument, int channel, int key)
{
    polyphony_note_off(sampler_of(instrument)->state, channel, key);
}

static void expect(struct instrument *instrument, const struct instrument_note *notes, int count)
{
    const struct sampler *sampler = sampler_of_const(instrument);
    foresight_fetch(sampler->state, sampler->soundfont, notes, count);
}

/// A sample that cannot be had stays silent, and is counted where the note starts.
static void wait_for_sample(struct sampler *sampler, uint32_t sample)
{
    if (!soundfont_sample_ready(sampler->soundfont, sample)) {
        const enum status unheard = soundfont_sample_wait(sampler->soundfont, sample);
        (void)unheard;
    }
}

/// Waits for the samples of a note that is about to start.
static void wait_for_samples(struct sampler *sampler, int channel, int key, int velocity)
{
    const int preset = sampler->state->channels[channel].preset;
    if (preset < 0) {
        return;
    }
    const struct soundfont_preset *played = soundfont_preset(sampler->soundfont, (uint32_t)preset);
    const struct soundfont_region *regions = soundfont_regions(sampler->soundfont, played->regions);
    for (uint32_t first = 0; first < played->region_count; first += SOUNDFONT_MATCHED) {
        for (uint64_t hits = soundfont_match(sampler->soundfont, played, first, key, velocity); hits != 0;
             hits &= hits - 1) {
            wait_for_sample(sampler, regions[first + (uint32_t)__builtin_ctzll(hits)].sample);
        }
    }
}

static void note_on(struct instrument *instrument, int channel, int key, int velocity)
{
    struct sampler *sampler = sampler_of(instrument);
    if (sampler->waits) {
        wait_for_samples(sampler, channel, key, velocity);
    }
    sampler_note_on(instrument, channel, key, velocity);
}

// Sound.

static void render_group(const struct sampler *sampler, struct voice_group *group, struct voice_mix *mix)
{
    const struct kernel *kernel = sampler->kernel;
    const struct sampler_state *state = sampler->state;
    uint32_t modulation = 0;
    const uint32_t volume = kernel->envelopes_end(group, &modulation);
    if ((volume | modulation) != 0) {
        voice_advance(group, volume, modulation);
    }
    kernel->control(group, &state->clock);
    struct voice_sources sources = {0};
    for (uint32_t lanes = group->active; lanes != 0; lanes &= lanes - 1) {
        const int lane = __builtin_ctz(lanes);
        const struct soundfont_sample *sample = soundfont_sample(sampler->soundfont, group->notes[lane].sample);
        sources.frames[lane] = sample->frames;
        sources.low[lane] = sample->low;
        sources.plain[lane] = sample->low ? 0 : (int32_t)sample->available;
    }
    kernel->render[state->curve](group, &sources, mix);
}

_Static_assert((int)KEPT_BLOCK == (int)KERNEL_BLOCK, "a block is kept whole");

static void render_block(const struct sampler *sampler)
{
    struct sampler_state *state = sampler->state;
    struct voice_group *groups = sampler_groups(state);
    struct voice_mix mix;
    memset(&mix, 0, sizeof mix);
    polyphony_begin_block(state, sampler->soundfont);
    for (uint32_t g = 0; g < state->group_count; g++) {
        if (groups[g].active != 0) {
            render_group(sampler, &groups[g], &mix);
        }
    }
    if (state->reverb != 0) {
        sampler->kernel->reverb(sampler_reverb(state), mix.reverb, mix.left, mix.right);
    }
    if (state->chorus != 0) {
        sampler->kernel->chorus(sampler_chorus(state), mix.chorus, mix.left, mix.right);
    }
    memcpy(state->kept.left, mix.left, sizeof mix.left);
    memcpy(state->kept.right, mix.right, sizeof mix.right);
    state->kept.count = KEPT_BLOCK;
    state->blocks++;
}

void sampler_render(struct instrument *instrument, float *left, float *right, size_t frames)
{
    const struct sampler *sampler = sampler_of_const(instrument);
    struct sampler_state *state = sampler->state;
    while (frames > 0) {
        if (state->kept.count == 0) {
            render_block(sampler);
        }
        const size_t part = kept_block_take(&state->kept, left, right, frames);
        left += part;
        right += part;
        frames -= part;
    }
}

_Static_assert((int)INSTRUMENT_GRID == (int)KEPT_BLOCK, "whole blocks are skipped");

static void skip(struct instrument *instrument, uint64_t frames)
{
    struct sampler_state *state = sampler_of(instrument)->state;
    const uint64_t blocks = frames / KEPT_BLOCK;
    state->blocks += blocks;
    if (state->reverb != 0) {
        reverb_skip(sampler_reverb(state), blocks);
    }
    if (state->chorus != 0) {
        chorus_skip(sampler_chorus(state), blocks);
    }
}

static int voices(const struct instrument *instrument)
{
    return place_count_taken(sampler_of_const(instrument)->state);
}

struct sampler_counts sampler_counts(const struct instrument *instrument)
{
    return sampler_of_const(instrument)->state->counts;
}

// The state.

enum status sampler_bring_in(struct instrument *instrument, size_t most)
{
    return soundfont_bring_in(sampler_of(instrument)->soundfont, most);
}

size_t sampler_state_size(const struct instrument *instrument)
{
    return sampler_of_const(instrument)->state->size;
}

void sampler_save(const struct instrument *instrument, void *state)
{
    const struct sampler_state *own = sampler_of_const(instrument)->state;
    memcpy(state, own, own->size);
}

/// Asks for the samples of what a state is about to play.
static void want_presets(const struct sampler *sampler, const struct sampler_state *state)
{
    for (int i = 0; i < INSTRUMENT_CHANNELS; i++) {
        const int32_t preset = state->channels[i].preset;
        if (preset >= 0 && preset < (int32_t)soundfont_preset_count(sampler->soundfont)) {
            soundfont_want(sampler->soundfont, (uint32_t)preset);
        }
    }
}

/// Makes a foreign state one of ours: what filters keep is a kernel's own, and the state may come from another kind of
/// processor; so is who is heard least, which was not checked; and kernels compute with all lanes, of which the free
/// ones were not checked either.
static void adopt(struct sampler_state *state)
{
    struct voice_group *groups = sampler_groups(state);
    for (uint32_t g = 0; g < state->group_count; g++) {
        groups[g].settled = 0;
        groups[g].least.known = 0;
        for (int lane = 0; lane < VOICE_LANES; lane++) {
            if ((groups[g].active >> lane & 1) == 0) {
                groups[g].position[lane] = 0;
                groups[g].fraction[lane] = 0;
                groups[g].increment[lane] = 0;
            }
        }
    }
}

enum status sampler_restore(struct instrument *instrument, const void *state, size_t size)
{
    const struct sampler *sampler = sampler_of_const(instrument);
    const enum status status = sampler_check(sampler->state, sampler->soundfont, state, size);
    if (status == STATUS_OK || status == STATUS_AGAIN) {
        want_presets(sampler, state);
    }
    if (status == STATUS_OK) {
        memcpy(sampler->state, state, size);
        adopt(sampler->state);
    }
    return status;
}

static void release(struct instrument *instrument)
{
    struct sampler *sampler = sampler_of(instrument);
    soundfont_close(sampler->soundfont);
    free(sampler->state);
    free(sampler);
}

const struct instrument_ops sampler_ops = {
    .note_on = note_on,
    .note_off = sampler_note_off,
    .expect = expect,
    .message = sampler_message,
    .reset = sampler_reset,
    .render = sampler_render,
    .voices = voices,
    .skip = skip,
    .free = release,
};
