# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains the network and writes it."""
import os
import sys

import numpy as np
import torch
from torch import nn

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import layers as learned  # pylint: disable=wrong-import-position

HIDDEN = (48, 16)
BATCH = 1024
FAR_KEPT = 0.3  # of the looks at which nothing has begun for long

HEADER = """\
# SPDX-License-Identifier: GPL-3.0-or-later
# How sure it is that something began to sound, and when: the network of src/hear/onset.c over what src/hear/flux.c
# tells, as src/hear/layer.h describes it. Written by tools/learn_onset.
# Learned from renderings of the Groove MIDI Dataset (Google LLC, CC BY 4.0) and of POP909 (music-x-lab, MIT).
"""


def thin(values, labels, random):
    """Leaves out looks that teach nothing, and most of those of which there are too many."""
    near = labels[:, 2] < 40
    taught = (labels[:, 1] > 0) | (labels[:, 3] > 0)
    kept = taught & (near | (random.random(len(labels)) < FAR_KEPT))
    labels = labels.copy()
    labels[~near, 1] /= FAR_KEPT
    return values[kept], labels[kept]


def loss_of(told, labels):
    known = labels[:, 0] * labels[:, 1]
    odds = nn.functional.binary_cross_entropy_with_logits
    onset = (odds(told[:, 0], labels[:, 0], reduction="none") * labels[:, 1]).mean()
    pitched = (odds(told[:, 1], labels[:, 4], reduction="none") * known).mean()
    age = ((told[:, 2] - labels[:, 2] / 10).abs() * labels[:, 3]).mean()
    return onset + 0.2 * pitched + 0.1 * age


def train(values, labels, rounds):
    """The weights and biases of each layer, over values as they are told."""
    torch.manual_seed(1)
    random = np.random.default_rng(5)
    mean, spread = values.mean(0), values.std(0) + 0.02
    values = (values - mean) / spread
    sizes = (values.shape[1], *HIDDEN, 3)
    layers = [nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])]
    network = nn.Sequential(layers[0], nn.Tanh(), layers[1], nn.Tanh(), layers[2])
    optimizer = torch.optim.Adam(network.parameters())
    batches = len(values) // BATCH
    rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, total_steps=rounds * batches)
    for number in range(rounds):
        order, total = random.permutation(len(values)), 0.0
        for batch in range(batches):
            some = order[batch * BATCH:(batch + 1) * BATCH]
            loss = loss_of(network(torch.from_numpy(values[some])), torch.from_numpy(labels[some]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            rate.step()
            total += loss.item()
        print(f"round {number + 1}: loss {total / batches:.4f}", flush=True)
    weights = [(layer.weight.detach().double().numpy(), layer.bias.detach().double().numpy()) for layer in layers]
    first = weights[0][0] / spread
    return [(first, weights[0][1] - first @ mean), *weights[1:]]


def write(path, weights):
    learned.write(path, HEADER, [(name, *parts) for name, parts in zip(("first", "second", "last"), weights)])
