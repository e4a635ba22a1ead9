# SPDX-License-Identifier: GPL-3.0-or-later
"""Chords and passages, the common form into which every collection is read.

Qualities bear the names of chord_quality_name() in src/music/chord.h. What a label has beyond its quality (a slash
bass, an added note) stays in the chord's notes, so that it counts when a passage's mode is sought, and is then left
out: the tables speak of a root and a quality.
"""
import functools
import re
from collections import namedtuple

# root: pitch class 0 to 11; notes: a frozenset of pitch classes.
Chord = namedtuple("Chord", "root quality notes")

# A stretch of music with one tonic: events are (Chord or None, duration), None for silence and for what is no chord
# of ours. `starts` says that a phrase begins here, which a collection without sections cannot say.
Passage = namedtuple("Passage", "song tonic starts events")

INTERVALS = {
    "maj": (0, 4, 7), "min": (0, 3, 7), "dim": (0, 3, 6), "aug": (0, 4, 8), "sus2": (0, 2, 7), "sus4": (0, 5, 7),
    "maj6": (0, 4, 7, 9), "min6": (0, 3, 7, 9), "7": (0, 4, 7, 10), "maj7": (0, 4, 7, 11), "min7": (0, 3, 7, 10),
    "hdim7": (0, 3, 6, 10), "dim7": (0, 3, 6, 9), "minmaj7": (0, 3, 7, 11), "7sus4": (0, 5, 7, 10),
    "add9": (0, 4, 7, 2), "minadd9": (0, 3, 7, 2), "9": (0, 4, 7, 10, 2), "maj9": (0, 4, 7, 11, 2),
    "min9": (0, 3, 7, 10, 2),
}

# The same chord with a note less; a chord too rare for a table is counted as the first of these that is not.
SIMPLER = {
    "9": "7", "maj9": "maj7", "min9": "min7", "add9": "maj", "minadd9": "min", "maj6": "maj", "min6": "min",
    "7": "maj", "maj7": "maj", "min7": "min", "7sus4": "sus4", "hdim7": "dim",
}

# Harte shorthands that are not qualities of ours: the quality, and the notes that it leaves out.
LARGER = {
    "11": ("7sus4", (2,)), "13": ("9", (9,)), "maj11": ("maj9", (5,)), "maj13": ("maj9", (9,)),
    "min11": ("min9", (5,)), "min13": ("min9", (5, 9)),
}

# Added notes that make another quality.
COLOURED = {
    ("maj", 2): "add9", ("min", 2): "minadd9", ("sus4", 10): "7sus4", ("7", 2): "9", ("min7", 2): "min9",
    ("maj7", 2): "maj9",
}

LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
DEGREES = (0, 2, 4, 5, 7, 9, 11)
HARTE = re.compile(r"([A-G][#b]*)(?::([a-z0-9]*)(?:\(([^)]*)\))?)?(?:/([#b]*\d+))?$")


def pitch_class(name):
    """The pitch class of a name such as "Eb"."""
    return (LETTERS[name[0].upper()] + name.count("#") - name[1:].count("b")) % 12


def degree(text):
    """Semitones of a Harte degree such as "b7" above the root, within an octave."""
    number = int(text.lstrip("#b"))
    return (DEGREES[(number - 1) % 7] + text.count("#") - text.count("b")) % 12


def chord(root, quality, extra=()):
    """A chord whose notes are its quality's and those `extra` semitones above its root."""
    return Chord(root % 12, quality, frozenset((root + i) % 12 for i in (*INTERVALS[quality], *extra)))


@functools.lru_cache(maxsize=None)
def read_harte(label):
    """The chord of a label in Harte's notation; None for silence and for labels without a third or suspension."""
    match = HARTE.match(label)
    if not match:
        return None
    name, shorthand, added, bass = match.groups()
    quality, extra = LARGER.get(shorthand or "maj", (shorthand or "maj", ()))
    if quality not in INTERVALS or "*" in (added or ""):
        return None
    root, extra = pitch_class(name), list(extra)
    for text in filter(None, (added or "").split(",")):
        quality = COLOURED.get((quality, degree(text)), quality)
        extra.append(degree(text))
    if quality == "maj" and bass == "9":
        # A major triad over the tone above its root, F/G, is how players write the suspended dominant.
        return chord(root + 2, "7sus4", (2,))
    return chord(root, quality, extra + ([degree(bass)] if bass else []))
