// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/event.h"

#include <stdio.h>

static const char *const kinds[HEAR_KINDS] = {
    [HEAR_ONSET] = "onset", [HEAR_BEAT] = "beat", [HEAR_CHORD] = "chord", [HEAR_KEY] = "key", [HEAR_PITCH] = "pitch",
};

static const char *const bands[ONSET_BANDS] = {[ONSET_LOW] = "low", [ONSET_MID] = "mid", [ONSET_HIGH] = "high"};

// As they are most often written: roots, and tonics of major and minor keys.
static const char *const roots[12] = {"C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"};
static const char *const tonics[2][12] = {{"C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"},
                                          {"C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B"}};

// Degrees above the root, as Harte writes a bass.
static const char *const degrees[12] = {"1", "b2", "2", "b3", "3", "4", "b5", "5", "b6", "6", "b7", "7"};

const char *hear_kind_name(enum hear_kind kind)
{
    return kinds[kind];
}

const char *hear_band_name(enum onset_band band)
{
    return bands[band];
}

static void label_chord(const struct hear_event *event, char out[HEAR_LABEL_SIZE])
{
    const struct chord chord = event->chord.chord;
    if (!event->chord.sounds) {
        (void)snprintf(out, HEAR_LABEL_SIZE, "N");
        return;
    }
    const int above = (chord.bass + 12 - chord.root) % 12;
    (void)snprintf(out, HEAR_LABEL_SIZE, "%s:%s%s%s", roots[chord.root % 12], chord_quality_name(chord.quality),
                   above ? "/" : "", above ? degrees[above] : "");
}

void hear_label(const struct hear_event *event, char out[HEAR_LABEL_SIZE])
{
    out[0] = '\0';
    if (event->kind == HEAR_CHORD) {
        label_chord(event, out);
    } else if (event->kind == HEAR_KEY) {
        const bool is_minor = event->key.key.mode == MODE_AEOLIAN;
        (void)snprintf(out, HEAR_LABEL_SIZE, "%s:%s", tonics[is_minor][event->key.key.tonic % 12],
                       is_minor ? "min" : "maj");
    }
}
