#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of how the music that `tutti render` makes sounds, as far as that can be measured.

usage: sound.py TUTTI MEASURE
"""
import os
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
from program import Checks, Program, main, measure  # pylint: disable=wrong-import-position

SHARE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "share", "presets")
PRESETS = sorted(name.removesuffix(".yaml") for name in os.listdir(SHARE))
SEEDS = [1, 2, 3]
LUFS = (-26, -16)  # where a preset at its own settings may lie
FULL_SCALE = 32767 / 32768
DC_MAX, SILENCE_MAX_S = 0.001, 8

checks = Checks()
tutti = Program(sys.argv[1])
folder = tempfile.mkdtemp(prefix="tutti-sound-")


def sound(*words):
    """What can be measured of music."""
    path = os.path.join(folder, "music.wav")
    result = tutti.render("-o", path, *words)
    if result.returncode:
        raise RuntimeError(result.stderr)
    return measure(sys.argv[2], path)


def check_clean(found, name):
    checks.check(found["peak"] < FULL_SCALE, f"{name}: no sample clips", found)
    checks.check(found["dc"] < DC_MAX, f"{name}: no direct current", found)


def test_presets():
    for preset in PRESETS:
        for seed in SEEDS:
            name = f"{preset}, seed {seed}"
            found = sound("--preset", preset, "--seed", seed, "--seconds", 90)
            check_clean(found, name)
            checks.check(LUFS[0] <= found["lufs"] <= LUFS[1], f"{name}: {found['lufs']} LUFS", found)
            if preset != "sleep":
                checks.check(found["silence_s"] <= SILENCE_MAX_S, f"{name}: no silence of over {SILENCE_MAX_S} s",
                             found)


def test_intensity():
    for preset in PRESETS:
        means = []
        for intensity in (0, 0.33, 0.67, 1):
            words = ["--preset", preset, "--intensity", intensity, "--seconds", 60]
            every = [sound(*words, "--seed", seed) for seed in SEEDS]
            means.append(sum(found["lufs"] for found in every) / len(every))
            for found, seed in zip(every, SEEDS):
                check_clean(found, f"{preset}, intensity {intensity}, seed {seed}")
        checks.check(means == sorted(means), f"{preset}: more intensity is louder: {means}", means)


def test_extremes():
    for bpm in (30, 200):
        for intensity in (0, 1):
            name = f"{bpm} BPM at intensity {intensity}"
            found = sound("--bpm", bpm, "--intensity", intensity, "--seed", 1, "--seconds", 60)
            check_clean(found, name)
            checks.check(found["lufs"] > -50, f"{name}: is heard", found)
    for mode in ("ionian", "dorian", "phrygian", "lydian", "mixolydian", "aeolian", "locrian"):
        found = sound("--mode", mode, "--key", "F#", "--seed", 1, "--seconds", 20)
        check_clean(found, mode)


def test_rates():
    found = {rate: sound("--rate", rate, "--seed", 1) for rate in (44100, 48000)}
    checks.check(abs(found[44100]["lufs"] - found[48000]["lufs"]) < 0.5, "both sample rates are equally loud", found)
    deep = sound("--bits", 24, "--seed", 1)
    checks.check(abs(deep["lufs"] - found[48000]["lufs"]) < 0.05, "24 bits are as loud as 16", deep)


if __name__ == "__main__":
    try:
        main(checks, [test_presets, test_intensity, test_extremes, test_rates])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
