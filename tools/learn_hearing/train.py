# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains the network on stretches drawn from the steps of all items (trainer.c does the arithmetic)."""
import ctypes
import glob
import os
import random
import time

import numpy as np

from features import HERE, ROW, compile_library, pointer

UNITS, INPUTS, HEADS, SCORES, SEQUENCES = 48, 109, 13, 157, 4
STEPS, BATCH, SKIP, RATE = 256, 16, 8, 4e-3

# How often a stretch is of each kind of item.
HEARD_SONGS, HEARD_CLASSICAL = "song*.[ps]*", "classical*.[ps]*"
SHARES = ((HEARD_SONGS, 0.53), (HEARD_CLASSICAL, 0.35), ("*.known", 0.08), ("drums*", 0.02), ("nothing*", 0.02))

# What the chord, the bass and the key count in what is learned.
PARTS = (1.0, 0.3, 0.15)

LAYERS = (("input", UNITS, INPUTS), ("gates", 3 * UNITS, UNITS), ("memory", 3 * UNITS, UNITS), ("heads", HEADS, UNITS),
          ("none", 1, UNITS))


def aligned(count):
    """Zeros that a vector unit can load."""
    block = np.zeros(count + 16, np.float32)
    return block[(-block.ctypes.data // 4) % 8:][:count]


def load(work, kind):
    items = [np.load(path) for path in sorted(glob.glob(os.path.join(work, "steps", kind + ".npz")))]
    return [(item["rows"], item["labels"]) for item in items if len(item["rows"]) > 100]


def targets(labels):
    """Chord, bass and key of each step as the trainer counts them; -1 where they are not known."""
    labels = labels.astype(np.int32)
    root, kind = labels[:, 0], labels[:, 1]
    chord = np.where(root == -1, 120, np.where(root < 0, -1, root * 10 + kind))
    return np.stack([chord, np.maximum(labels[:, 2], -1), np.maximum(labels[:, 3], -1)], 1)


def blur(rows, generator):
    """The rows with each view louder or softer and every sounding semitone a little different."""
    views = rows[:, :-1]
    gains = np.repeat(generator.uniform(0.85, 1.15, 3), 47)
    noise = generator.normal(0, 0.03, views.shape) * (views > 0.02)
    return np.concatenate([np.clip(views * gains + noise, 0, 1.1), rows[:, -1:]], 1)


class Network:
    def __init__(self, work):
        self.library = compile_library(work, "trainer", [os.path.join(HERE, "trainer.c")], ["-ffast-math"])
        self.library.weight_count.restype = ctypes.c_long
        self.count = self.library.weight_count()

    def begin(self):
        """Weights to begin with, small and by chance."""
        generator, weights = np.random.default_rng(1), aligned(self.count)
        parts = []
        for name, outputs, inputs in LAYERS:
            parts.append(generator.uniform(-1, 1, outputs * inputs) / np.sqrt(inputs))
            parts.append(np.zeros(outputs))
        weights[:] = np.concatenate(parts)
        return weights

    def infer(self, weights, rows):
        """The scores of an item's steps."""
        rows = np.ascontiguousarray(rows, np.float32)
        scores = np.zeros((len(rows), SCORES), np.float32)
        self.library.infer(pointer(weights), pointer(rows), ctypes.c_long(len(rows)), pointer(scores))
        return scores

    def draw(self, items, chance, generator):
        """Four stretches: rows and targets."""
        rows = np.zeros((STEPS, SEQUENCES, ROW), np.float32)
        labels = np.full((STEPS, SEQUENCES, 3), -1, np.int32)
        for sequence in range(SEQUENCES):
            kinds, shares = zip(*SHARES)
            item, named = chance.choice(items[chance.choices(kinds, shares)[0]])
            first = chance.randrange(max(1, len(item) - STEPS))
            some = item[first:first + STEPS].astype(np.float32)
            if chance.random() < 0.7:
                some = blur(some, generator)
            rows[:len(some), sequence] = some
            labels[:len(some), sequence] = targets(named[first:first + STEPS])
        return rows, labels

    def train(self, work, minutes):
        items = {kind: load(work, kind) for kind, _ in SHARES}
        weights, gradient = self.begin(), aligned(self.count)
        mean, square = aligned(self.count), aligned(self.count)
        chance, generator = random.Random(1), np.random.default_rng(2)
        share = (ctypes.c_double * 3)(*(part / STEPS / BATCH for part in PARTS))
        loss, count, start, step = (ctypes.c_double * 3)(), (ctypes.c_long * 3)(), time.time(), 0
        while time.time() - start < minutes * 60:
            done = (time.time() - start) / 60 / minutes
            rate = RATE * min(1, (step + 1) / 100) * (0.5 + 0.5 * np.cos(np.pi * done)) + 1e-5
            gradient[:] = 0
            for _ in range(BATCH // SEQUENCES):
                rows, labels = self.draw(items, chance, generator)
                self.library.add_gradient(pointer(weights), pointer(gradient), pointer(rows), pointer(labels), STEPS,
                                          SKIP, share, loss, count)
            step += 1
            self.library.adam(pointer(weights), pointer(gradient), pointer(mean), pointer(square),
                              ctypes.c_long(self.count), ctypes.c_long(step), ctypes.c_double(rate))
            if step % 100 == 0:
                print(step, *(f"{value / max(1, n):.3f}" for value, n in zip(loss, count)), flush=True)
                loss, count = (ctypes.c_double * 3)(), (ctypes.c_long * 3)()
        return weights
