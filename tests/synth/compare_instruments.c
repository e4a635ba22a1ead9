// SPDX-License-Identifier: GPL-3.0-or-later
// Measures whether one instrument sounds like another: every note of a grid by itself (note_compare.h), and whole songs
// (song_compare.h). `compare_instruments --help` lists the options; with none, the sampler is compared with FluidSynth
// over all of General MIDI.
#include "core/options.h"
#include "note_compare.h"
#include "note_measure.h"
#include "note_reason.h"
#include "song_compare.h"
#include "synth/fluid.h"
#include "synth/sampler.h"
#include "synth/soundfont.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_GOOD, EXIT_BAD, EXIT_WRONG_USE, POLYPHONY = 256, KEYS = 128 };

static const double NOTE_GAIN = 0.2;
static const double SONG_GAIN = 1; // far above the floor of the distance; what exceeds full scale is not cut
static const double GOOD = 0.99;
static const double LOUDNESS_LIMIT = 0.5; // LU

static instrument_new *const makers[] = {fluid_new, sampler_new};
static const char *const names[] = {"fluid", "sampler", NULL};
static const char *const interpolations[] = {
    [INSTRUMENT_CUBIC] = "cubic", [INSTRUMENT_LINEAR] = "linear", [INSTRUMENT_SINC] = "sinc", NULL};

static const struct option_rule rules[] = {
    {.name = "soundfont", .kind = OPTION_TEXT, .value = "FILE", .help = "an .sf2 or .sf3 file; else FluidR3 GM"},
    {.name = "reference", .kind = OPTION_CHOICE, .standard = "fluid", .choices = names, .help = "what is right"},
    {.name = "tested", .kind = OPTION_CHOICE, .standard = "sampler", .choices = names, .help = "what is judged"},
    {.name = "reference-interpolation",
     .kind = OPTION_CHOICE,
     .standard = "cubic",
     .choices = interpolations,
     .help = "over 4, 2 or 8 frames"},
    {.name = "tested-interpolation",
     .kind = OPTION_CHOICE,
     .standard = "cubic",
     .choices = interpolations,
     .help = "likewise"},
    {.name = "like-interpolation",
     .kind = OPTION_CHOICE,
     .standard = "sinc",
     .choices = interpolations,
     .help = "of the reference's like, for songs"},
    {.name = "notes", .kind = OPTION_FLAG, .standard = "yes", .help = "compare melodic notes"},
    {.name = "drums", .kind = OPTION_FLAG, .standard = "yes", .help = "compare drum keys"},
    {.name = "program-first", .kind = OPTION_INTEGER, .min = 0, .max = 127, .standard = "0", .help = "first program"},
    {.name = "program-last", .kind = OPTION_INTEGER, .min = 0, .max = 127, .standard = "127", .help = "last program"},
    {.name = "bank", .kind = OPTION_INTEGER, .min = 0, .max = 127, .standard = "0", .help = "of the programs"},
    {.name = "kit-first", .kind = OPTION_INTEGER, .min = 0, .max = 127, .standard = "0", .help = "first drum kit"},
    {.name = "kit-last", .kind = OPTION_INTEGER, .min = 0, .max = 127, .standard = "0", .help = "last drum kit"},
    {.name = "key-first", .kind = OPTION_INTEGER, .min = 0, .max = 127, .standard = "21", .help = "lowest key"},
    {.name = "key-last", .kind = OPTION_INTEGER, .min = 0, .max = 127, .standard = "109", .help = "highest key"},
    {.name = "key-step", .kind = OPTION_INTEGER, .min = 1, .max = 127, .standard = "8", .help = "keys apart"},
    {.name = "velocities", .kind = OPTION_TEXT, .value = "LIST", .standard = "30,64,100", .help = "up to 8"},
    {.name = "hold", .kind = OPTION_NUMBER, .min = 0.2, .max = 2, .standard = "0.75", .help = "seconds held"},
    {.name = "tail", .kind = OPTION_NUMBER, .min = 0.1, .max = 4, .standard = "1.5", .help = "seconds of release"},
    {.name = "seconds", .kind = OPTION_NUMBER, .min = 0, .max = 36000, .standard = "0", .help = "of a song; 0 for all"},
    {.name = "wet", .kind = OPTION_FLAG, .standard = "no", .help = "songs with reverb and chorus"},
    {.name = "lines", .kind = OPTION_INTEGER, .min = 0, .max = 1000000, .standard = "100", .help = "notes listed"},
    {.name = "json", .kind = OPTION_TEXT, .value = "FILE", .help = "also write all that was found as JSON"},
};

static const struct options_command command = {.name = "compare_instruments",
                                               .summary =
                                                   "Compares two instruments note by note, and on the MIDI files named "
                                                   "(without their soft pedal, which FluidSynth does not "
                                                   "know). Exits with 1 where less than 99% of "
                                                   "the notes or any song is outside the limits.",
                                               .operands = "[SONG]...",
                                               .operands_max = 1000,
                                               .rules = rules,
                                               .rule_count = sizeof rules / sizeof rules[0]};

/// The index of \p name, which is one of the list.
static int find(const char *const *list, const char *name)
{
    int i = 0;
    while (list[i + 1] && strcmp(list[i], name) != 0) {
        i++;
    }
    return i;
}

static struct instrument *make(const struct options *options, const char *which, const char *interpolation, double gain,
                               bool dry)
{
    const struct instrument_options made = {
        .soundfont = options_text(options, "soundfont"),
        .rate = NOTE_RATE,
        .polyphony = POLYPHONY,
        .gain = gain,
        .dry = dry,
        .interpolation = (enum instrument_interpolation)find(interpolations, options_text(options, interpolation))};
    struct instrument *instrument = NULL;
    struct complaint complaint;
    if (makers[find(names, options_text(options, which))](&made, &instrument, &complaint) != STATUS_OK) {
        (void)fprintf(stderr, "compare_instruments: %s\n", complaint.text);
        exit(EXIT_WRONG_USE);
    }
    return instrument;
}

static int integer(const struct options *options, const char *name)
{
    return (int)options_integer(options, name);
}

static struct note_grid grid_of(const struct options *options, bool drums)
{
    struct note_grid grid = {.drums = drums,
                             .program_first = integer(options, drums ? "kit-first" : "program-first"),
                             .program_last = integer(options, drums ? "kit-last" : "program-last"),
                             .bank = integer(options, "bank"),
                             .key_first = drums ? 0 : integer(options, "key-first"),
                             .key_last = drums ? KEYS - 1 : integer(options, "key-last"),
                             .key_step = drums ? 1 : integer(options, "key-step"),
                             .hold_s = options_number(options, "hold"),
                             .tail_s = options_number(options, "tail")};
    const char *list = options_text(options, "velocities");
    while (*list && grid.velocity_count < NOTE_VELOCITIES) {
        char *end = NULL;
        const long velocity = strtol(list, &end, 10);
        if (end == list || velocity < 1 || velocity > 127) {
            (void)fprintf(stderr, "compare_instruments: --velocities: give numbers from 1 to 127 and commas\n");
            exit(EXIT_WRONG_USE);
        }
        grid.velocities[grid.velocity_count++] = (int)velocity;
        list = *end == ',' ? end + 1 : end;
    }
    return grid;
}

static bool compare_notes(const struct options *options, json_t *report)
{
    static const char *const kinds[] = {"notes", "drums"};
    const char *soundfont = options_text(options, "soundfont");
    bool good = true;
    struct instrument *reference = make(options, "reference", "reference-interpolation", NOTE_GAIN, true);
    struct instrument *tested = make(options, "tested", "tested-interpolation", NOTE_GAIN, true);
    for (int drums = 0; drums < 2; drums++) {
        if (!options_flag(options, kinds[drums])) {
            continue;
        }
        const struct note_grid grid = grid_of(options, drums);
        struct note_results results = {0};
        note_compare(reference, tested, &grid, &results);
        (void)printf("%s: %s against %s\n", kinds[drums], tested->name, reference->name);
        note_results_explain(&results, soundfont ? soundfont : soundfont_find(), integer(options, "bank"));
        note_results_print(&results, (size_t)options_integer(options, "lines"), stdout);
        (void)fflush(stdout);
        (void)json_object_set_new(report, kinds[drums], note_results_json(&results));
        good = good && note_results_explained(&results) >= GOOD;
        note_results_done(&results);
    }
    instrument_free(tested);
    instrument_free(reference);
    return good;
}

static json_t *difference_json(const struct song_difference *difference)
{
    return json_pack("{s:f, s:f}", "loudness_lu", difference->tested_lufs - difference->reference_lufs, "distance_db",
                     difference->distance_db);
}

static bool compare_song(const struct options *options, struct instrument *const instruments[1 + SONG_OTHERS],
                         const char *path, json_t *songs)
{
    struct song_result result;
    struct complaint complaint;
    if (song_compare(instruments[0], &instruments[1], NOTE_RATE, path, options_number(options, "seconds"), &result,
                     &complaint) != STATUS_OK) {
        (void)fprintf(stderr, "compare_instruments: %s\n", complaint.text);
        return false;
    }
    const struct song_difference *tested = &result.differences[SONG_TESTED];
    const struct song_difference *like = &result.differences[SONG_LIKE];
    const double louder = tested->tested_lufs - tested->reference_lufs;
    (void)printf("%7.1f s %7.2f LUFS  tested %+6.2f LU, %5.2f dB apart  like %+6.2f LU, %5.2f dB apart  %s\n",
                 result.seconds, tested->reference_lufs, louder, tested->distance_db,
                 like->tested_lufs - like->reference_lufs, like->distance_db, path);
    (void)fflush(stdout);
    (void)json_array_append_new(songs, json_pack("{s:s, s:f, s:f, s:o, s:o}", "song", path, "seconds", result.seconds,
                                                 "lufs", tested->reference_lufs, "tested", difference_json(tested),
                                                 "like", difference_json(like)));
    return fabs(louder) <= LOUDNESS_LIMIT;
}

static bool compare_songs(const struct options *options, json_t *report)
{
    const bool dry = !options_flag(options, "wet");
    struct instrument *const instruments[] = {make(options, "reference", "reference-interpolation", SONG_GAIN, dry),
                                              make(options, "tested", "tested-interpolation", SONG_GAIN, dry),
                                              make(options, "reference", "like-interpolation", SONG_GAIN, dry)};
    json_t *songs = json_array();
    bool good = true;
    for (size_t i = 0; i < options_operand_count(options); i++) {
        good = compare_song(options, instruments, options_operand(options, i), songs) && good;
    }
    (void)json_object_set_new(report, "songs", songs);
    for (size_t i = 0; i < sizeof instruments / sizeof instruments[0]; i++) {
        instrument_free(instruments[i]);
    }
    return good;
}

int main(int argc, char **argv)
{
    struct options *options = NULL;
    struct complaint complaint;
    if (options_new(&command, argc, argv, &options, &complaint) != STATUS_OK) {
        (void)fprintf(stderr, "%s\n", complaint.text);
        return EXIT_WRONG_USE;
    }
    if (options_help(options)) {
        options_print_help(&command, stdout);
        options_free(options);
        return EXIT_GOOD;
    }
    json_t *report = json_object();
    bool good = true;
    if (options_flag(options, "notes") || options_flag(options, "drums")) {
        good = compare_notes(options, report);
    }
    if (options_operand_count(options) > 0) {
        good = compare_songs(options, report) && good;
    }
    const char *path = options_text(options, "json");
    if (path && json_dump_file(report, path, JSON_INDENT(1) | JSON_REAL_PRECISION(6)) != 0) {
        (void)fprintf(stderr, "compare_instruments: %s cannot be written\n", path);
        good = false;
    }
    json_decref(report);
    options_free(options);
    return good ? EXIT_GOOD : EXIT_BAD;
}
