// SPDX-License-Identifier: GPL-3.0-or-later
#include "note_reason.h"

#include "synth/soundfont.h"

#include <stdlib.h>

enum { DRUM_BANK = 128 };

const char *note_reason_text(enum note_reason reason)
{
    static const char *const texts[NOTE_REASONS] = {
        [NOTE_UNEXPLAINED] = "no reason known",
        [NOTE_TREMOLO] = "FluidSynth cuts the upper half of a tremolo",
        [NOTE_CENTS] = "FluidSynth moves pitch and cutoff in whole cents",
        [NOTE_PLACE] = "FluidSynth counts out of 128, so that the sample begins elsewhere",
    };
    return texts[reason];
}

/// Whether a modulator moves where in its sample the region begins or loops.
static bool moves_place(const struct soundfont *soundfont, const struct soundfont_region *region)
{
    static const bool places[SOUNDFONT_GENERATORS] = {
        [GENERATOR_START_OFFSET] = true,        [GENERATOR_END_OFFSET] = true,
        [GENERATOR_LOOP_START_OFFSET] = true,   [GENERATOR_LOOP_END_OFFSET] = true,
        [GENERATOR_START_COARSE_OFFSET] = true, [GENERATOR_END_COARSE_OFFSET] = true};
    const struct soundfont_modulator *modulators = soundfont_modulators(soundfont, region->modulators);
    bool moves = false;
    for (int i = 0; i < region->modulator_count; i++) {
        moves = moves || (places[modulators[i].destination] && modulators[i].amount != 0);
    }
    return moves;
}

static enum note_reason reason_of(const struct soundfont *soundfont, const struct soundfont_region *region)
{
    static const enum soundfont_generator moving[] = {GENERATOR_MOD_LFO_TO_PITCH, GENERATOR_VIB_LFO_TO_PITCH,
                                                      GENERATOR_MOD_ENV_TO_PITCH, GENERATOR_MOD_LFO_TO_FILTER,
                                                      GENERATOR_MOD_ENV_TO_FILTER};
    if (region->generators[GENERATOR_MOD_LFO_TO_VOLUME] != 0) {
        return NOTE_TREMOLO;
    }
    if (moves_place(soundfont, region)) {
        return NOTE_PLACE;
    }
    for (size_t i = 0; i < sizeof moving / sizeof *moving; i++) {
        if (region->generators[moving[i]] != 0) {
            return NOTE_CENTS;
        }
    }
    return NOTE_UNEXPLAINED;
}

/// Rounding to cents lets two voices of a note drift, and so their beats, which moves times about; level and colour it
/// can change but little.
static bool fits(const struct note_result *note, enum note_reason reason)
{
    static const double LITTLE = 2;
    return reason != NOTE_CENTS || (note->excess[NOTE_LEVEL] <= LITTLE && note->excess[NOTE_CENTROID] <= LITTLE);
}

static enum note_reason find_reason(const struct soundfont *soundfont, const struct note_result *note, int bank)
{
    const int index = soundfont_find_preset(soundfont, note->drum ? DRUM_BANK : bank, note->program);
    if (index < 0) {
        return NOTE_UNEXPLAINED;
    }
    const struct soundfont_preset *preset = soundfont_preset(soundfont, (uint32_t)index);
    enum note_reason found = NOTE_UNEXPLAINED;
    for (uint32_t i = 0; i < preset->region_count && found != NOTE_TREMOLO; i++) {
        const struct soundfont_region *region = soundfont_regions(soundfont, preset->regions + i);
        if (note->key >= region->key_low && note->key <= region->key_high && note->velocity >= region->velocity_low &&
            note->velocity <= region->velocity_high) {
            const enum note_reason reason = reason_of(soundfont, region);
            found = reason != NOTE_UNEXPLAINED && fits(note, reason) ? reason : found;
        }
    }
    return found;
}

void note_results_explain(struct note_results *results, const char *path, int bank)
{
    struct soundfont *soundfont = NULL;
    if (soundfont_open(path, &soundfont, NULL) != STATUS_OK) {
        abort();
    }
    for (size_t i = 0; i < results->count; i++) {
        if (!note_result_good(&results->notes[i])) {
            results->notes[i].reason = find_reason(soundfont, &results->notes[i], bank);
        }
    }
    soundfont_close(soundfont);
}

double note_results_explained(const struct note_results *results)
{
    size_t count = 0;
    for (size_t i = 0; i < results->count; i++) {
        const struct note_result *note = &results->notes[i];
        count += note_result_good(note) || note->reason != NOTE_UNEXPLAINED;
    }
    return results->count > 0 ? (double)count / (double)results->count : 1;
}
