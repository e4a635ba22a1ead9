# SPDX-License-Identifier: GPL-3.0-or-later
"""Learns the chord progressions of each mode from annotated music.

usage: learn_harmony DATA_DIR OUTPUT_DIR

DATA_DIR holds the collections billboard, pop909, nottingham and when-in-rome; OUTPUT_DIR gets MODE.txt for each of
the seven modes (share/harmony). The same data give the same bytes.
"""
import os
import sys

import billboard
import nottingham
import pop909
import when_in_rome
from evidence import gather, hear
from modes import MODES
from tables import make_table

COLLECTIONS = (billboard, nottingham, pop909, when_in_rome)


def read_all(folder):
    """All passages of all collections with their modes, and each collection's source with its count of songs."""
    heards, sources = [], {}
    for collection in COLLECTIONS:
        passages, songs = collection.read(os.path.join(folder, collection.NAME))
        heards += hear(collection.NAME, passages)
        sources[collection.NAME] = f"{songs} songs, {collection.SOURCE}"
    return heards, sources


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip())
    heards, sources = read_all(sys.argv[1])
    os.makedirs(sys.argv[2], exist_ok=True)
    for mode in MODES:
        with open(os.path.join(sys.argv[2], mode + ".txt"), "w", encoding="utf-8", newline="\n") as out:
            out.write(make_table(mode, gather(heards, mode), sources))


main()
