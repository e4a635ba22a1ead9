// SPDX-License-Identifier: GPL-3.0-or-later
// A client masks what it sends; with zeros, which leaves the bytes as they are.
#include "cmd/bench_listeners_control.h"

#include <string.h>
#include <sys/socket.h>

enum { FINAL = 0x80, MASKED = 0x80, HEADER = 6, CONTROL_MAX = 125 };

void control_send(int fd, enum frame_opcode opcode, const uint8_t *bytes, size_t size)
{
    uint8_t frame[HEADER + CONTROL_MAX] = {(uint8_t)(FINAL | (unsigned)opcode), (uint8_t)(MASKED | size)};
    memcpy(frame + HEADER, bytes, size);
    (void)send(fd, frame, HEADER + size, MSG_NOSIGNAL | MSG_DONTWAIT);
}
