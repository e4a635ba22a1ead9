# SPDX-License-Identifier: GPL-3.0-or-later
"""Learns to hear onsets from music that is rendered for it, so that each onset is known to the sample.

usage: learn_onset DATA_DIR TESTS_DIR VALUES WORK_DIR OUTPUT

DATA_DIR holds the collections groove and pop909; what stands in TESTS_DIR too is left out. VALUES is the program of
values.c beside this file:

    cc -O3 -Isrc -o values tools/learn_onset/values.c src/hear/{flux,filterbank,spectrum}.c -lfftw3f -lm

The program tutti, which must be on the path, renders. WORK_DIR is for files that come and go. OUTPUT is
share/hear/onset.txt. Needs numpy, scipy and PyTorch; takes an hour or so.
"""
import sys

import numpy as np

import examples
import learn
import material

EXCERPTS, HARD_EXCERPTS, ROUNDS = 260, 96, 10
FONTS = ("/usr/share/sounds/sf2/FluidR3_GM.sf2", "/usr/share/sounds/sf2/TimGM6mb.sf2",
         "/usr/share/sounds/sf3/MuseScore_General.sf3")


def main():
    if len(sys.argv) != 6:
        sys.exit(__doc__.strip())
    data, tests, values, work, output = sys.argv[1:]
    sources = material.sources(data, tests)
    tools = {"tutti": "tutti", "values": values, "work": work}
    random = np.random.default_rng(5)
    seen, labels = [], []
    for number in range(EXCERPTS + HARD_EXCERPTS):
        one = learn.thin(*examples.make(number, number >= EXCERPTS, sources, tools, FONTS), random)
        seen.append(one[0])
        labels.append(one[1])
    learn.write(output, learn.train(np.concatenate(seen), np.concatenate(labels), ROUNDS))


main()
