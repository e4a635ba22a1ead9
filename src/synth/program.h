// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A compiled patch: flat, without pointers, played by a rack. It may lie in shared memory.
///
/// Modules stand in the order in which they are played. Each has places in the rack's two memories, which it keeps
/// from program to program for as long as it lives: `hot` (state that changes all over: parameters, groups of state,
/// the gains of cables) and `cold` (the frames of delay lines). A module is the same one as in the program before when
/// it has the same \c life; others are fresh. A cable likewise: a fresh one fades in over 10 ms (but for one into a
/// fresh module with outputs, which is itself faded in), and one that is to go has its gain aimed at 0 in one program
/// and is gone in a later.
///
/// A module of the patch can have several lives: where its number of voices changes, it begins anew at another place,
/// and its old life plays on beside the new one until it has faded. Commands are for its \c uid, which only the newest
/// life bears; what is on its way out has uid 0 and cannot be reached.
///
/// The hot part of a module is one `struct rack_glide` for each parameter, the groups of state (one alone for a type
/// that has voices) and what its resource saves, each of them rounded up to 64 bytes.
#pragma once

#include "synth/module.h"

enum {
    PROGRAM_MODULES_MAX = 256,
    PROGRAM_CABLES_MAX = 1024,
    PROGRAM_ID_SIZE = 32,
    PROGRAM_FILE_SIZE = 256,
    PROGRAM_BUFFERS_MAX = 8192,  ///< blocks of one group of voices: 32 MB
    PROGRAM_HOT_MAX = 1 << 20,   ///< bytes: what a snapshot copies at one block's edge
    PROGRAM_COLD_MAX = 32 << 20, ///< bytes
};

struct program_module {
    char id[PROGRAM_ID_SIZE];
    uint32_t uid;  ///< what commands call it, never used twice in a session; 0 for one that is on its way out
    uint32_t life; ///< from 1; never used twice by a compiler, for modules and cables together
    uint16_t type; ///< modules_at()
    uint16_t voices;
    uint64_t seed;
    uint32_t hot;        ///< offset in bytes, multiple of 64: the parameters' ramps, the groups' states, the resource's
    uint32_t hot_size;   ///< bytes, multiple of 64
    uint32_t cold;       ///< offset in frames (floats), multiple of 16
    uint32_t cold_size;  ///< frames
    uint32_t saved_size; ///< bytes at the end of its hot part for what the resource saves
    uint32_t buffer;     ///< of its first output, in units of one group's block (MODULE_BLOCK polys); output o of group
                         ///< g is buffer + o * groups + g. They follow each other as the modules do
    uint16_t cable, cables;          ///< its incoming cables: a range of the program's, sorted by port
    float params[MODULE_PARAMS_MAX]; ///< where a fresh module starts
    char file[PROGRAM_FILE_SIZE];    ///< where the slots read it from; "" for none
    char shown[PROGRAM_FILE_SIZE];   ///< as the person gave it
};

struct program_cable {
    uint32_t life;     ///< from 1; never used twice by a compiler
    uint32_t hot;      ///< offset in bytes of its `struct rack_glide`, multiple of 16
    uint16_t from, to; ///< modules, by place in the program
    uint8_t from_port, to_port;
    uint8_t pad[2];
    float gain; ///< what it is to be; 0 for one that is about to go
};

struct program {
    uint64_t serial; ///< counts up by 1 from 1
    uint32_t modules, cables, buffers;
    uint32_t hot_size, cold_size; ///< how far into the memories it reaches: bytes, frames
    double rate;
    struct program_cable cable[PROGRAM_CABLES_MAX];
    struct program_module module[PROGRAM_MODULES_MAX];
};

/// Whether every index, offset and number in \p program can be true, so that nothing read by it is outside, and every
/// cable but those into a feedback module leads forward. STATUS_CORRUPT. Any thread.
MUST_USE enum status program_check(const struct program *program, struct complaint *complaint);

/// \name The shape of a module's memory. Any thread
/// @{
/// Groups of up to POLY_LANES voices.
uint32_t program_groups(uint32_t voices) REALTIME;
/// How many of them have a state of their own.
uint32_t program_states(const struct module_type *type, uint32_t voices) REALTIME;
/// Bytes from the beginning of the hot part to the state of \p group.
uint32_t program_state_at(const struct module_type *type, uint32_t group) REALTIME;
/// Bytes of a hot part at whose end a resource saves \p saved bytes.
uint64_t program_hot_size(const struct module_type *type, uint32_t voices, uint32_t saved);
/// Frames of cold memory; \p sizes gets those of each of the \p lines delay lines, which lie one behind the other.
uint64_t program_cold_size(const struct module_type *type, double rate, uint32_t sizes[MODULE_LINES_MAX],
                           uint32_t *lines);
/// @}
