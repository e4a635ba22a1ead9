# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads POP909: chords and keys with their times in seconds, without sections."""
import os

from chords import Passage, pitch_class, read_harte

SOURCE = "POP909 (music-x-lab/POP909-Dataset), Z. Wang et al., ISMIR 2020, MIT"
NAME = "pop909"


def read_rows(path):
    """The lines of a file: (start, end, label)."""
    with open(path, encoding="utf-8") as lines:
        rows = [line.split() for line in lines if line.strip()]
    return [(float(start), float(end), label) for start, end, label in rows]


def read_song(folder, song):
    """A passage for each stretch of chords within one key; the first chord after a silence starts a phrase."""
    passages = []
    rows = read_rows(os.path.join(folder, song + ".chord_midi.txt"))
    for start, end, label in read_rows(os.path.join(folder, song + ".key_audio.txt")):
        tonic, fresh = pitch_class(label.partition(":")[0]), False
        passages.append(Passage(song, tonic, False, []))
        for first, last, name in rows:
            if not start <= (first + last) / 2 < end:
                continue
            if name == "N":
                fresh = True
                continue
            if fresh:
                passages.append(Passage(song, tonic, True, []))
            passages[-1].events.append((read_harte(name), last - first))
            fresh = False
    return passages


def read(folder):
    """All passages, and how many songs they are from."""
    ending = ".chord_midi.txt"
    songs = sorted(name[: -len(ending)] for name in os.listdir(folder) if name.endswith(ending))
    return [passage for song in songs for passage in read_song(folder, song)], len(songs)
