# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ears' own front end makes of the items: once as they are, once out of tune, with drums and with noise, and
once as notes that are known and not heard.

WORK_DIR/steps/NAME.VARIANT.npz has `rows` (a step each) and `labels` (root, kind, bass, key of each step).
"""
import ctypes
import glob
import os
import random
import subprocess

import numpy as np
import scipy.signal

from items import RATE

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(HERE, "..", "..", "src")
STEP = RATE // 30
ROW = 3 * 47 + 1


def compile_library(work, name, sources, flags, libraries=("-lm",)):
    """Compiles C into a shared library and loads it."""
    path = os.path.join(work, name + ".so")
    subprocess.run(["cc", "-O3", "-march=native", "-std=gnu17", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", path, *flags,
                    *sources, *libraries], check=True)
    return ctypes.CDLL(path)


def pointer(array):
    return array.ctypes.data_as(ctypes.c_void_p)


class FrontEnd:
    def __init__(self, work):
        hear = [os.path.join(SOURCE, "hear", name) for name in
                ("chroma.c", "midi_ear.c", "note_chroma.c", "spectrum.c", "trend.c", "tuning.c")]
        self.library = compile_library(work, "steps", [os.path.join(HERE, "steps.c"), *hear], ["-I" + SOURCE],
                                       ("-lfftw3f", "-lm"))

    def rows(self, sound):
        sound = np.ascontiguousarray(sound, np.float32)
        rows = np.zeros((len(sound) // STEP + 2, ROW), np.float32)
        count = self.library.steps_of(ctypes.c_double(RATE), pointer(sound), ctypes.c_long(len(sound)), pointer(rows))
        return rows[:count]

    def rows_of_notes(self, notes):
        """What an ear for MIDI sees of the notes."""
        strokes = sorted([(on, pitch, velocity) for on, _, pitch, velocity in notes[:, :4]] +
                         [(max(off, on + 0.001), pitch, 0) for on, off, pitch, _ in notes[:, :4]],
                         key=lambda stroke: (stroke[0], stroke[2]))
        strokes = np.ascontiguousarray(strokes, np.float64)
        rows = np.zeros((int(notes[:, 1].max() * 30) + 1, ROW), np.float32)
        self.library.steps_of_notes(pointer(strokes), ctypes.c_long(len(strokes)), pointer(rows),
                                    ctypes.c_long(len(rows)))
        return rows


def level(sound):
    return np.sqrt(np.mean(sound * sound)) + 1e-9


def spoil(sound, drums, rng):
    """The sound out of tune, with drums, with noise, softer, each or none; and how much longer it became."""
    sound, longer = sound / level(sound) * 0.1, 1.0
    if rng.random() < 0.55:
        longer = 2 ** (rng.uniform(-45, 45) / 1200)
        dense = scipy.signal.resample_poly(sound, 2, 1)
        sound = np.interp(np.arange(int(len(sound) * longer)) * (2 / longer), np.arange(len(dense)), dense)
    if drums and rng.random() < 0.5:
        take = drums[rng.randrange(len(drums))]
        take = np.resize(np.roll(take, -rng.randrange(len(take))), len(sound))
        sound = sound + take / level(take) * 0.1 * 10 ** (rng.uniform(-12, 4) / 20)
    if rng.random() < 0.3:
        noise = np.random.default_rng(rng.randrange(1 << 30)).standard_normal(len(sound))
        if rng.random() < 0.5:
            noise = scipy.signal.lfilter([1], [1, -0.95], noise)
        sound = sound + noise / level(noise) * 0.1 * 10 ** (-rng.uniform(14, 35) / 20)
    return sound * 10 ** (rng.uniform(-30, 0) / 20), longer


def label_steps(count, labels, keys, longer):
    """The labels of each step: those of the middle of the time for which what it says holds."""
    times = (np.arange(count) + 1.5) * STEP / RATE / longer
    index = np.clip(np.searchsorted(labels[:, 0], times, "right") - 1, 0, len(labels) - 1)
    out = np.full((count, 4), -2, np.int16)
    out[:, :3] = labels[index, 2:5]
    out[times < labels[0, 0], :3] = -1
    out[times >= labels[index, 1], :3] = -2
    out[:, 3] = keys[np.clip(np.searchsorted(keys[:, 0], times, "right") - 1, 0, len(keys) - 1), 1]
    return out


def nothing(rng):
    """Noise of some colour and loudness, or clicks: what has no chord."""
    generator = np.random.default_rng(rng.randrange(1 << 30))
    if rng.random() < 0.2:
        sound = np.zeros(20 * RATE)
        sound[generator.integers(0, len(sound), rng.randint(5, 80))] = rng.uniform(-1, 1)
        return sound
    sound = scipy.signal.lfilter([1], [1, -rng.choice((0, 0.5, 0.9, 0.97))], generator.standard_normal(20 * RATE))
    return sound / level(sound) * 10 ** rng.uniform(-3, -0.5)


def make_item(front, drums, path, variant):
    """Rows and labels of a variant of an item."""
    item, longer, rng = np.load(path), 1.0, random.Random(path[-20:])
    if variant == "known":
        rows = front.rows_of_notes(item["notes"])
    else:
        sound = item["sound"].astype(np.float64) / 32768
        if variant == "spoilt":
            sound, longer = spoil(sound, drums, rng)
        rows = front.rows(sound)
    return rows, label_steps(len(rows), item["labels"], item["keys"], longer)


def make_all(work):
    front, paths = FrontEnd(work), sorted(glob.glob(os.path.join(work, "audio", "*.npz")))
    drums = [np.load(path)["sound"].astype(np.float64) / 32768 for path in paths if "drums" in path]
    for path in paths:
        name = os.path.basename(path)[:-4]
        for variant in ("plain",) if name.startswith("drums") else ("plain", "spoilt", "known"):
            out = os.path.join(work, "steps", f"{name}.{variant}.npz")
            if not os.path.exists(out):
                rows, labels = make_item(front, drums, path, variant)
                np.savez(out, rows=rows.astype(np.float16), labels=labels)
    for number in range(18):
        out = os.path.join(work, "steps", f"nothing{number:02d}.plain.npz")
        if not os.path.exists(out):
            rows = front.rows(nothing(random.Random(number)))
            np.savez(out, rows=rows.astype(np.float16), labels=np.full((len(rows), 4), (-1, -1, -1, -2), np.int16))
