// SPDX-License-Identifier: GPL-3.0-or-later
#include "cmd/music_options.h"

#include "core/clock.h"
#include "synth/fluid.h"
#include "synth/sampler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

const struct instrument_options music_instrument = {.gain = 1.0, .wet = 0.2};

static const char *const instruments[] = {"tutti", "fluidsynth", NULL};
static enum status (*const makers[])(const struct instrument_options *, struct instrument **,
                                     struct complaint *) = {sampler_new, fluid_new};

static const char *const interpolations[] = {
    [INSTRUMENT_CUBIC] = "cubic", [INSTRUMENT_LINEAR] = "linear", [INSTRUMENT_SINC] = "sinc", NULL};

static const struct option_rule rules_shared[MUSIC_OPTIONS] = {
    {.name = "preset",
     .letter = 'p',
     .kind = OPTION_TEXT,
     .value = "NAME",
     .standard = "focus",
     .help = "character of the music: bright, focus, meditation or sleep"},
    {.name = "key", .letter = 'k', .kind = OPTION_TEXT, .value = "KEY", .help = "C, C#, Db ... B; else the preset's"},
    {.name = "mode",
     .letter = 'm',
     .kind = OPTION_TEXT,
     .value = "MODE",
     .help = "ionian, dorian, phrygian, lydian, mixolydian, aeolian or locrian; major is ionian, minor aeolian; else "
             "the preset's"},
    {.name = "bpm",
     .letter = 'b',
     .kind = OPTION_NUMBER,
     .min = CONTROLS_BPM_MIN,
     .max = CONTROLS_BPM_MAX,
     .help = "quarter notes a minute; else the preset's"},
    {.name = "intensity",
     .letter = 'i',
     .kind = OPTION_NUMBER,
     .min = 0,
     .max = 1,
     .help = "0 the calmest to 1 the fullest; else the preset's"},
    {.name = "seed",
     .letter = 's',
     .kind = OPTION_INTEGER,
     .min = 0,
     .max = 9007199254740991.0,
     .help = "the same seed gives the same music; else another one each time"},
    {.name = "rate", .kind = OPTION_CHOICE, .standard = "48000", .help = "frames a second"},
    {.name = "soundfont", .kind = OPTION_TEXT, .value = "FILE", .help = "an .sf2 or .sf3 file; else FluidR3 GM"},
    {.name = "polyphony",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 4096,
     .help = "voices at once, the least audible is stolen beyond; else 32, for a MIDI file 256"},
    {.name = "instrument",
     .kind = OPTION_CHOICE,
     .choices = instruments,
     .standard = "tutti",
     .help = "what plays: Tutti's own sampler, or FluidSynth"},
    {.name = "interpolation",
     .kind = OPTION_CHOICE,
     .choices = interpolations,
     .standard = "cubic",
     .help = "between the frames of a sample; linear costs least, sinc is clearest"},
};

size_t music_options_rules(struct option_rule *rules, size_t count, const char *const *rates)
{
    memcpy(rules + count, rules_shared, sizeof rules_shared);
    for (size_t i = count; i < count + MUSIC_OPTIONS; i++) {
        if (strcmp(rules[i].name, "rate") == 0) {
            rules[i].choices = rates;
        }
    }
    return count + MUSIC_OPTIONS;
}

uint32_t music_options_rate(const struct options *options)
{
    return (uint32_t)strtoul(options_text(options, "rate"), NULL, 10);
}

static uint64_t any_seed(void)
{
    uint32_t seed = 0;
    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed) {
        seed = (uint32_t)clock_now_ns();
    }
    return seed;
}

static enum status read_key(const struct options *options, struct key *key, struct complaint *complaint)
{
    const char *tonic = options_text(options, "key");
    const char *mode = options_text(options, "mode");
    int pitch = key->tonic;
    if (tonic && pitch_class_parse(tonic, &pitch) != STATUS_OK) {
        return complain(complaint, STATUS_UNKNOWN, "--key %.20s is no key: give C, C#, Db ... B", tonic);
    }
    if (mode && mode_parse(mode, &key->mode) != STATUS_OK) {
        return complain(
            complaint, STATUS_UNKNOWN,
            "--mode %.20s is no mode: give ionian, dorian, phrygian, lydian, mixolydian, aeolian or locrian", mode);
    }
    key->tonic = (uint8_t)pitch;
    return STATUS_OK;
}

enum status music_options_controls(const struct options *options, const struct preset *preset,
                                   struct controls *controls, struct complaint *complaint)
{
    *controls = preset->defaults;
    if (options_given(options, "bpm")) {
        controls->bpm = options_number(options, "bpm");
    }
    if (options_given(options, "intensity")) {
        controls->intensity = options_number(options, "intensity");
    }
    const enum status status = read_key(options, &controls->key, complaint);
    return status == STATUS_OK ? controls_check(controls, complaint) : status;
}

enum status music_options_read(const struct options *options, const struct presets *presets, struct music *music,
                               struct complaint *complaint)
{
    struct complaint unknown;
    music->preset = presets_find(presets, options_text(options, "preset"), &unknown);
    if (!music->preset) {
        return complain(complaint, STATUS_UNKNOWN, "--preset: %.240s", unknown.text);
    }
    music->seed = options_given(options, "seed") ? (uint64_t)options_integer(options, "seed") : any_seed();
    music->rate = music_options_rate(options);
    return music_options_controls(options, music->preset, &music->controls, complaint);
}

void music_describe(const struct music *music, char out[MUSIC_TEXT])
{
    const struct controls *controls = &music->controls;
    char tonic[8];
    key_spell(controls->key, controls->key.tonic, tonic, sizeof tonic);
    (void)snprintf(out, MUSIC_TEXT, "preset %s, %s %s, %.9g bpm, intensity %.9g, seed %llu", music->preset->name, tonic,
                   mode_name(controls->key.mode), controls->bpm, controls->intensity, (unsigned long long)music->seed);
}

/// Which of \p names the option \p name is; a choice is always one of its list.
static size_t chosen(const struct options *options, const char *name, const char *const *names)
{
    const char *text = options_text(options, name);
    size_t i = 0;
    while (names[i + 1] && strcmp(names[i], text) != 0) {
        i++;
    }
    return i;
}

enum status music_options_instrument(const struct options *options, const struct instrument_options *wanted,
                                     struct instrument **out, struct complaint *complaint)
{
    struct instrument_options instrument = *wanted;
    instrument.soundfont = options_text(options, "soundfont");
    instrument.interpolation = (enum instrument_interpolation)chosen(options, "interpolation", interpolations);
    if (options_has(options, "polyphony")) {
        instrument.polyphony = (int)options_integer(options, "polyphony");
    }
    return makers[chosen(options, "instrument", instruments)](&instrument, out, complaint);
}
