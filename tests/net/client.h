// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A client for tests that can be as wrong as it likes: raw bytes over a socket, with a limit on every wait.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CLIENT_FRAME_MAX = 1 << 17 };

/// A frame that came from the server.
struct client_frame {
    uint8_t first; ///< FIN, RSV and opcode
    bool masked;
    size_t size;
    uint8_t payload[CLIENT_FRAME_MAX];
};

/// Connects to 127.0.0.1; a read or write that takes over 10 s fails.
int client_connect(uint16_t port);

/// The same with room for \p receive_buffer bytes that come and are not read; 0 for the system's.
int client_connect_with(uint16_t port, int receive_buffer);

/// Gives up on a socket that stalls for 10 s.
void client_limit_waits(int socket);

void client_send(int socket, const void *bytes, size_t size);

/// Reads \p size bytes; fewer only at the end or after 10 s.
size_t client_receive(int socket, void *out, size_t size);

/// Reads up to the empty line behind the headers; NUL-terminated.
void client_receive_head(int socket, char *out, size_t capacity);

/// Connects, sends \p request, reads to the end of the connection into \p out, NUL-terminated; returns the status.
int client_ask(uint16_t port, const char *request, char *out, size_t capacity);

/// The status of a reply, or 0 if it is none.
int client_status(const char *reply);

/// Puts a frame into \p out, which has 14 bytes more than \p size; returns its length. \p first is FIN, RSV and opcode.
size_t client_frame_make(uint8_t *out, uint8_t first, bool masked, const void *payload, size_t size);

void client_frame_send(int socket, uint8_t first, const void *payload, size_t size);

/// False at the end of the connection.
bool client_frame_receive(int socket, struct client_frame *out);

/// The next frame is a close frame with \p code.
void client_expect_close(int socket, unsigned code);
