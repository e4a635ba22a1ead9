# SPDX-License-Identifier: GPL-3.0-or-later
"""Drum patterns made up in the manners that the takes have little of, slow and sparse ones above all, and a band."""
import math

from piece import Piece

CRASHES, TOMS = [49, 57, 52, 55], [50, 48, 47, 45, 43, 41]
BASSES = [32, 33, 34, 36, 38]
GUITARS, KEYS = [29, 30, 29, 30, 27, 28, 25], [0, 2, 4, 16, 18, 26, 48]
LEADS = [26, 29, 30, 52, 53, 56, 61, 65, 66, 73, 81]
# Steps in a beat, the chances in tenths that the bass drum and the snare play each step of a bar ("9" is always), the
# patterns from which the hand takes its own, BPM, and how often the style is chosen.
EIGHTHS, QUARTERS, SIXTEENTHS, OFFBEATS = "9090909090909090", "9000900090009000", "9898989898989898", "0090009000900090"
TRAIN, RIDE, SHUFFLE, SLOW = "9050905090509050", "900908900908", "908908908908", "900900900900"
STYLES = [
    (4, "9021103163211032", "0001900101009011", [EIGHTHS, EIGHTHS, QUARTERS, SIXTEENTHS, OFFBEATS], (75, 150), 4),
    (4, "9020004051200021", "0000900000009000", [QUARTERS, QUARTERS, EIGHTHS], (50, 95), 4),     # heavy and slow
    (4, "9023002110210023", "0001000190010012", [QUARTERS, EIGHTHS, SIXTEENTHS], (70, 150), 3),  # at half the speed
    (4, "9090101090901010", "0000900000009000", [EIGHTHS, QUARTERS], (130, 205), 1),
    (4, "9000900090009001", "0000900000009000", [OFFBEATS, SIXTEENTHS, EIGHTHS], (100, 140), 2),
    (4, "9000101090001010", "3232933323329343", [TRAIN, QUARTERS], (80, 130), 1),
    (4, "0001000090001000", "0001000090001002", [EIGHTHS, TRAIN, SIXTEENTHS], (60, 150), 2),  # one drop
    (4, "9000901090009010", "0000000090000001", [EIGHTHS, OFFBEATS, QUARTERS], (65, 150), 1),
    (4, "9009000090090000", "2001001000101000", [EIGHTHS, SIXTEENTHS], (80, 130), 1),
    (3, "900002503900", "000900000900", [SHUFFLE, RIDE, SLOW], (60, 150), 3),
    (3, "300200301200", "011101012111", [RIDE, RIDE, SLOW], (90, 220), 3),                       # swing
    (6, "900001000000900002001000", "000000900000000000900000", ["909090909090909090909090"], (45, 85), 1),
    (3, "900100", "000900", ["999999", "900900"], (45, 85), 1),                                  # two dotted beats
    (4, "900020002000", "000090009000", ["909090909090", "900090009000"], (80, 170), 1),         # three beats
]


class Drummer:
    """Settles on a pattern of a style that suits the tempo, or of any; `notes` are (pitch, velocity, first beat, last
    beat)."""

    def __init__(self, random, tempo=None):
        self.random = random
        fit = [style for style in STYLES
               if tempo is None or len(style[1]) == 16 and 0.9 * style[4][0] < tempo < 1.1 * style[4][1]] or STYLES[:1]
        self.steps, kick, snare, hands, self.tempos, _ = random.choices(fit, [style[5] for style in fit])[0]
        self.beats = len(kick) // self.steps
        self.kick, self.snare, self.hand = (self.settle(chances) for chances in (kick, snare, random.choice(hands)))
        self.swing = random.choice([0, 0, 0, 0.04, 0.08]) if self.steps == 4 else 0
        self.cymbal = random.choice([42, 42, 42, 46, 46, 51, 51, 59, 49, 57, 43])
        self.stick = random.choice([38, 38, 38, 40, 40, 37])
        self.pedal = random.choice([[], [], [1, 3], [0, 1, 2, 3]])
        self.ghosts = random.choice([0, 0, 0.1, 0.3])
        self.change, self.loose = random.choice([0, 0.03, 0.1]), random.choice([0, 0.005, 0.012, 0.02])
        self.levels = {kind: random.uniform(0.6, 1.0) for kind in ("kick", "snare", "hand")}
        self.notes = []

    def settle(self, chances):
        return [chance == "9" or self.random.random() < int(chance) / 10 for chance in chances]

    def strike(self, pitch, loud, kind, beat, step):
        at = beat + step / self.steps + (self.swing if step % 2 else 0) + self.random.gauss(0, self.loose)
        loud = loud * self.levels.get(kind, 0.8) + self.random.gauss(0, 5)
        self.notes.append((pitch, int(max(1, min(127, loud))), at, at + 0.2))

    def bar(self, beat, is_filled, is_crashed):
        random = self.random
        count = self.steps * self.beats
        fill = count - random.choice([1, 1, 2, self.beats]) * self.steps if is_filled else count
        for step in range(count):
            is_hit = [random.random() < (1 - self.change if part[step] else self.change * 0.4)
                      for part in (self.kick, self.snare)]
            place = step % self.steps == 0
            if step >= fill:
                if random.random() < (0.95 if place else 0.6):
                    tom = random.choice([38, TOMS[min(5, (step - fill) * 6 // (count - fill))]])
                    self.strike(tom, random.randint(80, 120), "snare", beat, step)
                continue
            if is_hit[0]:
                self.strike(random.choice([36, 36, 36, 35]), 115 if place else 100, "kick", beat, step)
            if is_hit[1]:
                self.strike(self.stick, 118 if place else 75, "snare", beat, step)
            elif random.random() < self.ghosts:
                self.strike(38, random.randint(12, 38), "snare", beat, step)
            if step == 0 and is_crashed:
                self.strike(random.choice(CRASHES), 118, "hand", beat, step)
            elif self.hand[step]:
                is_open = self.cymbal == 42 and random.random() < 0.04
                self.strike(46 if is_open else self.cymbal, 100 if place else 75, "hand", beat, step)
            if place and step // self.steps in self.pedal:
                self.strike(44, 70, "hand", beat, step)

    def play(self, first, last):
        phrase = self.random.choice([4, 4, 8, 2, 100])
        wash = self.random.choice([0, 0, 0.1, 0.4])
        for i, beat in enumerate(range(first, last, self.beats)):
            is_crashed = i % phrase == 0 and self.random.random() < 0.7 or self.random.random() < wash
            self.bar(beat, i % phrase == phrase - 1 and self.random.random() < 0.8, is_crashed)
        return self.notes


def riff(drummer, bars, random):
    """Places of a bass or a guitar in some bars, most of them with the bass drum: (first beat, length, degree)."""
    grid = 1 if drummer.steps > 4 or random.random() < 0.3 else drummer.steps // 2 if drummer.steps == 4 else 1
    dense, places = random.choice([0.05, 0.2, 0.5, 0.9]), []
    for step in range(bars * drummer.beats * drummer.steps):
        is_likely = step == 0 or drummer.kick[step % len(drummer.kick)]
        if is_likely and random.random() < 0.8 or step % grid == 0 and random.random() < dense:
            places.append(step)
    places = places or [0]
    ends = places[1:] + [bars * drummer.beats * drummer.steps]
    held = random.choice([0.5, 0.95, 0.95])
    return [(step / drummer.steps, (end - step) / drummer.steps * held, random.choice([0, 0, 0, 0, 2, 3, 4, 1]))
            for step, end in zip(places, ends)]


def strokes(drummer, random):
    """Short chords off the beat, or on the weaker beats."""
    if random.random() < 0.3 and drummer.beats == 4:
        return [(beat, random.choice([0.2, 0.4]), 0) for beat in (1, 3)]
    late = 0.5 if drummer.steps == 4 else 2 / 3
    return [(beat + late, random.choice([0.15, 0.3]), 0) for beat in range(drummer.beats)]


def band(drummer, last, random):
    """Notes (channel, program, pitch, velocity, first beat, last beat) of those who play with the drummer."""
    scale = random.choice([[0, 3, 5, 7, 10], [0, 2, 4, 7, 9], [0, 3, 5, 6, 7]])
    bars, root = random.choice([1, 2, 2, 4]), random.randint(28, 39)
    roots = [random.choice([0, 0, 5, 7, 3, 10, 8]) for _ in range(4)]
    line, parts = riff(drummer, bars, random), []
    walks = drummer.steps == 3 and random.random() < 0.5
    if random.random() < 0.8:
        program = random.choice(BASSES)
        notes = [(beat, 0.9, random.randrange(5)) for beat in range(drummer.beats * bars)] if walks else line
        parts.append((8, program, [0], root, notes, random.randint(75, 110)))
    if random.random() < 0.75:
        program = random.choice(GUITARS if random.random() < 0.65 else KEYS)
        tones = [0, 7, 12] if program in (29, 30) else random.choice([[0, 4, 7], [0, 3, 7], [0, 4, 7, 10]])
        chords = random.choice([line, line, riff(drummer, bars, random), strokes(drummer, random)])
        chords = [(at, length, 0) for at, length, _ in chords] if random.random() < 0.5 else chords
        parts.append((0, program, tones, root + 12, chords, random.randint(60, 105)))
    if random.random() < 0.5:
        lead, loose = riff(drummer, random.choice([2, 4]), random), random.choice([0, 0.02, 0.08])
        program, low = random.choice(LEADS), root + random.choice([24, 36])
        notes = [(max(0, at + random.gauss(0, loose)), length, random.randrange(5)) for at, length, _ in lead]
        parts.append((1, program, [0], low, notes, random.randint(70, 115)))
    notes = []
    for channel, program, tones, low, line, loud in parts:
        length = drummer.beats * math.ceil((line[-1][0] + 0.01) / drummer.beats)
        for start in range(0, last, length):
            base = low + roots[start // (drummer.beats * 4) % 4]
            notes += [(channel, program, base + scale[degree % 5] + tone, loud, start + at, start + at + long)
                      for at, long, degree in line for tone in tones]
    return notes


def make(random):
    """Notes, the piece and its tempo."""
    drummer = Drummer(random)
    slowest, fastest = drummer.tempos
    tempo = math.exp(random.uniform(math.log(slowest), math.log(fastest)))
    last = math.ceil(tempo)  # a minute
    notes = [(9, 0) + note for note in drummer.play(0, last)]
    if random.random() < 0.55:
        notes += band(drummer, last, random)
    return notes, Piece(tracks=[], beats=drummer.beats, division=3 if drummer.steps == 3 else 2), tempo


def beside(piece, random):
    """The drums for a piece in four."""
    return Drummer(random, piece.tempo).play(-8, 400)
