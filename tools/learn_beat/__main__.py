# SPDX-License-Identifier: GPL-3.0-or-later
"""Teaches the beat tracker's network what beats sound like.

usage: learn_beat DATA_DIR TUTTI WORK_DIR OUTPUT [PIECES [UPDATES]]

DATA_DIR holds the collections pop909, groove and nottingham; TUTTI is the program, which renders. PIECES performances
of 50 seconds (1200) are made up from the collections and by invention, rendered with two SoundFonts (Debian's
fluid-soundfont-gm and timgm6mb-soundfont), and learned from in UPDATES steps (7500). What is heard of them is kept in
WORK_DIR. Songs and takes named in WORK_DIR/without.txt, one a line as their MIDI files in DATA_DIR/pop909 and
DATA_DIR/groove without .mid, are left out, so that they can serve as a test. OUTPUT gets the weights
(share/hear/beat.txt), WORK_DIR/network.pt the same for torch. It needs numpy, scipy and torch.
"""
import os
import random
import subprocess
import sys
import tempfile

import numpy as np
import torch
from scipy.io import wavfile

import bands
import midi
import network
import performance
import sounding

FONTS = ["/usr/share/sounds/sf2/FluidR3_GM.sf2", "/usr/share/sounds/sf2/TimGM6mb.sf2"]


def render(notes, chance, tutti, folder):
    """The levels of the bands of what a random SoundFont makes of the notes, in 255ths."""
    song, sound = os.path.join(folder, "song.mid"), os.path.join(folder, "song.wav")
    midi.write(notes, song)
    command = [tutti, "render", song, "-o", sound, "--soundfont", chance.choice(FONTS)]
    subprocess.run(command + ["--dry"] * (chance.random() < 0.4), check=True, capture_output=True)
    rate, frames = wavfile.read(sound)
    mono = sounding.recorded(frames.mean(axis=1) / 32768.0, rate, np.random.default_rng(chance.randint(0, 2 ** 31)))
    return np.round(bands.levels(mono * chance.choice([1, 1, 1, 0.3, 0.1]), rate) * 255).astype(np.uint8)


def make(seed, library, tutti, folder):
    chance = random.Random(seed)
    played = performance.perform(library, chance)
    end = min(performance.SECONDS, max(note[0] for note in played.notes) + 1)
    levels = render(played.notes, chance, tutti, folder)[:int(end * 100)]
    return network.Heard(levels, played.seconds, played.numbers, played.is_barred)


def make_all(count, data, tutti, work):
    listed = os.path.join(work, "without.txt")
    without = set(open(listed, encoding="ascii").read().split()) if os.path.exists(listed) else set()
    library = performance.Library(data, without)
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(count):
            path = os.path.join(work, f"{seed:05}.npz")
            if not os.path.exists(path):
                np.savez_compressed(path, **vars(make(seed, library, tutti, folder)))
            yield network.Heard(**np.load(path))


def main():
    data, tutti, work, output = sys.argv[1:5]
    count, updates = (int(sys.argv[i]) if len(sys.argv) > i else default for i, default in ((5, 1200), (6, 7500)))
    os.makedirs(work, exist_ok=True)
    taught = network.teach(list(make_all(count, data, tutti, work)), updates)
    torch.save(taught.state_dict(), os.path.join(work, "network.pt"))
    network.write(taught, output)


main()
