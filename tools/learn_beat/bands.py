# SPDX-License-Identifier: GPL-3.0-or-later
"""What src/hear/beat_bands.c computes, for a whole recording at once."""
import numpy as np
from scipy import fft

BANDS = 30
WINDOW_SECONDS, MEMORY_SECONDS = 0.04, 8.0
LOWEST, HIGHEST, BEND = 30.0, 15000.0, 400.0
FLOOR, STRETCH = 1e-4, 1000.0


def edges():
    low, high = np.log1p(LOWEST / BEND), np.log1p(HIGHEST / BEND)
    return BEND * np.expm1(low + (high - low) / (BANDS + 1) * np.arange(BANDS + 2))


def weights(rate, size):
    hz = np.arange(size // 2 + 1) * rate / size
    at = edges()
    rise = [(hz - at[i]) / (at[i + 1] - at[i]) for i in range(BANDS)]
    fall = [(at[i + 2] - hz) / (at[i + 2] - at[i + 1]) for i in range(BANDS)]
    return np.maximum(0.0, np.minimum(rise, fall)) * rate / size * WINDOW_SECONDS


def window(length):
    fall = length // 4
    rise = length - fall
    at = np.arange(length)
    phase = np.where(at < rise, (at + 0.5) / rise, (length - at - 0.5) / fall)
    shape = 0.5 - 0.5 * np.cos(np.pi * phase)
    return shape * 2.0 / shape.sum()


def levels(sound, rate):
    """A row of BANDS values from 0 to 1 each hundredth of a second."""
    hop, length = round(rate / 100), round(rate * WINDOW_SECONDS)
    size = 1 << (length - 1).bit_length()
    padded = np.concatenate([np.zeros(length), sound])
    count = len(sound) // hop
    shape, sums = window(length), weights(rate, size)
    views = np.lib.stride_tricks.sliding_window_view(padded, length)[hop::hop][:count]
    rows = np.concatenate([np.abs(fft.rfft(views[i:i + 256] * shape, size, axis=1)) @ sums.T
                           for i in range(0, count, 256)])
    level, sink = FLOOR, np.exp(-hop / rate / MEMORY_SECONDS)
    for row in rows:
        level = max(row.sum(), FLOOR, level * sink)
        row /= level
    return np.log1p(STRETCH * rows) / np.log1p(STRETCH)
