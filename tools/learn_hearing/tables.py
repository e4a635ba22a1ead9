# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what was learned as src/hear/layer.c reads it: for each output its bias and a weight for each input."""
import numpy as np

from train import LAYERS

SOURCES = """# What the {} learned, written by tools/learn_hearing from
# POP909 (music-x-lab/POP909-Dataset, MIT), When in Rome (MarkGotham/When-in-Rome, CC BY-SA 4.0)
# and the Groove MIDI Dataset (CC BY 4.0).
"""


def write_layer(out, name, weights, biases):
    out.write(f"layer {name} {weights.shape[0]} {weights.shape[1]}\n")
    for bias, row in zip(biases, weights):
        out.write(" ".join(f"{value:.4g}" for value in (bias, *row)) + "\n")


def write_harmony(path, weights):
    with open(path, "w", encoding="utf-8", newline="\n") as out:
        out.write(SOURCES.format("ears for harmony have"))
        at = 0
        for name, outputs, inputs in LAYERS:
            matrix = weights[at:at + outputs * inputs].reshape(outputs, inputs)
            at += outputs * inputs
            write_layer(out, name, matrix, weights[at:at + outputs])
            at += outputs


def write_key(path, weights, biases):
    with open(path, "w", encoding="utf-8", newline="\n") as out:
        out.write(SOURCES.format("ear for the key has"))
        write_layer(out, "key", np.asarray(weights), np.asarray(biases))
