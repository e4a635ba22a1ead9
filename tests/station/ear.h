// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A listener for tests: keeps every byte that comes over a socket, and takes them apart as WebSocket messages.
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EAR_TEXT = 1, EAR_BINARY = 2, EAR_CLOSE = 8, EAR_PONG = 10 };

/// One message; the bytes are the ear's.
struct ear_message {
    int opcode;
    const uint8_t *bytes;
    size_t size;
};

struct ear {
    int socket;
    bool deaf;  ///< takes nothing
    bool ended; ///< the other side hung up
    uint8_t *bytes;
    size_t size;
    size_t capacity;
    size_t at; ///< where ear_next() goes on
};

/// An ear on \p socket, which it takes over.
struct ear *ear_new(int socket);
void ear_free(struct ear *ear);

/// Connects to 127.0.0.1:\p port and asks for \p path, with \p more header lines (each ended by CRLF); for a WebSocket
/// where \p upgrade, else for a body. The reply's head is read away, and its status returned.
int ear_open(struct ear **out, uint16_t port, const char *path, bool upgrade, const char *more);

/// Listens with all \p count ears for \p ms, or until all have ended.
void ears_listen(struct ear *const *ears, size_t count, int ms);

/// Listens until all \p count ears have ended, up to 20 s; the test fails where one has not.
void ears_wait_end(struct ear *const *ears, size_t count);

/// The next whole message, from the first on; false when there is none more.
bool ear_next(struct ear *ear, struct ear_message *message);

/// The next text message of \p type, messages of other types and binary ones left out; NULL when there is none more.
json_t *ear_next_json(struct ear *ear, const char *type);

/// Listens until there is a text message of \p type, up to 20 s; the test fails without one. A new reference.
json_t *ear_wait_json(struct ear *ear, const char *type);

/// Listens until there is a message of \p opcode, up to 20 s; the test fails without one. Its bytes last until the ear
/// listens again.
struct ear_message ear_wait(struct ear *ear, int opcode);

/// Sends a masked frame, all of it where the socket takes it; false where it does not.
bool ear_say(const struct ear *ear, int first, const void *payload, size_t size);

/// The code of the close frame that came, or 0.
unsigned ear_close_code(struct ear *ear);
