# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and writes MIDI files as lists of notes: (on s, off s, pitch, velocity, channel)."""
import bisect
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import midi_bytes  # pylint: disable=wrong-import-position

DIVISION = 500  # a tick is a millisecond


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
    division, tracks = midi_bytes.read(path)
    strokes = [[(tick, status >> 4 == 9 and data[1] > 0, data[0], data[1]) for tick, status, data in track
                if status >> 4 in (8, 9)] for track in tracks]
    events = [(*stroke, number) for number, track in enumerate(filter(None, strokes)) for stroke in track]
    seconds, held, notes = clock(midi_bytes.tempos(tracks), division), {}, []
    for tick, on, pitch, velocity, track in sorted(events, key=lambda e: (e[0], e[1])):
        if (pitch, track) in held:
            start, strength = held.pop((pitch, track))
            notes.append((seconds(start), seconds(tick), pitch, strength, track))
        if on:
            held[pitch, track] = (tick, velocity)
    return notes


def write(path, notes, programs):
    """Writes the notes; `programs` is each channel's instrument."""
    events = []
    for on, off, pitch, velocity, channel in notes:
        if off > on >= 0 and 0 <= pitch < 128:
            loudness = int(min(127, max(1, velocity)))
            events.append((round(on * 1000), 1, bytes([0x90 | channel, pitch, loudness])))
            events.append((round(off * 1000), 0, bytes([0x90 | channel, pitch, 0])))
    chosen = [(0, bytes([0xC0 | channel, program])) for channel, program in programs.items()]
    played = [(tick, message) for tick, _, message in sorted(events, key=lambda e: (e[0], e[1]))]
    midi_bytes.write(path, DIVISION, chosen + played)
