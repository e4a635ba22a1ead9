# SPDX-License-Identifier: GPL-3.0-or-later
"""Songs of POP909 (music-x-lab/POP909-Dataset, MIT). A beat is a quarter of the MIDI file; where beats and bars begin
is told by the annotated chords, which change on beats and mostly on downbeats."""
import glob
import os

import numpy as np

import midi
from piece import Piece


def paths(folder, without):
    """All songs but those that are named in `without`."""
    return [path for path in sorted(glob.glob(os.path.join(folder, "*.mid")))
            if os.path.basename(path)[:-len(".mid")] not in without]


def chord_ticks(path, song):
    with open(path.replace(".mid", ".chord_midi.txt"), encoding="ascii") as file:
        seconds = [float(line.split()[0]) for line in file if line.strip()]
    ticks = np.arange(0, song.division * 4000, song.division / 8)
    return np.interp(seconds, song.seconds(ticks), ticks)[1:]


def read(path):
    """A Piece, or None where the chords do not tell the beats."""
    song = midi.Reader(path)
    ticks, division = chord_ticks(path, song), song.division
    mean = np.exp(2j * np.pi * ticks / division).mean() if len(ticks) >= 16 else 0.0
    if abs(mean) < 0.97:
        return None
    phase = np.angle(mean) / (2 * np.pi) * division % division
    places = np.round((ticks - phase) / division).astype(int)
    threes = np.bincount(places % 3, minlength=3) / len(places)
    fours = np.bincount(places % 4, minlength=4) / len(places)
    if threes.max() > max(0.62, fours.max()):
        beats, first, is_barred = 3, threes.argmax(), True
    else:
        beats, first = 4, fours.argmax()
        is_barred = fours.max() > 0.42 and fours.max() > 1.3 * np.sort(fours)[-2]
    phase += first * division
    lengths = np.diff([tick for tick, _ in song.tempos] + [max(note[5] for note in song.notes)])
    tracks = {}
    for track, _, pitch, velocity, start, end in song.notes:
        tracks.setdefault(track, []).append((pitch, velocity, (start - phase) / division, (end - phase) / division))
    return Piece(tracks=[tracks[key] for key in sorted(tracks)], names=[song.names.get(key, "") for key in sorted(tracks)],
                 beats=beats, is_barred=is_barred, tempo=60e6 / song.tempos[int(np.argmax(lengths))][1])
