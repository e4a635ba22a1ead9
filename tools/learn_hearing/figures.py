# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes music of a progression, as the classical style does: broken chords below and a melody above.

What each hand does changes every few beats. The melody has passing and neighbouring notes, appoggiaturas and notes that
lead in, so that what is learned from it is not that every note belongs to the chord.
"""
from labels import KINDS, UNKNOWN, INTERVALS
from songs import INSTRUMENTS

SCALES = {False: (0, 2, 4, 5, 7, 9, 11), True: (0, 2, 3, 5, 7, 8, 10)}
LENGTH = 95.0
LEFT = ("alberti",) * 4 + ("block", "block", "repeat", "arpeggio", "arpeggio", "bass", "waltz", "hold", "octaves",
                           "rest", "broken", "thirds")
RIGHT = ("walk", "walk", "run", "arpeggio", "long", "mixed", "mixed", "mixed", "rest", "chords", "thirds", "trill")
STEPS = {"walk": 0.5, "run": 0.25, "arpeggio": 0.25, "long": 2, "trill": 0.125, "chords": 1, "thirds": 0.5}


class Piece:
    """The notes of a piece as they are put down, and what the hands are at."""

    def __init__(self, rng, start):
        self.rng, self.start, self.notes = rng, start, []
        self.lead, self.second = rng.uniform(0.05, 1.5), 60 / rng.uniform(66, 150)
        self.low, self.high = rng.randint(43, 52), rng.randint(70, 82)
        self.soft, self.loud = rng.uniform(50, 85), rng.uniform(60, 105)
        self.left = self.right = None
        self.left_until = self.right_until = -1.0

    def time(self, beat):
        return self.lead + (beat - self.start) * self.second

    def put(self, hand, beat, length, pitch, softer=0):
        velocity = (self.loud if hand else self.soft) - softer + self.rng.gauss(0, 6)
        begin = self.time(beat) + abs(self.rng.gauss(0, 0.004))
        self.notes.append((begin, self.time(beat + length) - 0.01, pitch, velocity, hand))

    def choose(self, beat):
        """What the hands do from here on."""
        if beat >= self.left_until:
            self.left, self.rate = self.rng.choice(LEFT), self.rng.choice((0.25, 0.25, 0.5, 0.5, 1 / 3))
            self.left_until = beat + self.rng.choice((2, 4, 4, 8, 12))
        if beat >= self.right_until:
            self.right, self.right_until = self.rng.choice(RIGHT), beat + self.rng.choice((1, 2, 4, 4, 8))
        if self.left == "rest" and self.right == "rest":
            self.right = "mixed"


def play_left(piece, start, end, chord, bass):
    low = piece.low + (bass - piece.low + 6) % 12 - 6
    tones = sorted(low + (pitch - low) % 12 for pitch in chord if (pitch - low) % 12)
    if piece.rng.random() < 0.35 and len(tones) > 2:
        tones.remove(piece.rng.choice(tones))
    groups, step = {
        "alberti": ([[low], [tones[-1]], [tones[0]], [tones[-1]]], piece.rate),
        "arpeggio": ([[low], *[[t] for t in tones], [low + 12], *[[t] for t in tones[::-1]]], piece.rate),
        "octaves": ([[low - 12], [low]], piece.rate),
        "broken": ([[low], [tones[0]], [tones[-1]], [tones[0]]], piece.rate),
        "thirds": ([[low], [tones[0]]], piece.rate),
        "block": ([[low, *tones]], end - start),
        "hold": ([[low - 12, low]], end - start),
        "bass": ([[low]], 1.0),
        "repeat": ([[low, *tones]], 2 * piece.rate),
        "waltz": ([[low - 12], tones, tones], 1.0),
        "rest": ([[]], end - start),
    }[piece.left]
    at, count = start, 0
    while at < end - 1e-6:
        for pitch in groups[count % len(groups)]:
            piece.put(0, at, min(step, end - at) * piece.rng.choice((0.8, 1, 1)), pitch)
        at, count = at + step, count + 1


def next_pitch(piece, top, direction, chord, pool, strong, count):
    """The melody's next note after `top`."""
    rng = piece.rng
    if piece.right in ("arpeggio", "chords", "long") or (strong and rng.random() < 0.8):
        tones = [pitch for pitch in range(top - 8, top + 9) if pitch % 12 in chord and pitch != top]
        tones.sort(key=lambda pitch: abs(pitch - top - 2 * direction))
        return tones[0] if rng.random() < 0.7 else rng.choice(tones)
    if piece.right == "trill":
        return top + (2 if count % 2 else -2)
    if rng.random() < 0.12:
        return top + rng.choice((-1, 1))
    pitch = top + direction
    while pitch % 12 not in pool:
        pitch += direction
    return pitch


def play_right(piece, start, end, chord, scale):
    rng, at, count, direction = piece.rng, start, 0, piece.rng.choice((-1, 1))
    clashing = {s for s in scale if any(abs((s - p + 6) % 12 - 6) == 1 for p in chord)}
    pool = (scale - clashing if rng.random() < 0.5 else scale) | chord
    top = piece.high + (rng.choice(sorted(chord)) - piece.high + 6) % 12 - 6
    while at < end - 1e-6 and piece.right != "rest":
        step = STEPS.get(piece.right) or rng.choice((0.25, 0.25, 0.5, 0.5, 1, 0.75))
        step, strong = min(step, end - at), abs(at - round(at)) < 1e-6
        pitch = next_pitch(piece, top, direction, chord, pool, strong, count)
        direction = -direction if rng.random() < 0.2 else direction
        direction = -1 if pitch > piece.high + 12 else 1 if pitch < piece.high - 10 else direction
        if piece.right != "mixed" or rng.random() > 0.08:
            piece.put(1, at, step * rng.choice((0.6, 0.95, 1)), pitch)
        if piece.right == "chords":
            for below in range(pitch - 9, pitch - 2):
                if below % 12 in chord:
                    piece.put(1, at, step * 0.9, below, 10)
        if piece.right == "thirds":
            piece.put(1, at, step * 0.9, pitch - 3 if (pitch - 3) % 12 in scale else pitch - 4, 10)
        if strong and rng.random() < 0.1:
            piece.put(1, max(piece.start, at - 0.08), 0.08, pitch + rng.choice((-1, 2)))
        top, at, count = pitch, at + step, count + 1


def make(events, rng):
    """Notes, programs, labels and keys, as in songs.py. A cadence's six-four counts as its dominant."""
    piece = Piece(rng, events[0][0])
    programs = {0: 0, 1: 0} if rng.random() < 0.7 else {0: rng.choice(INSTRUMENTS), 1: rng.choice(INSTRUMENTS)}
    named, keys = [], []
    for index, (start, end, root, quality, bass, figure, key) in enumerate(events):
        if piece.time(end) > LENGTH:
            break
        keys.append((piece.time(start), key))
        if root is None:
            named.append((piece.time(start), piece.time(end), *(UNKNOWN,) * 3))
            continue
        following = events[index + 1][2] if index + 1 < len(events) else None
        label = (root, KINDS[quality], bass)
        if figure == "64" and following == (root + 7) % 12:
            label = (following, KINDS["maj"], bass)
        named.append((piece.time(start), piece.time(end), *label))
        chord = {(root + interval) % 12 for interval in INTERVALS[quality]}
        piece.choose(start)
        play_left(piece, start, end, chord, bass)
        play_right(piece, start, end, chord, {(key + step) % 12 for step in SCALES[key >= 12]})
    return piece.notes, programs, named, keys
