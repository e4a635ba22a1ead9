# SPDX-License-Identifier: GPL-3.0-or-later
"""Tunes in ABC with chords, from the Nottingham collection (jukedeck/nottingham-dataset), with an accompaniment."""
import glob
import os
import re

import numpy as np

from piece import Piece

SIGNATURES = {"C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5, "F": -1, "Bb": -2, "Eb": -3, "Ab": -4, "Db": -5, "F#": 6}
MODES = {None: 0, "m": 3, "min": 3, "dor": 2, "mix": 1}
PITCHES = {"C": 60, "D": 62, "E": 64, "F": 65, "G": 67, "A": 69, "B": 71}
TUPLETS = {2: 1.5, 3: 2 / 3, 4: 0.75, 6: 1 / 3}
# Metre: beats in a bar, quarter notes in a beat.
METRES = {"2/4": (2, 1.0), "3/4": (3, 1.0), "4/4": (4, 1.0), "6/8": (2, 1.5), "9/8": (3, 1.5), "12/8": (4, 1.5)}
TOKEN = re.compile(r'"([^"]*)"|(\|[|\]:12]*|:\|+|\[[12])|\((\d)|([_^=]?)([A-Ga-gzx])([,\']*)(\d*)(/*)(\d*)|(>|<)')


def read(folder):
    """The header fields and the body of each tune."""
    tunes = []
    for path in sorted(glob.glob(os.path.join(folder, "*.abc"))):
        with open(path, encoding="latin1") as file:
            for line in map(str.strip, file):
                if line.startswith("X:"):
                    tunes.append({"M": "4/4", "L": "1/8", "K": "C", "body": ""})
                elif tunes and re.match(r"[A-Za-z]:", line):
                    if line[0] in "MLK" and not tunes[-1]["body"]:
                        tunes[-1][line[0]] = line[2:].split("%")[0].strip()
                elif tunes and line and line[0] != "%":
                    tunes[-1]["body"] += " " + line
    return tunes


def accidentals(key):
    match = re.match(r"([A-G][b#]?)\s*(m|min|dor|mix)?", key)
    count = SIGNATURES.get(match.group(1), 0) - MODES[match.group(2)]
    return {"FCGDAEB"[i]: 1 for i in range(count)} if count > 0 else {"BEADGCF"[i]: -1 for i in range(-count)}


def read_body(tune):
    """Notes (first and last quarter, pitch), chords (quarter, name), the quarters of the bar lines."""
    over, under = map(int, tune["L"].split("/"))
    unit, sharps, local = 4 * over / under, accidentals(tune["K"]), {}
    notes, chords, bars, at, left, factor, broken = [], [], [], 0.0, 0, 1.0, None
    for chord, bar, tuplet, sign, letter, octave, times, slashes, divisor, dot in TOKEN.findall(tune["body"]):
        if letter:
            length = float(times or 1) * unit / (float(divisor or 2 ** len(slashes)) if slashes else 1.0)
            if left:
                length, left = length * factor, left - 1
            if broken and notes:
                part = 1.5 if broken == ">" else 0.5
                first, last, pitch = notes[-1]
                at += (last - first) * (part - 1)
                notes[-1], length, broken = (first, first + (last - first) * part, pitch), length * (2 - part), None
            if letter not in "zx":
                if sign:
                    local[letter + octave] = "_=^".index(sign) - 1
                pitch = PITCHES[letter.upper()] + 12 * letter.islower() + 12 * (octave.count("'") - octave.count(","))
                notes.append((at, at + length, pitch + local.get(letter + octave, sharps.get(letter.upper(), 0))))
            at += length
        elif tuplet:
            left, factor = int(tuplet), TUPLETS.get(int(tuplet), 1.0)
        elif dot:
            broken = dot
        elif "|" in bar:
            bars.append(at)
            local = {}
        elif chord:
            chords.append((at, chord))
    return notes, chords, bars, at


def play_chord(name, first, last, style, beats, division):
    """The notes of a chord from beat `first` to `last`."""
    match = re.match(r"([A-G])([b#]?)(m|dim)?(7)?", name)
    if not match:
        return []
    root = (PITCHES[match.group(1)] + {"": 0, "b": -1, "#": 1}[match.group(2)]) % 12
    tones = [root, root + (3 if match.group(3) else 4), root + 7] + ([root + 10] if match.group(4) else [])
    notes = []
    for beat in range(round(first), round(first) + max(1, round(last - first))):
        place = beat % beats
        if style == "block" and place == 0:
            notes += [(48 + tone, 60, beat, min(last, beat + beats)) for tone in tones]
        elif style == "beat" or style == "oompah" and beats == 3 and place:
            notes += [(48 + tone, 58, beat, beat + 0.8) for tone in tones]
        elif style == "oompah":
            notes.append((36 + root + (7 if place % 2 else 0), 75, beat, beat + 0.6))
            off = beat + (2 / 3 if division == 3 else 0.5)
            notes += [(48 + tone, 55, off, off + 0.3) for tone in tones if beats != 3]
        elif style == "broken":
            notes += [(48 + tones[i], 60, beat + i / division, beat + (i + 1) / division) for i in range(division)]
    return notes


def play(tune, random):
    """A Piece, or None where bar lines and notes do not agree."""
    if tune["M"] not in METRES:
        return None
    beats, beat = METRES[tune["M"]]
    notes, chords, bars, end = read_body(tune)
    if len(notes) < 20 or len(bars) < 4:
        return None
    bar = beats * beat
    offset = round(np.angle(np.exp(2j * np.pi * np.array(bars) / bar).mean()) / (2 * np.pi) * bar * 4) / 4
    astray = (np.array(bars) - offset) / bar
    melody = [(pitch, 90, (first - offset) / beat, (last - offset) / beat) for first, last, pitch in notes]
    on_beat = np.mean([abs(note[2] - round(note[2])) < 0.02 for note in melody])
    if np.mean(np.abs(astray - np.round(astray)) < 0.01) < 0.85 or on_beat < 0.25:
        return None
    style, division = random.choice(["oompah", "block", "broken", "none", "beat"]), 3 if beat == 1.5 else 2
    left = []
    for (first, name), last in zip(chords, [at for at, _ in chords[1:]] + [end]):
        left += play_chord(name, (first - offset) / beat, (last - offset) / beat, style, beats, division)
    return Piece(tracks=[melody, left], beats=beats, division=division)
