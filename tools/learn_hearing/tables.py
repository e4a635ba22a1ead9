# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what was learned."""
import os
import sys

import numpy as np

from train import LAYERS

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import layers  # pylint: disable=wrong-import-position

SOURCES = """# What the {} learned, written by tools/learn_hearing from
# POP909 (music-x-lab/POP909-Dataset, MIT), When in Rome (MarkGotham/When-in-Rome, CC BY-SA 4.0)
# and the Groove MIDI Dataset (CC BY 4.0).
"""


def write_harmony(path, weights):
    parts, at = [], 0
    for name, outputs, inputs in LAYERS:
        matrix = weights[at:at + outputs * inputs].reshape(outputs, inputs)
        at += outputs * inputs
        parts.append((name, matrix, weights[at:at + outputs]))
        at += outputs
    layers.write(path, SOURCES.format("ears for harmony have"), parts)


def write_key(path, weights, biases):
    layers.write(path, SOURCES.format("ear for the key has"), [("key", np.asarray(weights), np.asarray(biases))])
