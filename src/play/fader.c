// SPDX-License-Identifier: GPL-3.0-or-later
// Where a block is missing, the last frame that was heard is held and falls to 0: nothing is known of how the sound
// would go on, and a level that jumps is what clicks. When blocks are back they rise while what is held still falls.
// Ramps are 3 x^2 - 2 x^3, level at both ends.
#include "play/fader.h"

#include <string.h>

void fader_init(struct fader *fader, uint32_t channels, uint32_t block, uint32_t length)
{
    memset(fader, 0, sizeof *fader);
    fader->channels = channels;
    fader->block = block;
    fader->length = length ? length : 1;
    fader->fallen = fader->length;
}

static uint32_t further(const struct fader *fader, uint32_t at, uint32_t frames) REALTIME;
static float ramp(const struct fader *fader, uint32_t at) REALTIME;
static void hold(struct fader *fader, const float *out) REALTIME;
static void mix(const struct fader *fader, const float *samples, float *out, float held) REALTIME;
static void leave(const struct fader *fader, float *out) REALTIME;

static uint32_t further(const struct fader *fader, uint32_t at, uint32_t frames)
{
    return fader->length - at < frames ? fader->length : at + frames;
}

// 0 at the start to 1 at the length.
static float ramp(const struct fader *fader, uint32_t at)
{
    const float x = at < fader->length ? (float)at / (float)fader->length : 1;
    return x * x * (3 - 2 * x);
}

static void hold(struct fader *fader, const float *out)
{
    for (uint32_t channel = 0; channel < fader->channels; channel++) {
        fader->held[channel] = out[(channel + 1) * fader->block - 1];
    }
    fader->fallen = 0;
    fader->risen = 0;
}

static void mix(const struct fader *fader, const float *samples, float *out, float held)
{
    for (uint32_t i = 0; i < fader->block; i++) {
        const float falling = held * (1 - ramp(fader, fader->fallen + i + 1));
        out[i] = samples ? falling + samples[i] * ramp(fader, fader->risen + i) : falling;
    }
}

static void leave(const struct fader *fader, float *out)
{
    for (uint32_t i = 0; i < fader->block; i++) {
        out[i] *= 1 - ramp(fader, fader->left + i + 1);
    }
}

void fader_play(struct fader *fader, const float *samples, float *out, bool leaving)
{
    const uint32_t block = fader->block;
    if (!samples && fader->risen > 0) {
        hold(fader, out); // what was played last still lies there
    }
    if (samples && fader->risen == fader->length && fader->fallen == fader->length) {
        memcpy(out, samples, (size_t)fader->channels * block * sizeof(float));
    } else {
        for (uint32_t channel = 0; channel < fader->channels; channel++) {
            const size_t at = (size_t)channel * block;
            mix(fader, samples ? samples + at : NULL, out + at, fader->held[channel]);
        }
        fader->fallen = further(fader, fader->fallen, block);
        fader->risen = samples ? further(fader, fader->risen, block) : 0;
    }
    if (leaving) {
        for (uint32_t channel = 0; channel < fader->channels; channel++) {
            leave(fader, out + (size_t)channel * block);
        }
        fader->left = further(fader, fader->left, block);
    }
}

bool fader_is_silent(const struct fader *fader)
{
    return fader->left == fader->length;
}
