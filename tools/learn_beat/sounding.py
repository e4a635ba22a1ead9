# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to sound between the instruments and a recording: a room, filters, a compressor, an amplifier."""
import numpy as np
from scipy import fft

BLOCK = 0.005  # seconds


def in_room(sound, rate, random):
    """Also with some frequencies louder than others."""
    size = fft.next_fast_len(len(sound) + rate, real=True)
    hz = fft.rfftfreq(size, 1 / rate)
    points = np.geomspace(30, 16000, 9)
    gains = np.interp(np.log(np.maximum(hz, 20)), np.log(points), random.normal(0, random.choice([0, 4, 7]), len(points)))
    response = 10 ** (gains / 20)
    if random.random() < 0.5:
        length = random.uniform(0.1, 1.0) ** 1.5 * 2.5  # until 60 dB down
        at = np.arange(int(min(1.0, length) * rate)) / rate
        tail = random.normal(0, 1, len(at)) * np.exp(-6.9 * at / length)
        tail *= random.uniform(0.1, 1.0) / np.sqrt(np.sum(tail ** 2))
        tail = np.concatenate([np.zeros(int(random.uniform(0, 0.02) * rate)), tail])
        response = response * (1 + fft.rfft(tail, size) / np.maximum(1, hz / random.uniform(1500, 12000)))
    return fft.irfft(fft.rfft(sound, size) * response, size)[:len(sound)]


def compressed(sound, rate, random):
    step = int(BLOCK * rate)
    level = np.sqrt(np.mean(sound[:len(sound) // step * step].reshape(-1, step) ** 2, axis=1)) + 1e-5
    rise, fall = np.exp(-BLOCK / random.uniform(0.002, 0.03)), np.exp(-BLOCK / random.uniform(0.05, 0.4))
    held, now = np.zeros(len(level)), level[0]
    for i, value in enumerate(level):
        keep = rise if value > now else fall
        now = keep * now + (1 - keep) * value
        held[i] = now
    knee = np.percentile(held, random.uniform(20, 80))
    gain = np.maximum(1, held / knee) ** -random.uniform(0.3, 0.85)
    return sound * np.interp(np.arange(len(sound)) / step, np.arange(len(gain)) + 0.5, gain)


def recorded(sound, rate, random):
    """`sound` as one recording of many that could be made of it; peaks at one half."""
    if random.random() < 0.7:
        sound = in_room(sound, rate, random)
    if random.random() < 0.4:
        sound = compressed(sound, rate, random)
    sound = sound / max(1e-9, np.abs(sound).max())
    if random.random() < 0.3:
        sound = np.tanh(sound * random.uniform(1, 6))
    sound = sound * 0.5 / max(1e-9, np.abs(sound).max())
    noise = random.choice([0, 0, 0, 0.003, 0.01, 0.05]) * np.sqrt(np.mean(sound ** 2))
    return sound + random.uniform(-1.7, 1.7, len(sound)) * noise
