// SPDX-License-Identifier: GPL-3.0-or-later
// The voices of a group, a block of each: all are read and interpolated, then those with a filter are filtered, then
// all are added to the mix. Each step is a chain of operations that wait for one another; with the same step of several
// voices in a row the processor finds enough to do meanwhile.
//
// The place in the sample is a whole number of frames and a fraction of 22 bits; within LANES frames the places are
// that fraction plus multiples of the increment, in 32 bits, so that neither a long sample nor a long note costs
// accuracy. A filter that does not move sets up its recursion once a block, one that moves once in LANES frames.
#include "synth/kernel/biquad.h"
#include "synth/kernel/interpolate.h"
#include "synth/kernel/lanes.h"
#include "synth/kernel/loops.h"
#include "synth/kernel/window.h"

#include <stdalign.h>
#include <stdbool.h>

enum { CHUNKS = KERNEL_BLOCK / LANES, FRACTION_MASK = (1 << VOICE_FRACTION_BITS) - 1 };

static const float FRACTION_UNIT = 1.0F / (float)(1 << VOICE_FRACTION_BITS);

/// A block of a voice, behind the two frames that came before it at the end of `before`: they can be loaded together.
struct voice_block {
    alignas(64) float before[16];
    float frames[KERNEL_BLOCK];
};

typedef lanes curve(const lanes taps[TAPS_MAX], lanes f) REALTIME;

/// LANES frames of each chunk, from \p frames or, where that is NULL, from \p wide: the first tap of the first frame.
static inline __attribute__((always_inline)) void read_block(const int16_t *frames, const int32_t *wide,
                                                             uint32_t fraction, uint32_t increment, bool near,
                                                             int count, curve *interpolate, float out[KERNEL_BLOCK])
{
    const lanes_uint steps = (lanes_uint)lanes_index() * increment;
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
        const lanes_uint places = steps + fraction;
        const lanes_uint index = places >> VOICE_FRACTION_BITS;
        const lanes f = __builtin_convertvector((lanes_int)(places & (uint32_t)FRACTION_MASK), lanes) * FRACTION_UNIT;
        const uint32_t next = fraction + increment * (uint32_t)LANES;
        lanes taps[TAPS_MAX];
        if (wide) {
            fetch_wide_taps(wide, index, count, taps);
            wide += next >> VOICE_FRACTION_BITS;
        } else {
            fetch_taps(frames, index, near, count, taps);
            frames += next >> VOICE_FRACTION_BITS;
        }
        fraction = next & (uint32_t)FRACTION_MASK;
        lanes_store(out + chunk * LANES, interpolate(taps, f));
    }
}

/// As read_block(), of 16-bit frames, by the faster way where that reaches.
static inline __attribute__((always_inline)) void read_frames(const int16_t *frames, uint32_t fraction,
                                                              uint32_t increment, int count, curve *interpolate,
                                                              float out[KERNEL_BLOCK])
{
    if (LANES == 16 && taps_are_near(increment, VOICE_FRACTION_BITS, count)) {
        read_block(frames, NULL, fraction, increment, true, count, interpolate, out);
    } else {
        read_block(frames, NULL, fraction, increment, false, count, interpolate, out);
    }
}

/// A filter that is switched on while the voice sounds takes for its past that the sound stood still.
static void take_up(struct voice_group *group, int lane, struct voice_block *block)
{
    const float sound = block->frames[0];
    group->out1[lane] = sound;
    group->out2[lane] = sound;
    block->before[14] = sound;
    block->before[15] = sound;
}

/// The numerator but for its gain: x + 2x/z + x/zz. Neighbours come from memory: the recursion has more than enough to
/// shuffle.
static inline __attribute__((always_inline)) void filter_feed(const struct voice_block *block, lanes fed[CHUNKS])
{
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
        const float *x = block->frames + chunk * LANES;
        fed[chunk] = lanes_load(x) + 2.0F * lanes_load(x - 1) + lanes_load(x - 2);
    }
}

/// The last two outputs of a filter, the later first.
struct outputs {
    float last, last_but_one;
};

/// One chunk of the recursion. The outputs that the next chunk waits for are computed apart, from two lanes that take
/// the way through memory.
static inline __attribute__((always_inline)) void
filter_chunk(const struct biquad *biquad, const struct biquad_past *past, lanes fed, struct outputs *outputs, float *y)
{
    const lanes fresh = biquad_recurse(biquad, fed);
    const float out1 = outputs->last;
    const float out2 = outputs->last_but_one;
    lanes_store(y, fresh);
    const volatile float *last = y + LANES - 2;
    outputs->last = last[1] + past->of1[LANES - 1] * out1 + past->of2[LANES - 1] * out2;
    outputs->last_but_one = last[0] + past->of1[LANES - 2] * out1 + past->of2[LANES - 2] * out2;
    lanes_store(y, fresh + past->of1 * out1 + past->of2 * out2);
}

/// A filter that moves is another one in each chunk.
static inline __attribute__((always_inline)) void
filter_moving(const struct voice_group *group, int lane, const lanes fed[CHUNKS], struct outputs *outputs, float *y)
{
    const float part = 1.0F / (float)CHUNKS;
    const float b0 = group->b0[lane];
    const float a1 = group->a1[lane];
    const float a2 = group->a2[lane];
    const float b0_step = (group->b0_next[lane] - b0) * part;
    const float a1_step = (group->a1_next[lane] - a1) * part;
    const float a2_step = (group->a2_next[lane] - a2) * part;
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
        const float at = (float)(chunk + 1);
        const struct biquad biquad = biquad_of(a1 + a1_step * at, a2 + a2_step * at);
        const struct biquad_past past = biquad_past_of(&biquad, biquad_response(&biquad));
        filter_chunk(&biquad, &past, fed[chunk] * (b0 + b0_step * at), outputs, y + chunk * LANES);
    }
}

/// A filter that stands still keeps its impulse response from block to block.
static inline __attribute__((always_inline)) void
filter_still(struct voice_group *group, int lane, const lanes fed[CHUNKS], struct outputs *outputs, float *y)
{
    const struct biquad biquad = biquad_of(group->a1[lane], group->a2[lane]);
    if (__builtin_expect((group->settled >> lane & 1) == 0, 0)) {
        lanes_store(group->response[lane], biquad_response(&biquad));
        group->settled |= 1U << lane;
    }
    const struct biquad_past past = biquad_past_of(&biquad, lanes_load(group->response[lane]));
    const float b0 = group->b0[lane];
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
        filter_chunk(&biquad, &past, fed[chunk] * b0, outputs, y + chunk * LANES);
    }
}

/// 0 for what is so small that some processors take a hundred times as long over it.
static inline float without_dust(float value)
{
    return value < 1e-25F && value > -1e-25F ? 0.0F : value;
}

static inline __attribute__((always_inline)) void filter_block(struct voice_group *group, int lane,
                                                               struct voice_block *block)
{
    struct voice_note *note = &group->notes[lane];
    if (__builtin_expect((note->flags & VOICE_FILTER_ON) != 0, 0)) {
        note->flags &= (uint8_t)~VOICE_FILTER_ON;
        take_up(group, lane, block);
    }
    struct outputs outputs = {.last = group->out1[lane], .last_but_one = group->out2[lane]};
    lanes fed[CHUNKS];
    filter_feed(block, fed);
    group->in1[lane] = block->frames[KERNEL_BLOCK - 1];
    group->in2[lane] = block->frames[KERNEL_BLOCK - 2];
    if (group->b0[lane] != group->b0_next[lane] || group->a1[lane] != group->a1_next[lane] ||
        group->a2[lane] != group->a2_next[lane]) {
        group->settled &= ~(1U << lane);
        filter_moving(group, lane, fed, &outputs, block->frames);
    } else {
        filter_still(group, lane, fed, &outputs, block->frames);
    }
    group->out1[lane] = without_dust(outputs.last);
    group->out2[lane] = without_dust(outputs.last_but_one);
}

static inline __attribute__((always_inline)) void add_ramped(float *to, const float *block, float from, float next)
{
    // Stereo samples are panned hard, and most voices have a send of 0.
    if (from == 0.0F && next == 0.0F) {
        return;
    }
    const float step = (next - from) * (1.0F / (float)KERNEL_BLOCK);
    const lanes ramp = lanes_ramp() * step + from;
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
        const lanes gain = ramp + step * (float)(chunk * LANES);
        lanes_store(to + chunk * LANES, lanes_load(to + chunk * LANES) + lanes_load(block + chunk * LANES) * gain);
    }
}

static inline __attribute__((always_inline)) void add_block(const struct voice_group *group, int lane,
                                                            const float *block, struct voice_mix *mix)
{
    add_ramped(mix->left, block, group->left[lane], group->left_next[lane]);
    add_ramped(mix->right, block, group->right[lane], group->right_next[lane]);
    add_ramped(mix->reverb, block, group->reverb[lane], group->reverb_next[lane]);
    add_ramped(mix->chorus, block, group->chorus[lane], group->chorus_next[lane]);
}

static bool is_silent(const struct voice_group *group, int lane)
{
    return group->left[lane] == 0.0F && group->left_next[lane] == 0.0F && group->right[lane] == 0.0F &&
           group->right_next[lane] == 0.0F;
}

/// Moves the voice on by a block, around its loop or out of its sample.
static void move_on(struct voice_group *group, int lane, const struct window_course *course,
                    const struct voice_source *source)
{
    const uint64_t places = group->fraction[lane] + (uint64_t)group->increment[lane] * KERNEL_BLOCK;
    const int32_t position = group->position[lane] + (int32_t)(places >> VOICE_FRACTION_BITS);
    const int32_t wrapped = window_wrap(course, position);
    group->fraction[lane] = (uint32_t)places & (uint32_t)FRACTION_MASK;
    group->position[lane] = wrapped;
    if (wrapped != position) {
        group->notes[lane].flags |= VOICE_LOOPED;
    }
    if (!course->loops && wrapped >= course->end) {
        group->active &= ~(1U << lane);
        return;
    }
    __builtin_prefetch(source->frames + wrapped + 32);
    __builtin_prefetch(source->frames + wrapped + 64);
}

/// What a voice plays in this block, without filter and volume.
static inline __attribute__((always_inline)) void read_voice(const struct voice_group *group, int lane,
                                                             const struct window_course *course,
                                                             const struct voice_source *source, int taps,
                                                             curve *interpolate, float *block)
{
    const uint32_t fraction = group->fraction[lane];
    const uint32_t increment = group->increment[lane];
    const int32_t first = group->position[lane] - (taps / 2 - 1);
    const uint64_t reach = fraction + (uint64_t)increment * (KERNEL_BLOCK - 1);
    const int32_t count = (int32_t)(reach >> VOICE_FRACTION_BITS) + taps;
    const int16_t *frames = source->frames + first;
    union window window;
    if (__builtin_expect(!window_direct(course, source, first, first + count - 1), 0)) {
        window_build(&window, course, source, first, count);
        frames = window.frames;
    }
    if (__builtin_expect(source->low != NULL, 0)) {
        read_block(NULL, window.wide, fraction, increment, false, taps, interpolate, block);
    } else {
        read_frames(frames, fraction, increment, taps, interpolate, block);
    }
}

/// Reads the blocks of all voices that sound; returns their lanes.
static inline __attribute__((always_inline)) uint32_t read_group(struct voice_group *group,
                                                                 const struct voice_source *sources, int taps,
                                                                 curve *interpolate,
                                                                 struct voice_block blocks[VOICE_LANES])
{
    uint32_t sounding = 0;
    for (uint32_t voices = group->active; voices != 0; voices &= voices - 1) {
        const int lane = __builtin_ctz(voices);
        // The sample begins when the envelope's delay is over.
        if (group->notes[lane].volume_section == SECTION_DELAY) {
            continue;
        }
        const struct window_course course = window_course(&group->notes[lane]);
        if (!is_silent(group, lane)) {
            blocks[lane].before[14] = group->in2[lane];
            blocks[lane].before[15] = group->in1[lane];
            read_voice(group, lane, &course, &sources[lane], taps, interpolate, blocks[lane].frames);
            sounding |= 1U << lane;
        }
        move_on(group, lane, &course, &sources[lane]);
    }
    return sounding;
}

static inline __attribute__((always_inline)) void render(struct voice_group *group, const struct voice_source *sources,
                                                         struct voice_mix *mix, int taps, curve *interpolate)
{
    struct voice_block blocks[VOICE_LANES];
    const uint32_t sounding = read_group(group, sources, taps, interpolate, blocks);
    for (uint32_t voices = sounding; voices != 0; voices &= voices - 1) {
        const int lane = __builtin_ctz(voices);
        if (group->filtered[lane] != 0) {
            filter_block(group, lane, &blocks[lane]);
        }
    }
    for (uint32_t voices = sounding; voices != 0; voices &= voices - 1) {
        const int lane = __builtin_ctz(voices);
        add_block(group, lane, blocks[lane].frames, mix);
    }
    lanes_leave();
}

void KERNEL_NAME(render_linear)(struct voice_group *group, const struct voice_source *sources, struct voice_mix *mix)
{
    render(group, sources, mix, 2, interpolate_linear);
}

void KERNEL_NAME(render_cubic)(struct voice_group *group, const struct voice_source *sources, struct voice_mix *mix)
{
    render(group, sources, mix, 4, interpolate_cubic);
}

void KERNEL_NAME(render_sinc)(struct voice_group *group, const struct voice_source *sources, struct voice_mix *mix)
{
    render(group, sources, mix, 8, interpolate_sinc);
}
