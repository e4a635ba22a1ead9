// SPDX-License-Identifier: GPL-3.0-or-later
// Each voice has a place in the file, in frames and fractions of 2^32, and reads sixteen frames around it (taps.h).
// Where these lie across an end of the loop they are fetched one by one, each from where the loop goes on. When a voice
// starts again, or its file ends, what it last put out is left to fade within a few milliseconds beneath what comes, so
// that nothing clicks but what clicks in the file. A place that no file has, such as a foreign state may hold, is the
// end.
#include "synth/modules/kind.h"
#include "synth/modules/sound_file.h"
#include "synth/modules/taps.h"

#include <stdlib.h>

enum { IN_GATE, IN_PITCH };
enum { OUT_LEFT, OUT_RIGHT };
enum { PARAM_ROOT, PARAM_START, PARAM_LOOP, PARAM_LOOP_START, PARAM_LOOP_END };
enum loop_mode { LOOP_OFF, LOOP_ON, LOOP_HELD };

static const char *const loop_modes[] = {"off", "on", "held", NULL};

// In what a place is counted.
static const uint64_t one_frame = (uint64_t)1 << 32;

// No faster than this through the file, in frames a frame.
static const float fastest = 1024;

struct sample_file {
    struct sound_file sound;
    float taps[TAPS_FLOATS];
};

struct sample_state {
    uint64_t at[POLY_LANES];      ///< in frames times 2^32
    uint32_t playing[POLY_LANES]; ///< whether it sounds
    uint32_t has_looped[POLY_LANES];
    poly_int is_high; ///< all ones while the gate is
    poly last[2];     ///< the last output, left and right
    poly tail[2];     ///< what fades
};

/// The loop, and where to start, in frames of the file.
struct range {
    uint32_t start, from, to;
    enum loop_mode mode;
};

static const struct module_port inputs[] = {
    [IN_GATE] = {"gate", "gate", "starts the sound when it opens"},
    [IN_PITCH] = {"pitch", "semitones", "above A4; at the root the file sounds as it is"},
    {0},
};

static const struct module_port outputs[] = {
    [OUT_LEFT] = {"left", "audio", "the left channel, or the only one"},
    [OUT_RIGHT] = {"right", "audio", "the right channel, or the only one"},
    {0},
};

static const struct module_param params[] = {
    [PARAM_ROOT] = {"root", "semitones", "the pitch at which the file sounds as it is, above A4", -69, 69, 0, NULL,
                    false},
    [PARAM_START] = {"start", "s", "where in the file it starts", 0, 3600, 0, NULL, true},
    [PARAM_LOOP] = {"loop", "", "whether it loops: while held means until the gate closes", 0, LOOP_HELD, LOOP_OFF,
                    loop_modes, true},
    [PARAM_LOOP_START] = {"loop_start", "s", "where the loop begins", 0, 3600, 0, NULL, true},
    [PARAM_LOOP_END] = {"loop_end", "s", "where it ends; 0 is the end of the file", 0, 3600, 0, NULL, true},
    {0},
};

static enum status open_sample(const struct module_setup *setup, const char *path, const char *shown, void **resource,
                               struct complaint *complaint)
{
    (void)setup;
    *resource = NULL;
    // Without a file it is silent, so that a module can be made first and be given its file later.
    if (!*path) {
        return STATUS_OK;
    }
    struct sample_file *file = malloc(sizeof *file);
    if (!file) {
        return complain(complaint, STATUS_NO_MEMORY, "no memory for the sound \"%s\"", shown);
    }
    const enum status status = sound_file_read(path, shown, &file->sound, complaint);
    if (status) {
        free(file);
        return status;
    }
    taps_fill(file->taps);
    *resource = file;
    return STATUS_OK;
}

static void close_sample(void *resource)
{
    struct sample_file *file = resource;
    if (file) {
        free(file->sound.memory);
        free(file);
    }
}

/// A parameter in seconds as a frame of \p sound, at most \p most.
POLY_INLINE uint32_t frame_of(const struct module_call *call, uint32_t param, const struct sound_file *sound,
                              uint32_t most)
{
    const double frame = (double)call->params[param].value * sound->rate + 0.5;
    return frame < 0 ? 0 : frame < most ? (uint32_t)frame : most;
}

POLY_INLINE struct range range_of(const struct module_call *call, const struct sound_file *sound)
{
    const uint32_t last = sound->frames - 1;
    struct range range = {.start = frame_of(call, PARAM_START, sound, last),
                          .from = frame_of(call, PARAM_LOOP_START, sound, last),
                          .to = frame_of(call, PARAM_LOOP_END, sound, sound->frames),
                          .mode = module_choice(call, PARAM_LOOP)};
    if (range.to == 0) {
        range.to = sound->frames;
    }
    if (range.to <= range.from) {
        range.to = range.from + 1;
    }
    return range;
}

/// The sixteen frames around \p frame of \p channel.
POLY_INLINE poly fetch(const struct sound_file *sound, uint32_t channel, int64_t frame, const struct range *range,
                       bool is_looping, bool has_looped)
{
    const float *samples = sound->samples[channel];
    const int64_t first = frame - TAPS_BEFORE;
    const int64_t from = range->from;
    const int64_t to = range->to;
    if ((!is_looping || first + TAPS <= to) && (!has_looped || first >= from)) {
        return taps_load(samples + first);
    }
    poly taps;
    for (int k = 0; k < TAPS; k++) {
        int64_t at = first + k;
        if (is_looping && at >= to) {
            at = from + (at - to) % (to - from);
        }
        if (has_looped && at < from && frame >= from) {
            at = to - 1 - (from - 1 - at) % (to - from);
        }
        taps[k] = at >= 0 && at < sound->frames ? samples[at] : 0;
    }
    return taps;
}

/// One frame of one voice into \p left and \p right; silence where the file has ended.
POLY_INLINE void play(struct sample_state *state, const struct sample_file *file, const struct range *range,
                      uint32_t lane, bool is_held, float *left, float *right)
{
    const bool is_looping = range->mode == LOOP_ON || (range->mode == LOOP_HELD && is_held);
    uint64_t frame = state->at[lane] >> 32;
    if (is_looping && frame >= range->to) {
        frame = range->from + (frame - range->to) % (range->to - range->from);
        state->at[lane] = frame * one_frame + (uint32_t)state->at[lane];
        state->has_looped[lane] = 1;
    }
    if (frame >= file->sound.frames) {
        state->playing[lane] = 0;
        return;
    }
    const float fraction = (float)(uint32_t)state->at[lane] * (1.0F / 4294967296.0F);
    const poly weights = taps_weights(file->taps, fraction);
    const bool has_looped = state->has_looped[lane] != 0;
    *left = taps_sum(weights * fetch(&file->sound, 0, (int64_t)frame, range, is_looping, has_looped));
    *right = *left;
    if (file->sound.channels > 1) {
        *right = taps_sum(weights * fetch(&file->sound, 1, (int64_t)frame, range, is_looping, has_looped));
    }
}

/// Starts the voices whose gate opens.
POLY_INLINE void start(struct sample_state *state, poly_int opens, const struct range *range)
{
    for (uint32_t lane = 0; lane < POLY_LANES; lane++) {
        if (opens[lane]) {
            state->at[lane] = range->start * one_frame;
            state->playing[lane] = 1;
            state->has_looped[lane] = 0;
        }
    }
}

/// One frame of all voices.
POLY_INLINE void play_all(struct sample_state *state, const struct sample_file *file, const struct range *range,
                          const struct module_call *call, poly speed, poly out[2])
{
    for (uint32_t lane = 0; lane < call->lanes; lane++) {
        if (state->playing[lane]) {
            float left = 0;
            float right = 0;
            play(state, file, range, lane, state->is_high[lane] != 0, &left, &right);
            out[OUT_LEFT][lane] = left;
            out[OUT_RIGHT][lane] = right;
            state->at[lane] += (uint64_t)((double)speed[lane] * (double)one_frame);
        }
    }
}

POLY_INLINE poly_int playing_of(const struct sample_state *state)
{
    poly_int playing;
    memcpy(&playing, state->playing, sizeof playing);
    return playing;
}

/// Adds to \p out what is left of the last output of the voices that started or ended at this frame, or before.
POLY_INLINE void fade_beneath(struct sample_state *state, poly_int breaks, poly fade, const poly out[2])
{
    const poly_int broken = breaks != 0;
    for (int c = 0; c < 2; c++) {
        const poly tail = poly_select(broken, state->last[c], state->tail[c] * fade);
        // Neither what is too small for anything but slow arithmetic, nor what no file put out.
        const poly size = poly_abs(tail);
        const poly_int is_good = poly_less(poly_all(1e-8F), size) & poly_less(size, poly_all(1e7F));
        state->tail[c] = poly_select(is_good, tail, poly_all(0));
        state->last[c] = out[c] + state->tail[c];
    }
}

static void be_silent(const struct module_call *call) REALTIME
{
    for (uint32_t i = 0; i < call->frames; i++) {
        module_out(call, OUT_LEFT)[i] = module_out(call, OUT_RIGHT)[i] = poly_all(0);
    }
}

static void process(const struct module_call *call) REALTIME
{
    struct sample_state *state = call->state;
    const struct sample_file *file = call->resource;
    if (!file) {
        be_silent(call);
        return;
    }
    const struct range range = range_of(call, &file->sound);
    const float ratio = (float)(file->sound.rate / call->setup->rate);
    // To a thousandth in seven milliseconds.
    const poly fade = poly_exp2(poly_all(-1443.0F / (float)call->setup->rate));
    for (uint32_t i = 0; i < call->frames; i++) {
        const poly_int is_high = poly_less(poly_all(0.5F), module_in(call, IN_GATE)[i]);
        const poly_int opens = is_high & ~state->is_high;
        state->is_high = is_high;
        start(state, opens, &range);
        const poly_int before = playing_of(state);
        const poly pitch = module_in(call, IN_PITCH)[i] - module_value(call, PARAM_ROOT, i);
        poly out[2] = {poly_all(0), poly_all(0)};
        play_all(state, file, &range, call, poly_clamp(poly_ratio(pitch) * ratio, 0, fastest), out);
        fade_beneath(state, opens | (before ^ playing_of(state)), fade, out);
        module_out(call, OUT_LEFT)[i] = state->last[OUT_LEFT];
        module_out(call, OUT_RIGHT)[i] = state->last[OUT_RIGHT];
    }
}

const struct module_type MODULE(sample) = {
    .name = "sample",
    .title = "plays a sound file: WAV, FLAC, Ogg",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .has_file = true,
    .state_size = sizeof(struct sample_state),
    .process = process,
    .open = open_sample,
    .close = close_sample,
};
