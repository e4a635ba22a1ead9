#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of `tutti render SONG.mid`: MIDI files to sound files, and what it says to wrong use and to trouble.

usage: song.py TUTTI [TEST...]
"""
import glob
import math
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import wave

sys.dont_write_bytecode = True
from program import Checks, Program, main, read  # pylint: disable=wrong-import-position

SHARED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "shared", "data", "listen")
SOUNDFONT = "/usr/share/sounds/sf2/FluidR3_GM.sf2"
MAGIC = {"wav": b"RIFF", "flac": b"fLaC", "ogg": b"OggS"}
TAIL_S = 10  # the most that follows a song

checks = Checks()
tutti = Program(sys.argv[1])
folder = tempfile.mkdtemp(prefix="tutti-song-")


def path_of(name):
    return os.path.join(folder, name)


def delta(ticks):
    """A variable-length quantity."""
    out = bytes([ticks & 127])
    while ticks := ticks >> 7:
        out = bytes([ticks & 127 | 128]) + out
    return out


def midi_file(*tracks, form=1):
    """The bytes of a MIDI file at 120 BPM; a track is a list of (ticks since the last event, bytes)."""
    chunks = [b"".join(delta(ticks) + message for ticks, message in track) + b"\0\xff\x2f\0" for track in tracks]
    return struct.pack(">4sIHHH", b"MThd", 6, form, len(chunks), 480) + b"".join(
        struct.pack(">4sI", b"MTrk", len(chunk)) + chunk for chunk in chunks)


def chords(program=0):
    """Two seconds of music."""
    events = [(0, bytes([0xc0, program]))]
    for keys in ((60, 64, 67), (62, 65, 69), (59, 62, 67), (60, 64, 72)):
        events += [(0, bytes([0x90, key, 90])) for key in keys]
        events += [(480 if key == keys[0] else 0, bytes([0x80, key, 64])) for key in keys]
    return events


SONG = midi_file([(0, b"\xf0\x05\x7e\x7f\x09\x01\xf7")], chords())
SONG_S = 2


def write(name, data):
    with open(path_of(name), "wb") as file:
        file.write(data)
    return path_of(name)


def render(name, *words, song=None):
    """Renders the song to a file of that name and returns its bytes."""
    result = tutti.render(song or path_of("song.mid"), "-o", path_of(name), *words)
    if result.returncode:
        raise RuntimeError(f"exit status {result.returncode}: {result.stderr}")
    return read(path_of(name))


def samples_of(path):
    """The samples of a 16-bit WAV file, left and right in turn, and its seconds."""
    with wave.open(path) as file:
        return memoryview(file.readframes(file.getnframes())).cast("h"), file.getnframes() / file.getframerate()


def decibels(samples):
    return 10 * math.log10(sum(sample * sample for sample in samples) / len(samples) / 32768**2 + 1e-12)


def test_formats():
    for form, magic in MAGIC.items():
        first = render(f"a.{form}")
        checks.check(first.startswith(magic), f"{form} begins as such a file does", first[:16])
        checks.check(render(f"b.{form}") == first, f"{form}: a song gives the same bytes twice")
        checks.check(b"song.mid" in first and b"rendered by" in first, f"{form} says what it is", first[:400])
        standard = tutti.render(path_of("song.mid"), "-o", "-", "--format", form)
        checks.check(standard.returncode == 0 and standard.stdout == first and not standard.stderr,
                     f"{form} on standard output is the file", standard.stderr)
    with open(path_of("song.mid"), "rb") as file:
        result = subprocess.run([tutti.path, "render", "-", "-o", path_of("piped.wav")], stdin=file,
                                stderr=subprocess.PIPE, env=tutti.environment, check=False)
    checks.check(result.returncode == 0 and samples_of(path_of("piped.wav")) == samples_of(path_of("a.wav")),
                 "a song on standard input is the same", result.stderr)


def test_length():
    render("l.wav")
    samples, seconds = samples_of(path_of("l.wav"))
    checks.check(SONG_S < seconds < SONG_S + TAIL_S, f"a song lasts until it has rung out: {seconds} s")
    checks.check(max(map(abs, samples[:4800])) > 300, "it begins at once", max(map(abs, samples[:4800])))
    checks.check(max(map(abs, samples[-1920:])) <= 4, "its end is silent", max(map(abs, samples[-1920:])))
    write("held.mid", midi_file([(0, b"\xc0\x13"), (0, b"\x90\x3c\x64"), (480, b"\xb0\x07\x64")]))
    render("held.wav", song=path_of("held.mid"))
    samples, seconds = samples_of(path_of("held.wav"))
    checks.check(abs(seconds - 0.5 - TAIL_S) < 0.001, "a note without an end sounds for ten seconds", seconds)
    checks.check(max(map(abs, samples[-96:])) < 40 and max(map(abs, samples[-200000:])) > 300, "and fades out",
                 max(map(abs, samples[-96:])))


def test_resets():
    """What a reset leaves is what a song that never changed anything has."""
    changed = [(0, b"\xc0\x38"), (0, b"\xb0\x07\x10"), (0, b"\xb0\x0a\x00"), (0, b"\xe0\x00\x00")]
    notes = chords()[1:]
    render("plain.wav", "--dry", song=write("plain.mid", midi_file(notes)))
    render("changed.wav", "--dry", song=write("changed.mid", midi_file(changed + notes)))
    plain = samples_of(path_of("plain.wav"))[0]
    checks.check(samples_of(path_of("changed.wav"))[0] != plain, "controllers are heard")
    for name, message in [("GM", "7e7f0901f7"), ("GM2", "7e7f0903f7"), ("GS", "4110421240007f0041f7"),
                          ("XG", "43104c00007e00f7")]:
        body = bytes.fromhex(message)
        render("reset.wav", "--dry", song=write("reset.mid", midi_file(
            changed + [(0, b"\xf0" + bytes([len(body)]) + body)] + notes)))
        again = samples_of(path_of("reset.wav"))[0]
        worst = max(abs(a - b) for a, b in zip(plain, again))
        checks.check(worst < 100, f"{name} undoes them", worst)


def test_options():
    first = {rate: 0 for rate in (44100, 48000, 88200, 96000, 176400, 192000)}
    for rate in first:
        render("r.wav", "--rate", rate)
        with wave.open(path_of("r.wav")) as file:
            checks.equal(file.getframerate(), rate, f"--rate {rate} is heeded")
    checks.check(render("r.ogg", "--rate", 96000).startswith(MAGIC["ogg"]), "and resampled for Ogg")
    result = tutti.render(path_of("song.mid"), "-o", path_of("r.wav"), "--rate", 192000, "--instrument", "fluidsynth")
    checks.check(result.returncode == 1 and "96000" in result.stderr, "FluidSynth says what it can", result.stderr)
    render("usual.wav", "--dry")
    usual = samples_of(path_of("usual.wav"))[0]
    for words in (["--no-dry"], ["--interpolation", "linear"], ["--interpolation", "sinc"], ["--polyphony", "2"]):
        render("o.wav", "--dry", *words)
        checks.check(samples_of(path_of("o.wav"))[0] != usual, f"{' '.join(words)} is heard")
    louder = []
    for gain in (0.1, 0.2):
        render("g.wav", "--dry", "--gain", gain)
        louder.append(decibels(samples_of(path_of("g.wav"))[0][:192000]))
    checks.check(abs(louder[1] - louder[0] - 6.02) < 0.1, "--gain is linear", louder)
    result = tutti.render(path_of("song.mid"), "-o", path_of("e.wav"),
                          environment={"TUTTI_PRESET": "sleep", "TUTTI_SEED": "7", "TUTTI_RATE": "44100"})
    checks.check(result.returncode == 0, "an environment for stations does not disturb", result.stderr)
    with wave.open(path_of("e.wav")) as file:
        checks.equal(file.getframerate(), 44100, "and one that concerns songs too is heeded")


WRONG = [*[([option, value], option) for option, value in (
             ("--preset", "focus"), ("--key", "D"), ("--mode", "dorian"), ("--bpm", "60"), ("--intensity", "0.5"),
             ("--seed", "1"), ("--seconds", "5"), ("--fade", "1"), ("--gain", "5"), ("--gain", "0"),
             ("--instrument", "piano"), ("--interpolation", "cosine"), ("--rate", "22050"))],
         (["other.mid"], "other.mid"), (["-o", "x.mid"], "is a MIDI file already"), (["--format", "mid"], ".flac")]


def test_wrong_use():
    for words, named in WRONG:
        result = tutti.render(path_of("song.mid"), "-o", path_of("w.wav"), *words)
        checks.check(result.returncode == 2 and named in result.stderr and result.stderr.count("\n") == 1
                     and not os.path.exists(path_of("w.wav")), f"{' '.join(words)!r} is refused by name",
                     f"{result.returncode}: {result.stderr}")
    result = tutti.render(path_of("song.mid"))
    checks.check(result.returncode == 2 and "-o FILE" in result.stderr, "so is no file to write", result.stderr)


def test_trouble():
    format_2 = midi_file(chords(), form=2)
    silent = midi_file([(480, b"\xb0\x07\x64")])
    slow = midi_file([(0, b"\xff\x51\x03\xff\xff\xff"), (0, b"\x90\x3c\x40"), *[(0xfffffff, b"\x80\x3c\x40")] * 9])
    for name, data, said in [("empty.mid", b"", "is empty"), ("text.mid", b"No music here." * 9, "not a MIDI file"),
                             ("two.mid", format_2, "format 0 or 1"), ("silent.mid", silent, "no notes"),
                             ("head.mid", SONG[:30], "cut short"), ("slow.mid", slow, "168 hours")]:
        result = tutti.render(write(name, data), "-o", path_of("t.wav"))
        checks.check(result.returncode == 1 and said in result.stderr and name in result.stderr
                     and result.stderr.count("\n") == 1, f"{name} is refused: {said}",
                     f"{result.returncode}: {result.stderr}")
        checks.check(not os.path.exists(path_of("t.wav")), "and no file is made")
    for name, said in [("none.mid", "No such file"), (".", "directory")]:
        result = tutti.render(path_of(name), "-o", path_of("t.wav"))
        checks.check(result.returncode == 1 and said in result.stderr, f"{name} is refused: {said}", result.stderr)
    result = tutti.render("-", "-o", path_of("t.wav"))
    checks.check(result.returncode == 1 and "standard input is empty" in result.stderr,
                 "so is nothing on standard input", result.stderr)
    result = tutti.render(write("cut.mid", SONG[:-20]), "-o", path_of("c.wav"))
    checks.check(result.returncode == 0 and "cut short; what is there is played" in result.stderr,
                 "a song that is cut short is played, and told", result.stderr)
    result = tutti.render(path_of("song.mid"), "-o", "/dev/full", "--format", "wav")
    checks.check(result.returncode == 1 and "No space left" in result.stderr, "a full disk is told", result.stderr)
    result = tutti.render(path_of("song.mid"), "-o", path_of("t.wav"), "--soundfont", path_of("none.sf2"))
    checks.check(result.returncode == 1 and "SoundFont" in result.stderr, "so is a missing SoundFont", result.stderr)


def test_interrupt():
    write("long.mid", midi_file(chords() * 5000))
    path = path_of("stopped.wav")
    with subprocess.Popen([tutti.path, "render", path_of("long.mid"), "-o", path], env=tutti.environment,
                          stderr=subprocess.PIPE, text=True,
                          preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)) as child:
        while (not os.path.exists(path) or os.path.getsize(path) < 10000) and child.poll() is None:
            time.sleep(0.01)
        child.send_signal(signal.SIGINT)
        told = child.communicate(timeout=60)[1]
    said = re.fullmatch(r"tutti render: stopped at ([0-9.]+) s of 10000 s; .* is complete up to there\n", told)
    checks.check(child.returncode == 1 and said, "Ctrl-C stops it", f"{child.returncode}: {told}")
    samples, seconds = samples_of(path)
    checks.check(said and abs(seconds - float(said[1])) < 0.1, "the file is as long as it says", told)
    checks.check(max(map(abs, samples[-20:])) < 40, "its end fades", samples[-20:].tolist())


def peer(song, path):
    """Has the fluidsynth program render the song dry at the same gain."""
    subprocess.run(["fluidsynth", "-niq", "-R", "0", "-C", "0", "-g", "0.2", "-r", "48000", "-T", "wav", "-O", "s16",
                    "-F", path, SOUNDFONT, song], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return samples_of(path)


def check_beside_peer(song, instrument):
    render("ours.wav", "--instrument", instrument, "--dry", "--gain", "0.2", "--soundfont", SOUNDFONT, song=song)
    ours, seconds = samples_of(path_of("ours.wav"))
    theirs, their_seconds = peer(song, path_of("theirs.wav"))
    both = min(len(ours), len(theirs))
    loud = [decibels(samples[:both:7]) for samples in (ours, theirs)]
    name = f"{os.path.basename(song)}, {instrument}"
    checks.check(abs(loud[0] - loud[1]) < 1, f"{name}: as loud as the fluidsynth program plays it: {loud}", loud)
    checks.check(abs(seconds - their_seconds) < TAIL_S, f"{name}: as long: {seconds:.1f} and {their_seconds:.1f} s")


def test_peer():
    if not shutil.which("fluidsynth") or not os.path.exists(SOUNDFONT):
        print("ok - the fluidsynth program plays the same # skip not installed")
        return
    check_beside_peer(path_of("song.mid"), "fluidsynth")
    for songs in ("pop909/001/001.mid", "asap/Bach_Fugue*.mid"):
        found = sorted(glob.glob(os.path.join(SHARED, songs)))
        if not found:
            print(f"ok - {songs} beside the fluidsynth program # skip not there")
        for song in found[:1]:
            check_beside_peer(song, "fluidsynth")
            check_beside_peer(song, "tutti")


TESTS = [test_formats, test_length, test_resets, test_options, test_wrong_use, test_trouble, test_interrupt, test_peer]

if __name__ == "__main__":
    try:
        write("song.mid", SONG)
        main(checks, TESTS, sys.argv[2:])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
