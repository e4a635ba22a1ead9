# SPDX-License-Identifier: GPL-3.0-or-later
"""Learns how chords and keys sound, from annotated music that is rendered anew.

usage: learn_hearing DATA_DIR WORK_DIR OUTPUT_DIR TUTTI MINUTES

DATA_DIR holds the collections pop909, when-in-rome and groove; WORK_DIR keeps what is made on the way, and what is
there already is not made again (some 3 GB); OUTPUT_DIR gets harmony.txt and key.txt (share/hear); TUTTI is the program,
which renders; MINUTES is how long the network is trained (30 on a free core). Songs whose numbers stand in the file
WORK_DIR/without.txt, one a line, are left out, so that they can serve as a test. Needs numpy, scipy, a C compiler and
FFTW.
"""
import os
import sys

import features
import items
import keys
import tables
import train


def main():
    if len(sys.argv) != 6:
        sys.exit(__doc__.strip())
    data, work, output, tutti, minutes = sys.argv[1:]
    os.makedirs(os.path.join(work, "audio"), exist_ok=True)
    os.makedirs(os.path.join(work, "steps"), exist_ok=True)
    os.makedirs(output, exist_ok=True)
    items.make_all(data, work, tutti)
    features.make_all(work)
    network = train.Network(work)
    weights = network.train(work, float(minutes))
    tables.write_harmony(os.path.join(output, "harmony.txt"), weights)
    tables.write_key(os.path.join(output, "key.txt"), *keys.fit(work, network, weights))


main()
