// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A SoundFont, read: its presets as lists of regions with every generator and modulator resolved, and its samples.
///
/// "SoundFont Technical Specification" 2.04 (E-mu, 2006), which 2.01 is a subset of: .sf2 with 16 and 24 bits, and
/// .sf3, the same with Ogg Vorbis samples. All the instruments of a process that play one file share one of these. It
/// is read-only after it was opened, but for the samples of an .sf3 file, which are decoded when they are first wanted.
#pragma once

#include "core/realtime.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Generators by their numbers in the specification, section 8.1.2; those that only structure the file are resolved.
enum soundfont_generator {
    GENERATOR_START_OFFSET = 0,
    GENERATOR_END_OFFSET = 1,
    GENERATOR_LOOP_START_OFFSET = 2,
    GENERATOR_LOOP_END_OFFSET = 3,
    GENERATOR_START_COARSE_OFFSET = 4,
    GENERATOR_MOD_LFO_TO_PITCH = 5,
    GENERATOR_VIB_LFO_TO_PITCH = 6,
    GENERATOR_MOD_ENV_TO_PITCH = 7,
    GENERATOR_FILTER_CUTOFF = 8,
    GENERATOR_FILTER_Q = 9,
    GENERATOR_MOD_LFO_TO_FILTER = 10,
    GENERATOR_MOD_ENV_TO_FILTER = 11,
    GENERATOR_END_COARSE_OFFSET = 12,
    GENERATOR_MOD_LFO_TO_VOLUME = 13,
    GENERATOR_CHORUS_SEND = 15,
    GENERATOR_REVERB_SEND = 16,
    GENERATOR_PAN = 17,
    GENERATOR_MOD_LFO_DELAY = 21,
    GENERATOR_MOD_LFO_FREQUENCY = 22,
    GENERATOR_VIB_LFO_DELAY = 23,
    GENERATOR_VIB_LFO_FREQUENCY = 24,
    GENERATOR_MOD_ENV_DELAY = 25,
    GENERATOR_MOD_ENV_ATTACK = 26,
    GENERATOR_MOD_ENV_HOLD = 27,
    GENERATOR_MOD_ENV_DECAY = 28,
    GENERATOR_MOD_ENV_SUSTAIN = 29,
    GENERATOR_MOD_ENV_RELEASE = 30,
    GENERATOR_KEY_TO_MOD_ENV_HOLD = 31,
    GENERATOR_KEY_TO_MOD_ENV_DECAY = 32,
    GENERATOR_VOL_ENV_DELAY = 33,
    GENERATOR_VOL_ENV_ATTACK = 34,
    GENERATOR_VOL_ENV_HOLD = 35,
    GENERATOR_VOL_ENV_DECAY = 36,
    GENERATOR_VOL_ENV_SUSTAIN = 37,
    GENERATOR_VOL_ENV_RELEASE = 38,
    GENERATOR_KEY_TO_VOL_ENV_HOLD = 39,
    GENERATOR_KEY_TO_VOL_ENV_DECAY = 40,
    GENERATOR_INSTRUMENT = 41,
    GENERATOR_KEY_RANGE = 43,
    GENERATOR_VELOCITY_RANGE = 44,
    GENERATOR_LOOP_START_COARSE_OFFSET = 45,
    GENERATOR_KEY = 46,      ///< -1 where the key that is played counts
    GENERATOR_VELOCITY = 47, ///< -1 where the velocity that is played counts
    GENERATOR_ATTENUATION = 48,
    GENERATOR_LOOP_END_COARSE_OFFSET = 50,
    GENERATOR_COARSE_TUNE = 51,
    GENERATOR_FINE_TUNE = 52,
    GENERATOR_SAMPLE = 53,
    GENERATOR_SAMPLE_MODES = 54,
    GENERATOR_SCALE_TUNING = 56,
    GENERATOR_EXCLUSIVE_CLASS = 57,
    GENERATOR_ROOT_KEY = 58, ///< -1 where the sample's counts
    SOUNDFONT_GENERATORS = 60
};

/// A modulator, section 7.4: generator \c destination goes up by amount x source x amount source.
struct soundfont_modulator {
    uint16_t source;        ///< as section 8.2 packs it: index, CC flag, direction, polarity, curve
    uint16_t amount_source; ///< likewise
    uint16_t transform;     ///< 0 linear, 2 absolute value
    uint8_t destination;    ///< an enum soundfont_generator
    bool is_default;        ///< of section 8.4, and not named in the file
    float amount;           ///< in the generator's units; a preset's modulator is added to the instrument's
};

/// One instrument zone under one preset zone: what a voice needs. Ranges, generators and modulators are the
/// intersections and sums that sections 7, 8.5 and 9.4 ask for, held to 16 bits.
struct soundfont_region {
    uint8_t key_low, key_high;
    uint8_t velocity_low, velocity_high;
    uint16_t sample;          ///< an index for soundfont_sample()
    uint16_t modulator_count; ///< the default ones of section 8.4 included, unless they are overridden
    uint32_t modulators;      ///< index of the first, for soundfont_modulators()
    int16_t generators[SOUNDFONT_GENERATORS];
};

struct soundfont_preset {
    char name[21];
    uint16_t bank, program;
    uint32_t regions; ///< index of the first, for soundfont_regions()
    uint32_t region_count;
    uint32_t eights, keys; ///< where soundfont_match() looks
};

/// Regions that soundfont_match() looks at together.
enum { SOUNDFONT_MATCHED = 64 };

/// \sa soundfont_match_soon
enum { SOUNDFONT_MATCH_STEPS = 2 };

enum soundfont_link { SOUNDFONT_MONO, SOUNDFONT_RIGHT, SOUNDFONT_LEFT, SOUNDFONT_LINKED };

/// A sample. Frames count from \c frames; start <= loop_start <= loop_end <= end <= available, or no loop where
/// loop_start equals loop_end. Frames beyond \c end, up to \c available, may be read and belong to something else.
/// Where \c end equals \c start it is silent: it could not be decoded, or nobody uses it since it makes no sense. Of an
/// .sf3 sample, the frames and what counts them are only known once soundfont_sample_ready() says so.
struct soundfont_sample {
    const int16_t *frames; ///< NULL while an .sf3 sample is not decoded: see soundfont_sample_ready()
    const uint8_t *low;    ///< the low bytes of 24-bit samples, as many as frames; else NULL
    uint32_t available;    ///< frames that can be read
    uint32_t start, end;
    uint32_t loop_start, loop_end;
    uint32_t rate;     ///< frames a second
    uint8_t key;       ///< MIDI key of the recorded pitch
    int8_t correction; ///< cents that playback adds to be in tune
    enum soundfont_link link;
    uint16_t partner; ///< index of the other side of a stereo pair; its own where there is none
    char name[21];
};

struct soundfont;

/// \name Files. Any thread
/// @{

/// The path of the system's General MIDI set: the first that can be read of the places where distributions put it, or
/// the first of those places where none can. Static.
const char *soundfont_find(void);

/// Whether \p path can be read and begins as a SoundFont. STATUS_IO where it cannot be opened, STATUS_CORRUPT where it
/// is something else; \p complaint says what to do.
MUST_USE enum status soundfont_check(const char *path, struct complaint *complaint);

/// Opens \p path, or shares what another instrument of this process has open (the same file by device, inode, size and
/// time of change). Takes milliseconds: the file is mapped, and only what describes its samples is read. A thread of
/// its own then reads the samples of the presets that are wanted into memory, and decodes those of an .sf3 file.
/// STATUS_IO, STATUS_CORRUPT, STATUS_UNSUPPORTED (nothing but ROM samples, or version 1), STATUS_NO_MEMORY. A file that
/// is damaged in parts is opened, without what is damaged. The mapping stays valid when the file is replaced or
/// removed; a file cut short in place while it plays ends the process, as it does with every mapped file.
MUST_USE enum status soundfont_open(const char *path, struct soundfont **out, struct complaint *complaint);

/// The same from \p size bytes in memory, which are copied where they are needed later; shares nothing. For tests.
/// Never STATUS_IO.
MUST_USE enum status soundfont_open_memory(const void *bytes, size_t size, struct soundfont **out,
                                           struct complaint *complaint);

/// Gives a share back; the last one closes. NULL is fine.
void soundfont_close(struct soundfont *soundfont);

/// Waits until sample \p index can be played, decoding it on this thread where nobody has. STATUS_CORRUPT where it
/// cannot be decoded (it is silent then), STATUS_NO_MEMORY.
MUST_USE enum status soundfont_sample_wait(struct soundfont *soundfont, uint32_t index);

/// Brings everything that can be played into memory, so that no note waits or is left out: decodes all of an .sf3 file
/// (seconds), reads all of an .sf2 file once. STATUS_FULL where what is decoded takes more than \p most bytes,
/// STATUS_NO_MEMORY.
MUST_USE enum status soundfont_bring_in(struct soundfont *soundfont, size_t most);

/// Zones, samples and modulators that were left out because they made no sense, since it was opened.
uint32_t soundfont_left_out(const struct soundfont *soundfont);
/// @}

/// \name What is in it. Any thread; indexes come from it and are not checked
/// @{
uint32_t soundfont_preset_count(const struct soundfont *soundfont) REALTIME;

/// The presets, ordered by bank and program, one for each pair.
const struct soundfont_preset *soundfont_preset(const struct soundfont *soundfont, uint32_t index) REALTIME;

/// The index of a preset, or -1.
int soundfont_find_preset(const struct soundfont *soundfont, int bank, int program) REALTIME;

uint32_t soundfont_region_count(const struct soundfont *soundfont) REALTIME;

const struct soundfont_region *soundfont_regions(const struct soundfont *soundfont, uint32_t index) REALTIME;

/// Which of the SOUNDFONT_MATCHED regions of \p preset from its \p first on, a multiple of that, are for a note of \p
/// key (0 to 127) and \p velocity (0 to 127): a bit for each, the first one's lowest.
uint64_t soundfont_match(const struct soundfont *soundfont, const struct soundfont_preset *preset, uint32_t first,
                         int key, int velocity) REALTIME;

/// Has the processor fetch what soundfont_match() will read for \p key: all of step 0 for several notes, then all of
/// step 1, and then match, is quicker than note by note.
void soundfont_match_soon(const struct soundfont *soundfont, const struct soundfont_preset *preset, int key,
                          int step) REALTIME;

const struct soundfont_modulator *soundfont_modulators(const struct soundfont *soundfont, uint32_t index) REALTIME;

uint32_t soundfont_sample_count(const struct soundfont *soundfont) REALTIME;

const struct soundfont_sample *soundfont_sample(const struct soundfont *soundfont, uint32_t index) REALTIME;

/// Has the processor fetch what soundfont_sample_ready() and soundfont_sample() will read.
void soundfont_sample_soon(const struct soundfont *soundfont, uint32_t index) REALTIME;

/// Whether \c frames of sample \p index may be read: always for .sf2, after decoding for .sf3.
bool soundfont_sample_ready(const struct soundfont *soundfont, uint32_t index) REALTIME;

/// Whether samples have to be decoded before they can be read, as those of .sf3 files.
bool soundfont_decodes(const struct soundfont *soundfont) REALTIME;

/// Asks for the samples of preset \p index to be brought into memory. Never waits.
void soundfont_want(struct soundfont *soundfont, uint32_t index) REALTIME;
/// @}
