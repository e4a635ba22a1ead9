// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A station: endless music on the clock, cut in chunks, encoded once for all listeners, steered while it runs.
///
/// One thread renders it in blocks of 20 ms just ahead of the clock. The last two seconds stay in a ring from which
/// every listener reads at a place of its own; one that falls out of it continues live.
#pragma once

#include "compose/compose.h"
#include "core/buffer.h"
#include "core/status.h"
#include "station/chunk.h"
#include "station/metrics.h"
#include "synth/instrument.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    STATION_RING = 20,         ///< chunks kept: 2 s
    STATION_BURST = 3,         ///< chunks that a new listener gets at once: 300 ms
    STATION_NAME_MAX = 32,     ///< bytes of a name, with its NUL
    STATION_COMMANDS = 64,     ///< changes that may wait
    STATION_LINGER_MS = 10000, ///< how long a station plays on for nobody before it sleeps
    STATION_POSITION_MS = 1000 ///< how often a station writes down where it is, at most
};

/// What a name is made of.
#define STATION_NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789-_"

struct station;

struct station_options {
    const char *name;              ///< a-z, 0-9, '-' and '_', at most STATION_NAME_MAX - 1
    const struct harmony *harmony; ///< shared; outlives the station
    const struct presets *presets; ///< shared; outlives the station
    const struct preset *preset;
    struct controls controls; ///< checked by the caller
    uint64_t seed;
    uint32_t rate;                 ///< 48000 or 44100
    int bitrate;                   ///< of Opus, bit/s
    double speed;                  ///< 1 for real time; more for tests
    struct instrument *instrument; ///< goes over to the station, on failure too
    void (*published)(void *user); ///< called on the station's thread after each chunk; must not wait
    void *user;
    uint32_t phase_ms; ///< chunks are due so many milliseconds after the full tenths of a second: 0 to 99
    bool sleeps;       ///< while nobody listens, from the start; else it always plays
    const char
        *state_dir;  ///< the folder of its journal (station/journal.h); NULL for none. Only read by station_new().
    bool seed_given; ///< a journal with another seed is another life; else its seed is taken over
};

/// Where a station is: the next chunk to be published, and its first frame.
struct station_position {
    uint64_t frame;
    uint32_t sequence;
};

/// What a station plays. \c version grows with every change, \c frame is where the last one takes effect.
struct station_state {
    uint64_t version;
    uint64_t frame;
    const struct preset *preset;
    struct controls controls;
    struct chord chord;
    struct key chord_key;
    bool has_chord; ///< false until the first one sounds
};

/// A change, any subset; what is not set stays. Values are checked when it is asked for.
struct station_change {
    const struct preset *preset; ///< NULL for none; brings its own key, mode, tempo and intensity
    bool set_tonic, set_mode, set_bpm, set_intensity;
    uint8_t tonic;
    enum mode mode;
    double bpm;
    double intensity;
};

/// Makes a station that does not run yet. STATUS_INVALID for a bad name, STATUS_RANGE, STATUS_NO_MEMORY; with a
/// \c state_dir also as journal_open().
///
/// Where its journal says that it has lived before, it goes on there: with the seed, the preset and the controls of the
/// journal, which its state tells at once, and from the last position in it (up to a second before the end of a process
/// that was killed; those chunks come again, the same under the same numbers). No time passes while it is away. When
/// its thread starts, it first composes all that it has played, some seconds a month of music; a second's chunks are
/// then due already and come at once.
MUST_USE enum status station_new(const struct station_options *options, struct station **out,
                                 struct complaint *complaint);

/// Starts its thread, and its next chunk is due in 100 to 200 ms, unless it sleeps; nothing where it runs already.
/// STATUS_NO_MEMORY when there is no thread to be had.
MUST_USE enum status station_start(struct station *station);

/// Tells its thread to stop with the chunk in the works, and does not wait: to stop many stations at once. Any thread.
void station_ask_to_stop(struct station *station);

/// Stops its thread behind the chunk in the works. Then it may be started again, or freed once nobody reads it.
void station_stop(struct station *station);

/// NULL is fine. Stops it first if need be.
void station_free(struct station *station);

/// \name Any thread
/// @{
const char *station_name(const struct station *station);
uint32_t station_rate(const struct station *station);
uint64_t station_seed(const struct station *station);
const char *station_renderer(const struct station *station);
struct metrics *station_metrics(struct station *station);
struct station_state station_state(struct station *station);
/// The version of station_state(), without the rest.
uint64_t station_version(struct station *station);
/// Sequence of the next chunk to be published.
uint32_t station_head(struct station *station);
/// Sequence of the oldest chunk that can still be taken; station_head() where there is none, as while it sleeps.
uint32_t station_oldest(struct station *station);
struct station_position station_position(struct station *station);
/// Whether it went on from its journal.
bool station_resumed(const struct station *station);
/// Somebody is about to listen: a station that \c sleeps wakes, and plays for STATION_LINGER_MS at least, by which time
/// the listener must be counted in its metrics. It goes on where it stopped, with no hole in frames and sequences; its
/// first STATION_BURST chunks are due already and come at once. Cheap; before station_start() too.
void station_wake(struct station *station);
/// Whether it sleeps now: it has no listeners, keeps no chunks and uses no time.
bool station_asleep(const struct station *station);
/// A reference to chunk \p sequence in \p format, and when it was due, in \p due_ns; its score message in \p score,
/// where that is not NULL (NULL stored when it has none). STATUS_AGAIN when it is not published yet; STATUS_CLOSED when
/// it has left the ring; STATUS_NO_MEMORY.
MUST_USE enum status station_take(struct station *station, uint32_t sequence, enum format format, struct buffer **out,
                                  struct buffer **score, int64_t *due_ns);
/// The head pages of the Ogg form; one reference for the caller.
struct buffer *station_ogg_head(struct station *station);
/// @}

/// Asks for a change. Any thread. It takes effect with the next block; all that
/// wait then are taken together, the later over the earlier. A station that sleeps takes it when it wakes, and its
/// state tells of it then. STATUS_RANGE with a complaint; STATUS_FULL when STATION_COMMANDS wait.
MUST_USE enum status station_command(struct station *station, const struct station_change *change,
                                     struct complaint *complaint);
