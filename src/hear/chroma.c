// SPDX-License-Identifier: GPL-3.0-or-later
// A step is made of three transforms that take turns: one is due two slots before the step, one a slot before, one at
// the step. A peak's place between the bins is that of the parabola through the logarithms of three magnitudes. It
// counts for the nearest semitone of the performer's tuning, the less the farther it lies from it, and of several in
// one semitone the strongest counts. The scale is logarithmic and relative to the strongest semitone of the last
// seconds, so that soft playing looks like loud playing, and a rest still like a rest. A one-pole filter takes out what
// is constant, whose side lobes would be heard as notes where there are no others.
//
// Beside the strongest semitone there is a usual level, which rises and falls slowly once it is known. What is far
// above it is remembered only for a moment, so that the music is heard again soon after a plug was pulled. What is far
// below it does not count for the tuning, so that a hum in a rest leaves that as it is.
#include "hear/chroma.h"

#include "hear/spectrum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const uint8_t chroma_lowest[CHROMA_VIEWS] = {28, 40, 64};
const struct chroma_window chroma_windows[CHROMA_VIEWS] = {{0.34, 0.25}, {0.17, 0.25}, {0.085, 0.33}};
const double chroma_memory_seconds = 5.0;

enum { PIECE = 256 }; ///< most frames that are filtered at once

static const double STEPS_PER_SECOND = 60.0;
static const double SLOTS_PER_SECOND = 3000.0;
static const double TUNING_SECONDS = 15.0;

/// How long one that is too loud to be true is remembered, and the usual level.
static const double GLITCH_SECONDS = 0.3;
static const double USUAL_SECONDS = 30.0;

/// In which whatever is heard is usual.
static const double BEGINNING_SECONDS = 1.0;

/// How fast the usual level rises.
static const double RISE_DB_PER_SECOND = 10.0;

/// What is above the usual level by this factor is too loud to be true.
static const float GLITCH_RATIO = 1.4F;

/// What is below the usual level by this factor counts for no tuning.
static const float TUNING_RATIO = 0.03F;

/// Of the filter that takes out what is constant.
static const double BLOCK_HZ = 10.0;

/// Below -100 dB there is only silence.
static const float FLOOR = 1e-5F;
static const float QUIETEST = 3e-4F; // -70 dB

/// A peak this much below the strongest of its transform is none.
static const float PEAK_RATIO = 1e-3F;

/// The logarithmic scale: ln(1 + 60 x), scaled so that 1 stays 1.
static const float SCALE = 60.0F;

struct view {
    struct spectrum *spectrum;
    uint32_t first, last; ///< bins
    double hz;            ///< a bin
    float strengths[CHROMA_SEMITONES];
};

struct chroma {
    uint32_t step, slot;
    uint32_t at; ///< frames of this step
    uint64_t frames;
    float strongest, keep, forget; ///< and what a step leaves of it, for sure and of a glitch
    float usual, sink, rise;       ///< and what a step makes of it at least and at most
    uint32_t beginning;            ///< steps with sound in them until the usual level is known
    float blocked, past, leak;     ///< of the filter: its output and input before, and what it keeps
    float clean[PIECE];
    struct view views[CHROMA_VIEWS];
    struct tuning tuning;
    struct chroma_frame latest;
};

static double hz_of(double pitch)
{
    return 440.0 * exp2((pitch - 69.0) / 12.0);
}

/// When in a step the transform of a view is due.
static uint32_t turn_of(const struct chroma *chroma, int view) REALTIME;

static uint32_t turn_of(const struct chroma *chroma, int view)
{
    return chroma->step - (uint32_t)(CHROMA_VIEWS - 1 - view) * chroma->slot;
}

static bool make_view(struct chroma *chroma, int index, double rate)
{
    struct view *view = &chroma->views[index];
    const uint32_t window = (uint32_t)lrint(chroma_windows[index].seconds * rate);
    uint32_t size = 2;
    while (size < window) {
        size *= 2;
    }
    const struct spectrum_options options = {.window = window,
                                             .fall = (uint32_t)lrint(window * chroma_windows[index].fall),
                                             .size = size,
                                             .hop = chroma->step,
                                             .first = turn_of(chroma, index)};
    view->spectrum = spectrum_new(&options);
    view->hz = rate / size;
    const double highest = hz_of(chroma_lowest[index] + CHROMA_SEMITONES - 0.5);
    view->first = (uint32_t)fmax(1.0, floor(hz_of(chroma_lowest[index] - 1.0) / view->hz));
    view->last = (uint32_t)fmin(size / 2.0 - 1.0, ceil(highest / view->hz));
    return view->spectrum;
}

struct chroma *chroma_new(double rate)
{
    if (!(rate >= 7999.0 && rate <= 21001.0)) {
        return NULL;
    }
    struct chroma *chroma = calloc(1, sizeof *chroma);
    if (!chroma) {
        return NULL;
    }
    chroma->step = (uint32_t)lrint(rate / STEPS_PER_SECOND);
    chroma->slot = (uint32_t)lrint(rate / SLOTS_PER_SECOND);
    chroma->keep = (float)exp(-1.0 / (STEPS_PER_SECOND * chroma_memory_seconds));
    chroma->forget = (float)exp(-1.0 / (STEPS_PER_SECOND * GLITCH_SECONDS));
    chroma->sink = (float)exp(-1.0 / (STEPS_PER_SECOND * USUAL_SECONDS));
    chroma->rise = (float)pow(10.0, RISE_DB_PER_SECOND / STEPS_PER_SECOND / 20.0);
    chroma->leak = (float)exp(-2.0 * M_PI * BLOCK_HZ / rate);
    chroma->strongest = chroma->usual = QUIETEST;
    chroma->beginning = (uint32_t)(STEPS_PER_SECOND * BEGINNING_SECONDS);
    tuning_init(&chroma->tuning, STEPS_PER_SECOND, TUNING_SECONDS);
    for (int i = 0; i < CHROMA_VIEWS; i++) {
        if (!make_view(chroma, i, rate)) {
            chroma_free(chroma);
            return NULL;
        }
    }
    return chroma;
}

void chroma_free(struct chroma *chroma)
{
    if (chroma) {
        for (int i = 0; i < CHROMA_VIEWS; i++) {
            spectrum_free(chroma->views[i].spectrum);
        }
        free(chroma);
    }
}

uint32_t chroma_step(const struct chroma *chroma)
{
    return chroma->step;
}

uint32_t chroma_slot(const struct chroma *chroma)
{
    return chroma->slot;
}

const struct chroma_frame *chroma_latest(const struct chroma *chroma)
{
    return &chroma->latest;
}

const struct tuning *chroma_tuning(const struct chroma *chroma)
{
    return &chroma->tuning;
}

static void add_peak(struct chroma *chroma, int index, uint32_t bin, float strongest) REALTIME;

static void add_peak(struct chroma *chroma, int index, uint32_t bin, float strongest)
{
    struct view *view = &chroma->views[index];
    const float *m = spectrum_magnitudes(view->spectrum) + bin;
    const float before = logf(m[-1] + 1e-12F);
    const float here = logf(m[0] + 1e-12F);
    const float after = logf(m[1] + 1e-12F);
    const float bend = before - 2.0F * here + after;
    const float shift = bend < -1e-6F ? 0.5F * (before - after) / bend : 0.0F;
    const float pitch = 69.0F + 12.0F * log2f((float)view->hz * ((float)bin + shift) / 440.0F);
    const float strength = expf(here - 0.25F * (before - after) * shift);
    const float loudest = fmaxf(strongest, chroma->usual);
    if (index > 0 && pitch > 52.0F && strength > loudest * TUNING_RATIO) {
        tuning_add(&chroma->tuning, pitch, strength / loudest);
    }
    const float tuned = pitch - (float)chroma->tuning.semitones;
    const float nearest = rintf(tuned);
    const float counts = strength * cosf((float)M_PI * (tuned - nearest));
    const int semitone = (int)nearest - chroma_lowest[index];
    if (semitone >= 0 && semitone < CHROMA_SEMITONES && counts > view->strengths[semitone]) {
        view->strengths[semitone] = counts;
    }
}

static void find_peaks(struct chroma *chroma, int index) REALTIME;

static void find_peaks(struct chroma *chroma, int index)
{
    struct view *view = &chroma->views[index];
    const float *magnitudes = spectrum_magnitudes(view->spectrum);
    float strongest = FLOOR;
    for (uint32_t i = view->first; i <= view->last; i++) {
        strongest = fmaxf(strongest, magnitudes[i]);
    }
    memset(view->strengths, 0, sizeof view->strengths);
    const float least = fmaxf(strongest * PEAK_RATIO, FLOOR);
    for (uint32_t i = view->first; i <= view->last; i++) {
        if (magnitudes[i] > least && magnitudes[i] > magnitudes[i - 1] && magnitudes[i] >= magnitudes[i + 1]) {
            add_peak(chroma, index, i, strongest);
        }
    }
}

float chroma_scaled(float ratio)
{
    return log1pf(SCALE * ratio) / log1pf(SCALE);
}

/// Keeps in mind how loud the music is.
static void follow_level(struct chroma *chroma, float peak) REALTIME;

static void follow_level(struct chroma *chroma, float peak)
{
    // A hum in a long rest is not to grow into music.
    const float risen = chroma->beginning > 0 ? peak : fminf(peak, chroma->usual * chroma->rise);
    chroma->beginning -= chroma->beginning > 0 && peak > QUIETEST;
    chroma->usual = fmaxf(fmaxf(chroma->usual * chroma->sink, risen), QUIETEST);
    const float keep = chroma->strongest > chroma->usual * GLITCH_RATIO ? chroma->forget : chroma->keep;
    chroma->strongest = fmaxf(fmaxf(chroma->strongest * keep, peak), QUIETEST);
}

static void finish_step(struct chroma *chroma) REALTIME;

static void finish_step(struct chroma *chroma)
{
    float peak = 0.0F;
    for (int v = 0; v < CHROMA_VIEWS; v++) {
        for (int i = 0; i < CHROMA_SEMITONES; i++) {
            peak = fmaxf(peak, chroma->views[v].strengths[i]);
        }
    }
    follow_level(chroma, peak);
    for (int v = 0; v < CHROMA_VIEWS; v++) {
        for (int i = 0; i < CHROMA_SEMITONES; i++) {
            chroma->latest.views[v][i] = chroma_scaled(chroma->views[v].strengths[i] / chroma->strongest);
        }
    }
    chroma->latest.level = chroma_scaled(peak / chroma->strongest);
    chroma->latest.frame = (double)chroma->frames;
    tuning_step(&chroma->tuning);
}

/// Frames until the next transform is due.
static uint32_t until_due(const struct chroma *chroma) REALTIME;

static uint32_t until_due(const struct chroma *chroma)
{
    int view = 0;
    while (turn_of(chroma, view) <= chroma->at) {
        view++;
    }
    return turn_of(chroma, view) - chroma->at;
}

static void block_constant(struct chroma *chroma, const float *frames, size_t count) REALTIME;

static void block_constant(struct chroma *chroma, const float *frames, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const float filtered = frames[i] - chroma->past + chroma->leak * chroma->blocked;
        chroma->past = frames[i];
        chroma->blocked = fabsf(filtered) > 1e-15F ? filtered : 0.0F;
        chroma->clean[i] = chroma->blocked;
    }
}

size_t chroma_push(struct chroma *chroma, const float *frames, size_t count, bool *made)
{
    size_t used = 0;
    *made = false;
    while (used < count && !*made) {
        const uint32_t until = until_due(chroma) < PIECE ? until_due(chroma) : PIECE;
        const size_t some = count - used < until ? count - used : until;
        block_constant(chroma, frames + used, some);
        for (int i = 0; i < CHROMA_VIEWS; i++) {
            bool due = false;
            (void)spectrum_push(chroma->views[i].spectrum, chroma->clean, some, &due);
            if (due) {
                find_peaks(chroma, i);
            }
        }
        used += some;
        chroma->frames += some;
        chroma->at += (uint32_t)some;
        if (chroma->at == chroma->step) {
            chroma->at = 0;
            finish_step(chroma);
            *made = true;
        }
    }
    return used;
}

void chroma_fold(const struct chroma_frame *frame, float treble[12], float bass[12])
{
    memset(treble, 0, 12 * sizeof *treble);
    memset(bass, 0, 12 * sizeof *bass);
    for (int v = 0; v < CHROMA_VIEWS; v++) {
        for (int i = 0; i < CHROMA_SEMITONES; i++) {
            float *slot = (v == 0 ? bass : treble) + (chroma_lowest[v] + i) % 12;
            *slot = fmaxf(*slot, frame->views[v][i]);
        }
    }
}
