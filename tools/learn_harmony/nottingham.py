# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the Nottingham folk tunes: ABC notation with chord symbols in quotes and the parts between double bars."""
import os
import re
from fractions import Fraction

from chords import Passage, chord, pitch_class

SOURCE = "Nottingham Music Database (jukedeck/nottingham-dataset), E. Foxley, J. Allwright et al., GPL-3.0"
NAME = "nottingham"

SYMBOL = re.compile(r"([A-G][#b]?)(m7|m6|m|7|6|d|a)?(?:/([a-g][+b]?))?$")
QUALITIES = {None: "maj", "m": "min", "7": "7", "m7": "min7", "6": "maj6", "m6": "min6", "d": "dim", "a": "aug"}
# A chord symbol, the end of a part, an inline ending mark (skipped), or a note with its length.
TOKEN = re.compile(r'"([^"]*)"|(\|\||\|:|:\||::|\|\])|\[\d|[_^=]*([A-Ga-gz])[,\']*(\d*)(/*)(\d*)')


def read_symbol(text):
    """The chord of a symbol such as "F#m7/e"; None for what is not one."""
    match = SYMBOL.match(text)
    if not match:
        return None
    root, bass = pitch_class(match.group(1)), match.group(3)
    extra = [pitch_class(bass.replace("+", "#")) - root] if bass else []
    return chord(root, QUALITIES[match.group(2)], extra)


def read_length(number, slashes, divisor):
    """A note's length in units: "3/2", "/", "2"."""
    below = int(divisor) if divisor else 2 ** len(slashes)
    return Fraction(int(number or 1), below)


def read_line(line, song, tonic, passages):
    """Adds the chords of a line of music to the last passage, beginning a new one at each end of a part."""
    for match in TOKEN.finditer(line):
        symbol, end, note, number, slashes, divisor = match.groups()
        events = passages[-1].events
        if symbol is not None:
            events.append((read_symbol(symbol), Fraction(0)))
        elif end and events:
            passages.append(Passage(song, tonic, True, []))
        elif note and events:
            events[-1] = (events[-1][0], events[-1][1] + read_length(number, slashes, divisor))


def read_tunes(path):
    """The passages of all tunes of a file, and how many tunes those are."""
    passages, tunes, tonic = [], 0, 0
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("X:"):
                tunes += 1
            elif line.startswith("K:"):
                tonic = pitch_class(line[2:].strip())
                passages.append(Passage(f"{os.path.basename(path)} {tunes}", tonic, True, []))
            elif passages and not re.match(r"[A-Za-z]:|%|\s*$", line):
                read_line(line, passages[-1].song, tonic, passages)
    return passages, tunes


def read(folder):
    """All passages, and how many tunes they are from."""
    passages, tunes = [], 0
    for name in sorted(name for name in os.listdir(folder) if name.endswith(".abc")):
        more, count = read_tunes(os.path.join(folder, name))
        passages, tunes = passages + more, tunes + count
    return passages, tunes
