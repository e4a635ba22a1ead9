# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be learned: of each look at a sound, the flux values and whether something began shortly before."""
import subprocess
from fractions import Fraction

import numpy as np
import scipy.signal

import material

HOP = 128 / 48000  # s, as in src/hear/flux.c
RATES = (8000, 11025, 16000, 22050, 32000)
KINDS = ("drums", "song", "drums", "drums", "song", "both")
HARD_KINDS = ("hiss", "song", "drums", "voice", "drums", "song")
MERGED = 0.03  # s: what begins nearer together is one onset
QUIET = 26     # velocity of a note that may go unheard


def merge(times):
    times = np.unique(times)
    return times[np.insert(np.diff(times) > MERGED, 0, True)]


def label(onsets, looks, hop):
    """For each look: 1 for an onset, the weight of that, the age in ms of the latest onset, its weight, and whether that
    onset is pitched.

    An onset should be known from 10 ms to 21 ms after it, a tone's somewhat later; just around that either answer is
    right. A slow attack may be told late, and counts little."""
    time = (np.arange(looks) + 1) * hop
    starts = merge(onsets[:, 0]) if len(onsets) else np.array([-9.0])
    loudest, pitched, slow = np.zeros(len(starts)), np.ones(len(starts)), np.ones(len(starts))
    for start, velocity, is_pitched, is_slow in onsets:
        at = np.searchsorted(starts, start + 1e-6) - 1
        loudest[at] = max(loudest[at], velocity)
        pitched[at] = min(pitched[at], is_pitched)
        slow[at] = min(slow[at], is_slow)
    latest = np.searchsorted(starts, time, side="right") - 1
    age = np.where(latest >= 0, time - starts[np.maximum(latest, 0)], 9.0) * 1000
    latest = np.maximum(latest, 0)
    tone, late, quiet = pitched[latest] > 0, slow[latest] > 0, loudest[latest] < QUIET
    first = np.where(tone, 11, 10)
    last = np.where(tone, np.where(late, 46, 28), 21)
    known = (age >= first) & (age <= last)
    weight = np.where((age > -1) & (age < last + 18) & ~known, 0.0, 1.0)
    weight[known & tone] = 0.7
    weight[known & tone & late] = 0.25
    weight[((age < 60) & quiet) | (time < 0.06)] = 0.0
    recent = (age > 2) & (age < 32) & ~quiet & (time > 0.06)
    return np.stack([known, weight, np.clip(age, 0, 40), recent, pitched[latest]], 1).astype(np.float32)


def make(number, hard, sources, tools, fonts):
    """Values and labels of one excerpt; the same number gives the same one. Hard ones have what is easily mistaken, and
    other rates."""
    random = np.random.default_rng(number)
    kind = (HARD_KINDS if hard else KINDS)[number % 6]
    if kind == "hiss":
        sound, onsets = material.hiss(random)
    elif kind == "voice":
        sound, onsets = material.sing(random)
    else:
        notes, controls, onsets = material.compose(kind, *sources, random)
        sound = material.render(tools["tutti"], tools["work"], f"x{number}", notes, controls, random, fonts)
    sound, rate = material.spoil(sound, random), material.RATE
    if hard and number % 6 < 3 and number % 12:
        rate = RATES[number // 6 % len(RATES)]
        ratio = Fraction(rate, material.RATE)
        sound = scipy.signal.resample_poly(sound, ratio.numerator, ratio.denominator)
    told = subprocess.run([tools["values"], str(rate)], input=sound.astype(np.float32).tobytes(), capture_output=True,
                          check=True).stdout
    values = np.frombuffer(told, np.float32).reshape(-1, 192)
    return values, label(np.array(onsets).reshape(-1, 4), len(values), round(rate * HOP) / rate)
