// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The memory that the engine and the slots share: what lies where, and how it is made and mapped.
///
/// The *score* is written by the engine alone and mapped read-only by the slots: which blocks may be rendered, the log
/// of commands, programs, the device's input. Each slot has an *area*, which it alone writes: the blocks that it
/// rendered, and its state when the other asks for it. A slot that crashes may leave anything in its area, so whoever
/// reads one copies first, and then checks what it copied. There are no pointers in either.
///
/// The log is in order of frames. All commands for block n are in it, and counted in log_written, before `go` reaches
/// n + 1, and what is added later is for later blocks: so every slot takes the same commands in the same block.
#pragma once

#include "core/status.h"
#include "synth/command.h"
#include "synth/rack.h"

#include <stdatomic.h>

enum {
    SHARED_SLOTS = 2,
    SHARED_LOG = 1 << 16,        ///< commands that the log holds
    SHARED_LOG_MARGIN = 1 << 12, ///< of them, those that may be overwritten while they are read
    SHARED_INPUT_MARGIN = 16,    ///< blocks of input, likewise
    SHARED_PROGRAMS = 32,        ///< that are kept: those that wait for their frame, and what plays
    SHARED_TEXT = 256,
    SHARED_RING_FRAMES = 16384,    ///< of a slot's output, at least
    SHARED_INPUT_FRAMES = 1 << 18, ///< of the device's input, about
};

/// What both sides must agree on; fixed for the engine's life.
struct shared_format {
    double rate;
    uint32_t block; ///< frames, 1 to 8192
    uint32_t ins, outs;
    uint32_t ring_blocks;  ///< a power of two
    uint32_t input_blocks; ///< a power of two
};

/// How a new slot gets to its state.
enum shared_mode {
    SHARED_BASE, ///< from the program and parameters that the engine knows, without the other slot
    SHARED_JOIN, ///< from a snapshot of the other
};

enum shared_state { SHARED_STARTING, SHARED_JOINING, SHARED_PLAYING, SHARED_STATES };

struct shared_seat {
    _Atomic uint64_t era; ///< of the process that has it: never used twice
    _Atomic uint32_t mode;
};

/// A program that was posted. Its ticket is 0 while it is written, and never used twice.
struct shared_post {
    _Atomic uint64_t ticket;
    _Atomic uint64_t serial;
    struct program program;
};

/// What plays, as far as the engine knows it: for a slot that starts alone.
struct shared_base {
    _Atomic uint64_t answer; ///< the `ask` that it was written for
    uint64_t log;            ///< what it knows: this many commands of the log
    struct program program;  ///< with the parameters as they were last set; serial 0: nothing plays
};

struct shared_score {
    uint64_t magic;
    int32_t engine; ///< its process
    struct shared_format format;
    _Alignas(64) _Atomic uint64_t go; ///< blocks that may be rendered: 0 to go - 1
    _Atomic uint64_t log_written;
    _Atomic uint32_t pulse;               ///< changes with go; waited at by the threads that render
    _Alignas(64) _Atomic uint64_t posted; ///< serial of the last program
    _Atomic uint32_t bell;                ///< changes with all that the keep threads should look at
    _Atomic uint32_t stop;                ///< the slots are to end
    struct shared_seat seat[SHARED_SLOTS];
    struct shared_base base;
    struct shared_post pool[SHARED_PROGRAMS]; ///< by serial
    _Alignas(64) struct command log[SHARED_LOG];
    _Alignas(64) float input[]; ///< block after block, channel after channel
};

struct shared_snapshot {
    _Atomic uint64_t answer;     ///< the `ask` of the other slot that it was made for; set last
    _Atomic uint64_t serial;     ///< of the program that plays; 0: none, and there are no bytes
    _Atomic uint64_t block, log; ///< that come next
};

struct shared_area {
    _Atomic uint32_t state;
    _Atomic uint64_t ask;         ///< for a state to start from; never used twice
    _Atomic uint64_t first, done; ///< rendered: blocks first to done - 1
    _Atomic uint64_t answered;    ///< ticket of the last program that was prepared, or refused
    _Atomic uint32_t answer;      ///< enum status
    char complaint[SHARED_TEXT];  ///< why it was refused
    char reason[SHARED_TEXT];     ///< why the slot gives up
    struct shared_snapshot snapshot;
    _Alignas(4096) unsigned char saved[RACK_SNAPSHOT_SIZE];
};

/// A block in a slot's ring, channel after channel.
struct shared_block {
    uint64_t number;
    uint64_t hash; ///< of number and samples
    _Alignas(64) float samples[];
};

/// The whole format for a device; STATUS_RANGE for one that cannot be.
MUST_USE enum status shared_format_make(double rate, uint32_t block, uint32_t ins, uint32_t outs,
                                        struct shared_format *out);

/// Bytes.
size_t shared_score_size(const struct shared_format *format);
size_t shared_area_size(const struct shared_format *format) REALTIME;

/// Memory of \p size zeros that can be given to another process and not be resized; its descriptor is above the usual
/// ones and closed at exec. -1 with errno where there is none.
int shared_new(const char *name, size_t size);
/// Maps it. NULL with errno.
void *shared_map(int fd, size_t size, bool writable);
/// Maps the score in a slot and checks that it is one of this program. STATUS_CORRUPT, STATUS_IO.
MUST_USE enum status shared_map_score(int fd, const struct shared_score **out);
/// Has all pages of \p size bytes at \p memory there, so that real-time code that comes to one first does not wait for
/// it.
void shared_touch(const void *memory, size_t size);
/// NULL is fine.
void shared_unmap(const void *memory, size_t size);

/// Makes \p score, zeroed, one of \p format.
void shared_score_init(struct shared_score *score, const struct shared_format *format);

/// The places of block \p number. \p format need not be the memory's own, which may be wrong.
struct shared_block *shared_block_at(struct shared_area *area, const struct shared_format *format,
                                     uint64_t number) REALTIME;
const struct shared_block *shared_block_read(const struct shared_area *area, const struct shared_format *format,
                                             uint64_t number) REALTIME;
size_t shared_input_at(const struct shared_format *format, uint64_t number) REALTIME;
