// SPDX-License-Identifier: GPL-3.0-or-later
// How much of a note each band holds is worked out once for each key. What a row of sound sees of a note that has just
// begun is the part of its window (beat_bands.h) that the note already fills.
#include "hear/note_bands.h"

#include "hear/spectrum.h"
#include "music/drum.h"

#include <math.h>
#include <stdlib.h>

enum { KEYS = 128, OVERTONES = 16 };

static const double A4_HZ = 440.0;
static const int A4_KEY = 69;
static const double SLOPE = 1.5;         ///< an overtone's amplitude is its number to the power of minus this
static const double STRIKE = 0.3;        ///< the noise of an attack, over all bands, of the tone's amplitude
static const double STRIKE_DECAY = 0.02; ///< seconds to a third
static const double MIDDLE_DECAY = 1.2;  ///< of the amplitude of key 60
static const double OCTAVE_DECAY = 0.6;  ///< what an octave more leaves of that
static const double FADE = 0.08;         ///< after the end
static const double MIDDLE = 0.015;      ///< age of what weighs most in a row's window
static const double LOUDNESS = 0.1;      ///< amplitude of a note of full velocity

// Noise between two frequencies.
static const struct {
    double low, high; ///< Hz
    double decay;     ///< seconds to a third
    double loud;
} drums[DRUM_KINDS] = {
    [DRUM_OTHER] = {600, 8000, 0.1, 0.5},      [DRUM_BASS] = {40, 150, 0.15, 1.0},
    [DRUM_SNARE] = {150, 9000, 0.12, 1.0},     [DRUM_TOM] = {70, 400, 0.25, 0.9},
    [DRUM_HAT] = {5000, 15000, 0.05, 0.4},     [DRUM_OPEN_HAT] = {4000, 15000, 0.3, 0.5},
    [DRUM_RIDE] = {3000, 15000, 0.4, 0.4},     [DRUM_CRASH] = {2000, 15000, 1.0, 0.7},
    [DRUM_TAMBOURINE] = {600, 8000, 0.1, 0.5},
};

struct note_bands {
    struct band_levels levels;
    float tones[KEYS][BEAT_BANDS];
    float noises[DRUM_KINDS][BEAT_BANDS];
    float strike[BEAT_BANDS];
    double decays[KEYS]; ///< of the tones, in seconds
};

// Adds a sine of that amplitude.
static void add_sine(float *bands, double hz, double amplitude)
{
    for (int i = 0; i < BEAT_BANDS; i++) {
        bands[i] += (float)(amplitude * band_levels_weight(i, hz));
    }
}

// Noise from `low` to `high`, whose bands add up to `amplitude`.
static void add_noise(float *bands, double low, double high, double amplitude)
{
    float widths[BEAT_BANDS];
    float sum = 1e-9F;
    for (int i = 0; i < BEAT_BANDS; i++) {
        const double first = fmax(low, band_levels_edge(i));
        const double last = fmin(high, band_levels_edge(i + 2));
        widths[i] = (float)fmax(0.0, last - first);
        sum += widths[i];
    }
    for (int i = 0; i < BEAT_BANDS; i++) {
        bands[i] += widths[i] / sum * (float)amplitude;
    }
}

struct note_bands *note_bands_new(double seconds)
{
    struct note_bands *bands = calloc(1, sizeof *bands);
    if (!bands) {
        return NULL;
    }
    band_levels_init(&bands->levels, seconds);
    for (int key = 0; key < KEYS; key++) {
        const double hz = A4_HZ * exp2((key - A4_KEY) / 12.0);
        bands->decays[key] = MIDDLE_DECAY * pow(OCTAVE_DECAY, (key - 60) / 12.0);
        for (int n = 1; n <= OVERTONES; n++) {
            add_sine(bands->tones[key], n * hz, pow(n, -SLOPE));
        }
    }
    for (int i = 0; i < DRUM_KINDS; i++) {
        add_noise(bands->noises[i], drums[i].low, drums[i].high, drums[i].loud);
    }
    add_noise(bands->strike, band_levels_edge(0), band_levels_edge(BEAT_BANDS + 1), STRIKE);
    return bands;
}

void note_bands_free(struct note_bands *bands)
{
    free(bands);
}

static void add(float *sums, const float *bands, double amplitude) REALTIME;
static void add_note(const struct note_bands *bands, const struct midi_sounding *note, double time,
                     float *sums) REALTIME;

static void add(float *sums, const float *bands, double amplitude)
{
    for (int i = 0; i < BEAT_BANDS; i++) {
        sums[i] += bands[i] * (float)amplitude;
    }
}

static void add_note(const struct note_bands *bands, const struct midi_sounding *note, double time, float *sums)
{
    const double age = time - note->begin;
    if (!(age > 0.0)) {
        return;
    }
    const double past = fmax(0.0, age - MIDDLE);
    const double amplitude = LOUDNESS * note->velocity * note->velocity *
                             spectrum_fill(age, band_levels_window - band_levels_fall, band_levels_fall);
    if (note->drum) {
        const enum drum kind = drum_of_key(note->key);
        add(sums, bands->noises[kind], amplitude * exp(-past / drums[kind].decay));
        return;
    }
    const double ended = fmax(0.0, time - note->end);
    add(sums, bands->tones[note->key], amplitude * exp(-past / bands->decays[note->key] - ended / FADE));
    add(sums, bands->strike, amplitude * exp(-past / STRIKE_DECAY));
}

const float *note_bands_row(struct note_bands *bands, const struct midi_ear *ear, double time)
{
    float sums[BEAT_BANDS] = {0.0F};
    const uint32_t count = midi_ear_sounding_count(ear);
    for (uint32_t i = 0; i < count; i++) {
        const struct midi_sounding note = midi_ear_sounding(ear, i);
        add_note(bands, &note, time, sums);
    }
    band_levels_push(&bands->levels, sums);
    return bands->levels.values;
}
