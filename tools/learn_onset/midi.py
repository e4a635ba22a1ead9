# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the notes of a MIDI file, and writes notes as one."""
import os
import sys
from collections import namedtuple

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import midi_bytes  # pylint: disable=wrong-import-position

Note = namedtuple("Note", "start end channel track pitch velocity")  # s

DIVISION = 1000  # a tick is half a millisecond


def read_notes(events, track):
    """(first tick, last tick, channel, track, pitch, velocity) of each."""
    sounding = {}
    for tick, status, data in events:
        kind, channel = status & 0xf0, status & 15
        if kind == 0x90 and data[1]:
            sounding.setdefault((channel, data[0]), []).append((tick, data[1]))
        elif kind in (0x80, 0x90) and sounding.get((channel, data[0])):
            start, velocity = sounding[channel, data[0]].pop(0)
            yield start, tick, channel, track, data[0], velocity


def read(path):
    """All notes by start."""
    division, tracks = midi_bytes.read(path)
    tempi = midi_bytes.tempos(tracks)
    marks, seconds = [], 0.0
    for i, (tick, tempo) in enumerate(tempi):
        if i:
            seconds += (tick - tempi[i - 1][0]) * tempi[i - 1][1] * 1e-6 / division
        marks.append((tick, seconds, tempo * 1e-6 / division))

    def time(tick):
        mark = [m for m in marks if m[0] <= tick][-1]
        return mark[1] + (tick - mark[0]) * mark[2]

    return sorted(Note(time(start), time(end), *rest) for number, track in enumerate(tracks)
                  for start, end, *rest in read_notes(track, number))


def write(path, notes, controls):
    """`controls` are (start, bytes of a message)."""
    events = [(round(start * 2000), 0, message) for start, message in controls]
    for n in notes:
        events.append((round(n.start * 2000), 2, bytes([0x90 | n.channel, n.pitch, n.velocity])))
        events.append((max(round(n.end * 2000), round(n.start * 2000) + 1), 1, bytes([0x80 | n.channel, n.pitch, 0])))
    midi_bytes.write(path, DIVISION, [(tick, message) for tick, _, message in sorted(events, key=lambda e: e[:2])])
