# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is to learn a mode from, and how its progressions of three chords are counted.

  direct     passages in the mode on the tonic that the annotators name, and that begin, end or stay longest there
  re-rooted  passages with the mode's notes under another tonic whose own chords say the mode's: of their first, last
             and longest chord, two stand on the mode's tonic
  back-off   from all other passages with the mode's notes, the progressions that touch the mode's tonic chord: how
             music comes to that chord and leaves it, wherever its home is

In a mode that few songs are in, a passage must rest on its tonic twice to be direct: in songs, a major chord on the
second degree is the dominant's dominant far more often than it is Lydian. A diminished triad lies in one set of seven
notes only, so Locrian's back-off also takes what surrounds one in a passage that is in no mode at all.
"""
from collections import Counter, namedtuple
from itertools import groupby

from modes import SCALES, find_mode, relative_tonic, rest_on

START, ANY = "^", "*"
KINDS = ("direct", "re-rooted", "back-off")
RARE = ("lydian", "phrygian", "locrian")
# How often one song may say the same thing: a loop that comes round twenty times is one idea.
SONG_LIMIT = 4
DIMINISHED = ("dim", "hdim7")

# A passage of a collection, with the mode that it is in on its own tonic or None.
Heard = namedtuple("Heard", "collection passage mode")
# Progressions counted by (before, last, next), and where they are from: (collection, song) and passages.
Evidence = namedtuple("Evidence", "counts songs passages")


def hear(collection, passages):
    """Finds the modes of a collection's passages."""
    return [Heard(collection, passage, find_mode(passage)) for passage in passages]


def tonic_in(heard, mode):
    """How a passage is evidence for a mode, and over which tonics; (None, ()) where it is none."""
    passage = heard.passage
    if heard.mode is None:
        roots = {chord.root for chord, _ in passage.events if chord and chord.quality in DIMINISHED}
        return ("back-off", sorted(roots)) if mode == "locrian" and roots else (None, ())
    tonic = relative_tonic(heard.mode, passage.tonic, mode)
    rest = rest_on(passage, tonic)
    if heard.mode == mode and rest >= (2 if mode in RARE else 1):
        return "direct", [tonic]
    return "re-rooted" if rest >= 2 and heard.mode != mode else "back-off", [tonic]


def tokens(passage, tonic, mode):
    """The chords over a tonic as INTERVAL:QUALITY, without repetition; ANY for what is not in the mode."""
    scale = {(tonic + note) % 12 for note in SCALES[mode]}
    names = []
    for chord, _ in passage.events:
        inside = chord is not None and chord.notes <= scale
        name = f"{(chord.root - tonic) % 12}:{chord.quality}" if inside else ANY
        if names[-1:] != [name]:
            names.append(name)
    return names


def count_runs(names, starts):
    """All progressions. A phrase's begin with START START; a chord out of the mode leaves ANY ANY behind."""
    counts = Counter()
    before, last = (START, START) if starts else (ANY, ANY)
    for name in names:
        if name != ANY:
            counts[before, last, name] += 1
        before, last = (last, name) if name != ANY else (ANY, ANY)
    return counts


def count_touching(names):
    """The progressions that touch a chord on the tonic; one that leaves from it begins a phrase there."""
    counts = Counter()
    for three in zip(names, names[1:], names[2:]):
        if ANY in three or not any(name.startswith("0:") for name in three):
            continue
        counts[three] += 1
        if three[0].startswith("0:"):
            counts[START, START, three[0]] += 1
            counts[START, three[0], three[1]] += 1
    return counts


def gather_song(heards, mode, evidence):
    """Adds one song's progressions to the evidence of each kind."""
    counts = {kind: Counter() for kind in KINDS}
    passages = Counter()
    for heard in heards:
        kind, tonics = tonic_in(heard, mode)
        for tonic in tonics:
            names = tokens(heard.passage, tonic, mode)
            found = count_touching(names) if kind == "back-off" else count_runs(names, heard.passage.starts)
            counts[kind] += found
            passages[kind] += 1 if found else 0
    for kind, found in counts.items():
        if found:
            evidence[kind].counts.update({three: min(count, SONG_LIMIT) for three, count in found.items()})
            evidence[kind].songs[heards[0].collection] += 1
            evidence[kind].passages[heards[0].collection] += passages[kind]


def gather(heards, mode):
    """The evidence for a mode by kind. Passages of one song stand together in `heards`."""
    evidence = {kind: Evidence(Counter(), Counter(), Counter()) for kind in KINDS}
    for _, song in groupby(heards, key=lambda heard: (heard.collection, heard.passage.song)):
        gather_song(list(song), mode, evidence)
    return evidence
