# SPDX-License-Identifier: GPL-3.0-or-later
"""Teaches the beat tracker's network what beats sound like.

usage: learn_beat DATA_DIR TUTTI OUTPUT [PIECES [UPDATES]]

DATA_DIR holds the collections pop909, groove and nottingham; TUTTI is the program, which renders. PIECES performances
of 50 seconds (600) are made up from the collections, rendered with three SoundFonts (Debian's fluid-soundfont-gm,
timgm6mb-soundfont and musescore-general-soundfont), and learned from in UPDATES steps (1200). OUTPUT gets the weights
(share/hear/beat.txt). It needs numpy, scipy and torch.
"""
import os
import random
import subprocess
import sys
import tempfile

import numpy as np
from scipy.io import wavfile

import bands
import midi
import network
import performance

FONTS = ["/usr/share/sounds/sf2/FluidR3_GM.sf2", "/usr/share/sounds/sf2/TimGM6mb.sf2",
         "/usr/share/sounds/sf3/MuseScore_General.sf3"]


def render(notes, chance, tutti, folder):
    """The levels of the bands of what a random SoundFont makes of the notes, in 255ths."""
    song, sound = os.path.join(folder, "song.mid"), os.path.join(folder, "song.wav")
    midi.write(notes, song)
    command = [tutti, "render", song, "-o", sound, "--soundfont", chance.choice(FONTS)]
    subprocess.run(command + ["--dry"] * (chance.random() < 0.4), check=True, capture_output=True)
    rate, frames = wavfile.read(sound)
    mono = frames.mean(axis=1) / 32768.0
    mono *= 0.5 / max(1e-9, np.abs(mono).max())
    noise = chance.choice([0, 0, 0, 0.003, 0.01, 0.05]) * np.sqrt(np.mean(mono ** 2))
    mono += np.random.default_rng(chance.randint(0, 2 ** 31)).uniform(-1.7, 1.7, len(mono)) * noise
    return np.round(bands.levels(mono * chance.choice([1, 1, 1, 0.3, 0.1]), rate) * 255).astype(np.uint8)


def make(seed, library, tutti, folder):
    chance = random.Random(seed)
    played = performance.perform(library, chance)
    end = min(performance.SECONDS, max(note[0] for note in played.notes) + 1)
    levels = render(played.notes, chance, tutti, folder)[:int(end * 100)]
    return levels, network.targets(played.seconds, played.numbers, len(levels)), played.is_barred


def main():
    data, tutti, output = sys.argv[1:4]
    count, updates = (int(sys.argv[i]) if len(sys.argv) > i else default for i, default in ((4, 600), (5, 1200)))
    library = performance.Library(data)
    with tempfile.TemporaryDirectory() as folder:
        pieces = [make(seed, library, tutti, folder) for seed in range(count)]
    network.write(network.teach(pieces, updates), output)


main()
