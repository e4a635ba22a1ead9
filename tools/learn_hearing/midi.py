# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and writes MIDI files as lists of notes: (on s, off s, pitch, velocity, channel)."""
import bisect
import struct


def read_number(data, at):
    """A number of variable length, and where the next byte is."""
    value = 0
    while True:
        byte = data[at]
        at += 1
        value = value << 7 | byte & 127
        if byte < 128:
            return value, at


def read_track(data, at, end, track):
    """The track's notes (tick, on, pitch, velocity, track) and tempos (tick, microseconds)."""
    notes, tempos, tick, status = [], [], 0, 0
    while at < end:
        delta, at = read_number(data, at)
        tick += delta
        if data[at] & 128:
            status = data[at]
            at += 1
        if status in (0xFF, 0xF0, 0xF7):
            kind = data[at] if status == 0xFF else None
            length, at = read_number(data, at + (status == 0xFF))
            if kind == 0x51:
                tempos.append((tick, int.from_bytes(data[at:at + 3], "big")))
            at += length
        elif status >> 4 in (0xC, 0xD):
            at += 1
        else:
            if status >> 4 in (8, 9):
                notes.append((tick, status >> 4 == 9 and data[at + 1] > 0, data[at], data[at + 1], track))
            at += 2
    return notes, tempos


def clock(tempos, division):
    """A function from ticks to seconds."""
    marks = [(0, 0.0, 500000)]
    for tick, tempo in sorted(tempos):
        last, seconds, before = marks[-1]
        marks.append((tick, seconds + (tick - last) * before / 1e6 / division, tempo))
    ticks = [mark[0] for mark in marks]

    def seconds(tick):
        last, start, tempo = marks[bisect.bisect_right(ticks, tick) - 1]
        return start + (tick - last) * tempo / 1e6 / division
    return seconds


def read(path):
    """The notes, whose channel is the number of their track among those that have notes."""
    with open(path, "rb") as file:
        data = file.read()
    division, at, track, events, tempos = struct.unpack(">H", data[12:14])[0], 14, 0, [], []
    while at < len(data):
        length = struct.unpack(">I", data[at + 4:at + 8])[0]
        if data[at:at + 4] == b"MTrk":
            more, changes = read_track(data, at + 8, at + 8 + length, track)
            events, tempos, track = events + more, tempos + changes, track + (1 if more else 0)
        at += 8 + length
    seconds, held, notes = clock(tempos, division), {}, []
    for tick, on, pitch, velocity, track in sorted(events, key=lambda e: (e[0], e[1])):
        if (pitch, track) in held:
            start, strength = held.pop((pitch, track))
            notes.append((seconds(start), seconds(tick), pitch, strength, track))
        if on:
            held[pitch, track] = (tick, velocity)
    return notes


def number(value):
    out = [value & 127]
    while value > 127:
        value >>= 7
        out.insert(0, value & 127 | 128)
    return bytes(out)


def write(path, notes, programs):
    """Writes the notes at a millisecond a tick; `programs` is each channel's instrument."""
    events = []
    for on, off, pitch, velocity, channel in notes:
        if off > on >= 0 and 0 <= pitch < 128:
            events.append((round(on * 1000), 1, pitch, int(min(127, max(1, velocity))), channel))
            events.append((round(off * 1000), 0, pitch, 0, channel))
    body, last = bytearray(b"\x00\xff\x51\x03" + (500000).to_bytes(3, "big")), 0
    for channel, program in programs.items():
        body += bytes([0, 0xC0 | channel, program])
    for tick, _, pitch, velocity, channel in sorted(events, key=lambda e: (e[0], e[1])):
        body += number(tick - last) + bytes([0x90 | channel, pitch, velocity])
        last = tick
    body += b"\x00\xff\x2f\x00"
    with open(path, "wb") as file:
        file.write(b"MThd\0\0\0\6\0\0\0\1" + struct.pack(">H", 500) + b"MTrk" + struct.pack(">I", len(body)) + body)
