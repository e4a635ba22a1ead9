# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the items that are learned from: stretches of music as sound at 12 kHz, with labels.

WORK_DIR/audio/NAME.npz has `sound` (16 bit), `labels` (start, end, root, kind, bass) and `keys` (start, key),
and, but for drums, `notes` (on, off, pitch, velocity, channel).
"""
import os
import random
import subprocess

import numpy as np
import scipy.io.wavfile
import scipy.signal

import figures
import grammar
import midi
import songs
import textbooks

RATE = 12000
FONTS = ("/usr/share/sounds/sf2/FluidR3_GM.sf2", "/usr/share/sounds/sf2/TimGM6mb.sf2")
SONGS, CLASSICAL, DRUMS = 260, 260, 70


def render(notes, programs, rng, stem, tutti):
    """The notes as sound."""
    midi.write(stem + ".mid", notes, programs)
    dry = ["--dry"] if rng.random() < 0.3 else []
    subprocess.run([tutti, "render", stem + ".mid", "-o", stem + ".wav", "--polyphony", "96", "--soundfont",
                    rng.choice(FONTS), *dry], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    rate, sound = scipy.io.wavfile.read(stem + ".wav")
    os.remove(stem + ".mid")
    os.remove(stem + ".wav")
    sound = sound.astype(np.float32).reshape(len(sound), -1).mean(1)
    sound = scipy.signal.resample_poly(sound, 1, rate // RATE, window=("kaiser", 8.0))
    return (sound / max(1e-9, np.abs(sound).max()) * 20000).astype(np.int16)


def make_song(data, without, number, rng):
    folder = os.path.join(data, "pop909")
    names = songs.names(folder, without)
    random.Random(1).shuffle(names)
    return songs.make(folder, names[number % len(names)], rng)


def make_classical(data, _, __, rng):
    if rng.random() < 0.6:
        return figures.make(grammar.progression(rng, 240), rng)
    folder = os.path.join(data, "when-in-rome")
    paths = [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(".rntxt")]
    return figures.make(textbooks.chain(paths, rng, 240), rng)


def make_drums(data, work, tutti):
    """Takes of drummers, to be mixed under the music, and learned as what has no chord."""
    root = os.path.join(data, "groove")
    takes = sorted(os.path.join(folder, name) for folder, _, names in os.walk(root) for name in names
                   if name.endswith(".mid") and os.path.getsize(os.path.join(folder, name)) > 3000)
    random.Random(5).shuffle(takes)
    for number, path in enumerate(takes[:DRUMS]):
        stem = os.path.join(work, "audio", f"drums{number:03d}")
        if not os.path.exists(stem + ".npz"):
            notes = [(on, off, pitch, velocity, 9) for on, off, pitch, velocity, _ in midi.read(path) if on < 60]
            sound = render(notes, {9: 0}, random.Random(number), stem, tutti)
            np.savez(stem + ".npz", sound=sound, labels=np.array([[0.0, 1e9, -1, -1, -1]]), keys=np.array([[0.0, -2]]))


def make_all(data, work, tutti):
    listed = os.path.join(work, "without.txt")
    without = set(open(listed, encoding="utf-8").read().split()) if os.path.exists(listed) else set()
    make_drums(data, work, tutti)
    for kind, make, count in (("song", make_song, SONGS), ("classical", make_classical, CLASSICAL)):
        for number in range(count):
            stem = os.path.join(work, "audio", f"{kind}{number:04d}")
            if os.path.exists(stem + ".npz"):
                continue
            rng = random.Random(f"{kind}{number}")
            notes, programs, labels, keys = make(data, without, number, rng)
            np.savez(stem + ".npz", sound=render(notes, programs, rng, stem, tutti), labels=np.array(labels),
                     keys=np.array(keys), notes=np.array(notes))
