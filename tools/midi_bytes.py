# SPDX-License-Identifier: GPL-3.0-or-later
"""The bytes of MIDI files, for the tools that learn from music: events in, events out."""
import struct

META, TEMPO, NAME = 0xFF, 0x51, 3
TEMPO_DEFAULT = 500000  # microseconds a quarter


def read_number(data, at):
    """A number of variable length, and where the next byte is."""
    value = 0
    while True:
        byte = data[at]
        at += 1
        value = value << 7 | byte & 127
        if byte < 128:
            return value, at


def read_track(data):
    """(tick, status, bytes) of each event; a meta event's first byte is its kind. System-exclusive ones are left out."""
    at = tick = status = 0
    while at < len(data):
        delta, at = read_number(data, at)
        tick += delta
        if data[at] & 128:
            status = data[at]
            at += 1
        if status >= 0xF0:
            kind = data[at:at + 1] if status == META else b""
            length, at = read_number(data, at + len(kind))
            if kind:
                yield tick, status, kind + data[at:at + length]
            at += length
        else:
            size = 1 if status >> 4 in (0xC, 0xD) else 2
            yield tick, status, data[at:at + size]
            at += size


def read(path):
    """Ticks a quarter, and the list of each track's events."""
    with open(path, "rb") as file:
        data = file.read()
    at, tracks = 14, []
    while at + 8 <= len(data):
        size = struct.unpack(">I", data[at + 4:at + 8])[0]
        if data[at:at + 4] == b"MTrk":
            tracks.append(list(read_track(data[at + 8:at + 8 + size])))
        at += 8 + size
    return struct.unpack(">H", data[12:14])[0], tracks


def tempos(tracks):
    """(tick, microseconds a quarter) of all tracks in order, the first at tick 0."""
    found = sorted((tick, int.from_bytes(data[1:], "big")) for track in tracks for tick, status, data in track
                   if status == META and data[0] == TEMPO)
    return found if found and found[0][0] == 0 else [(0, TEMPO_DEFAULT), *found]


def number(value):
    out = [value & 127]
    while value > 127:
        value >>= 7
        out.insert(0, value & 127 | 128)
    return bytes(out)


def write(path, division, events):
    """One track of `events`, (tick, bytes of a message) in order, at TEMPO_DEFAULT."""
    body, last = bytearray(b"\x00\xff\x51\x03" + TEMPO_DEFAULT.to_bytes(3, "big")), 0
    for tick, message in events:
        body += number(tick - last) + message
        last = tick
    body += b"\x00\xff\x2f\x00"
    with open(path, "wb") as file:
        file.write(b"MThd" + struct.pack(">IHHH", 6, 0, 1, division) + b"MTrk" + struct.pack(">I", len(body)) + body)
