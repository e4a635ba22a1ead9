// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the tests of the station have in common: the program's own harmony and presets, options, and frames taken
/// apart.
#pragma once

#include "core/buffer.h"
#include "net/websocket.h"
#include "station/piece.h"
#include "station/station.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fixture {
    struct harmony *harmony;
    struct presets *presets;
    int tones; ///< instruments that some test has failed over already
};

/// Setup and teardown of a test, or group of tests, whose state is a struct fixture.
int fixture_setup(void **state);
int fixture_teardown(void **state);

/// Teardown of one test of a group: fails it when it has left an instrument behind, which is not held against the
/// tests that follow.
int fixture_end(void **state);

/// A preset that must be there.
const struct preset *fixture_preset(const struct fixture *fixture, const char *name);

/// Options of a piece with a preset that must be there and its own controls; \p instrument goes over to the piece.
struct piece_options fixture_piece(const struct fixture *fixture, const char *preset, uint64_t seed, double rate,
                                   struct instrument *instrument);

/// Options of a station called "main" with a cheap instrument, at 48 kHz and \p speed, that tells nobody of its chunks.
struct station_options fixture_station(const struct fixture *fixture, double speed);

/// A station; the test fails where it cannot be made.
struct station *fixture_make(const struct station_options *options);

/// The station of fixture_station(), running.
struct station *fixture_start(const struct fixture *fixture, double speed);

/// Waits until \p station has published the chunk \p sequence, up to 20 s; the test fails where it does not.
void fixture_wait(struct station *station, uint32_t sequence);

/// A little-endian number.
uint64_t number_at(const uint8_t *bytes, int size);

/// What is in the one unmasked WebSocket frame that \p buffer holds; the test fails for anything else.
const uint8_t *frame_payload(const struct buffer *buffer, enum websocket_opcode opcode, size_t *size);

/// The same as JSON; a new reference. \p buffer's reference is taken over.
json_t *frame_json(struct buffer *buffer);

/// Reads base64 into \p out and returns its bytes; the test fails for what is none, or more than \p capacity.
size_t base64_read(const char *text, uint8_t *out, size_t capacity);
