// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// tutti render: a station to a file, faster than real time.
#include "cmd/command.h"
#include "cmd/interrupt.h"
#include "cmd/music_options.h"
#include "cmd/output.h"
#include "cmd/progress.h"
#include "music/midi_file.h"
#include "station/piece.h"
#include "synth/samples.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char NAME[] = "tutti render";

static const char *const depths[] = {"16", "24", NULL};

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
     .help = "how much music"},
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
};

enum { OWN = sizeof rules_own / sizeof rules_own[0], BLOCK = 960, CHANNELS = 2 };

// All that rendering holds; zeroed is nothing yet.
struct rendering {
    struct options *options;
    struct presets *presets;
    struct harmony *harmony;
    struct music music;
    const char *path;
    enum output_format format;
    double seconds;
    double stopped_s; ///< where it was stopped, 0 where it was not
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
    status = output_write_file(rendering->path, bytes, size, complaint);
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

// Half a cosine over the last frames, so that the end is no click.
static float fade_at(uint64_t frame, uint64_t frames, uint64_t fade)
{
    const uint64_t left = frames - frame;
    return left >= fade ? 1.0F : (float)(0.5 - 0.5 * cos(3.14159265358979323846 * (double)left / (double)fade));
}

// Where the music ends: as planned with the fade asked for, or sooner with a short one.
struct ending {
    uint64_t planned;
    uint64_t fade;
    uint64_t end;
    uint64_t stop_fade; ///< 0 while nobody wants it to stop
};

static void stop_soon(struct ending *ending, uint64_t done, uint32_t rate)
{
    const uint64_t short_fade = rate / 20;
    if (ending->stop_fade == 0 && ending->end - done > short_fade && interrupt_came()) {
        ending->stop_fade = short_fade;
        ending->end = done + short_fade;
    }
}

static void fade_block(const struct ending *ending, uint64_t done, float *left, float *right, size_t block)
{
    for (size_t i = 0; i < block; i++) {
        const float gain =
            fade_at(done + i, ending->planned, ending->fade) * fade_at(done + i, ending->end, ending->stop_fade);
        left[i] *= gain;
        right[i] *= gain;
    }
}

static enum status render_blocks(struct rendering *rendering, struct piece *piece, struct output *output)
{
    const double rate = rendering->music.rate;
    const uint64_t frames = (uint64_t)llround(rendering->seconds * rate);
    const double fade = fmin(options_number(rendering->options, "fade"), rendering->seconds);
    struct ending ending = {.planned = frames, .fade = (uint64_t)(fade * rate), .end = frames};
    struct progress progress;
    enum status status = STATUS_OK;
    progress_init(&progress, rendering->seconds);
    for (uint64_t done = 0; done < ending.end && status == STATUS_OK;) {
        float left[BLOCK];
        float right[BLOCK];
        float both[BLOCK * CHANNELS];
        stop_soon(&ending, done, rendering->music.rate);
        const size_t block = ending.end - done < BLOCK ? (size_t)(ending.end - done) : BLOCK;
        if (piece_render(piece, left, right, block) != STATUS_OK) {
            status = complain(&rendering->complaint, STATUS_NO_MEMORY, "out of memory");
            break;
        }
        fade_block(&ending, done, left, right, block);
        samples_interleave(left, right, block, both);
        status = output_write(output, both, block, &rendering->complaint);
        done += block;
        progress_show(&progress, (double)done / rate);
    }
    progress_done(&progress);
    rendering->stopped_s = ending.end < frames ? (double)ending.end / rate : 0.0;
    return status;
}

// The file that is left behind is a good one, but not the one that was asked for.
static enum status tell_stop(struct rendering *rendering)
{
    const bool standard = strcmp(rendering->path, "-") == 0;
    return complain(&rendering->complaint, STATUS_CLOSED, "stopped at %.1f s of %g s; %.100s is complete up to there",
                    rendering->stopped_s, rendering->seconds, standard ? "standard output" : rendering->path);
}

static enum status render_to(struct rendering *rendering, struct piece *piece)
{
    char comment[MUSIC_TEXT];
    music_describe(&rendering->music, comment);
    const struct output_options file = {.path = rendering->path,
                                        .format = rendering->format,
                                        .rate = rendering->music.rate,
                                        .frames = (uint64_t)llround(rendering->seconds * rendering->music.rate),
                                        .bits = strcmp(options_text(rendering->options, "bits"), "24") == 0 ? 24 : 16,
                                        .bitrate = (int)options_integer(rendering->options, "bitrate"),
                                        .serial = (uint32_t)rendering->music.seed,
                                        .title = rendering->music.preset->title,
                                        .comment = comment};
    struct output *output = NULL;
    interrupt_watch();
    enum status status = output_new(&file, &output, &rendering->complaint);
    if (status != STATUS_OK) {
        return status;
    }
    status = render_blocks(rendering, piece, output);
    if (status != STATUS_OK) {
        output_abandon(output);
        return status;
    }
    status = output_close(output, &rendering->complaint);
    return status == STATUS_OK && rendering->stopped_s > 0.0 ? tell_stop(rendering) : status;
}

static enum status render_sound(struct rendering *rendering)
{
    struct instrument *instrument = NULL;
    const enum status status =
        music_options_instrument(rendering->options, &rendering->music, &instrument, &rendering->complaint);
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
    rendering->path = options_text(options, "output");
    rendering->seconds = options_number(options, "seconds");
    if (!rendering->path) {
        return complain(complaint, STATUS_INVALID, "where to? Give -o FILE, such as -o music.wav");
    }
    if (strcmp(rendering->path, "-") == 0 && isatty(STDOUT_FILENO) == 1) {
        return complain(complaint, STATUS_INVALID, "standard output is a terminal: give -o FILE or a pipe");
    }
    const enum status status =
        output_format_of(rendering->path, options_text(options, "format"), &rendering->format, complaint);
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
    return music_options_rules(rules, OWN);
}

int command_render(int argc, char **argv)
{
    struct option_rule rules[COMMAND_RULES_MAX];
    const struct options_command command = {.name = NAME,
                                            .summary = "Renders endless music to a file, faster than real time.",
                                            .rules = rules,
                                            .rule_count = render_rules(rules)};
    int exit = EXIT_OK;
    struct rendering rendering = {.options = command_options(&command, argc, argv, &exit)};
    if (!rendering.options) {
        return exit;
    }
    enum status status = presets_load(&rendering.presets, &rendering.complaint);
    if (status == STATUS_OK) {
        status = harmony_load(&rendering.harmony, &rendering.complaint);
    }
    if (status != STATUS_OK) {
        exit = command_fail(NAME, rendering.complaint.text);
    } else if (read_options(&rendering) != STATUS_OK) {
        (void)command_fail(NAME, rendering.complaint.text);
        exit = EXIT_WRONG_USE;
    } else {
        tell_seed(&rendering);
        status = rendering.format == OUTPUT_MIDI ? render_midi(&rendering) : render_sound(&rendering);
        exit = status == STATUS_OK ? EXIT_OK : command_fail(NAME, rendering.complaint.text);
    }
    rendering_done(&rendering);
    return exit;
}
