# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads When in Rome: RomanText, a numeral for each change of chord, with the key where it changes."""
import os
import re

from chords import DEGREES, Passage, chord, pitch_class

SOURCE = "When in Rome (MarkGotham/When-in-Rome), M. Gotham et al., CC BY-SA 4.0"
NAME = "when-in-rome"

MEASURE = re.compile(r"m(\d+)\s+(.*)$")
BEAT = re.compile(r"b([\d.]+)$")
KEY = re.compile(r"([A-Ga-g][#b]*):$")
NUMERAL = re.compile(r"([#b]*)(VII|VI|V|IV|III|II|I|vii|vi|v|iv|iii|ii|i)([oø+]?)(\d*)$")
NUMBERS = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7}
MINOR = (0, 2, 3, 5, 7, 8, 10)
SEVENTHS = {"7", "65", "43", "42", "2"}
METRE = re.compile(r"Time Signature:\s*(\d+)/(\d+)")
COMMON = (4, 4)


def root_of(accidentals, numeral, minor):
    """Semitones above the tonic. In minor, III, VI and VII are low as in the natural scale, vi and vii are high."""
    number = NUMBERS[numeral.lower()] - 1
    natural = minor and not accidentals and (numeral.isupper() or number < 5)
    return (MINOR if natural else DEGREES)[number] + accidentals.count("#") - accidentals.count("b")


def quality_of(numeral, mark, seventh, leading):
    """The quality; `leading` says that the major seventh above the root is in the key."""
    if mark == "o":
        return "dim7" if seventh else "dim"
    if mark == "ø":
        return "hdim7"
    if mark == "+":
        return "aug"
    if numeral.islower():
        return "min7" if seventh else "min"
    return ("maj7" if leading else "7") if seventh else "maj"


def read_numeral(text, tonic, minor):
    """The chord of a numeral; None for one in a key of its own (V/V), which is no chord of the passage's mode."""
    match = NUMERAL.match("i" if text == "Cad64" and minor else text.replace("Cad64", "I"))
    if not match:
        return None
    accidentals, numeral, mark, figures = match.groups()
    root = root_of(accidentals, numeral, minor)
    leading = (root + 11) % 12 in (MINOR if minor else DEGREES)
    return chord(tonic + root, quality_of(numeral, mark, figures in SEVENTHS, leading))


def bar_of(metre):
    """Quarter notes of a bar and of a beat; in compound metres a beat is three of the unit."""
    count, unit = metre
    return 4 * count / unit, (3 if unit >= 8 and count % 3 == 0 else 1) * 4 / unit


def read_measures(path):
    """For each measure when it begins and how long its beats are, in quarter notes, and its text; the last one's end."""
    metre, measures, last, start, bar = COMMON, [], 0, 0.0, 0.0
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            change, measure = METRE.match(line), MEASURE.match(line)
            if change:
                metre = tuple(map(int, change.groups()))
            elif measure:
                start, last = start + (int(measure[1]) - last) * bar, int(measure[1])
                bar, beat = bar_of(metre)
                measures.append((start, beat, measure[2]))
    return measures, start + bar


def read_piece(path):
    """A passage for each key that the piece passes through."""
    passages, minor, onsets = [], False, []
    measures, end = read_measures(path)
    for start, beat_length, text in measures:
        beat = 1.0
        for token in text.split():
            if BEAT.match(token):
                beat = float(BEAT.match(token).group(1))
            elif KEY.match(token):
                minor = token[0].islower()
                tonic = pitch_class(token[0].upper() + token[1:-1])
                passages.append(Passage(os.path.basename(path), tonic, not passages, []))
            elif passages:
                onsets.append((start + (beat - 1) * beat_length, len(passages) - 1))
                passages[-1].events.append((read_numeral(token, passages[-1].tonic, minor), 0))
    return with_durations(passages, onsets, end)


def with_durations(passages, onsets, end):
    """Gives every chord the time until the next one, the last one what is left."""
    ends = [time for time, _ in onsets[1:]] + [end]
    lengths = iter([later - start for (start, _), later in zip(onsets, ends)])
    return [p._replace(events=[(c, next(lengths)) for c, _ in p.events]) for p in passages]


def read(folder):
    """All passages, and how many pieces they are from."""
    names = sorted(name for name in os.listdir(folder) if name.endswith(".rntxt"))
    return [passage for name in names for passage in read_piece(os.path.join(folder, name))], len(names)
