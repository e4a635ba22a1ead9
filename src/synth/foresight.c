// SPDX-License-Identifier: GPL-3.0-or-later
// From a key to the first frame of its sound is a chain of five places in memory, each found in the one before: preset,
// ranges, regions, sample, frames. A chord comes once in seconds, and by then other data has pushed all of them out of
// the caches: to walk the chains note by note takes longer than all the rest of the chord's start. So they are walked
// side by side: at each step the processor is told where all notes go on, and fetches that for all of them at once.
#include "synth/foresight.h"

enum { LINE = 64, LINES = 3, VOICES = 64 };

/// The lines that \p LINES times LINE bytes from \p from on are in.
static void fetch(const void *from)
{
    for (ptrdiff_t i = 0; i < LINES; i++) {
        __builtin_prefetch((const char *)from + i * LINE);
    }
}

void foresight_fetch_voice(const struct soundfont *soundfont, const struct soundfont_region *region,
                           const struct soundfont_sample *sample)
{
    fetch(region);
    fetch(soundfont_modulators(soundfont, region->modulators));
    fetch(sample->frames + sample->start);
}

struct foreseen {
    int notes, voices;
    const struct instrument_note *note[INSTRUMENT_EXPECTED];
    const struct soundfont_preset *preset[INSTRUMENT_EXPECTED];
    const struct soundfont_region *region[VOICES];
};

static void see_presets(struct foreseen *seen, const struct sampler_state *state, const struct soundfont *soundfont,
                        const struct instrument_note *notes, int count)
{
    for (int i = 0; i < count && i < INSTRUMENT_EXPECTED; i++) {
        const int preset = state->channels[notes[i].channel].preset;
        if (preset >= 0) {
            seen->note[seen->notes] = &notes[i];
            seen->preset[seen->notes] = soundfont_preset(soundfont, (uint32_t)preset);
            fetch(seen->preset[seen->notes++]);
        }
    }
}

static void see_regions(struct foreseen *seen, const struct soundfont *soundfont, int index)
{
    const struct soundfont_preset *preset = seen->preset[index];
    const struct instrument_note *note = seen->note[index];
    for (uint32_t first = 0; first < preset->region_count && seen->voices < VOICES; first += SOUNDFONT_MATCHED) {
        uint64_t hits = soundfont_match(soundfont, preset, first, note->key, note->velocity);
        for (; hits != 0 && seen->voices < VOICES; hits &= hits - 1) {
            const uint32_t region = preset->regions + first + (uint32_t)__builtin_ctzll(hits);
            seen->region[seen->voices] = soundfont_regions(soundfont, region);
            fetch(seen->region[seen->voices++]);
        }
    }
}

void foresight_fetch(const struct sampler_state *state, const struct soundfont *soundfont,
                     const struct instrument_note *notes, int count)
{
    struct foreseen seen;
    seen.notes = 0;
    seen.voices = 0;
    see_presets(&seen, state, soundfont, notes, count);
    for (int step = 0; step < SOUNDFONT_MATCH_STEPS; step++) {
        for (int i = 0; i < seen.notes; i++) {
            soundfont_match_soon(soundfont, seen.preset[i], seen.note[i]->key, step);
        }
    }
    for (int i = 0; i < seen.notes; i++) {
        see_regions(&seen, soundfont, i);
    }
    for (int i = 0; i < seen.voices; i++) {
        soundfont_sample_soon(soundfont, seen.region[i]->sample);
    }
    for (int i = 0; i < seen.voices; i++) {
        const struct soundfont_region *region = seen.region[i];
        if (soundfont_sample_ready(soundfont, region->sample)) {
            foresight_fetch_voice(soundfont, region, soundfont_sample(soundfont, region->sample));
        }
    }
}
