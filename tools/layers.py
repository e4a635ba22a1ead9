# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what an ear has learned as src/hear/layer.h describes it."""


def write(path, header, layers):
    """`header` holds comment lines; `layers` are (name, weights[output][input], biases[output])."""
    with open(path, "w", encoding="utf-8", newline="\n") as out:
        out.write(header)
        for name, weights, biases in layers:
            out.write(f"layer {name} {len(weights)} {len(weights[0])}\n")
            for bias, row in zip(biases, weights):
                out.write(" ".join(f"{value:.5g}" for value in (bias, *row)) + "\n")
