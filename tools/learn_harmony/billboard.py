# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the McGill Billboard annotations: a line a phrase, bars between bars, sections named by a letter."""
import os
import re

from chords import Passage, pitch_class, read_harte

SOURCE = "McGill Billboard (corpusmusic/billboardcorpus), J. A. Burgoyne, J. Wild and I. Fujinaga, CC0"
NAME = "billboard"

BARS = re.compile(r"\|(.*)\|(.*)$")
METRE = re.compile(r"\((\d+)/(\d+)\)")
SECTION = re.compile(r"^[A-Z]'*,")
TIMES = re.compile(r"\bx(\d+)\b")


def read_metre(text):
    """Quarter notes in a bar of "6/8"."""
    beats, unit = text.split("/")
    return 4 * int(beats) / int(unit)


def read_bar(text, length, last):
    """The events of one bar; `last` is the chord that a "." at its beginning repeats."""
    tokens = [token for token in METRE.sub("", text).split() if not token.startswith("&")]
    events = []
    for token in tokens:
        last = last if token == "." else read_harte(token)
        events.append((last, length / len(tokens)))
    return events


def read_bars(text, metre):
    """The events of the bars of one line."""
    match = BARS.search(text)
    events = []
    for bar in match.group(1).split("|"):
        change = METRE.search(bar)
        length = 4 * int(change.group(1)) / int(change.group(2)) if change else metre
        events += read_bar(bar, length, events[-1][0] if events else None)
    times = TIMES.search(match.group(2))
    return events * (int(times.group(1)) if times else 1)


def read_song(path):
    """A passage for each section, and for each tonic within it."""
    song, tonic, metre, fresh, passages = os.path.basename(path), 0, 4.0, True, []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            name, _, value = line.strip().partition(": ")
            text = line.partition("\t")[2]
            if name == "# tonic":
                tonic, fresh = pitch_class(value), True
            elif name == "# metre":
                metre = read_metre(value)
            elif not BARS.search(text):
                fresh = True
            else:
                if fresh or SECTION.match(text):
                    passages.append(Passage(song, tonic, True, []))
                passages[-1].events.extend(read_bars(text, metre))
                fresh = False
    return passages


def read(folder):
    """All passages, and how many songs they are from."""
    names = sorted(name for name in os.listdir(folder) if name.endswith(".txt"))
    return [passage for name in names for passage in read_song(os.path.join(folder, name))], len(names)
