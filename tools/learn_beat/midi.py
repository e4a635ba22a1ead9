# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the notes and the tempo of a MIDI file, and writes notes at given seconds to one."""
import os
import sys

import numpy as np

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import midi_bytes  # pylint: disable=wrong-import-position

TICKS_A_SECOND, DIVISION = 960, 480


class Reader:
    """What is in a file: `notes` are (track, channel, pitch, velocity, first tick, last tick)."""

    def __init__(self, path):
        self.division, tracks = midi_bytes.read(path)
        self.tempos, self.notes, self.names = midi_bytes.tempos(tracks), [], {}
        for number, track in enumerate(tracks):
            self.read_track(number, track)

    def read_track(self, number, track):
        sounding = {}
        for tick, status, data in track:
            command, channel = status >> 4, status & 15
            if status == midi_bytes.META and data[0] == midi_bytes.NAME:
                self.names[number] = data[1:].decode("latin1")
            elif command == 9 and data[1]:
                sounding.setdefault((channel, data[0]), []).append((tick, data[1]))
            elif command in (8, 9) and sounding.get((channel, data[0])):
                first, loudness = sounding[channel, data[0]].pop(0)
                self.notes.append((number, channel, data[0], loudness, first, tick))

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
        events += [(int(first * TICKS_A_SECOND), 1, bytes([0x90 | channel, pitch, velocity])),
                   (int(last * TICKS_A_SECOND), 0, bytes([0x90 | channel, pitch, 0]))]
    chosen = [(0, bytes([0xC0 | channel, program])) for channel, program in programs.items()]
    played = [(tick, message) for tick, _, message in sorted(events, key=lambda event: event[:2])]
    midi_bytes.write(path, DIVISION, chosen + played)
