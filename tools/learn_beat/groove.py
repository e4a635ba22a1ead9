# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes of human drummers who played to a click, from the Groove MIDI Dataset (CC BY 4.0); the click begins a bar."""
import csv
import os

import midi


def takes(folder):
    with open(os.path.join(folder, "info.csv"), encoding="ascii") as file:
        rows = [row for row in csv.DictReader(file) if os.path.exists(os.path.join(folder, row["midi_filename"]))]
    return [dict(row, path=os.path.join(folder, row["midi_filename"])) for row in rows]


def read(take):
    """(pitch, velocity, first beat, last beat) with quarters as beats."""
    song = midi.Reader(take["path"])
    return [(pitch, velocity, start / song.division, end / song.division)
            for _, _, pitch, velocity, start, end in song.notes]


def beside(piece, takes_, random):
    """The drums of a take that suits the piece, or nothing."""
    metre = {4: "4-4", 3: "3-4"}[piece.beats]
    fit = [take for take in takes_ if take["time_signature"] == metre and take["beat_type"] == "beat"]
    near = [take for take in fit if float(take["duration"]) > 12 and 0.72 < float(take["bpm"]) / piece.tempo < 1.4]
    if not fit:
        return []
    notes = read(random.choice(near or fit))
    length = max(piece.beats, int(max(note[2] for note in notes) // piece.beats) * piece.beats)
    return [(pitch, velocity, begin + first, begin + last) for begin in range(-length, 600, length)
            for pitch, velocity, first, last in notes if first < length]
