// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Sound in real time from two processes in lockstep: when one dies or hangs, not a frame is lost.
///
/// The engine owns the device and the score: commands with their frames, in shared memory. Two slots, each a process
/// of its own, play every command and render every block. The device's callback takes each block from one of them, or
/// at once from the other. A slot that died, hangs or plays something else is replaced, and goes on from a copy of the
/// other's state. With one slot the redundancy is none, with none the sound fades out in 5 ms, and comes back with the
/// patch and the parameters as they were.
#pragma once

#include "core/histogram.h"
#include "play/device.h"
#include "play/recorder.h"
#include "synth/command.h"
#include "synth/program.h"

enum { ENGINE_SLOTS = 2, ENGINE_TIMED_MAX = 8192, ENGINE_OCCUPANCY = 8 };

struct engine;

/// Zeroed means the defaults.
struct engine_options {
    struct device_options device;
    bool alone;           ///< one slot only
    bool faults;          ///< COMMAND_FAULT is allowed
    uint32_t patience_ms; ///< a slot that is as far behind for as long is replaced, but never for less than 16 blocks;
                          ///< 0: 50
    uint32_t lead;    ///< blocks that are rendered ahead, up to a tenth of a second; 0: 1. Each more bridges a block's
                      ///< time in which both slots stand still, and adds a block of latency
    const char *slot; ///< the program that is run as `SLOT slot ...`; NULL for /proc/self/exe
};

enum engine_slot_state {
    ENGINE_SLOT_DEAD,     ///< being replaced
    ENGINE_SLOT_STARTING, ///< runs, prepares
    ENGINE_SLOT_JOINING,  ///< takes over the other's state
    ENGINE_SLOT_PLAYING,  ///< in lockstep
};

/// Counts since the start, and states now.
struct engine_stats {
    uint64_t frame;     ///< the next that the device will be given
    uint64_t callbacks; ///< of the device
    uint64_t blocks;
    uint64_t late;     ///< blocks that no slot had ready: silence or a fade was played
    uint64_t awaited;  ///< blocks that no slot had ready at first, but in time
    uint64_t starved;  ///< times that blocks were late, one or more in a row
    uint64_t switches; ///< from one slot to the other
    uint64_t divergences;
    uint64_t xruns;                     ///< the device's
    uint64_t commands, refused, behind; ///< taken; refused for want of room; whose frame was already past
    uint64_t deaths[ENGINE_SLOTS], joins[ENGINE_SLOTS];
    double join_ms[ENGINE_SLOTS]; ///< from the loss to lockstep, the last time
    enum engine_slot_state state[ENGINE_SLOTS];
    int pid[ENGINE_SLOTS];                ///< 0: none
    uint32_t active;                      ///< which one is heard
    bool redundant;                       ///< both are in lockstep
    double load;                          ///< of the callback: mean time by the period
    uint64_t occupancy[ENGINE_OCCUPANCY]; ///< callbacks in which the active slot was 0, 1, ... blocks ahead, or more
    uint64_t ahead;                       ///< the sum of these blocks over all callbacks
};

/// Starts the device and the slots; silence plays. STATUS_* as device_open(), and STATUS_IO where a process or shared
/// memory cannot be had. The main thread.
MUST_USE enum status engine_new(const struct engine_options *options, struct engine **out, struct complaint *complaint);
/// Tries to have the device again that is gone, as device_return() does, on a thread of its own; where it is there the
/// music goes on from the frame at which it stopped. STATUS_AGAIN while the try goes on: the next calls tell how it
/// ended. What \c options.device points to must still be there. The main thread.
MUST_USE enum status engine_return(struct engine *engine, struct complaint *complaint);
/// Fades out, stops and frees all. NULL is fine.
void engine_free(struct engine *engine);

double engine_rate(const struct engine *engine);
uint32_t engine_block(const struct engine *engine);
uint32_t engine_ins(const struct engine *engine);
uint32_t engine_outs(const struct engine *engine);

// What follows may be called from any thread but audio, several at once.

/// The first frame that a command sent now can still reach.
uint64_t engine_now(const struct engine *engine);
/// How long before it is to be heard a command has to be sent at the latest, in nanoseconds, but for the callback that
/// takes it.
int64_t engine_ahead_ns(const struct engine *engine);
/// The frame that is heard (handed to the device) at \p ns of clock_now_ns(), as far as known; for time tags. While the
/// device is gone, time stands still: engine_now() at the latest.
uint64_t engine_frame_at(const struct engine *engine, int64_t ns);

/// Sends \p count commands, all or none, to take effect at their frames, those of one frame in the order of sending; a
/// frame that is past, or 0, is the next that can be reached. \p frame (may be NULL) gets the frame of the first. Not
/// for swaps: STATUS_INVALID; STATUS_UNSUPPORTED for a fault where they are not allowed. STATUS_FULL where there is no
/// room, which is counted.
MUST_USE enum status engine_send(struct engine *engine, const struct command *commands, uint32_t count,
                                 uint64_t *frame);

/// Has the slots prepare \p program (serial one above the last), and swaps it in at \p frame or as soon after as they
/// are ready; \p begins gets the frame. Waits until every playing slot is ready: usually less than a millisecond,
/// seconds where files are opened; a slot that is not ready 10 s after the other is replaced. Swaps take effect in the
/// order of posting. STATUS_AGAIN where no slot plays for 10 s: the program is kept, and plays from \p begins on when
/// one does. What a slot cannot prepare is refused with the slot's own status and complaint; so is, as STATUS_FULL,
/// what none of those that play has ready in 30 s, or a program while 31 others have waited for their frames for 10 s
/// (or wait, while the device is gone), and as STATUS_INVALID one with the wrong serial. What is refused does not
/// count: the next one has its serial. One thread at a time.
MUST_USE enum status engine_post(struct engine *engine, const struct program *program, uint64_t frame, uint64_t *begins,
                                 struct complaint *complaint);

/// Keeps \p path's bytes in memory for as long as the engine lives, so that it may change or go; gives the path from
/// which every slot reads them, the same for the same file while it is unchanged. STATUS_IO with the reason.
MUST_USE enum status engine_keep(struct engine *engine, const char *path, char kept[PROGRAM_FILE_SIZE],
                                 struct complaint *complaint);

struct recorder *engine_recorder(struct engine *engine);
void engine_stats(const struct engine *engine, struct engine_stats *out);
/// Callback time in nanoseconds; from a command's stamp to the beginning of its first block at the device, in
/// microseconds.
const struct histogram *engine_callback_ns(const struct engine *engine);
const struct histogram *engine_latency_us(const struct engine *engine);
/// Highest peak of each output channel since the last call, linear; \p peaks has engine_outs() of them.
void engine_peaks(struct engine *engine, float *peaks);
bool engine_is_gone(const struct engine *engine);       ///< the device is gone, and time stands still
const char *engine_device(const struct engine *engine); ///< its kind, as in struct device_options
const char *engine_hint(const struct engine *engine);   ///< as device_hint()
