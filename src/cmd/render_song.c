// SPDX-License-Identifier: GPL-3.0-or-later
// After its last event a song rings out until no voice sounds and the reverb is gone, or is faded out where that takes
// too long: a note that the file never ends would sound for ever.
//
// The limiter is late by its look-ahead, which is rendered and thrown away before the song begins, so that the first
// frame of the file is the song's.
#include "cmd/render_song.h"

#include "cmd/command.h"
#include "cmd/input.h"
#include "cmd/music_options.h"
#include "cmd/take.h"
#include "synth/master.h"
#include "synth/player.h"
#include "synth/samples.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_MAX = 200, SONG_HOURS_MAX = 168, POLYPHONY = 256 };

// At this gain the loudest of 20 pop songs and 9 takes of a drum kit, each by itself, peaks at -7 dBFS, so that a whole
// band stays below the limiter, or hardly comes to it. (The fluidsynth program's 0.2 is 6 dB less, and has no limiter.)
static const double GAIN = 0.4;

static const double TAIL_S = 10.0;
static const double TAIL_FADE_S = 1.0;
static const float SILENCE = 1e-4F; // -80 dBFS

/// Options that say what a station plays.
static const char *const foreign[] = {"preset", "key", "mode", "bpm", "intensity", "seed", "seconds", "fade"};

// All that rendering a song holds; zeroed is nothing yet.
struct song {
    const struct options *options;
    const char *path;
    struct output_options file;
    struct score score;
    struct instrument *instrument;
    struct player *player;
    struct master *master;
    float peak; ///< of what was rendered last
    struct complaint complaint;
};

static void song_done(struct song *song)
{
    master_free(song->master);
    player_free(song->player);
    instrument_free(song->instrument);
    score_done(&song->score);
}

/// Whether both names lead to one file, which writing would destroy before it is read.
static bool is_same_file(const char *one, const char *other)
{
    struct stat a;
    struct stat b;
    return stat(one, &a) == 0 && stat(other, &b) == 0 && S_ISREG(a.st_mode) && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

// What the options say beyond their own ranges. Failures are wrong use.
static enum status check_use(struct song *song)
{
    struct complaint *complaint = &song->complaint;
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        if (options_typed(song->options, foreign[i])) {
            return complain(complaint, STATUS_INVALID,
                            "--%s is for a station, and %.100s has its own music: leave one of them out", foreign[i],
                            song->path);
        }
    }
    if (strcmp(song->path, "-") == 0 && isatty(STDIN_FILENO) == 1) {
        return complain(complaint, STATUS_INVALID, "standard input is a terminal: give a MIDI file or a pipe");
    }
    const enum status status = take_read_options(song->options, &song->file, complaint);
    if (status == STATUS_OK && song->file.format == OUTPUT_MIDI) {
        return complain(complaint, STATUS_INVALID, "%.100s is a MIDI file already: give -o a .wav, .flac or .ogg file",
                        song->path);
    }
    if (status == STATUS_OK && is_same_file(song->path, song->file.path)) {
        return complain(complaint, STATUS_INVALID, "-o %.100s is the song itself: give another name", song->file.path);
    }
    return status;
}

static bool has_notes(const struct score *score)
{
    for (size_t i = 0; i < score->count; i++) {
        if (score->events[i].kind == EVENT_MIDI && score->events[i].midi.status == MIDI_NOTE_ON) {
            return true;
        }
    }
    return false;
}

static enum status read_score(struct song *song, const char *name)
{
    bool cut_short = false;
    const enum status status = input_read_midi(song->path, &song->score, &cut_short, &song->complaint);
    if (status != STATUS_OK) {
        return status;
    }
    if (!has_notes(&song->score)) {
        return complain(&song->complaint, STATUS_CORRUPT, "%.200s has no notes%s", song->path,
                        cut_short ? ": the file is cut short" : "");
    }
    if (cut_short) {
        (void)fprintf(stderr, "%s: %s is cut short; what is there is played\n", name, song->path);
    }
    return STATUS_OK;
}

static enum status set_up(struct song *song)
{
    const double rate = music_options_rate(song->options);
    const struct instrument_options wanted = {
        .rate = rate,
        .polyphony = POLYPHONY,
        .gain = options_has(song->options, "gain") ? options_number(song->options, "gain") : GAIN,
        .dry = options_flag(song->options, "dry")};
    const enum status status = music_options_instrument(song->options, &wanted, &song->instrument, &song->complaint);
    if (status != STATUS_OK) {
        return status;
    }
    song->file.rate = (uint32_t)rate;
    song->master = master_new(rate);
    song->player = player_new(&song->score, song->instrument, rate);
    if (!song->master || !song->player) {
        return complain(&song->complaint, STATUS_NO_MEMORY, "out of memory");
    }
    if ((double)player_frames(song->player) > SONG_HOURS_MAX * 3600.0 * rate) {
        return complain(&song->complaint, STATUS_FULL, "%.200s lasts longer than %d hours", song->path, SONG_HOURS_MAX);
    }
    return STATUS_OK;
}

static enum status render_block(void *user, float *left, float *right, size_t frames)
{
    struct song *song = user;
    player_render(song->player, left, right, frames);
    master_process(song->master, left, right, frames);
    song->peak = 0.0F;
    for (size_t i = 0; i < frames; i++) {
        song->peak = fmaxf(song->peak, fmaxf(fabsf(left[i]), fabsf(right[i])));
    }
    return STATUS_OK;
}

static bool rang_out(const void *user)
{
    const struct song *song = user;
    return player_frame(song->player) >= player_frames(song->player) && song->peak < SILENCE &&
           instrument_voices(song->instrument) == 0;
}

static void skip_delay(struct song *song)
{
    for (size_t i = master_delay(song->master); i > 0; i--) {
        float left = 0.0F;
        float right = 0.0F;
        (void)render_block(song, &left, &right, 1);
    }
}

static enum status render_to_file(struct song *song)
{
    char title[TEXT_MAX];
    char comment[TEXT_MAX];
    const char *slash = strrchr(song->path, '/');
    const double seconds = (double)player_frames(song->player) / song->file.rate;
    (void)snprintf(title, TEXT_MAX, "%s", slash ? slash + 1 : song->path);
    (void)snprintf(comment, TEXT_MAX, "rendered by %s", song->instrument->name);
    song->file.title = strcmp(song->path, "-") == 0 ? "MIDI" : title;
    song->file.comment = comment;
    song->file.serial = (uint32_t)player_frames(song->player);
    const struct take_options take = {
        .file = song->file, .seconds = seconds + TAIL_S, .fade = TAIL_FADE_S, .told_seconds = seconds};
    const struct take_source source = {.render = render_block, .over = rang_out, .user = song};
    skip_delay(song);
    return take_make(&take, &source, &song->complaint);
}

int render_song(const char *name, const struct options *options)
{
    struct song song = {.options = options, .path = options_operand(options, 0)};
    if (check_use(&song) != STATUS_OK) {
        (void)command_fail(name, song.complaint.text);
        return EXIT_WRONG_USE;
    }
    enum status status = read_score(&song, name);
    if (status == STATUS_OK) {
        status = set_up(&song);
    }
    if (status == STATUS_OK) {
        status = render_to_file(&song);
    }
    song_done(&song);
    return status == STATUS_OK ? EXIT_OK : command_fail(name, song.complaint.text);
}
