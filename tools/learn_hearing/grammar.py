# SPDX-License-Identifier: GPL-3.0-or-later
"""Progressions of the classical style, from a grammar of functions and the chords that carry them.

An event is (start, end, root, quality, bass, figure, key) in beats; figure "64" is the six-four of a cadence.
"""
import re

from labels import INTERVALS

# What may follow a chord, and how often. "c" is cadential; after a slash the degree that the chord leads to.
FOLLOWS = {
    "I": "I6:2 IV:3 IV64:1 ii6:2 ii:1 V:3 V7:3 V6:1 V65:2 V43:2 vi:2 I64c:1 V7/IV:1 viio6:1 V65/V:.5 V65/ii:.5 V42:.3 "
         "V65/vi:.4 viio7:.5",
    "I6": "IV:3 ii6:3 V:1 V43:2 I:2 viio6:1 V7/IV:.5 ii:1 I64c:1",
    "ii": "V:3 V7:3 I64c:1 V65:1 V43:.5 V7/V:1",
    "ii6": "V:3 V7:2 I64c:4 V42:.5 viio7/V:.5 V65/V:.3",
    "ii65": "V:3 V7:2 I64c:2",
    "ii7": "V:2 V7:3 V43:1",
    "iii": "IV:2 vi:3",
    "IV": "V:2 V7:2 I:3 ii6:2 ii65:1 I64c:2 V65/V:1 viio7/V:.5 ii:1 I6:1 V42:.5",
    "IV6": "V:2 V65:1 I64c:.5",
    "IV64": "I:5",
    "V": "I:5 V7:3 vi:1 V42:1 I6:1 V65:1 IV6:.5",
    "V6": "I:5 V65:1 vi:.3",
    "V7": "I:8 vi:1.5 I6:.3",
    "V65": "I:8",
    "V43": "I:5 I6:3",
    "V42": "I6:8",
    "vi": "ii6:3 IV:3 ii:2 ii7:.5 V:1 V7/V:1 I64c:.5 V65:.3 iii:.2",
    "viio6": "I:3 I6:3",
    "viio7": "I:5 V65:1",
    "I64c": "V:3 V7:5",
    "V7/V": "V:5 V7:1",
    "V65/V": "V:5 I64c:1 V7:1",
    "viio7/V": "V:4 I64c:3",
    "V7/IV": "IV:5",
    "V65/ii": "ii:4 ii6:.5",
    "V65/vi": "vi:5",
}
FOLLOWS = {name: [(chord.split(":")[0], float(chord.split(":")[1])) for chord in line.split()]
           for name, line in FOLLOWS.items()}

# Each degree's root and triad in major and in minor.
DEGREES = {
    False: {"I": (0, "maj"), "ii": (2, "min"), "iii": (4, "min"), "IV": (5, "maj"), "V": (7, "maj"), "vi": (9, "min"),
            "viio": (11, "dim")},
    True: {"I": (0, "min"), "ii": (2, "dim"), "iii": (3, "maj"), "IV": (5, "min"), "V": (7, "maj"), "vi": (8, "maj"),
           "viio": (11, "dim")},
}
SEVENTHS = {("V", "maj"): "7", ("viio", "dim"): "dim7", ("ii", "min"): "min7", ("ii", "dim"): "hdim7"}
INVERSIONS = {"6": 1, "65": 1, "64": 2, "64c": 2, "43": 2, "42": 3}
NAME = re.compile(r"(viio|iii|ii|vi|IV|V|I)(64c|64|65|43|42|6|7)?(?:/(\w+))?$")

# Where a piece goes from its key: semitones and mode (None: the same).
MOVES = ((7, None), (5, None), (9, True), (3, False), (0, True), (0, False), (2, True), (7, False), (-7, False))


def spell(name, tonic, minor):
    """Root, quality, bass and figure of a chord in a key."""
    degree, figure, target = NAME.match(name).groups()
    if target:
        tonic, minor = tonic + DEGREES[minor][target][0], minor and degree == "viio"
    above, quality = DEGREES[minor and not target][degree]
    if figure in ("7", "65", "43", "42"):
        quality = SEVENTHS.get((degree, quality), quality)
    root = (tonic + above) % 12
    bass = (root + INTERVALS[quality][INVERSIONS.get(figure, 0)]) % 12
    return root, quality, bass, "64" if figure == "64c" else ""


def progression(rng, beats):
    tonic, minor, now, at, events = rng.randrange(12), rng.random() < 0.35, "I", 0.0, []
    bar = rng.choice((3, 4, 4, 4))
    while at < beats:
        rhythm = rng.choice((1, 2, 2, bar, bar, bar * rng.choice((1, 1, 2))))
        phrase = at + rng.choice((4, 8, 8)) * bar
        while at < phrase:
            length = rhythm if rng.random() < 0.75 else rng.choice((1, 2, bar))
            if now == "I64c":
                length = min(length, rng.choice((1, 2)))
            events.append((at, at + length, *spell(now, tonic, minor), tonic % 12 + 12 * minor))
            at += length
            chords, weights = zip(*FOLLOWS[now])
            now = rng.choices(chords, weights)[0]
        if rng.random() < 0.35:
            step, mode = rng.choice(MOVES)
            tonic, minor = tonic + step, minor if mode is None else mode
            now = rng.choice(("I", "V7", "V65", "ii6"))
        elif rng.random() < 0.3:
            now = "I"
    return events
