// SPDX-License-Identifier: GPL-3.0-or-later
// Voices live on the lanes of groups; a lane is free when its bit in `active` is not set. There are more lanes than the
// polyphony allows voices, so that one that makes way can fade out on its own lane, in a block or two, while the new
// one begins on another.
//
// Who makes way: the voice that is heard least. That is its volume with its envelope as it stands (at full while it is
// still rising), and a released voice counts for 12 dB less. Ties go to the oldest.
#include "synth/polyphony.h"

#include "synth/exponents.h"

#include <math.h>

static const float FADE_S = 0.01F; ///< for exclusive classes and "all sound off"
static const float STEAL_S = 0.0012F;

static const float SHORTEST_NOTE_S = 0.01F; ///< drums in MIDI files last a tick at times
static const float RELEASED_OCTAVES = 2.0F;

/// The nearest number of blocks to \p seconds, at least one.
static int fade_blocks(const struct sampler_state *state, float seconds)
{
    const int blocks = (int)(seconds * state->clock.rate / (float)KERNEL_BLOCK + 0.5F);
    return blocks > 1 ? blocks : 1;
}

static struct voice_context context_of(struct sampler_state *state, const struct soundfont *soundfont,
                                       struct voice_modulation *modulation)
{
    modulation->count = -1;
    return (struct voice_context){
        .soundfont = soundfont, .channels = state->channels, .clock = &state->clock, .modulation = modulation};
}

int polyphony_voices(const struct sampler_state *state)
{
    const struct voice_group *groups = sampler_groups_const(state);
    int count = 0;
    uint64_t bits = 0;
    // Of four groups at a time: counting bits is a call on plain machines.
    for (uint32_t g = 0; g < state->group_count; g++) {
        bits |= (uint64_t)(groups[g].active & ~groups[g].stolen) << g % 4 * VOICE_LANES;
        if (g % 4 == 3) {
            count += __builtin_popcountll(bits);
            bits = 0;
        }
    }
    return count + __builtin_popcountll(bits);
}

// Going through voices: for every active lane of every group.

/// What is done with a voice; \p argument is the caller's.
typedef void visit(struct sampler_state *state, struct voice_group *group, int lane, int argument) REALTIME;

static visit key_up, any_key_up, fade_out, catch_key, look_at_pedals, exclude;

/// Visits all voices of \p channel that sound and were not stolen.
static void visit_channel(struct sampler_state *state, int channel, visit *act, int argument)
{
    struct voice_group *groups = sampler_groups(state);
    for (uint32_t g = 0; g < state->group_count; g++) {
        for (uint32_t lanes = groups[g].active & ~groups[g].stolen; lanes != 0; lanes &= lanes - 1) {
            const int lane = __builtin_ctz(lanes);
            if (groups[g].notes[lane].channel == channel) {
                act(state, &groups[g], lane, argument);
            }
        }
    }
}

static bool is_held(const struct sampler_state *state, const struct voice_note *note)
{
    return (note->flags & (VOICE_KEY_DOWN | VOICE_SOSTENUTO)) != 0 ||
           channel_pedal(&state->channels[note->channel], CONTROLLER_SUSTAIN);
}

/// Releases a voice that nothing holds any more, at once or when it has lasted long enough.
static void let_go(struct sampler_state *state, struct voice_group *group, int lane)
{
    struct voice_note *note = &group->notes[lane];
    if (is_held(state, note) || (note->flags & VOICE_RELEASED) != 0) {
        return;
    }
    const float lasted = (float)((uint32_t)state->blocks - note->born) * (float)KERNEL_BLOCK / state->clock.rate;
    if (lasted >= SHORTEST_NOTE_S) {
        voice_release(&state->clock, group, lane);
        note->flags &= (uint8_t)~VOICE_KEY_UP;
        group->waiting &= ~(1U << lane);
    } else {
        note->flags |= VOICE_KEY_UP;
        group->waiting |= 1U << lane;
    }
}

static void key_up(struct sampler_state *state, struct voice_group *group, int lane, int key)
{
    struct voice_note *note = &group->notes[lane];
    if (note->key == key && (note->flags & VOICE_KEY_DOWN) != 0) {
        note->flags &= (uint8_t)~VOICE_KEY_DOWN;
        let_go(state, group, lane);
    }
}

static void any_key_up(struct sampler_state *state, struct voice_group *group, int lane, int unused)
{
    (void)unused;
    key_up(state, group, lane, group->notes[lane].key);
}

static void fade_out(struct sampler_state *state, struct voice_group *group, int lane, int unused)
{
    (void)unused;
    voice_fade(&state->clock, group, lane, fade_blocks(state, FADE_S));
}

static void catch_key(struct sampler_state *state, struct voice_group *group, int lane, int unused)
{
    (void)state;
    (void)unused;
    if (group->notes[lane].flags & VOICE_KEY_DOWN) {
        group->notes[lane].flags |= VOICE_SOSTENUTO;
    }
}

static void look_at_pedals(struct sampler_state *state, struct voice_group *group, int lane, int unused)
{
    (void)unused;
    if (!channel_pedal(&state->channels[group->notes[lane].channel], CONTROLLER_SOSTENUTO)) {
        group->notes[lane].flags &= (uint8_t)~VOICE_SOSTENUTO;
    }
    let_go(state, group, lane);
}

static void exclude(struct sampler_state *state, struct voice_group *group, int lane, int exclusive_class)
{
    const struct voice_note *note = &group->notes[lane];
    if (note->exclusive_class == exclusive_class && note->order != state->order) {
        voice_fade(&state->clock, group, lane, fade_blocks(state, FADE_S));
    }
}

void polyphony_note_off(struct sampler_state *state, int channel, int key)
{
    visit_channel(state, channel, key_up, key);
}

void polyphony_notes_off(struct sampler_state *state, int channel)
{
    visit_channel(state, channel, any_key_up, 0);
}

void polyphony_sound_off(struct sampler_state *state, int channel)
{
    visit_channel(state, channel, fade_out, 0);
}

void polyphony_pedals(struct sampler_state *state, int channel, bool sostenuto_pressed)
{
    if (sostenuto_pressed) {
        visit_channel(state, channel, catch_key, 0);
    }
    visit_channel(state, channel, look_at_pedals, 0);
}

// Lanes.

struct place {
    struct voice_group *group; ///< NULL for none
    int lane;
};

static struct place find_free(struct sampler_state *state)
{
    struct voice_group *groups = sampler_groups(state);
    for (uint32_t g = 0; g < state->group_count; g++) {
        const uint32_t unused = ~groups[g].active & ((1U << VOICE_LANES) - 1);
        if (unused != 0) {
            return (struct place){&groups[g], __builtin_ctz(unused)};
        }
    }
    return (struct place){0};
}

static float audibility(const struct voice_clock *clock, const struct voice_group *group, int lane)
{
    const struct voice_note *note = &group->notes[lane];
    const float level = group->volume_level[lane];
    float envelope = 0.0F;
    if (note->volume_section == SECTION_FADE) {
        envelope = level > 0.0F ? exponent_log(level) : -clock->envelope_range;
    } else if (note->volume_section > SECTION_ATTACK) {
        envelope = (level - 1.0F) * clock->envelope_range;
    }
    return group->volume[lane] + envelope - (note->flags & VOICE_RELEASED ? RELEASED_OCTAVES : 0.0F);
}

/// The voice that is heard least of all that count and are not of the newest note.
static struct place find_least(struct sampler_state *state)
{
    struct voice_group *groups = sampler_groups(state);
    struct place least = {0};
    float lowest = INFINITY;
    uint32_t oldest = 0;
    for (uint32_t g = 0; g < state->group_count; g++) {
        for (uint32_t lanes = groups[g].active & ~groups[g].stolen; lanes != 0; lanes &= lanes - 1) {
            const int lane = __builtin_ctz(lanes);
            const float heard = audibility(&state->clock, &groups[g], lane);
            const uint32_t age = state->order - groups[g].notes[lane].order;
            if (age > 0 && (heard < lowest || (heard == lowest && age > oldest))) {
                least = (struct place){&groups[g], lane};
                lowest = heard;
                oldest = age;
            }
        }
    }
    return least;
}

/// A lane for one more voice; none where even stealing gives none.
static struct place make_place(struct sampler_state *state)
{
    if (polyphony_voices(state) < (int)state->polyphony) {
        const struct place empty = find_free(state);
        if (empty.group) {
            return empty;
        }
    }
    const struct place least = find_least(state);
    if (!least.group) {
        state->counts.dropped++;
        return least;
    }
    state->counts.stolen++;
    voice_fade(&state->clock, least.group, least.lane, fade_blocks(state, STEAL_S));
    least.group->stolen |= 1U << least.lane;
    const struct place empty = find_free(state);
    if (!empty.group) {
        state->counts.cut++;
        return least;
    }
    return empty;
}

/// A sample that could not be decoded has no frames.
static bool is_empty(const struct soundfont_sample *sample)
{
    return sample->start >= sample->end;
}

static void start_region(struct sampler_state *state, const struct voice_context *context, uint32_t index,
                         const struct voice_note *note)
{
    const struct soundfont *soundfont = context->soundfont;
    const struct soundfont_region *region = soundfont_regions(soundfont, index);
    if (!soundfont_sample_ready(soundfont, region->sample)) {
        state->counts.missed++;
        return;
    }
    if (is_empty(soundfont_sample(soundfont, region->sample))) {
        return;
    }
    struct voice_note own = *note;
    own.region = index;
    own.sample = region->sample;
    own.exclusive_class = (uint8_t)region->generators[GENERATOR_EXCLUSIVE_CLASS];
    if (own.exclusive_class != 0) {
        visit_channel(state, note->channel, exclude, own.exclusive_class);
    }
    const struct place place = make_place(state);
    if (place.group) {
        voice_start(context, place.group, place.lane, &own);
    }
}

void polyphony_note_on(struct sampler_state *state, const struct soundfont *soundfont, int channel, int key,
                       int velocity)
{
    const struct channel *played = &state->channels[channel];
    if (played->preset < 0) {
        return;
    }
    polyphony_note_off(state, channel, key);
    const struct soundfont_preset *preset = soundfont_preset(soundfont, (uint32_t)played->preset);
    const struct voice_note note = {.order = ++state->order,
                                    .born = (uint32_t)state->blocks,
                                    .channel = (uint8_t)channel,
                                    .key = (uint8_t)key,
                                    .velocity = (uint8_t)velocity,
                                    .flags = channel_pedal(played, CONTROLLER_SOFT) ? VOICE_SOFT : 0};
    struct voice_modulation modulation;
    const struct voice_context context = context_of(state, soundfont, &modulation);
    for (uint32_t first = 0; first < preset->region_count; first += SOUNDFONT_MATCHED) {
        for (uint64_t hits = soundfont_match(soundfont, preset, first, key, velocity); hits != 0; hits &= hits - 1) {
            start_region(state, &context, preset->regions + first + (uint32_t)__builtin_ctzll(hits), &note);
        }
    }
}

void polyphony_begin_block(struct sampler_state *state, const struct soundfont *soundfont)
{
    struct voice_modulation modulation;
    const struct voice_context context = context_of(state, soundfont, &modulation);
    struct voice_group *groups = sampler_groups(state);
    uint32_t dirty = 0;
    for (uint32_t i = 0; i < INSTRUMENT_CHANNELS; i++) {
        dirty |= (uint32_t)state->channels[i].dirty << i;
        state->channels[i].dirty = false;
    }
    for (uint32_t g = 0; g < state->group_count; g++) {
        for (uint32_t lanes = groups[g].waiting & groups[g].active; lanes != 0; lanes &= lanes - 1) {
            let_go(state, &groups[g], __builtin_ctz(lanes));
        }
        for (uint32_t lanes = dirty != 0 ? groups[g].active : 0; lanes != 0; lanes &= lanes - 1) {
            const int lane = __builtin_ctz(lanes);
            // A voice that is made to fade does so as it is: a reset must not turn it up first.
            if ((dirty >> groups[g].notes[lane].channel & 1) != 0 &&
                groups[g].notes[lane].volume_section != SECTION_FADE) {
                voice_update(&context, &groups[g], lane);
            }
        }
    }
}
