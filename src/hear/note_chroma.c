// SPDX-License-Identifier: GPL-3.0-or-later
// A note's loudness is the square of its velocity, as instruments have it. As in chroma.h, of several partials in one
// semitone the strongest counts, and all are relative to the strongest of the last seconds. What a view sees of a note
// that has just begun is the part of its window that the note already fills.
#include "hear/note_chroma.h"

#include "hear/spectrum.h"

#include <math.h>
#include <string.h>

enum { PARTIALS = 8 };

static const double DECAY = 0.8; ///< seconds to a third
static const double HELD = 0.1;  ///< to which a note decays while it is held: it may be an organ's
static const double FADE = 0.06; ///< after the end
static const float SILENCE = 1e-3F;

/// The partials in semitones above the note; the amplitude of each is one by its number.
static const int above[PARTIALS] = {0, 12, 19, 24, 28, 31, 34, 36};

void note_chroma_init(struct note_chroma *chroma, double seconds)
{
    *chroma = (struct note_chroma){.strongest = SILENCE, .keep = (float)exp(-seconds / chroma_memory_seconds)};
}

static void add_note(const struct midi_sounding *note, double time,
                     float strengths[CHROMA_VIEWS][CHROMA_SEMITONES]) REALTIME;

static void add_note(const struct midi_sounding *note, double time, float strengths[CHROMA_VIEWS][CHROMA_SEMITONES])
{
    const double age = time - note->begin;
    const double ended = fmax(0.0, time - note->end);
    const double amplitude = note->velocity * note->velocity * fmax(HELD, exp(-age / DECAY)) * exp(-ended / FADE);
    for (int v = 0; v < CHROMA_VIEWS; v++) {
        const double fall = chroma_windows[v].seconds * chroma_windows[v].fall;
        const double filled = amplitude * spectrum_fill(age, chroma_windows[v].seconds - fall, fall);
        for (int n = 0; n < PARTIALS; n++) {
            const int i = note->key + above[n] - chroma_lowest[v];
            if (i >= 0 && i < CHROMA_SEMITONES) {
                strengths[v][i] = fmaxf(strengths[v][i], (float)(filled / (n + 1)));
            }
        }
    }
}

void note_chroma_look(struct note_chroma *chroma, const struct midi_ear *ear, double time, struct chroma_frame *frame)
{
    float strengths[CHROMA_VIEWS][CHROMA_SEMITONES] = {{0.0F}};
    const uint32_t count = midi_ear_sounding_count(ear);
    for (uint32_t i = 0; i < count; i++) {
        const struct midi_sounding note = midi_ear_sounding(ear, i);
        if (!note.drum && note.begin < time) {
            add_note(&note, time, strengths);
        }
    }
    float peak = 0.0F;
    for (int v = 0; v < CHROMA_VIEWS; v++) {
        for (int i = 0; i < CHROMA_SEMITONES; i++) {
            peak = fmaxf(peak, strengths[v][i]);
        }
    }
    chroma->strongest = fmaxf(fmaxf(chroma->strongest * chroma->keep, peak), SILENCE);
    for (int v = 0; v < CHROMA_VIEWS; v++) {
        for (int i = 0; i < CHROMA_SEMITONES; i++) {
            frame->views[v][i] = chroma_scaled(strengths[v][i] / chroma->strongest);
        }
    }
    frame->level = chroma_scaled(peak / chroma->strongest);
}
