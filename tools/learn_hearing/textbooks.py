# SPDX-License-Identifier: GPL-3.0-or-later
"""Progressions of When in Rome: exercises in Roman numerals, one after the other, each in a key of its own.

An event is as in grammar.py; its root is None where the numeral is not read.
"""
import re

import labels  # noqa: F401  (finds tools/learn_harmony)
import when_in_rome as rome
from labels import INTERVALS, pitch_class

INVERSIONS = {"6": 1, "65": 1, "64": 2, "43": 2, "42": 3, "2": 3}


def read_numeral(text, tonic, minor):
    """Root, quality, bass and figure; after a slash stands the degree that is the tonic of the numeral."""
    parts = text.split("/")
    while len(parts) > 1:
        match = rome.NUMERAL.match(parts.pop())
        if not match:
            return None
        tonic, minor = (tonic + rome.root_of(match[1], match[2], minor)) % 12, match[2].islower()
    name = re.sub(r"\[.*?\]", "", parts[0])
    chord = rome.read_numeral(name, tonic, minor)
    if chord is None:
        return None
    figure = "64" if name.startswith("Cad64") else rome.NUMERAL.match(name)[4]
    notes = INTERVALS[chord.quality]
    return chord.root, chord.quality, (chord.root + notes[min(INVERSIONS.get(figure, 0), len(notes) - 1)]) % 12, figure


def read(path):
    """The events of one exercise."""
    measures, end = rome.read_measures(path)
    tonic, minor, found = None, False, []
    for start, beat_length, text in measures:
        beat = 1.0
        for token in text.split():
            if rome.BEAT.match(token):
                beat = float(rome.BEAT.match(token)[1].rstrip("."))
            elif rome.KEY.match(token):
                tonic, minor = pitch_class(token[0].upper() + token[1:-1]), token[0].islower()
            elif tonic is not None and re.match(r"[#b]*[iIvV]|Cad64", token):
                chord = read_numeral(token, tonic, minor) or (None,) * 4
                found.append((start + (beat - 1) * beat_length, *chord, tonic + 12 * minor))
    found.sort(key=lambda event: event[0])
    ends = [event[0] for event in found[1:]] + [end]
    return [(event[0], last, *event[1:]) for event, last in zip(found, ends) if last > event[0]]


def chain(paths, rng, beats):
    """Exercises drawn from `paths` until they fill `beats`."""
    events, at = [], 0.0
    while at < beats:
        exercise, move = read(rng.choice(paths)), rng.randrange(12)
        first = exercise[0][0] if exercise else 0.0
        for start, end, root, quality, bass, figure, key in exercise:
            if root is not None:
                root, bass = (root + move) % 12, (bass + move) % 12
            key = (key + move) % 12 + 12 * (key >= 12)
            events.append((at + start - first, at + end - first, root, quality, bass, figure, key))
        at = events[-1][1] if events else at
    return events
