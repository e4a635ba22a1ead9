// SPDX-License-Identifier: GPL-3.0-or-later
// A note is as many voices as its preset has regions for it (soundfont_match()), each on a lane that place.c finds. Who
// makes way for them is settled before the first one starts.
// Keys and pedals are looked for among all voices by channel and key, eight lanes at a time.
#include "synth/polyphony.h"

#include "synth/bytes.h"
#include "synth/foresight.h"
#include "synth/place.h"

static const float FADE_S = 0.01F; ///< for exclusive classes and "all sound off"

static const float SHORTEST_NOTE_S = 0.01F; ///< drums in MIDI files last a tick at times

enum { NOTE_VOICES = 256 }; ///< that one note can be: beyond that it is dropped

static struct voice_context context_of(struct sampler_state *state, const struct soundfont *soundfont,
                                       struct voice_modulation *modulation)
{
    modulation->count = -1;
    return (struct voice_context){
        .soundfont = soundfont, .channels = state->channels, .clock = &state->clock, .modulation = modulation};
}

// Going through voices: for every active lane of every group.

/// What is done with a voice; \p argument is the caller's.
typedef void visit(struct sampler_state *state, struct voice_group *group, int lane, int argument) REALTIME;

static visit key_up, fade_out, catch_key, look_at_pedals, exclude;

/// Of lanes 0 to 7 and 8 to 15, as bytes_equal() gives them, those that sound and were not stolen. Mostly there are
/// none.
static inline uint32_t sounding_of(const struct voice_group *group, uint64_t low, uint64_t high)
{
    return (low | high) == 0 ? 0 : (bytes_bits(low) | bytes_bits(high) << 8) & place_taken(group);
}

/// The voices of \p channel.
static uint32_t of_channel(const struct voice_group *group, int channel)
{
    return sounding_of(group, bytes_equal(group->channel, channel), bytes_equal(group->channel + 8, channel));
}

/// As of_channel(), of one key.
static uint32_t of_key(const struct voice_group *group, int channel, int key)
{
    return sounding_of(group, bytes_equal(group->key, key) & bytes_equal(group->channel, channel),
                       bytes_equal(group->key + 8, key) & bytes_equal(group->channel + 8, channel));
}

/// Visits all voices of \p channel that sound and were not stolen.
static void visit_channel(struct sampler_state *state, int channel, visit *act, int argument)
{
    struct voice_group *groups = sampler_groups(state);
    for (uint32_t g = 0; g < state->group_count; g++) {
        for (uint32_t lanes = of_channel(&groups[g], channel); lanes != 0; lanes &= lanes - 1) {
            act(state, &groups[g], __builtin_ctz(lanes), argument);
        }
    }
}

static bool is_held(const struct sampler_state *state, const struct voice_group *group, int lane)
{
    return (group->notes[lane].flags & (VOICE_KEY_DOWN | VOICE_SOSTENUTO)) != 0 ||
           channel_pedal(&state->channels[group->channel[lane]], CONTROLLER_SUSTAIN);
}

/// Releases a voice that nothing holds any more, at once or when it has lasted long enough.
static void let_go(struct sampler_state *state, struct voice_group *group, int lane)
{
    struct voice_note *note = &group->notes[lane];
    if (is_held(state, group, lane) || (group->released >> lane & 1) != 0) {
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

static void key_up(struct sampler_state *state, struct voice_group *group, int lane, int unused)
{
    (void)unused;
    struct voice_note *note = &group->notes[lane];
    if ((note->flags & VOICE_KEY_DOWN) != 0) {
        note->flags &= (uint8_t)~VOICE_KEY_DOWN;
        let_go(state, group, lane);
    }
}

static void fade_out(struct sampler_state *state, struct voice_group *group, int lane, int unused)
{
    (void)unused;
    voice_fade(&state->clock, group, lane, sampler_blocks(state, FADE_S));
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
    if (!channel_pedal(&state->channels[group->channel[lane]], CONTROLLER_SOSTENUTO)) {
        group->notes[lane].flags &= (uint8_t)~VOICE_SOSTENUTO;
    }
    let_go(state, group, lane);
}

static void exclude(struct sampler_state *state, struct voice_group *group, int lane, int exclusive_class)
{
    if (group->notes[lane].exclusive_class == exclusive_class) {
        voice_fade(&state->clock, group, lane, sampler_blocks(state, FADE_S));
    }
}

void polyphony_note_off(struct sampler_state *state, int channel, int key)
{
    struct voice_group *groups = sampler_groups(state);
    for (uint32_t g = 0; g < state->group_count; g++) {
        for (uint32_t lanes = of_key(&groups[g], channel, key); lanes != 0; lanes &= lanes - 1) {
            key_up(state, &groups[g], __builtin_ctz(lanes), 0);
        }
    }
}

void polyphony_notes_off(struct sampler_state *state, int channel)
{
    visit_channel(state, channel, key_up, 0);
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

// Notes.

/// A sample that could not be decoded has no frames.
static bool is_empty(const struct soundfont_sample *sample)
{
    return sample->start >= sample->end;
}

/// The regions that a note sounds in, as far as they can be heard.
struct matched {
    int count;
    bool cut_off; ///< there were more
    uint32_t regions[NOTE_VOICES];
};

static void add_region(struct sampler_state *state, const struct soundfont *soundfont, uint32_t index,
                       struct matched *matched)
{
    const struct soundfont_region *region = soundfont_regions(soundfont, index);
    if (!soundfont_sample_ready(soundfont, region->sample)) {
        state->counts.missed++;
        return;
    }
    const struct soundfont_sample *sample = soundfont_sample(soundfont, region->sample);
    if (is_empty(sample)) {
        return;
    }
    if (matched->count == NOTE_VOICES) {
        matched->cut_off = true;
        return;
    }
    foresight_fetch_voice(soundfont, region, sample);
    matched->regions[matched->count++] = index;
}

static void match(struct sampler_state *state, const struct soundfont *soundfont, int preset, int key, int velocity,
                  struct matched *matched)
{
    const struct soundfont_preset *played = soundfont_preset(soundfont, (uint32_t)preset);
    matched->count = 0;
    matched->cut_off = false;
    for (uint32_t first = 0; first < played->region_count; first += SOUNDFONT_MATCHED) {
        for (uint64_t hits = soundfont_match(soundfont, played, first, key, velocity); hits != 0; hits &= hits - 1) {
            add_region(state, soundfont, played->regions + first + (uint32_t)__builtin_ctzll(hits), matched);
        }
    }
}

/// Before the first voice of a note starts, whose own voices do not exclude each other.
static void exclude_others(struct sampler_state *state, const struct soundfont *soundfont, int channel,
                           const struct matched *matched)
{
    for (int i = 0; i < matched->count; i++) {
        const int exclusive_class =
            soundfont_regions(soundfont, matched->regions[i])->generators[GENERATOR_EXCLUSIVE_CLASS] & UINT8_MAX;
        if (exclusive_class != 0) {
            visit_channel(state, channel, exclude, exclusive_class);
        }
    }
}

/// False when there is no place for all.
static bool start_voices(struct sampler_state *state, const struct soundfont *soundfont, struct places *places,
                         const struct matched *matched, const struct voice_strike *strike, struct voice_note note)
{
    struct voice_modulation modulation;
    const struct voice_context context = context_of(state, soundfont, &modulation);
    for (int i = 0; i < matched->count; i++) {
        const struct place place = place_find(places);
        if (!place.group) {
            return false;
        }
        const struct soundfont_region *region = soundfont_regions(soundfont, matched->regions[i]);
        note.region = matched->regions[i];
        note.sample = region->sample;
        note.exclusive_class = (uint8_t)region->generators[GENERATOR_EXCLUSIVE_CLASS];
        voice_start(&context, place.group, place.lane, strike, &note);
    }
    return true;
}

void polyphony_note_on(struct sampler_state *state, const struct soundfont *soundfont, const struct kernel *kernel,
                       int channel, int key, int velocity)
{
    const struct channel *played = &state->channels[channel];
    if (played->preset < 0) {
        return;
    }
    struct matched matched;
    match(state, soundfont, played->preset, key, velocity, &matched);
    polyphony_note_off(state, channel, key);
    exclude_others(state, soundfont, channel, &matched);
    const struct voice_strike strike = {.order = ++state->order, .channel = (uint8_t)channel, .key = (uint8_t)key};
    const struct voice_note note = {.born = (uint32_t)state->blocks,
                                    .velocity = (uint8_t)velocity,
                                    .flags = channel_pedal(played, CONTROLLER_SOFT) ? VOICE_SOFT : 0};
    struct places places = places_make(state, kernel, matched.count);
    const bool all = start_voices(state, soundfont, &places, &matched, &strike, note);
    state->counts.dropped += !all || matched.cut_off;
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
            if ((dirty >> groups[g].channel[lane] & 1) != 0 && groups[g].notes[lane].volume_section != SECTION_FADE) {
                voice_update(&context, &groups[g], lane);
            }
        }
    }
}
