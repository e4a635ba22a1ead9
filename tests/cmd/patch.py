#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of `tutti render PATCH.yaml` and `tutti modules`.

usage: patch.py TUTTI
"""
import os
import shutil
import struct
import sys
import tempfile
import wave

sys.dont_write_bytecode = True
from program import Checks, Program, main, read  # pylint: disable=wrong-import-position

PATCH = """title: Test
modules:
  keys: {type: notes, voices: 4}
  tone: {type: sine}
  out: {type: output, gain: -20}
cables:
  - keys.pitch -> tone.pitch
  - tone.out -> out.mono
"""

checks = Checks()
tutti = Program(sys.argv[1])
folder = tempfile.mkdtemp(prefix="tutti-patch-")


def path_of(name):
    return os.path.join(folder, name)


def write(name, content):
    with open(path_of(name), "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    return path_of(name)


def song():
    """A MIDI file of one note of one second, A4."""
    track = b"\0\x90\x45\x64" + b"\x87\x40\x80\x45\0" + b"\0\xff\x2f\0"
    return (struct.pack(">4sIHHH", b"MThd", 6, 0, 1, 480) + struct.pack(">4sI", b"MTrk", len(track)) + track)


def test_renders():
    patch = write("tone.yaml", PATCH)
    result = tutti.render(patch, "-o", path_of("a.wav"), "--seconds", "2")
    checks.equal((result.returncode, result.stderr), (0, ""), "a patch is rendered")
    with wave.open(path_of("a.wav")) as file:
        checks.equal((file.getnframes(), file.getframerate(), file.getnchannels()), (96000, 48000, 2), "two seconds")
        checks.check(max(struct.unpack("<192000h", file.readframes(96000))) > 1000, "it can be heard")
    tutti.render("--patch", patch, "-o", path_of("b.wav"), "--seconds", "2")
    checks.check(read(path_of("a.wav")) == read(path_of("b.wav")), "--patch is the same, and so is every time")


def test_notes():
    patch = write("tone.yaml", PATCH)
    result = tutti.render(patch, "--notes", write("one.mid", song()), "-o", path_of("n.wav"), "--rate", "96000",
                          "--bits", "24", "--seconds", "1")
    checks.equal(result.returncode, 0, "a MIDI file is played")
    with wave.open(path_of("n.wav")) as file:
        checks.equal((file.getnframes(), file.getframerate(), file.getsampwidth()), (96000, 96000, 3), "as asked")
        data = file.readframes(96000)
    left = [int.from_bytes(data[i:i + 3], "little", signed=True) for i in range(0, len(data) // 2, 6)]
    rises = sum(a < 0 <= b for a, b in zip(left, left[1:]))
    checks.check(215 <= rises <= 221, "at its pitch", rises)


def test_echo():
    """What is silent in a delay line is still to come."""
    patch = write("echo.yaml", """modules:
  keys: {type: notes}
  env: {type: adsr, release: 50}
  tone: {type: sine}
  amp: {type: vca, gain: 0.5}
  echo: {type: delay, time: 1900, feedback: 0, mix: 1}
  out: {type: output}
cables:
  - keys.gate -> env.gate
  - env.out -> amp.gain
  - tone.out -> amp.in
  - amp.out -> echo.left, out.left
  - echo.left -> out.right
""")
    write("note.mid", song())
    tutti.render(patch, "--notes", path_of("note.mid"), "-o", path_of("e.wav"))
    with wave.open(path_of("e.wav")) as file:
        samples = struct.unpack(f"<{2 * file.getnframes()}h", file.readframes(file.getnframes()))
    checks.check(max(samples[1::2]) > 1000, "an echo after silence is waited for")
    checks.check(len(samples) / 2 / 48000 < 8, "but not for ever")


def test_told():
    silent = write("silent.yml", "modules: {tone: {type: sine}}\n")
    result = tutti.render(silent, "-o", path_of("s.wav"), "--seconds", "1")
    checks.check(result.returncode == 0 and "plugged into an output" in result.stderr, "silence is told", result.stderr)
    loud = write("loud.yaml", PATCH.replace("-20", "6"))
    result = tutti.render(loud, "-o", path_of("l.wav"), "--seconds", "1")
    checks.check(result.returncode == 0 and "give --gain 0." in result.stderr, "too much is told", result.stderr)
    result = tutti.render(loud, "-o", path_of("l.wav"), "--seconds", "1", "--gain", "0.1")
    checks.equal(result.stderr, "", "and mended by --gain")


def test_trouble():
    wrong = write("wrong.yaml", PATCH.replace("sine", "sien"))
    for words, status, told in [
            ([wrong], 1, 'wrong.yaml:4: module "tone": there is no type of module "sien": did you mean "sine"?'),
            ([path_of("none.yaml")], 1, "give a file, or one of acid-bass"),
            (["--patch", "warm-pat"], 1, "did you mean warm-pad?"),
            ([write("t.yaml", PATCH), "--preset", "focus"], 2, "--preset is not for a patch"),
            ([write("t.yaml", PATCH), "--patch", "bell"], 2, "give one of them"),
            (["--notes", "x.mid"], 2, "--notes are for a patch"),
            ([write("t.yaml", PATCH), "--notes", path_of("no.mid")], 1, "no.mid")]:
        result = tutti.render(*words, "-o", path_of("x.wav"))
        checks.check(result.returncode == status and told in result.stderr, f"wrong: {told}", result.stderr)
        checks.check(not os.path.exists(path_of("x.wav")), "and no file is made")
    result = tutti.render(write("t.yaml", PATCH), "-o", path_of("x.mid"))
    checks.check(result.returncode == 2 and "to sound" in result.stderr, "no MIDI comes of a patch", result.stderr)


def test_modules():
    result = tutti.run("modules")
    checks.check(result.returncode == 0 and b"\nnotes " in b"\n" + result.stdout, "the types are listed")
    result = tutti.run("modules", "notes", "soundfont")
    for word in [b"pitch", b"semitones", b"poly, mono, legato; else poly", b"1 to 512", b"file", b"program"]:
        checks.check(word in result.stdout, f"and described: {word.decode()}", result.stdout)
    everything = tutti.run("modules", "all").stdout
    checks.check(result.stdout.split(b"\n")[0] in everything, "all of them at once")
    result = tutti.run("modules", "nots")
    checks.check(result.returncode == 2 and "did you mean notes?" in result.stderr, "or the nearest named",
                 result.stderr)


TESTS = [test_renders, test_notes, test_echo, test_told, test_trouble, test_modules]

if __name__ == "__main__":
    try:
        main(checks, TESTS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
