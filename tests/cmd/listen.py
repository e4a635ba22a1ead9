#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of `tutti listen` as a program: music whose chords, key, tempo and notes are known, and sound that is none.

usage: listen.py TUTTI [TEST...]
"""
import array
import functools
import json
import math
import os
import random
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
from jack import jack_environment, start_jack, until  # pylint: disable=wrong-import-position
from program import TIMEOUT_S, Checks, Program, main  # pylint: disable=wrong-import-position

RATE = 44100
BPM, BEATS_A_CHORD = 120, 4
# C, F, D minor, G, three times, and C.
CHORDS = [("C:maj", (48, 60, 64, 67)), ("F:maj", (41, 60, 65, 69)), ("D:min", (50, 62, 65, 69)),
          ("G:maj", (43, 59, 62, 67))] * 3 + [("C:maj", (48, 60, 64, 67))]

checks = Checks()
tutti = Program(sys.argv[1])
folder = tempfile.mkdtemp(prefix="tutti-listen-")


def wav(name, samples, rate=RATE, channels=1):
    """Writes a WAV file of floats."""
    data = array.array("f", samples).tobytes()
    path = os.path.join(folder, name)
    header = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 3, channels, rate,
                         rate * channels * 4, channels * 4, 32, b"data", len(data))
    with open(path, "wb") as file:
        file.write(header + data)
    return path


@functools.lru_cache(maxsize=None)
def note(key):
    """A struck string of a beat's length: harmonics that die away."""
    frequency = 440 * 2 ** ((key - 69) / 12)
    ages = [i / RATE for i in range(int(RATE * 60 / BPM))]
    return [math.exp(-2 * age) * min(1, age / 0.004) *
            sum(math.sin(2 * math.pi * frequency * harmonic * age) / harmonic ** 1.5 for harmonic in range(1, 7))
            for age in ages]


@functools.lru_cache(maxsize=None)
def song():
    """CHORDS, each struck on every beat."""
    samples = []
    for _, keys in CHORDS:
        for strike in range(BEATS_A_CHORD):
            level = 0.1 if strike else 0.16
            samples += [level * sum(together) for together in zip(*map(note, keys))]
    return samples


def no_number(word):
    raise ValueError(f"{word} is no JSON")


def listen(*words):
    """The lines that it prints, and the summary; every one has to be JSON."""
    result = tutti.run("listen", *words)
    lines = [json.loads(line, parse_constant=no_number) for line in result.stdout.decode().splitlines()]
    summary = lines[-1] if lines and lines[-1]["event"] == "summary" else None
    return result, lines[:-1], summary


def of(lines, event):
    return [line for line in lines if line["event"] == event]


def test_music():
    path = wav("song.wav", song())
    result, lines, summary = listen(path)
    checks.equal(result.returncode, 0, "a song is listened to")
    beat, right = 60 / BPM, 0
    for number, (label, _) in enumerate(CHORDS):
        # Whatever was said last before the chord ends.
        end = (number + 1) * BEATS_A_CHORD * beat
        told = [line["label"] for line in of(lines, "chord") if line["emitted"] < end]
        right += bool(told) and told[-1].split("/")[0].startswith(label)
    checks.check(right >= len(CHORDS) - 1, "its chords are heard before they end", f"{right} of {len(CHORDS)}")
    checks.equal(summary["key"], "C:maj", "its key is heard")
    tempo = summary["tempo"] or 0
    checks.check(min(abs(tempo / BPM - ratio) for ratio in (0.5, 1, 2)) < 0.03, "its tempo is heard", summary)
    beats = of(lines, "beat")
    checks.check(len(beats) > 10 and all(line["time"] >= line["emitted"] - 1e-6 for line in beats),
                 "a beat is stated at the latest when it sounds", beats[:3])
    strikes = [i * beat for i in range(BEATS_A_CHORD * len(CHORDS))]
    found = sum(any(abs(line["time"] - strike) < 0.025 for line in of(lines, "onset")) for strike in strikes)
    checks.check(found >= len(strikes) - 2, "each strike is an onset", f"{found} of {len(strikes)}")
    checks.check(all(line["emitted"] >= line["time"] for line in of(lines, "onset")), "an onset is told after it began")
    checks.equal(of(lines, "pitch"), [], "nobody asked for the pitch")
    checks.equal(summary["onset_events"], len(of(lines, "onset")), "the summary counts what was said")


def test_hops():
    path = wav("hops.wav", song()[:RATE * 6])
    said = []
    for hop in (1, 32, 256):
        _, lines, summary = listen("--pitch", "--hop", hop, path)
        checks.equal(summary["hop_frames"], hop, f"it listens to {hop} frames at a time")
        # Of things that are told at once, which comes first is open.
        said.append([{key: value for key, value in line.items() if key != "emitted"}
                     for event in ("onset", "beat", "chord", "key", "pitch") for line in of(lines, event)])
    checks.check(said[0] == said[1] == said[2], "what is said does not depend on how the sound is cut",
                 [pair for pair in zip(*said) if pair[0] != pair[1] or pair[0] != pair[2]][:3])


def test_pitch():
    tone = [0.3 * math.sin(2 * math.pi * 220 * i / RATE) + 0.1 * math.sin(2 * math.pi * 440 * i / RATE)
            for i in range(RATE)]
    _, lines, _ = listen("--pitch", wav("tone.wav", tone))
    told = [line for line in of(lines, "pitch") if 0.2 < line["time"] < 0.9]
    checks.check(len(told) > 30, "the pitch is told every few milliseconds", len(told))
    checks.check(all(abs(1200 * math.log2(line["frequency"] / 220)) < 3 for line in told if line["frequency"]) and
                 sum(1 for line in told if line["frequency"]) > 0.95 * len(told), "220 Hz is heard as that", told[:3])


def test_what_is_no_music():
    noise = random.Random(1)
    loud = [noise.uniform(-1, 1) for _ in range(2 * RATE)]
    clicks = [1.0 if i % 9000 == 0 else 0.0 for i in range(2 * RATE)]
    wrong = [math.nan if i % 7 == 0 else math.inf if i % 11 == 0 else 0.1 * math.sin(i / 9) for i in range(2 * RATE)]
    for name, samples in (("silence", [0.0] * (2 * RATE)), ("dc", [0.9] * (2 * RATE)), ("noise", loud),
                          ("clicks", clicks), ("no numbers", wrong), ("one sample", [0.5]), ("nothing", [])):
        result, _, summary = listen("--pitch", wav("odd.wav", samples))
        checks.check(result.returncode == 0 and summary is not None, f"{name}: an answer", result.stderr)
        checks.check(abs(summary["seconds"] - len(samples) / RATE) < 0.001, f"{name}: all of it", summary)
        if name in ("silence", "one sample", "nothing"):
            said = sum(summary[f"{kind}_events"] for kind in ("beat", "key"))
            checks.check(said == 0, f"{name}: neither beat nor key", summary)
        if name == "no numbers":
            checks.equal(summary["bad_samples"], sum(not math.isfinite(x) for x in wrong), f"{name}: counted")


def test_forms():
    for rate, channels in ((8000, 1), (11025, 2), (48000, 3), (96000, 1), (192000, 1), (44100, 8)):
        tone = [0.3 * math.sin(2 * math.pi * 330 * (i // channels) / rate) for i in range(rate * channels)]
        result, lines, summary = listen("--pitch", wav("form.wav", tone, rate, channels))
        heard = sorted(line["frequency"] for line in of(lines, "pitch"))
        checks.check(result.returncode == 0 and summary["seconds"] == 1 and abs(heard[len(heard) // 2] - 330) < 1,
                     f"{rate} Hz and {channels} channels: 330 Hz is heard as that", result.stderr)


def test_refusals():
    for name, words, status, text in (
            ("no file", [], 2, "give a sound or MIDI file"),
            ("a file and a device", ["--device", "null", "x.wav"], 2, "only one"),
            ("a file that is not there", ["none.wav"], 1, "none.wav"),
            ("what is no sound", [__file__], 1, "not recognised"),
            ("a rate that is too low", [wav("low.wav", [0.0] * 100, 4000)], 1, "4000 Hz"),
            ("a rate that is too high", [wav("high.wav", [0.0] * 100, 384000)], 1, "384000 Hz"),
            ("too many channels", [wav("many.wav", [0.0] * 900, RATE, 9)], 1, "9 channels")):
        result, lines, _ = listen(*words)
        checks.check(result.returncode == status and text in result.stderr and not lines, f"{name} is refused",
                     (result.returncode, result.stderr))


def test_a_truncated_file():
    whole = wav("whole.wav", [0.1 * math.sin(i / 5) for i in range(RATE)])
    path = os.path.join(folder, "cut.wav")
    with open(whole, "rb") as source, open(path, "wb") as target:
        target.write(source.read()[:44 + RATE * 2])
    result, _, summary = listen(path)
    checks.check(result.returncode == 0 and summary["seconds"] == 0.5, "a file that ends early is heard as far as it "
                 "goes", result.stderr)
    # What says how long it is is missed where it ends earlier.
    whole, path = os.path.join(folder, "whole.flac"), os.path.join(folder, "cut.flac")
    tutti.run("render", "--preset", "bright", "--seconds", 4, "-o", whole)
    with open(whole, "rb") as source, open(path, "wb") as target:
        target.write(source.read()[:os.path.getsize(whole) // 2])
    result, _, summary = listen(path)
    checks.check(result.returncode == 1 and 0.5 < summary["seconds"] < 3.5 and re.search(
        r"cut\.flac ends after [0-3]\.\d of its 4\.0 s: it is cut off", result.stderr),
        "and where it says how long it is, told", (result.stderr, summary))
    result, _, _ = listen("--seconds", 0.2, path)
    checks.check(result.returncode == 0, "but not when it ends sooner still", result.stderr)


def test_a_midi_file():
    path = os.path.join(folder, "song.mid")
    tutti.run("render", "--preset", "bright", "--seed", 7, "--seconds", 20, "--key", "D", "-o", path)
    result, lines, summary = listen(path)
    checks.check(result.returncode == 0 and len(of(lines, "onset")) > 20 and len(of(lines, "chord")) > 2 and
                 summary["bad_samples"] == 0, "the notes of a MIDI file are listened to", (result.stderr, summary))


def test_seconds_and_screen():
    path = wav("shown.wav", song()[:RATE * 3])
    _, _, summary = listen("--seconds", 1, path)
    checks.check(1 <= summary["seconds"] < 1.01, "--seconds ends it", summary)
    result = tutti.run("listen", "--live", "--seconds", 1, path)
    text = result.stdout.decode()
    checks.check(all(word in text for word in ("chord", "beat", "level", "LUFS")), "--live shows it", text[:400])


def test_a_device():
    result, _, summary = listen("--device", "null", "--rate", 48000, "--block", 512, "--seconds", 0.5)
    checks.check(result.returncode == 0 and summary["seconds"] >= 0.5, "a device is listened to", result.stderr)
    child = start("--device", "null")
    time.sleep(1)
    child.send_signal(signal.SIGINT)
    told, _ = child.communicate(timeout=TIMEOUT_S)
    checks.check(child.returncode == 0 and b'"event":"summary"' in told, "Ctrl-C ends it with a summary", told)


def start(*words, environment=None):
    """The listener, with nothing to read, and pipes for what it says."""
    return subprocess.Popen([tutti.path, "listen", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            stdin=subprocess.DEVNULL, env=environment or tutti.environment)


def test_a_device_that_vanishes():
    server, environment = start_jack(tutti), jack_environment(tutti)
    if server is None:
        checks.check(True, "a device that vanishes # skip there is no jackd")
        return
    child = start("--device", "jack", "--pitch", environment=environment)
    # The pitch is told all the time, so it listens by then.
    child.stdout.readline()
    server.terminate()
    server.wait()
    told, wrong = child.communicate(timeout=TIMEOUT_S)
    checks.check(child.returncode == 1 and b"went away" in wrong and b'"event":"summary"' in told,
                 "a device that vanishes is told, after the summary", (child.returncode, told[-300:], wrong))


def is_120(line):
    return line["event"] == "beat" and any(abs(line["tempo"] * factor - 120) < 6 for factor in (0.5, 1, 2))


def lines_until(child, is_enough):
    """The lines that come until one of them is enough, or the time is up."""
    told, waiting, deadline = [], b"", time.monotonic() + TIMEOUT_S
    while not any(is_enough(line) for line in told) and time.monotonic() < deadline:
        if select.select([child.stdout], [], [], 1)[0]:
            some = os.read(child.stdout.fileno(), 65536)
            if not some:
                break
            *lines, waiting = (waiting + some).split(b"\n")
            told += [json.loads(line) for line in lines]
    return told


def play_to(child, environment):
    """C major on a MIDI instrument, twice a second: what was heard until its beat was."""
    notes = [word for key in (48, 60, 64, 67) for word in ("0", str(key), "9000")]
    player = subprocess.Popen(["jack_midiseq", "player", "24000", *notes], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, env=environment)
    try:
        until(lambda: subprocess.run(["jack_connect", "player:out", "ear:midi_in"], stdout=subprocess.DEVNULL,
                                     check=False, stderr=subprocess.DEVNULL, env=environment).returncode == 0)
        return lines_until(child, is_120)
    finally:
        player.kill()
        player.wait()


def test_a_midi_instrument():
    server, environment = start_jack(tutti), jack_environment(tutti)
    if server is None:
        checks.check(True, "a MIDI instrument # skip there is no jackd")
        return
    child = start("--midi", "--client", "ear", environment=environment)
    try:
        told = play_to(child, environment)
        result = tutti.run("listen", "--midi", "--client", "x" * 99, environment=environment)
    finally:
        server.terminate()
        server.wait()
    checks.check(any(is_120(line) for line in told) and any(line["event"] == "onset" for line in told),
                 "the beat on a MIDI instrument is heard", told[-9:])
    checks.check([line["label"] for line in told if line["event"] == "chord"][-1:] == ["C:maj"], "and its chord", told)
    checks.check(result.returncode == 1 and "name of 99 characters" in result.stderr, "a long name is refused",
                 result.stderr)
    rest, wrong = child.communicate(timeout=TIMEOUT_S)
    checks.check(child.returncode == 1 and b"went away" in wrong and b'"event":"summary"' in rest,
                 "a server that vanishes is told, after the summary", (child.returncode, rest[-300:], wrong))
    checks.check(b"nothing is connected to ear:midi_in" in wrong and b"1 connected to ear:midi_in" in wrong,
                 "what is connected is told", wrong)
    result = tutti.run("listen", "--midi", environment=environment)
    checks.check(result.returncode == 1 and "no JACK server" in result.stderr and result.stderr.count("\n") == 1,
                 "a server that is not there is told in one line", result.stderr)


def test_a_pipe_that_somebody_plays_into():
    child = subprocess.Popen([tutti.path, "listen", "-"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             stdin=subprocess.PIPE, env=tutti.environment)
    with open(wav("piped.wav", song()), "rb") as file:
        child.stdin.write(file.read())
    child.stdin.flush()
    # The pipe stays open.
    told = lines_until(child, lambda line: line["event"] == "chord")
    checks.check(of(told, "chord"), "what comes through a pipe is heard as it comes", told[-5:])
    child.send_signal(signal.SIGINT)
    rest, wrong = child.communicate(timeout=TIMEOUT_S)
    checks.check(child.returncode == 0 and b'"event":"summary"' in rest, "Ctrl-C ends it though the pipe is silent",
                 (child.returncode, wrong))


def test_a_reader_that_leaves():
    silent = start("--device", "null")
    silent.stdout.close()
    try:
        checks.equal(silent.wait(timeout=TIMEOUT_S), 1, "a reader that leaves before anything is said ends it")
    finally:
        silent.kill()
    child = start("--device", "null", "--pitch")
    child.stdout.readline()
    child.stdout.close()
    try:
        status, wrong = child.wait(timeout=TIMEOUT_S), child.stderr.read()
    finally:
        child.kill()
    checks.check(status == 1 and b"standard output" in wrong, "a reader that leaves ends it", (status, wrong))


try:
    main(checks, [test_music, test_hops, test_pitch, test_what_is_no_music, test_forms, test_refusals,
                  test_a_truncated_file, test_a_midi_file, test_seconds_and_screen, test_a_device,
                  test_a_device_that_vanishes, test_a_midi_instrument, test_a_pipe_that_somebody_plays_into,
                  test_a_reader_that_leaves], sys.argv[2:])
finally:
    shutil.rmtree(folder, ignore_errors=True)
