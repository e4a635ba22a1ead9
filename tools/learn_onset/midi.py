# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the notes of a MIDI file, and writes notes as one."""
import struct
from collections import namedtuple

Note = namedtuple("Note", "start end channel track pitch velocity")  # s


def read_number(data, at):
    value = 0
    while True:
        value = value << 7 | data[at] & 127
        at += 1
        if data[at - 1] < 128:
            return value, at


def read_track(data, track):
    """(tick, kind, ...) of tempi and notes."""
    at, tick, status, open_notes = 0, 0, 0, {}
    while at < len(data):
        delta, at = read_number(data, at)
        tick += delta
        if data[at] & 128:
            status, at = data[at], at + 1
        if status == 0xff:
            kind = data[at]
            length, at = read_number(data, at + 1)
            if kind == 0x51:
                yield tick, "tempo", int.from_bytes(data[at:at + length], "big")
            at += length
        elif status in (0xf0, 0xf7):
            length, at = read_number(data, at)
            at += length
        else:
            kind, channel = status & 0xf0, status & 15
            if kind in (0x80, 0x90):
                pitch, velocity = data[at], data[at + 1]
                if kind == 0x90 and velocity:
                    open_notes.setdefault((channel, pitch), []).append((tick, velocity))
                elif open_notes.get((channel, pitch)):
                    start, before = open_notes[channel, pitch].pop(0)
                    yield start, "note", tick, channel, track, pitch, before
            at += 1 if kind in (0xc0, 0xd0) else 2


def read(path):
    """All notes by start."""
    with open(path, "rb") as file:
        data = file.read()
    division = struct.unpack(">H", data[12:14])[0]
    events, at, track = [], 14, 0
    while at + 8 <= len(data):
        size = struct.unpack(">I", data[at + 4:at + 8])[0]
        if data[at:at + 4] == b"MTrk":
            events += read_track(data[at + 8:at + 8 + size], track)
            track += 1
        at += 8 + size
    tempi = sorted((e[0], e[2]) for e in events if e[1] == "tempo") or [(0, 500000)]
    if tempi[0][0] > 0:
        tempi.insert(0, (0, 500000))
    marks, seconds = [], 0.0
    for i, (tick, tempo) in enumerate(tempi):
        if i:
            seconds += (tick - tempi[i - 1][0]) * tempi[i - 1][1] * 1e-6 / division
        marks.append((tick, seconds, tempo * 1e-6 / division))

    def time(tick):
        mark = [m for m in marks if m[0] <= tick][-1]
        return mark[1] + (tick - mark[0]) * mark[2]

    return sorted(Note(time(e[0]), time(e[2]), *e[3:]) for e in events if e[1] == "note")


def number(value):
    out = [value & 127]
    while value > 127:
        value >>= 7
        out.insert(0, value & 127 | 128)
    return bytes(out)


def write(path, notes, controls):
    """\\p controls: (start, bytes of a message). A tick is half a millisecond."""
    events = [(round(start * 2000), 0, message) for start, message in controls]
    for n in notes:
        events.append((round(n.start * 2000), 2, bytes([0x90 | n.channel, n.pitch, n.velocity])))
        events.append((max(round(n.end * 2000), round(n.start * 2000) + 1), 1, bytes([0x80 | n.channel, n.pitch, 0])))
    events.sort(key=lambda e: e[:2])
    body, last = bytearray(b"\x00\xff\x51\x03" + (500000).to_bytes(3, "big")), 0
    for tick, _, message in events:
        body += number(tick - last) + message
        last = tick
    body += b"\x00\xff\x2f\x00"
    with open(path, "wb") as file:
        file.write(b"MThd\x00\x00\x00\x06\x00\x00\x00\x01" + struct.pack(">H", 1000) +
                   b"MTrk" + struct.pack(">I", len(body)) + bytes(body))
