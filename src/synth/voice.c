// SPDX-License-Identifier: GPL-3.0-or-later
// The life of a voice. An envelope's section lasts a whole number of blocks, in each of which the level grows by the
// section's step; when its blocks are over, the voice moves on here, and sections without blocks are passed over. The
// attack is a straight line in amplitude, everything after it one in decibels; a release out of the attack converts. A
// fade is a straight line in amplitude again.
#include "synth/voice.h"

#include "synth/exponents.h"
#include "synth/voice_values.h"

static void silence_lane(struct voice_group *group, int lane)
{
    group->left_next[lane] = 0.0F;
    group->right_next[lane] = 0.0F;
    group->reverb_next[lane] = 0.0F;
    group->chorus_next[lane] = 0.0F;
    group->in1[lane] = 0.0F;
    group->in2[lane] = 0.0F;
    group->out1[lane] = 0.0F;
    group->out2[lane] = 0.0F;
    // No filter has such a b0: the coefficients of the first block are taken as they are, not moved to.
    group->b0_next[lane] = -1.0F;
    group->filtered[lane] = 0;
    group->mod_lfo_phase[lane] = 0.75F;
    group->vib_lfo_phase[lane] = 0.75F;
}

void voice_update(const struct voice_context *context, struct voice_group *group, int lane)
{
    const bool was_filtered = group->filtered[lane] != 0;
    struct voice_values values;
    voice_values_read(context, group, lane, &values);
    voice_values_apply(context, &values, group, lane);
    if (group->filtered[lane] != 0 && !was_filtered) {
        group->filter_on |= 1U << lane;
        group->b0_next[lane] = -1.0F;
        group->settled &= ~(1U << lane);
    }
}

void voice_start(const struct voice_context *context, struct voice_group *group, int lane,
                 const struct voice_strike *strike, const struct voice_note *note)
{
    struct voice_note *own = &group->notes[lane];
    struct voice_values values;
    *own = *note;
    group->order[lane] = strike->order;
    group->channel[lane] = strike->channel;
    group->key[lane] = strike->key;
    own->flags = (uint8_t)(VOICE_KEY_DOWN | (note->flags & VOICE_SOFT));
    voice_values_read(context, group, lane, &values);
    voice_values_floor(context->clock, &values, own);
    silence_lane(group, lane);
    voice_values_frames(&values, group, lane);
    voice_values_apply(context, &values, group, lane);
    group->cutoff[lane] = group->cutoff_goal[lane];
    group->position[lane] = group->start[lane];
    group->fraction[lane] = 0;
    group->mod_lfo_wait[lane] =
        (int32_t)voice_blocks(context->clock, values.generators[GENERATOR_MOD_LFO_DELAY], -12000, 5000);
    group->vib_lfo_wait[lane] =
        (int32_t)voice_blocks(context->clock, values.generators[GENERATOR_VIB_LFO_DELAY], -12000, 5000);
    own->volume_section = SECTION_DELAY;
    own->modulation_section = SECTION_DELAY;
    group->volume_level[lane] = 0.0F;
    group->volume_step[lane] = 0.0F;
    group->volume_left[lane] = own->volume.delay;
    group->volume_linear[lane] = -1;
    group->modulation_level[lane] = 0.0F;
    group->modulation_step[lane] = 0.0F;
    group->modulation_left[lane] = own->modulation.delay;
    group->modulation_convex[lane] = -1;
    group->active |= 1U << lane;
    group->delayed |= 1U << lane;
    group->released &= ~(1U << lane);
    group->stolen &= ~(1U << lane);
    group->waiting &= ~(1U << lane);
    group->settled &= ~(1U << lane);
    group->filter_on &= ~(1U << lane);
    group->least.known = 0;
}

// Sections.

/// One section: how the level moves from here, and for how many blocks.
struct course {
    float level, step;
    int32_t blocks;
};

/// An envelope that is over.
static const struct course rest = {0.0F, 0.0F, VOICE_FOREVER};

/// As many whole steps down as there is room for: what is left of the way is the entry of the next section.
static struct course fall(float from, float to, int32_t whole)
{
    // Written so that NaN, and what is beyond a level, goes nowhere.
    if (whole <= 0 || !(from > to && from <= 1.0F)) {
        return (struct course){from < to ? from : to, 0.0F, 0};
    }
    const float step = 1.0F / (float)whole;
    return (struct course){from, -step, (int32_t)((from - to) / step + 1e-3F)};
}

static struct course section_course(const struct voice_envelope *envelope, enum voice_section section, float level,
                                    float floor)
{
    switch (section) {
    case SECTION_ATTACK:
        return (struct course){0.0F, 1.0F / (float)envelope->attack, envelope->attack};
    case SECTION_HOLD:
        return (struct course){1.0F, 0.0F, envelope->hold};
    case SECTION_DECAY:
        return fall(1.0F, envelope->sustain > floor ? envelope->sustain : floor, envelope->decay);
    case SECTION_SUSTAIN:
        return (struct course){envelope->sustain, 0.0F, envelope->sustain > floor ? VOICE_FOREVER : 0};
    case SECTION_RELEASE:
        return fall(level, floor, envelope->release);
    default:
        return (struct course){0.0F, 0.0F, 0};
    }
}

static void enter_volume(struct voice_group *group, int lane, enum voice_section section, const struct course *course)
{
    group->notes[lane].volume_section = (uint8_t)section;
    group->delayed &= ~(1U << lane);
    group->volume_level[lane] = course->level;
    group->volume_step[lane] = course->step;
    // The block in which it is entered is its first.
    group->volume_left[lane] = course->blocks == VOICE_FOREVER ? VOICE_FOREVER : course->blocks - 1;
    group->volume_linear[lane] = section <= SECTION_ATTACK || section == SECTION_FADE ? -1 : 0;
}

static void end(struct voice_group *group, int lane)
{
    group->notes[lane].volume_section = SECTION_END;
    group->active &= ~(1U << lane);
}

static void advance_volume(struct voice_group *group, int lane)
{
    struct voice_note *note = &group->notes[lane];
    enum voice_section section = note->volume_section;
    for (;;) {
        // What follows the sustain for nobody's release is silence.
        section = section >= SECTION_SUSTAIN ? SECTION_END : (enum voice_section)(section + 1);
        if (section == SECTION_END) {
            end(group, lane);
            return;
        }
        const struct course course = section_course(&note->volume, section, group->volume_level[lane], note->floor);
        if (course.blocks > 0) {
            enter_volume(group, lane, section, &course);
            return;
        }
        group->volume_level[lane] = course.level;
    }
}

static void enter_modulation(struct voice_group *group, int lane, enum voice_section section,
                             const struct course *course)
{
    group->notes[lane].modulation_section = (uint8_t)section;
    group->modulation_level[lane] = course->level;
    group->modulation_step[lane] = course->step;
    group->modulation_left[lane] = course->blocks == VOICE_FOREVER ? VOICE_FOREVER : course->blocks - 1;
    group->modulation_convex[lane] = section <= SECTION_ATTACK ? -1 : 0;
}

static void advance_modulation(struct voice_group *group, int lane)
{
    struct voice_note *note = &group->notes[lane];
    enum voice_section section = note->modulation_section;
    while (section < SECTION_SUSTAIN) {
        section = (enum voice_section)(section + 1);
        struct course course = section_course(&note->modulation, section, group->modulation_level[lane], -1e-6F);
        if (course.blocks > 0) {
            enter_modulation(group, lane, section, &course);
            return;
        }
    }
    enter_modulation(group, lane, SECTION_END, &rest);
}

void voice_advance(struct voice_group *group, uint32_t volume, uint32_t modulation)
{
    for (; volume != 0; volume &= volume - 1) {
        advance_volume(group, __builtin_ctz(volume));
    }
    for (; modulation != 0; modulation &= modulation - 1) {
        advance_modulation(group, __builtin_ctz(modulation));
    }
}

/// The attack of the modulation envelope is convex; from the release on the level is what it came to.
static float modulation_curve(float level)
{
    const float value = level > 0.0F ? 1.0F + VOICE_CONVEX * exponent_log(level) : 0.0F;
    return value > 0.0F ? value : 0.0F;
}

/// No key and no pedal holds it any more, nor does a loop that goes on until then.
static void set_released(struct voice_group *group, int lane)
{
    struct voice_note *note = &group->notes[lane];
    note->flags &= (uint8_t) ~(VOICE_KEY_DOWN | VOICE_SOSTENUTO);
    group->released |= 1U << lane;
    group->least.known = 0;
    if (note->mode == VOICE_LOOP_UNTIL_RELEASE) {
        group->loops[lane] = 0;
    }
}

void voice_release(const struct voice_clock *clock, struct voice_group *group, int lane)
{
    struct voice_note *note = &group->notes[lane];
    set_released(group, lane);
    if (note->volume_section >= SECTION_RELEASE) {
        return;
    }
    float level = group->volume_level[lane];
    if (group->volume_linear[lane] != 0) {
        level = level > 0.0F ? 1.0F + exponent_log(level) / clock->envelope_range : 0.0F;
    }
    const struct course course = section_course(&note->volume, SECTION_RELEASE, level, note->floor);
    if (course.blocks > 0) {
        enter_volume(group, lane, SECTION_RELEASE, &course);
        group->volume_left[lane]++; // It is entered between two blocks.
    } else {
        voice_fade(clock, group, lane, 1);
    }
    if (note->modulation_section < SECTION_RELEASE) {
        if (note->modulation_section <= SECTION_ATTACK) {
            group->modulation_level[lane] = modulation_curve(group->modulation_level[lane]);
        }
        const struct course falling =
            section_course(&note->modulation, SECTION_RELEASE, group->modulation_level[lane], 0.0F);
        enter_modulation(group, lane, SECTION_RELEASE, falling.blocks > 0 ? &falling : &rest);
        group->modulation_left[lane] += falling.blocks > 0;
    }
}

void voice_fade(const struct voice_clock *clock, struct voice_group *group, int lane, int blocks)
{
    struct voice_note *note = &group->notes[lane];
    float amplitude = group->volume_level[lane];
    if (group->volume_linear[lane] == 0) {
        amplitude = exponent_power((amplitude - 1.0F) * clock->envelope_range);
    }
    const struct course course = {amplitude, -amplitude / (float)blocks, blocks};
    if (note->volume_section == SECTION_FADE && group->volume_left[lane] <= blocks) {
        return;
    }
    set_released(group, lane);
    enter_volume(group, lane, SECTION_FADE, &course);
    group->volume_left[lane]++;
}
