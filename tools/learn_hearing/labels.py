# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of chord that are learned, in the order of enum harmony_kind (src/hear/harmony_net.h)."""
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "learn_harmony"))

from chords import HARTE, INTERVALS, degree, pitch_class, read_harte  # noqa: E402,F401

NONE, UNKNOWN = -1, -2

# Each quality of tools/learn_harmony as the kind that it is heard as.
KINDS = {
    "maj": 0, "maj6": 0, "add9": 0, "min": 1, "min6": 1, "minadd9": 1, "minmaj7": 1, "7": 2, "9": 2, "maj7": 3,
    "maj9": 3, "min7": 4, "min9": 4, "dim": 5, "dim7": 5, "hdim7": 6, "aug": 7, "sus4": 8, "7sus4": 8, "sus2": 9,
}


def read_label(text, shift):
    """(root, kind, bass) of a label in Harte's notation, `shift` semitones higher; NONE or UNKNOWN thrice."""
    if text == "N":
        return (NONE,) * 3
    chord = read_harte(text)
    if chord is None:
        return (UNKNOWN,) * 3
    bass = HARTE.match(text).group(4)
    return ((chord.root + shift) % 12, KINDS[chord.quality], (chord.root + shift + (degree(bass) if bass else 0)) % 12)
