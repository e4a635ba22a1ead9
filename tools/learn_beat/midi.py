# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the notes and the tempo of a MIDI file, and writes notes at given seconds to one."""
import struct

import numpy as np

TICKS_A_SECOND = 960


def read_number(data, at):
    value = 0
    while True:
        byte = data[at]
        at += 1
        value = value << 7 | byte & 127
        if byte < 128:
            return value, at


class Reader:
    """The state of reading one file: `notes` are (track, channel, pitch, velocity, first tick, last tick)."""

    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        _, count, self.division = struct.unpack(">HHH", data[8:14])
        self.notes, self.tempos, self.names = [], [], {}
        at = 14
        for track in range(count):
            length = struct.unpack(">I", data[at + 4:at + 8])[0]
            self.read_track(track, data[at + 8:at + 8 + length])
            at += 8 + length
        self.tempos.sort()
        if not self.tempos or self.tempos[0][0] > 0:
            self.tempos.insert(0, (0, 500000))

    def read_track(self, track, data):
        at = tick = status = 0
        sounding = {}
        while at < len(data):
            delta, at = read_number(data, at)
            tick += delta
            if data[at] >= 128:
                status = data[at]
                at += 1
            if status >= 0xF0:
                kind = data[at] if status == 0xFF else 0
                length, at = read_number(data, at + (status == 0xFF))
                if kind == 0x51:
                    self.tempos.append((tick, int.from_bytes(data[at:at + length], "big")))
                elif kind == 3:
                    self.names[track] = data[at:at + length].decode("latin1")
                at += length
                continue
            command, channel = status >> 4, status & 15
            pitch, velocity = data[at], data[at + 1] if command not in (0xC, 0xD) else 0
            at += 1 if command in (0xC, 0xD) else 2
            if command == 9 and velocity:
                sounding.setdefault((channel, pitch), []).append((tick, velocity))
            elif command in (8, 9) and sounding.get((channel, pitch)):
                first, loudness = sounding[channel, pitch].pop(0)
                self.notes.append((track, channel, pitch, loudness, first, tick))

    def seconds(self, ticks):
        starts = np.array([tick for tick, _ in self.tempos], float)
        rates = np.array([tempo for _, tempo in self.tempos]) / 1e6 / self.division
        begun = np.concatenate([[0.0], np.cumsum(np.diff(starts) * rates[:-1])])
        ticks = np.asarray(ticks, float)
        at = np.clip(np.searchsorted(starts, ticks, side="right") - 1, 0, None)
        return begun[at] + (ticks - starts[at]) * rates[at]


def write(notes, path):
    """`notes` are (first second, last second, channel, program, pitch, velocity)."""
    events, programs = [], {}
    for first, last, channel, program, pitch, velocity in notes:
        programs[channel] = program
        events += [(int(first * TICKS_A_SECOND), 1, channel, pitch, velocity),
                   (int(last * TICKS_A_SECOND), 0, channel, pitch, 0)]
    body = bytearray(b"\x00\xff\x51\x03\x07\xa1\x20")
    for channel, program in programs.items():
        if channel != 9:
            body += bytes([0, 0xC0 | channel, program])
    latest = 0
    for tick, _, channel, pitch, velocity in sorted(events, key=lambda event: event[:2]):
        delta, latest = tick - latest, tick
        number = [delta & 127]
        while delta > 127:
            delta >>= 7
            number.insert(0, delta & 127 | 128)
        body += bytes(number) + bytes([0x90 | channel, pitch, velocity])
    body += b"\x00\xff\x2f\x00"
    with open(path, "wb") as file:
        file.write(b"MThd\x00\x00\x00\x06\x00\x00\x00\x01\x01\xe0MTrk" + len(body).to_bytes(4, "big") + bytes(body))
