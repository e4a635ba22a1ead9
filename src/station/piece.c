// SPDX-License-Identifier: GPL-3.0-or-later
// Blocks are cut so that the composer is never more than one block ahead of the sound: what it wrote for the block
// goes through the sequencer's queue, and a change finds nothing but the block's own notes in its way.
#include "station/piece.h"

#include "music/meter.h"
#include "synth/master.h"

#include <math.h>
#include <stdlib.h>

static const double GAIN_MS = 200.0; // how long a preset's gain takes to be reached

enum {
    BLOCK_FRAMES = 1024,
    SKIP_FRAMES = 1 << 16 ///< what is composed at once where nothing is heard; a part of what the sequencer holds
};

struct piece {
    struct composer *composer;
    struct instrument *instrument;
    struct sequencer *sequencer;
    struct master *master;
    struct score score; ///< what the composer just wrote
    double rate;
    float gain;
    float gain_target;
    float gain_step; ///< a frame
};

static float gain_of(const struct preset *preset)
{
    return (float)pow(10.0, preset->gain_db / 20.0);
}

struct piece *piece_new(const struct piece_options *options)
{
    struct piece *piece = calloc(1, sizeof *piece);
    if (!piece) {
        instrument_free(options->instrument);
        return NULL;
    }
    piece->instrument = options->instrument;
    piece->rate = options->rate;
    piece->gain = piece->gain_target = gain_of(options->preset);
    piece->composer = composer_new(options->harmony, options->preset, &options->controls, options->seed);
    piece->sequencer = sequencer_new(options->instrument, options->rate, options->controls.bpm, &options->watch);
    piece->master = master_new(options->rate);
    if (!piece->composer || !piece->sequencer || !piece->master) {
        piece_free(piece);
        return NULL;
    }
    return piece;
}

void piece_free(struct piece *piece)
{
    if (piece) {
        score_done(&piece->score);
        master_free(piece->master);
        sequencer_free(piece->sequencer);
        composer_free(piece->composer);
        instrument_free(piece->instrument);
        free(piece);
    }
}

// Hands what the composer wrote to the sequencer.
static enum status flush(struct piece *piece)
{
    enum status status = score_sort(&piece->score);
    for (size_t i = 0; i < piece->score.count && status == STATUS_OK; i++) {
        status = sequencer_add(piece->sequencer, &piece->score.events[i]);
    }
    score_clear(&piece->score);
    return status;
}

enum status piece_change(struct piece *piece, const struct preset *preset, const struct controls *controls)
{
    const int64_t now = sequencer_tick(piece->sequencer);
    const enum status status = composer_change(piece->composer, preset, controls, now, &piece->score);
    if (status != STATUS_OK) {
        score_clear(&piece->score);
        return status;
    }
    if (preset) {
        piece->gain_target = gain_of(preset);
        piece->gain_step = (float)((piece->gain_target - piece->gain) / (GAIN_MS * piece->rate / 1000.0));
    }
    sequencer_set_bpm(piece->sequencer, controls->bpm);
    return flush(piece);
}

static void step_gain(struct piece *piece)
{
    piece->gain += piece->gain_step;
    if ((piece->gain_step >= 0.0F) == (piece->gain >= piece->gain_target)) {
        piece->gain = piece->gain_target;
    }
}

static void apply_gain(struct piece *piece, float *left, float *right, size_t frames)
{
    for (size_t i = 0; i < frames; i++) {
        if (piece->gain != piece->gain_target) {
            step_gain(piece);
        }
        left[i] *= piece->gain;
        right[i] *= piece->gain;
    }
}

// Has everything written that plays within the next \p frames frames.
static enum status compose(struct piece *piece, size_t frames)
{
    const int64_t until = sequencer_tick_after(piece->sequencer, frames) + 1;
    const enum status status = composer_advance(piece->composer, until, &piece->score);
    return status == STATUS_OK ? flush(piece) : status;
}

enum status piece_render(struct piece *piece, float *left, float *right, size_t frames)
{
    while (frames > 0) {
        const size_t block = frames < BLOCK_FRAMES ? frames : BLOCK_FRAMES;
        const enum status status = compose(piece, block);
        if (status != STATUS_OK) {
            return status;
        }
        sequencer_render(piece->sequencer, left, right, block);
        apply_gain(piece, left, right, block);
        master_process(piece->master, left, right, block);
        left += block;
        right += block;
        frames -= block;
    }
    return STATUS_OK;
}

enum status piece_skip(struct piece *piece, uint64_t frame)
{
    while (piece_frame(piece) < frame) {
        const uint64_t left = frame - piece_frame(piece);
        const size_t stride = left < SKIP_FRAMES ? (size_t)left : SKIP_FRAMES;
        const enum status status = compose(piece, stride);
        if (status != STATUS_OK) {
            return status;
        }
        sequencer_skip(piece->sequencer, stride);
        for (size_t i = 0; i < stride && piece->gain != piece->gain_target; i++) {
            step_gain(piece);
        }
    }
    return STATUS_OK;
}

size_t piece_delay(const struct piece *piece)
{
    return master_delay(piece->master);
}

uint64_t piece_frame(const struct piece *piece)
{
    return sequencer_frame(piece->sequencer);
}

const struct composer *piece_composer(const struct piece *piece)
{
    return piece->composer;
}

const struct instrument *piece_instrument(const struct piece *piece)
{
    return piece->instrument;
}
