# SPDX-License-Identifier: GPL-3.0-or-later
"""Pieces made up in the manner of keyboard music: figures over chords, so that a beat is known in textures of which
no collection here has beats."""
from piece import Piece

FOLLOWERS = {0: [3, 4, 5, 1], 1: [4, 4, 6], 3: [4, 0, 1], 4: [0, 0, 5], 5: [1, 3], 6: [0]}  # degrees
LEFT = ["alberti", "alberti", "block", "waltz", "thirds", "octave", "chorale", "none", "run", "held"]
RIGHT = ["mixed", "mixed", "run", "slow", "prelude", "chorale", "singing"]
HALVED = [[1], [0.5] * 2, [0.25] * 4, [0.75, 0.25], [0.5, 0.25, 0.25], [0.25, 0.25, 0.5]]
THIRDED = [[1], [1 / 3] * 3, [2 / 3, 1 / 3], [1 / 6] * 6, [0.5, 1 / 6, 1 / 3]]
WEIGHTS = {("mixed", 2): [4, 4, 3, 2, 1, 1], ("mixed", 3): [3, 4, 3, 1, 1],
           ("singing", 2): [8, 3, 0.5, 2, 0.5, 0.5], ("singing", 3): [6, 2, 4, 0.3, 0.3]}


class Composer:
    def __init__(self, random):
        self.random = random
        self.beats, self.division = random.choice([(2, 2), (3, 2), (4, 2), (4, 2), (3, 2), (2, 3), (2, 3), (4, 3)])
        self.tonic = random.randint(0, 11)
        self.scale = [0, 2, 3, 5, 7, 8, 11] if random.random() < 0.4 else [0, 2, 4, 5, 7, 9, 11]
        self.left, self.right = random.choice(LEFT), random.choice(RIGHT)
        self.notes_a_beat = random.choice([2, 4, 4] if self.division == 2 else [3, 6, 3])
        self.voice = random.randint(32, 37)
        self.melody, self.bass = [], []

    def pitch(self, degree):
        return self.tonic + 12 * (degree // 7) + self.scale[degree % 7]

    def figure(self, beat, last, root, tones, is_first, is_strong):
        """The left hand's notes in one beat; `last` is where the chord ends."""
        count, loud = self.notes_a_beat, self.random.randint(45, 70)
        if self.left == "alberti":
            order = [0, 1, 2] if count % 3 == 0 else [0, 2, 1, 2]
            parts = [12 + tones[order[i % len(order)]] for i in range(count)]
        elif self.left == "run":
            parts = [36 + self.pitch(root + [0, 1, 2, 3, 4, 3, 2, 1][i % 8]) % 12 + 12 for i in range(count)]
        elif self.left == "thirds":
            parts = [12 + tone for tone in tones]
        elif self.left == "octave":
            parts = [tones[0], tones[0] - 12]
        else:
            return self.chords(beat, last, tones, loud, is_first, is_strong)
        return [(pitch, loud + 8 * (i == 0), beat + i / len(parts), beat + (i + 1) / len(parts))
                for i, pitch in enumerate(parts)]

    def chords(self, beat, last, tones, loud, is_first, is_strong):
        if self.left == "block":
            return [(tone, loud, beat, beat + 0.95) for tone in tones]
        if self.left == "chorale":
            return [(tones[0], loud, beat, beat + 1), (tones[1] + 12, loud, beat, beat + 1)]
        if self.left == "waltz" and is_strong:
            return [(tones[0], loud + 8, beat, beat + 0.9)]
        if self.left == "waltz":
            return [(tone + 12, loud - 5, beat, beat + 0.6) for tone in tones]
        return [(tone, loud, beat, last) for tone in tones] if self.left == "held" and is_first else []

    def rhythm(self, is_strong, is_first, left):
        """Lengths that fill a beat; empty where the last note is held over it."""
        if (self.right, self.division) in WEIGHTS:
            if not is_strong and self.melody and self.random.random() < (0.25 if self.right == "singing" else 0.1):
                return []
            return self.random.choices(HALVED if self.division == 2 else THIRDED, WEIGHTS[self.right, self.division])[0]
        if self.right in ("run", "prelude"):
            count = 4 if self.division == 2 else (6 if self.right == "run" else 3)
            return [1 / count] * count
        return [1] if self.right == "chorale" or is_first else ([] if left else [1])

    def sing(self, beat, lengths, root, is_strong):
        random = self.random
        for i, length in enumerate(lengths):
            if self.right == "prelude":
                pitch = self.pitch(28 + root + [0, 2, 4, 7][i % 4]) + 24
            else:
                self.voice = max(28, min(44, self.voice + random.choice([-2, -1, -1, 1, 1, 2])))
                if i == 0 and random.random() < 0.6:
                    tones = [root + third + 7 * octave for third in (0, 2, 4) for octave in range(3, 7)]
                    self.voice = min(tones, key=lambda tone: abs(tone - self.voice))
                pitch = self.pitch(self.voice) + 24
            pitch = max(55, min(96, pitch))
            if i == 0 or random.random() < 0.93:
                loud = random.randint(65, 90) + 6 * (is_strong and i == 0)
                self.melody.append((pitch, loud, beat, beat + length))
                if self.right == "chorale" or random.random() < 0.08:
                    self.melody.append((pitch - random.choice([3, 4, 5, 8]), 70, beat, beat + length))
            beat += length

    def compose(self):
        random = self.random
        change = random.choice([self.beats, self.beats, max(1, self.beats // 2), 1])
        beat, root = 0, 0
        end = random.randint(16, 40) * self.beats
        while beat < end:
            low = self.pitch(root) % 12
            tones = [36 + self.pitch(root + i) % 12 + 12 * (self.pitch(root + i) % 12 < low) for i in (0, 2, 4)]
            for i in range(change):
                is_strong = (beat + i) % self.beats == 0
                self.bass += self.figure(beat + i, beat + change, root, tones, i == 0, is_strong)
                lengths = self.rhythm(is_strong, i == 0, i % 2)
                if not lengths and self.melody:
                    pitch, loud, first, _ = self.melody[-1]
                    self.melody[-1] = (pitch, loud, first, beat + i + 1)
                self.sing(beat + i, lengths, root, is_strong)
            beat += change
            root = random.choice(FOLLOWERS[root])
        return Piece(tracks=[self.melody, self.bass], beats=self.beats, division=self.division)


def make(random):
    return Composer(random).compose()
