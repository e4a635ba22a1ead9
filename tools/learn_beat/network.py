# SPDX-License-Identifier: GPL-3.0-or-later
"""The network of src/hear/beat_network.c, how it is taught, and how its weights are written."""
import os
import sys
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from bands import BANDS

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import layers  # pylint: disable=wrong-import-position

CHANNELS, LAYERS, TAPS, LEAK = 20, 9, 5, 0.1
LAG = 4           # rows from a beat to the end of the row in which it is to be seen
PIECES, ROWS = 8, 2400  # a batch
FIRST_ROWS = 150  # of a batch, which count less: there is little to hear a beat by

HEADER = """\
# What the beat tracker has learned (tools/learn_beat), from renders of POP909 (music-x-lab, MIT), the Groove MIDI
# Dataset (CC BY 4.0), the Nottingham tunes and invented pieces.
"""


@dataclass
class Heard:
    """A performance as the network hears it."""
    levels: object   # a row of bands each hundredth of a second, in 255ths
    seconds: object  # of the beats
    numbers: object  # of the beats in their bars, 0 is the downbeat
    is_barred: object


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.front = nn.Conv1d(2 * BANDS, CHANNELS, 1)
        self.taps = nn.ModuleList([nn.Conv1d(CHANNELS, CHANNELS, TAPS, dilation=2 ** i) for i in range(LAYERS)])
        self.mixes = nn.ModuleList([nn.Conv1d(CHANNELS, CHANNELS, 1) for _ in range(LAYERS)])
        self.out = nn.Conv1d(CHANNELS, 2, 1)
        for mix in self.mixes:
            nn.init.normal_(mix.weight, 0, 0.1)
            nn.init.zeros_(mix.bias)
        nn.init.constant_(self.out.bias, -3.0)

    def forward(self, levels):
        rises = functional.pad(functional.relu(levels[:, :, 2:] - levels[:, :, :-2]), (2, 0))
        row = functional.leaky_relu(self.front(torch.cat([levels, rises], 1)), LEAK)
        for i, (taps, mix) in enumerate(zip(self.taps, self.mixes)):
            past = functional.pad(row, ((TAPS - 1) * 2 ** i, 0))
            row = row + mix(functional.leaky_relu(taps(past), LEAK))
        return self.out(row)


def targets(seconds, numbers, rows):
    """For beats and downbeats: 1 in the row in which one is to be seen, a half beside it."""
    wanted = np.zeros((2, rows), np.float32)
    for second, number in zip(seconds, numbers):
        at = round(second * 100) + LAG - 1
        for row, value in ((at - 1, 0.5), (at, 1.0), (at + 1, 0.5)):
            if 0 <= row < rows:
                wanted[:1 + (number == 0), row] = value
    return wanted


def disguise(levels, random):
    """Another room, another microphone, noise."""
    bend = np.interp(np.arange(BANDS), [0, 6, 12, 20, BANDS - 1], random.normal(0, 0.08, 5)) + random.normal(0, 0.05)
    levels = np.where(levels > 0.03, np.clip(levels + bend[:, None], 0, 1), levels)
    if random.random() < 0.08:
        levels[random.integers(14, BANDS - 1):] = 0
    if random.random() < 0.08:
        levels[:random.integers(1, 6)] = 0
    if random.random() < 0.3:
        levels = np.maximum(levels, random.uniform(0, 0.35) + random.normal(0, 0.01, levels.shape))
    return levels + random.normal(0, 0.006, levels.shape)


def excerpt(heard, random):
    """ROWS of levels, at most, and when the beats in them are; half of the time faster or slower than it was played."""
    pace = np.exp(random.uniform(-0.13, 0.13)) if random.random() < 0.5 else 1.0
    last = len(heard.levels) - 1
    first = random.integers(0, max(1, int(last - ROWS * pace))) if random.random() < 0.85 else 0
    at = np.arange(first, last, pace)[:ROWS]
    rows, part = at.astype(int), (at % 1)[:, None]
    levels = heard.levels[rows] * (1 - part) + heard.levels[rows + 1] * part
    return levels.T / 255.0, (heard.seconds - first / 100) / pace


def batch(pieces, random):
    levels = np.zeros((PIECES, BANDS, ROWS), np.float32)
    wanted = np.zeros((PIECES, 2, ROWS), np.float32)
    weights = np.zeros((PIECES, 2, ROWS), np.float32)
    for i in range(PIECES):
        heard = pieces[random.integers(len(pieces))]
        found, seconds = excerpt(heard, random)
        count = found.shape[1]
        levels[i, :, :count] = disguise(found, random)
        wanted[i, :, :count] = targets(seconds, heard.numbers, count)
        weights[i, :, :count] = np.array([[1.0], [0.75 * heard.is_barred]])
        weights[i, :, :FIRST_ROWS] *= 0.3
    return map(torch.from_numpy, (levels, wanted, weights))


def teach(pieces, updates, rate=3e-3, seed=1):
    torch.manual_seed(seed)
    torch.set_flush_denormal(True)
    random = np.random.default_rng(seed)
    network = Network()
    optimizer = torch.optim.Adam(network.parameters(), lr=rate)
    for update in range(updates):
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, (update + 1) / 20) * (0.51 + 0.49 * np.cos(np.pi * update / updates))
        levels, wanted, weights = batch(pieces, random)
        loss = functional.binary_cross_entropy_with_logits(network(levels), wanted, pos_weight=torch.tensor(2.5),
                                                           reduction="none")
        loss = (loss * weights).mean() * 2
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        if update % 50 == 49:
            print(f"{update + 1} of {updates}: loss {loss.item():.4f}", flush=True)
    return network


def write(network, path):
    def array(tensor):
        return tensor.detach().numpy()

    parts = [("front", array(network.front.weight)[:, :, 0], array(network.front.bias))]
    for i, (taps, mix) in enumerate(zip(network.taps, network.mixes)):
        past = array(taps.weight).transpose(0, 2, 1).reshape(CHANNELS, TAPS * CHANNELS)
        parts += [(f"taps{i}", past, array(taps.bias)), (f"mix{i}", array(mix.weight)[:, :, 0], array(mix.bias))]
    layers.write(path, HEADER, parts + [("out", array(network.out.weight)[:, :, 0], array(network.out.bias))])
