#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of `tutti render`: the files it makes, and what it says to wrong use and to trouble.

usage: render.py TUTTI [TEST...]
"""
import os
import pty
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import wave

sys.dont_write_bytecode = True
from program import Checks, Program, main, read  # pylint: disable=wrong-import-position

FORMATS = ["wav", "flac", "ogg", "mid"]
MAGIC = {"wav": b"RIFF", "flac": b"fLaC", "ogg": b"OggS", "mid": b"MThd"}
SHORT = ["--seconds", "2", "--preset", "focus"]

checks = Checks()
tutti = Program(sys.argv[1])
folder = tempfile.mkdtemp(prefix="tutti-render-")


def path_of(name):
    return os.path.join(folder, name)


def render(name, *words):
    """Renders to a file of that name and returns its bytes."""
    path = path_of(name)
    result = tutti.render(*SHORT, "-o", path, *words)
    if result.returncode:
        raise RuntimeError(f"exit status {result.returncode}: {result.stderr}")
    return read(path)


def test_seeds():
    for form in FORMATS:
        first = render(f"a.{form}", "--seed", "7")
        checks.check(first.startswith(MAGIC[form]), f"{form} begins as such a file does", first[:16])
        checks.check(render(f"b.{form}", "--seed", "7") == first, f"{form}: one seed gives the same bytes twice")
        checks.check(render(f"c.{form}", "--seed", "8") != first, f"{form}: another seed gives others")
        standard = tutti.render(*SHORT, "-o", "-", "--format", form, "--seed", "7")
        checks.check(standard.returncode == 0 and standard.stdout == first, f"{form} on standard output is the file",
                     standard.stderr)
    first = render("a.wav")
    checks.check(render("a.wav") != first, "without a seed every run is another")
    checks.check(render("x.bin", "--format", "flac").startswith(MAGIC["flac"]), "--format goes before the ending")
    checks.check(render("X.WAV").startswith(MAGIC["wav"]), "the ending counts in capitals too")


def ogg_frames(data):
    """Frames at 48 kHz that a player of this Ogg Opus file plays: the last position less the pre-skip."""
    last = data.rindex(b"OggS")
    head = data.index(b"OpusHead")
    return int.from_bytes(data[last + 6:last + 14], "little") - int.from_bytes(data[head + 10:head + 12], "little")


def test_durations():
    for seconds, rate in [("0.1", 48000), ("1", 44100), ("3.7", 48000), ("2.00001", 48000), ("1", 96000)]:
        frames = round(float(seconds) * rate)
        words = ["--rate", rate, "--seconds", seconds]
        render("d.wav", *words)
        with wave.open(path_of("d.wav")) as file:
            checks.equal((file.getnframes(), file.getframerate(), file.getnchannels(), file.getsampwidth()),
                         (frames, rate, 2, 2), f"{seconds} s at {rate} is that long as WAV")
        flac = render("d.flac", *words)
        total = int.from_bytes(flac[18:26], "big") & (1 << 36) - 1
        checks.equal((total, int.from_bytes(flac[18:21], "big") >> 4), (frames, rate), "and as FLAC")
        checks.equal(ogg_frames(render("d.ogg", *words)), -(-frames * 48000 // rate), "and as Ogg, at its 48 kHz")
    render("d.wav", "--bits", "24")
    with wave.open(path_of("d.wav")) as file:
        checks.equal(file.getsampwidth(), 3, "--bits 24 gives 24 bits in WAV")
    flac = render("d.flac", "--bits", "24")
    checks.equal((int.from_bytes(flac[20:22], "big") >> 4 & 31) + 1, 24, "--bits 24 gives 24 bits in FLAC")
    small, large = (len(render("d.ogg", "--bitrate", rate, "--seconds", "4")) for rate in ("24000", "160000"))
    checks.check(small * 2 < large, "--bitrate makes Ogg smaller and larger", f"{small} and {large} bytes")


def test_sounds():
    """What is heard of an option: the samples differ, and from those of no other run."""
    heard = [render("h.wav", "--seed", "7", *words)
             for words in ([], ["--dry"], ["--gain", "0.5"], ["--instrument", "fluidsynth", "--interpolation", "sinc"],
                           ["--interpolation", "linear"])]
    checks.equal(len(set(heard)), len(heard), "--dry, --gain, --instrument and --interpolation are heard")


def test_long_wav():
    """A WAV file has 32 bits for its length."""
    path = path_of("long.wav")
    for seconds, magic in [("20000", b"RIFF"), ("30000", b"RF64")]:
        if os.path.exists(path):
            os.remove(path)
        with subprocess.Popen([tutti.path, "render", "-o", path, "--seconds", seconds],
                              env=tutti.environment) as child:
            while (not os.path.exists(path) or os.path.getsize(path) < 4) and child.poll() is None:
                time.sleep(0.01)
            child.kill()
        checks.equal(read(path)[:4], magic, f"{seconds} s of WAV has a header that can hold it")


def test_fade():
    render("f.wav", "--fade", "1", "--seed", "1", "--seconds", "4")
    with wave.open(path_of("f.wav")) as file:
        samples = memoryview(file.readframes(file.getnframes())).cast("h")
    checks.check(max(map(abs, samples[-96:])) < 40, "the end fades to nothing", max(map(abs, samples[-96:])))
    checks.check(max(map(abs, samples)) > 300, "which is not because nothing sounds")


def test_peers_read_it():
    for name, command in [("fluidsynth", ["fluidsynth", "-niq", "-F", path_of("p.raw"), path_of("p.mid")]),
                          ("opusinfo", ["opusinfo", path_of("p.ogg")]), ("flac", ["flac", "-st", path_of("p.flac")])]:
        if not shutil.which(name):
            print(f"ok - {name} reads it # skip not installed")
            continue
        render(os.path.basename(command[-1]), "--seconds", "8")
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, text=True)
        told = result.stdout.lower()
        checks.check(result.returncode == 0 and "warning" not in told and "error" not in told,
                     f"{name} reads it without complaint", result.stdout)
    if os.path.exists(path_of("p.raw")):
        checks.check(any(read(path_of("p.raw"))), "and hears something")


def test_tells_seed():
    asked = tutti.render(*SHORT, "-o", path_of("known.wav"), "--seed", "7")
    checks.equal(asked.stderr, "", "a seed that was given is not told")
    for form in FORMATS:
        result = tutti.render(*SHORT, "-o", path_of(f"any.{form}"))
        told = re.fullmatch(r"seed ([0-9]+)\n", result.stderr)
        checks.check(told and read(path_of(f"any.{form}")) == render(f"again.{form}", "--seed", told[1]),
                     f"{form}: the seed that is told gives the same again", result.stderr)
    for form in ("wav", "flac", "ogg"):
        made = render(f"tags.{form}", "--seed", "7", "--key", "D", "--mode", "dorian", "--bpm", "72", "--intensity",
                      "0.45")
        checks.check(b"preset focus, D dorian, 72 bpm, intensity 0.45, seed 7" in made and b"Tutti" in made,
                     f"{form} says how it was made", made[:400])


def read_all(file):
    """What a terminal shows; reading ends with an error when the other side is closed."""
    shown = b""
    try:
        while block := os.read(file, 65536):
            shown += block
    except OSError:
        pass
    os.close(file)
    return shown.decode()


def test_progress():
    """The bar is redrawn in one line of the usual terminal, and gone at the end."""
    ours, its = pty.openpty()
    with subprocess.Popen([tutti.path, "render", "-o", path_of("bar.wav"), "--seconds", "100", "--seed", "1"],
                          env=tutti.environment, stderr=its) as child:
        os.close(its)
        shown = read_all(ours)
        child.wait(timeout=60)
    draws = [draw.replace("\033[K", "") for draw in shown.split("\r")]
    checks.check(any("% " in draw and "times real time" in draw for draw in draws), "a terminal is shown progress", shown)
    checks.check(all(len(draw) < 80 and "\n" not in draw for draw in draws), "in one line of 80 columns", draws)
    checks.check(shown.endswith("\r\033[K"), "which is cleared at the end", shown[-40:])
    quiet = tutti.render(*SHORT, "-o", path_of("quiet.wav"), "--seed", "1")
    checks.equal(quiet.stderr, "", "a file is not")


def heed_interrupts():
    """A shell's background job ignores SIGINT, and so would what it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_interrupt():
    for form, number in [("wav", signal.SIGINT), ("flac", signal.SIGTERM), ("ogg", signal.SIGINT)]:
        path = path_of(f"stopped.{form}")
        with subprocess.Popen([tutti.path, "render", "-o", path, "--seconds", "20000", "--seed", "1"],
                              env=tutti.environment, stderr=subprocess.PIPE, text=True,
                              preexec_fn=heed_interrupts) as child:
            while (not os.path.exists(path) or os.path.getsize(path) < 10000) and child.poll() is None:
                time.sleep(0.01)
            child.send_signal(number)
            told = child.communicate(timeout=60)[1]
        said = re.fullmatch(r"tutti render: stopped at ([0-9.]+) s of 20000 s; (.*) is complete up to there\n", told)
        if not checks.check(child.returncode == 1 and said and said[2] == path, f"{form}: {number.name} stops it",
                            f"{child.returncode}: {told}"):
            continue
        if form == "wav":
            with wave.open(path) as file:
                seconds = file.getnframes() / file.getframerate()
                samples = memoryview(file.readframes(file.getnframes())).cast("h")
            checks.check(max(map(abs, samples[-20:])) < 40, "its end fades", samples[-20:].tolist())
        elif form == "flac":
            seconds = (int.from_bytes(read(path)[18:26], "big") & (1 << 36) - 1) / 48000
        else:
            last = read(path).rindex(b"OggS")
            checks.check(read(path)[last + 5] & 4, "its last page says so")
            seconds = int.from_bytes(read(path)[last + 6:last + 14], "little") / 48000
        checks.check(abs(seconds - float(said[1])) < 0.1, f"{form} is as long as it says", f"{seconds}: {told}")


def test_terminal():
    for form in FORMATS:
        outside, terminal = os.openpty()
        result = tutti.render(*SHORT, "-o", "-", "--format", form, stdout=terminal)
        os.close(terminal)
        os.close(outside)
        checks.check(result.returncode == 2 and "standard output is a terminal: give -o FILE or a pipe" in
                     result.stderr, f"{form} is not poured onto a terminal", f"{result.returncode}: {result.stderr}")


# What is wrong, and what the message must name.
WRONG = [
    *[(["--bpm", value], "--bpm") for value in ("nan", "inf", "-inf", "1e9", "-1", "abc", "", "29.9", "200.1", "60x")],
    *[(["--intensity", value], "--intensity") for value in ("2", "-0.1", "nan", "much")],
    *[(["--seed", value], "--seed") for value in ("-1", "1.5", "seed", "99999999999999999999999")],
    *[(["--seconds", value], "--seconds") for value in ("0", "-5", "nan", "inf", "1e12")],
    *[(["--bits", value], "--bits") for value in ("8", "20", "32")],
    *[(["--rate", value], "--rate") for value in ("22050", "0", "fast")],
    *[(["--polyphony", value], "--polyphony") for value in ("0", "5000")],
    *[(["--bitrate", value], "--bitrate") for value in ("1", "1000000")],
    *[(["--fade", value], "--fade") for value in ("-1", "nan")],
    (["--preset", "loud"], "--preset"),
    (["--key", "H"], "--key"),
    (["--mode", "bebop"], "--mode"),
    (["--format", "mp3"], "--format"),
    (["--temp", "60"], "--temp"),
    (["--seed"], "--seed"),
    (["-q"], "-q"),
    (["a.mid", "b.mid"], "b.mid"),
    *[(["--gain", value], "--gain") for value in ("0", "4.1", "nan")],
    (["--instrument", "piano"], "--instrument"),
    (["--interpolation", "cosine"], "--interpolation"),
    (["--config", "/nonexistent.yaml"], "/nonexistent.yaml"),
]


def test_wrong_use():
    for words, named in WRONG:
        result = tutti.render("-o", path_of("w.wav"), *words)
        checks.check(result.returncode == 2 and named in result.stderr and result.stderr.count("\n") == 1
                     and not result.stdout and not os.path.exists(path_of("w.wav")),
                     f"{' '.join(words)!r} is refused by name", f"{result.returncode}: {result.stderr}")
    for words, said in [([], "-o FILE"), (["-o", "x"], "--format"), (["-o", "x.mp3"], ".flac"),
                        (["-o", "x.wav", "--intensty", "1"], "did you mean --intensity?"),
                        (["-o", "x.wav", "--preset", "focu"], "focus")]:
        result = tutti.render(*words)
        checks.check(result.returncode == 2 and said in result.stderr, f"{words} is refused and says {said}",
                     result.stderr)
    result = tutti.render("-o", path_of("w.wav"), environment={"TUTTI_BPM": "fast"})
    checks.check(result.returncode == 2 and "TUTTI_BPM" in result.stderr, "so is a wrong environment", result.stderr)
    for words in (["--help"], ["-h"], ["--bpm", "60", "--help"]):
        result = tutti.render(*words)
        checks.check(result.returncode == 0 and b"--intensity" in result.stdout and not result.stderr,
                     f"{words} explains", result.stderr)


def test_program():
    for words, status, said in [([], 2, "usage"), (["sing"], 2, '"sing"'), (["--help"], 0, "render"),
                                (["--version"], 0, "tutti 0."), (["help"], 0, "render"), (["version"], 0, "tutti 0.")]:
        result = tutti.run(*words)
        checks.check(result.returncode == status and said in result.stdout.decode() + result.stderr,
                     f"tutti {' '.join(words)} ends with {status}", result.stderr)


def test_variables():
    result = tutti.render(*SHORT, "-o", path_of("v.mid"), "--seed", "1",
                          environment={"TUTTI_PRESTE": "focus", "TUTTI_PORT": "1", "TUTTI_RUNS": "1"})
    checks.check(result.returncode == 0 and result.stderr ==
                 "warning: TUTTI_PRESTE means nothing to Tutti: did you mean TUTTI_PRESET?\n",
                 "a variable that no command knows is told", result.stderr)


def test_trouble():
    os.mkdir(path_of("folder.wav"))
    for form in FORMATS:
        for path in (path_of(f"none/a.{form}"), path_of("folder.wav")):
            result = tutti.render(*SHORT, "-o", path, "--format", form)
            checks.check(result.returncode == 1 and path[:60] in result.stderr, f"{form} where it cannot be written",
                         f"{result.returncode}: {result.stderr}")
        result = tutti.render("--seconds", "20", "-o", "/dev/full", "--format", form)
        checks.check(result.returncode == 1 and "No space left" in result.stderr, f"{form} on a full disk",
                     f"{result.returncode}: {result.stderr}")
        with open("/dev/full", "wb") as full:
            result = tutti.render(*SHORT, "-o", "-", "--format", form, stdout=full)
        checks.check(result.returncode == 1 and "No space left" in result.stderr,
                     f"{form} on standard output to a full disk", f"{result.returncode}: {result.stderr}")
    checks.check(os.path.exists("/dev/full") and not os.path.isfile("/dev/full"), "a device is not removed")


def limit_files():
    """Files of at most 100 kB, told as an error rather than a signal."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))


def test_file_cut_short():
    for form in ("wav", "flac", "ogg"):
        path = path_of(f"cut.{form}")
        result = tutti.render("--seconds", "30", "--bitrate", "256000", "-o", path, preexec_fn=limit_files)
        checks.check(result.returncode == 1 and "File too large" in result.stderr, f"{form} that finds no room fails",
                     f"{result.returncode}: {result.stderr}")
        checks.check(not os.path.exists(path), f"{form} that could not be completed is not left behind")


def test_closed_pipe():
    for form in FORMATS:
        reading, writing = os.pipe()
        os.close(reading)
        result = tutti.render(*SHORT, "-o", "-", "--format", form, stdout=writing)
        os.close(writing)
        checks.check(result.returncode == -signal.SIGPIPE or (result.returncode == 1 and "pipe" in result.stderr),
                     f"{form} to a reader that is gone just ends", f"{result.returncode}: {result.stderr}")


def test_soundfonts():
    with open(path_of("text.sf2"), "w", encoding="utf-8") as file:
        file.write("This is no SoundFont at all, though it is long enough.\n" * 10)
    with open(path_of("empty.sf2"), "wb"):
        pass
    with open(path_of("cut.sf2"), "wb") as file:
        file.write(b"RIFF\x00\x10\x00\x00sfbkLIST\x00\x08\x00\x00INFO")
    for name in ("missing.sf2", "text.sf2", "empty.sf2", "cut.sf2", "."):
        result = tutti.render(*SHORT, "-o", path_of("s.wav"), "--soundfont", path_of(name))
        checks.check(result.returncode == 1 and "SoundFont" in result.stderr and "give" in result.stderr,
                     f"the SoundFont {name} is refused with what to do", f"{result.returncode}: {result.stderr}")
        checks.check(not os.path.exists(path_of("s.wav")), "and no file is made")
    result = tutti.render(*SHORT, "-o", path_of("s.mid"), "--soundfont", path_of("missing.sf2"))
    checks.equal(result.returncode, 0, "MIDI needs no SoundFont")


def test_sources():
    """The same option from the line, the environment and a file."""
    with open(path_of("c.yaml"), "w", encoding="utf-8") as file:
        file.write("seed: 11\nbpm: 77\n")
    expected = render("o.mid", "--seed", "11", "--bpm", "77")
    checks.check(render("o.mid", "--config", path_of("c.yaml")) == expected, "options come from a file")
    result = tutti.render(*SHORT, "-o", path_of("o.mid"), environment={"TUTTI_SEED": "11", "TUTTI_BPM": "77"})
    checks.check(result.returncode == 0 and read(path_of("o.mid")) == expected, "options come from the environment")
    result = tutti.render(*SHORT, "-o", path_of("o.mid"), "--seed", "11", "--config", path_of("c.yaml"), "--bpm", "77",
                          environment={"TUTTI_SEED": "5", "TUTTI_BPM": "99"})
    checks.check(read(path_of("o.mid")) == expected, "the line goes before the environment and the file")


TESTS = [test_seeds, test_durations, test_sounds, test_long_wav, test_fade, test_tells_seed, test_progress, test_interrupt,
         test_terminal, test_peers_read_it, test_wrong_use, test_program, test_variables, test_trouble,
         test_file_cut_short, test_closed_pipe, test_soundfonts, test_sources]

if __name__ == "__main__":
    try:
        main(checks, TESTS, sys.argv[2:])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
