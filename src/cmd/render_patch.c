// SPDX-License-Identifier: GPL-3.0-or-later
// What comes out of the rack is written as it is, without a limiter, as a device would play it; who makes it too loud
// is told. Without --seconds it lasts until the last note has rung out, or is faded out where that takes too long: a
// drone would sound for ever.
#include "cmd/render_patch.h"

#include "cmd/command.h"
#include "cmd/input.h"
#include "cmd/music_options.h"
#include "cmd/take.h"
#include "synth/demo_phrase.h"
#include "synth/patch_file.h"
#include "synth/patch_player.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 400 };

static const double TAIL_S = 20.0;
static const double TAIL_FADE_S = 2.0;
static const double SILENCE_S = 0.5; ///< of it at least, before a tail counts as over
static const float SILENCE = 1e-4F;  ///< -80 dBFS

/// Options that say what a station or a SoundFont instrument plays.
static const char *const foreign[] = {"preset",    "key",        "mode",      "bpm",           "intensity", "seed",
                                      "soundfont", "instrument", "polyphony", "interpolation", "dry"};

// All that rendering a patch holds; zeroed is nothing yet.
struct patch_take {
    const struct options *options;
    const char *path; ///< or name
    struct output_options file;
    struct patch *patch;
    struct score score;
    struct patch_player *player;
    double silence_s; ///< after which nothing comes any more
    float gain;
    float peak;          ///< of all
    uint64_t last_sound; ///< the last frame that was above silence
    struct complaint complaint;
};

bool render_patch_is_meant(const struct options *options)
{
    const char *operand = options_operand(options, 0);
    const char *dot = operand ? strrchr(operand, '.') : NULL;
    return options_text(options, "patch") || (dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0));
}

static void take_done(struct patch_take *take)
{
    patch_player_free(take->player);
    score_done(&take->score);
    patch_free(take->patch);
}

// What the options say beyond their own ranges. Failures are wrong use.
static enum status check_use(struct patch_take *take)
{
    struct complaint *complaint = &take->complaint;
    if (options_text(take->options, "patch") && options_operand(take->options, 0)) {
        return complain(complaint, STATUS_INVALID, "--patch and %.100s: give one of them, and a MIDI file as --notes",
                        options_operand(take->options, 0));
    }
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        if (options_typed(take->options, foreign[i])) {
            return complain(complaint, STATUS_INVALID,
                            "--%s is not for a patch, which says itself how it sounds: leave one of them out",
                            foreign[i]);
        }
    }
    const enum status status = take_read_options(take->options, &take->file, complaint);
    if (status == STATUS_OK && take->file.format == OUTPUT_MIDI) {
        return complain(complaint, STATUS_INVALID, "a patch is rendered to sound: give -o a .wav, .flac or .ogg file");
    }
    return status;
}

static enum status read_notes(struct patch_take *take)
{
    const char *path = options_text(take->options, "notes");
    if (path) {
        return input_read_midi(path, &take->score, NULL, &take->complaint);
    }
    const enum status status = demo_phrase_write(&take->score);
    return status == STATUS_OK ? status : complain(&take->complaint, status, "out of memory");
}

/// How long a sound may be in a delay line of \p patch and not be heard.
static double find_longest_line(const struct patch *patch, double rate)
{
    double longest = 0;
    for (size_t i = 0; i < patch_module_count(patch); i++) {
        const struct module_type *type = patch_module_at(patch, i)->type;
        uint32_t sizes[MODULE_LINES_MAX];
        const uint32_t lines = type->lines ? type->lines(rate, sizes) : 0;
        for (uint32_t line = 0; line < lines; line++) {
            longest = fmax(longest, sizes[line] / rate);
        }
    }
    return longest;
}

static enum status set_up(struct patch_take *take)
{
    take->file.rate = music_options_rate(take->options);
    take->gain = options_has(take->options, "gain") ? (float)options_number(take->options, "gain") : 1.0F;
    enum status status = patch_file_load(take->path, &take->patch, &take->complaint);
    if (status == STATUS_OK) {
        take->silence_s = fmax(SILENCE_S, find_longest_line(take->patch, take->file.rate));
        status = read_notes(take);
    }
    if (status == STATUS_OK) {
        status = patch_player_new(take->patch, &take->score, take->file.rate, &take->player, &take->complaint);
    }
    return status;
}

static enum status render_block(void *user, float *left, float *right, size_t frames)
{
    struct patch_take *take = user;
    const uint64_t begin = patch_player_frame(take->player);
    patch_player_render(take->player, left, right, frames);
    for (size_t i = 0; i < frames; i++) {
        left[i] *= take->gain;
        right[i] *= take->gain;
        const float level = fmaxf(fabsf(left[i]), fabsf(right[i]));
        take->peak = fmaxf(take->peak, level);
        if (level > SILENCE) {
            take->last_sound = begin + i;
        }
    }
    return STATUS_OK;
}

static bool rang_out(const void *user)
{
    const struct patch_take *take = user;
    const uint64_t now = patch_player_frame(take->player);
    const uint64_t silence = (uint64_t)(take->silence_s * take->file.rate);
    return now >= patch_player_frames(take->player) + silence && now >= take->last_sound + silence;
}

static enum status render_to_file(struct patch_take *take)
{
    char comment[TEXT_MAX];
    const double notes_s = (double)patch_player_frames(take->player) / take->file.rate;
    const bool is_told = options_given(take->options, "seconds");
    const double told_s = options_number(take->options, "seconds");
    (void)snprintf(comment, sizeof comment, "the patch %.60s: %s", take->path, patch_about(take->patch));
    take->file.title = patch_title(take->patch)[0] ? patch_title(take->patch) : take->path;
    take->file.comment = comment;
    const struct take_options options = {.file = take->file,
                                         .seconds = is_told ? told_s : notes_s + TAIL_S,
                                         .fade = is_told ? options_number(take->options, "fade") : TAIL_FADE_S,
                                         .told_seconds = is_told ? told_s : notes_s};
    const struct take_source source = {.render = render_block, .over = is_told ? NULL : rang_out, .user = take};
    return take_make(&options, &source, &take->complaint);
}

static void tell_trouble(const char *name, const struct patch_take *take)
{
    if (take->peak > 1.0F) {
        (void)fprintf(stderr, "%s: too loud, by %.1f dB, and cut off there: give --gain %.2g\n", name,
                      20.0 * log10((double)take->peak), (double)take->gain * 0.95 / (double)take->peak);
    }
    if (take->last_sound == 0) {
        (void)fprintf(stderr, "%s: nothing was heard: is something plugged into an output?\n", name);
    }
    if (patch_player_broken(take->player) > 0) {
        (void)fprintf(stderr, "%s: %llu frames were no numbers, and are silent\n", name,
                      (unsigned long long)patch_player_broken(take->player));
    }
}

int render_patch(const char *name, const struct options *options)
{
    const char *operand = options_operand(options, 0);
    struct patch_take take = {.options = options, .path = operand ? operand : options_text(options, "patch")};
    if (check_use(&take) != STATUS_OK) {
        (void)command_fail(name, take.complaint.text);
        return EXIT_WRONG_USE;
    }
    enum status status = set_up(&take);
    if (status == STATUS_OK) {
        status = render_to_file(&take);
        tell_trouble(name, &take);
    }
    take_done(&take);
    return status == STATUS_OK ? EXIT_OK : command_fail(name, take.complaint.text);
}
