# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes of human drummers who played to a click, from the Groove MIDI Dataset (CC BY 4.0); the click begins a bar."""
import csv
import os

import numpy as np

import midi

GENERAL = {22: 42, 26: 46, 58: 43}  # General MIDI has no edges of hats and toms


def takes(folder, without):
    """The rows of its table, but those of takes that are named in `without`."""
    with open(os.path.join(folder, "info.csv"), encoding="ascii") as file:
        rows = [row for row in csv.DictReader(file) if os.path.exists(os.path.join(folder, row["midi_filename"]))
                and row["midi_filename"][:-len(".mid")] not in without]
    return [dict(row, path=os.path.join(folder, row["midi_filename"])) for row in rows]


def read(take):
    """(pitch, velocity, first beat, last beat) with quarters as beats, which are where the drummer has them: some play
    behind or before the click throughout."""
    song = midi.Reader(take["path"])
    starts = np.array([note[4] for note in song.notes]) / song.division
    astray = starts - np.round(starts)
    near = astray[np.abs(astray) < 0.12]
    late = np.median(near) if len(near) > 8 else 0.0
    return [(GENERAL.get(pitch, pitch), velocity, start / song.division - late, end / song.division - late)
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
