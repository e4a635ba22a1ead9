# SPDX-License-Identifier: GPL-3.0-or-later
"""Stretches of POP909: as they are or on other instruments, transposed, with a part less, louder or softer parts."""
import os

import midi
from labels import pitch_class, read_label

LENGTH = 100.0
INSTRUMENTS = (0, 0, 0, 0, 0, 1, 2, 4, 5, 6, 11, 16, 19, 24, 25, 26, 27, 32, 40, 42, 46, 48, 49, 50, 52, 56, 61, 65, 68,
               71, 73, 80, 81, 88, 89, 90, 105)


def read_rows(path):
    with open(path, encoding="utf-8") as lines:
        return [(float(a), float(b), text) for a, b, text in (line.split() for line in lines if line.strip())]


def names(folder, without):
    """The songs of the collection but those of `without`, in order."""
    return [name for name in sorted(f[:3] for f in os.listdir(folder) if f.endswith(".mid")) if name not in without]


def key_of(rows, shift):
    """0 to 11 major, 12 to 23 minor; UNKNOWN where a song has several."""
    if len(rows) != 1:
        return -2
    tonic, _, mode = rows[0][2].partition(":")
    return (pitch_class(tonic) + shift) % 12 + (12 if mode.startswith("min") else 0)


def make(folder, name, rng):
    """Notes, programs, labels (start, end, root, kind, bass) and keys (start, key)."""
    rows = read_rows(os.path.join(folder, name + ".chord_midi.txt"))
    start = 0.0 if rng.random() < 0.25 else rng.uniform(0, max(0.0, rows[-1][1] - LENGTH))
    end, lead, shift = min(rows[-1][1], start + LENGTH), rng.uniform(0.05, 1.0), rng.randint(-3, 3)
    programs = {c: rng.choice(INSTRUMENTS) for c in range(3)} if rng.random() < 0.5 else {0: 0, 1: 0, 2: 0}
    dropped = {c for c in range(2) if rng.random() < 0.12}
    gains = [rng.uniform(0.6, 1.15) for _ in range(3)]

    def place(first, last):
        return max(first, start) - start + lead, min(last, end) - start + lead
    notes = [(*place(on, off), pitch + shift, velocity * gains[min(2, c)], min(2, c))
             for on, off, pitch, velocity, c in midi.read(os.path.join(folder, name + ".mid"))
             if off > start and on < end and c not in dropped]
    labels = [(*place(a, b), *read_label(text, shift)) for a, b, text in rows if b > start and a < end]
    return notes, programs, labels, [(0.0, key_of(read_rows(os.path.join(folder, name + ".key_audio.txt")), shift))]
