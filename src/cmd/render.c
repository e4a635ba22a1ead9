// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// tutti render: a station, a MIDI file (cmd/render_song.h) or a patch (cmd/render_patch.h), to a file, faster than
/// real time.
#include "cmd/command.h"
#include "cmd/music_options.h"
#include "cmd/render_patch.h"
#include "cmd/render_song.h"
#include "cmd/take.h"
#include "music/midi_file.h"
#include "station/piece.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char NAME[] = "tutti render";

static const char *const depths[] = {"16", "24", NULL};
static const char *const rates[] = {"44100", "48000", "88200", "96000", "176400", "192000", NULL};

static const struct option_rule rules_own[] = {
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .value = "FILE",
     .help = "ends with .wav, .flac, .ogg or .mid; - is standard output"},
    {.name = "format",
     .letter = 'f',
     .kind = OPTION_TEXT,
     .value = "NAME",
     .help = "wav, flac, ogg or mid, where the name of the file does not say"},
    {.name = "seconds",
     .letter = 'n',
     .kind = OPTION_NUMBER,
     .min = 0.1,
     .max = 604800,
     .standard = "60",
     .help = "how much music; a MIDI file has its own length, and a patch that of its notes unless this is given"},
    {.name = "fade",
     .kind = OPTION_NUMBER,
     .min = 0,
     .max = 60,
     .standard = "2",
     .help = "seconds in which the end fades out"},
    {.name = "bits", .kind = OPTION_CHOICE, .choices = depths, .standard = "16", .help = "a sample of WAV and FLAC"},
    {.name = "bitrate",
     .kind = OPTION_INTEGER,
     .min = 6000,
     .max = 510000,
     .standard = "96000",
     .help = "of Ogg, bit/s"},
    {.name = "gain", .kind = OPTION_NUMBER, .min = 0.01, .max = 4, .help = "linear; else 1, for a MIDI file 0.4"},
    {.name = "dry", .kind = OPTION_FLAG, .help = "no reverb and no chorus"},
    {.name = "patch",
     .kind = OPTION_TEXT,
     .value = "NAME",
     .help = "a patch of the synthesizer instead: a .yaml file, or one that ships, such as warm-pad"},
    {.name = "notes",
     .kind = OPTION_TEXT,
     .value = "FILE",
     .help = "the MIDI file that the patch plays; else a few bars"},
};

enum { OWN = sizeof rules_own / sizeof rules_own[0] };

// All that rendering holds; zeroed is nothing yet.
struct rendering {
    struct options *options;
    struct presets *presets;
    struct harmony *harmony;
    struct music music;
    struct output_options file;
    double seconds;
    struct complaint complaint;
};

static void rendering_done(struct rendering *rendering)
{
    harmony_free(rendering->harmony);
    presets_free(rendering->presets);
    options_free(rendering->options);
}

static enum status write_midi(const struct rendering *rendering, const struct score *score, struct complaint *complaint)
{
    const char *channels[INSTRUMENT_CHANNELS] = {0};
    for (int part = 0; part < PART_COUNT; part++) {
        channels[part] = part_name((enum part)part);
    }
    const struct preset *preset = rendering->music.preset;
    const struct midi_file_options options = {.title = preset->title,
                                              .channel_names = channels,
                                              .bpm = rendering->music.controls.bpm,
                                              .beats = preset->meter.beats,
                                              .unit = preset->meter.unit};
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum status status = midi_file_write(score, &options, &bytes, &size);
    if (status != STATUS_OK) {
        return complain(complaint, status, "out of memory");
    }
    status = output_write_file(rendering->file.path, bytes, size, complaint);
    free(bytes);
    return status;
}

static enum status render_midi(struct rendering *rendering)
{
    const struct music *music = &rendering->music;
    struct composer *composer = composer_new(rendering->harmony, music->preset, &music->controls, music->seed);
    struct score score = {0};
    const double ticks = rendering->seconds * music->controls.bpm * (double)TICKS_PER_BEAT / 60.0;
    enum status status = composer ? composer_advance(composer, (int64_t)ticks, &score) : STATUS_NO_MEMORY;
    if (status == STATUS_OK) {
        status = score_sort(&score);
    }
    status = status == STATUS_OK ? write_midi(rendering, &score, &rendering->complaint)
                                 : complain(&rendering->complaint, status, "out of memory");
    score_done(&score);
    composer_free(composer);
    return status;
}

static enum status render_blocks(void *user, float *left, float *right, size_t frames)
{
    return piece_render(user, left, right, frames);
}

static enum status render_to(struct rendering *rendering, struct piece *piece)
{
    char comment[MUSIC_TEXT];
    music_describe(&rendering->music, comment);
    struct take_options take = {.file = rendering->file,
                                .seconds = rendering->seconds,
                                .fade = options_number(rendering->options, "fade"),
                                .told_seconds = rendering->seconds};
    take.file.rate = rendering->music.rate;
    take.file.serial = (uint32_t)rendering->music.seed;
    take.file.title = rendering->music.preset->title;
    take.file.comment = comment;
    const struct take_source source = {.render = render_blocks, .user = piece};
    return take_make(&take, &source, &rendering->complaint);
}

static enum status render_sound(struct rendering *rendering)
{
    struct instrument *instrument = NULL;
    struct instrument_options wanted = music_instrument;
    wanted.rate = rendering->music.rate;
    wanted.dry = options_flag(rendering->options, "dry");
    if (options_has(rendering->options, "gain")) {
        wanted.gain = options_number(rendering->options, "gain");
    }
    const enum status status =
        music_options_instrument(rendering->options, &wanted, &instrument, &rendering->complaint);
    if (status != STATUS_OK) {
        return status;
    }
    const struct piece_options options = {.harmony = rendering->harmony,
                                          .preset = rendering->music.preset,
                                          .controls = rendering->music.controls,
                                          .seed = rendering->music.seed,
                                          .rate = rendering->music.rate,
                                          .instrument = instrument};
    struct piece *piece = piece_new(&options);
    const enum status rendered =
        piece ? render_to(rendering, piece) : complain(&rendering->complaint, STATUS_NO_MEMORY, "out of memory");
    piece_free(piece);
    return rendered;
}

// What the options say beyond their own ranges. Failures are wrong use.
static enum status read_options(struct rendering *rendering)
{
    const struct options *options = rendering->options;
    struct complaint *complaint = &rendering->complaint;
    rendering->seconds = options_number(options, "seconds");
    const enum status status = take_read_options(options, &rendering->file, complaint);
    return status == STATUS_OK ? music_options_read(options, rendering->presets, &rendering->music, complaint) : status;
}

// Who likes what comes out can have it again.
static void tell_seed(const struct rendering *rendering)
{
    if (!options_given(rendering->options, "seed")) {
        (void)fprintf(stderr, "seed %llu\n", (unsigned long long)rendering->music.seed);
    }
}

size_t render_rules(struct option_rule *rules)
{
    memcpy(rules, rules_own, sizeof rules_own);
    return music_options_rules(rules, OWN, rates);
}

static int render_station(struct rendering *rendering)
{
    enum status status = presets_load(&rendering->presets, &rendering->complaint);
    if (status == STATUS_OK) {
        status = harmony_load(&rendering->harmony, &rendering->complaint);
    }
    if (status != STATUS_OK) {
        return command_fail(NAME, rendering->complaint.text);
    }
    if (read_options(rendering) != STATUS_OK) {
        (void)command_fail(NAME, rendering->complaint.text);
        return EXIT_WRONG_USE;
    }
    tell_seed(rendering);
    status = rendering->file.format == OUTPUT_MIDI ? render_midi(rendering) : render_sound(rendering);
    return status == STATUS_OK ? EXIT_OK : command_fail(NAME, rendering->complaint.text);
}

static int render_what_is_meant(struct rendering *rendering)
{
    const struct options *options = rendering->options;
    if (render_patch_is_meant(options)) {
        return render_patch(NAME, options);
    }
    if (options_typed(options, "notes")) {
        (void)command_fail(NAME, "--notes are for a patch: give --patch NAME too, or the MIDI file by itself");
        return EXIT_WRONG_USE;
    }
    return options_operand_count(options) > 0 ? render_song(NAME, options) : render_station(rendering);
}

int command_render(int argc, char **argv)
{
    struct option_rule rules[COMMAND_RULES_MAX];
    const struct options_command command = {
        .name = NAME,
        .summary = "Renders endless music, or the MIDI file or patch that is given, to a file, faster than real time.",
        .operands = "[SONG.mid | PATCH.yaml]",
        .operands_max = 1,
        .rules = rules,
        .rule_count = render_rules(rules)};
    int exit = EXIT_OK;
    struct rendering rendering = {.options = command_options(&command, argc, argv, &exit)};
    if (rendering.options) {
        exit = render_what_is_meant(&rendering);
    }
    rendering_done(&rendering);
    return exit;
}
