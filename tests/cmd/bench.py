#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of `tutti bench`: that it measures what it says, in JSON. What it finds is not judged here.

usage: bench.py TUTTI
"""
import array
import json
import math
import os
import sys
import tempfile
import wave

sys.dont_write_bytecode = True
from program import Checks, Program, main  # pylint: disable=wrong-import-position

NAMES = ["render", "compose", "encode", "control", "synth", "synth-graph", "listen", "wakeups"]
SIDES = ["tutti", "peer"]
CONTROL_MAX_MS = 150  # in frames of music, so the same on every machine

checks = Checks()
tutti = Program(sys.argv[1])


def bench(*words, environment=None):
    result = tutti.run("bench", "--runs", 1, "--seconds", 1, *words, environment=environment)
    if result.returncode:
        raise RuntimeError(f"exit status {result.returncode}: {result.stderr}")
    return json.loads(result.stdout)


def is_figures(found):
    return 0 <= found["min"] <= found["median"] <= found["max"]


def has_peer(result):
    """Has a peer with a ratio (null where so little music is lost beside the start of a program), or says why not."""
    if not result["peer"]:
        return bool(result["peer_missing"])
    return result["peer"]["name"] and result["ratio"] != 0 and (result["ratio"] or 1) > 0


def test_all():
    # The fluidsynth program has libpulse in it, which leaves a folder of its own behind.
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as pulse:
        report = bench(environment={"TMPDIR": folder, "PULSE_RUNTIME_PATH": pulse})
        checks.equal(os.listdir(folder), [], "no file is left behind")
    checks.equal(list(report["benchmarks"]), NAMES, "all benchmarks run")
    checks.check(report["machine"]["cores"] >= 1 and report["machine"]["processor"], "the machine is told",
                 report["machine"])
    checks.check(all(report["versions"].values()), "and the versions", report["versions"])
    render, compose, encode, control, synth, graph, listen, wakeups = (report["benchmarks"][name] for name in NAMES)
    for side in ("tutti", "tutti_whole"):
        checks.check(is_figures(render[side]["cpu_s"]) and render[side]["realtime_factor"] > 0,
                     f"render: {side} is measured", render)
        checks.check(render[side]["audio_s"] >= 1, f"render: {side} makes all the music", render[side])
    checks.check(is_figures(render["load"]["wall_s"]), "render: loading is measured apart", render["load"])
    checks.check(has_peer(render), "render: has a peer", render)
    checks.check(has_peer(listen), "listen: has a peer, or no recordings", listen)
    checks.check(compose["phrases"] >= 1000 and is_figures(compose["wall_us"]["p99"])
                 and compose["cpu_us"]["p50"]["median"] <= compose["cpu_us"]["max"]["median"],
                 "compose: phrases are measured", compose)
    for form in ("all", "opus", "pcm", "base64"):
        checks.check(encode[form]["cpu_s"]["median"] > 0, f"encode: {form} is measured", encode)
    checks.check(has_peer(encode), "encode: has a peer", encode)
    checks.check(0 < control["p50_ms"] <= control["max_ms"] < CONTROL_MAX_MS, "control: a change is heard soon",
                 control)
    check_synth(synth)
    check_graph(graph)
    checks.check(wakeups["wakeups"] >= wakeups["processors"] >= 1 and is_figures(wakeups["missed_a_second"])
                 and wakeups["late_us"]["p50"]["median"] <= wakeups["late_us"]["max"]["median"],
                 "wakeups: the machine is measured", wakeups)


def check_graph(graph):
    """Both engines are measured, and every type of module without a file, which may be slow to open, is added once."""
    voices = graph["voices"]
    checks.check(all(voices[side]["voices_in_real_time"] > voices["voices"] for side in SIDES) and voices["ratio"] > 0,
                 "synth-graph: voices are measured", voices)
    types = graph["adding"]["types"]
    checks.check({"adsr", "delay", "notes", "reverb", "sine", "svf"} <= set(types)
                 and all(found["min"] <= found["median"] <= found["max"] for found in types.values()),
                 "synth-graph: modules are added", types)


def check_synth(synth):
    """Both engines are measured in every part; how they compare is not judged."""
    for rate in ("44100", "96000"):
        for order in ("cubic", "linear", "sinc"):
            found = synth["phrase"][rate][order]
            checks.check(found["ratio"] > 0 and all(is_figures(found[side]["cpu_s"]) for side in SIDES),
                         f"synth: the phrase at {rate}, {order}", found)
    cases = {name: case for name, case in synth["voices"].items() if isinstance(case, dict)}
    checks.check(synth["voices"]["cycles_from"] in ("counter", "clock") and len(cases) == 7,
                 "synth: voices are measured, and it says where the cycles come from", synth["voices"])
    for name, case in cases.items():
        checks.check(case["voices"] >= 256 and case["ratio"] > 0
                     and all(case[side]["voices_realtime"]["median"] > 0
                             and case[side]["cycles_per_voice_frame"]["median"] > 0 for side in SIDES),
                     f"synth: 256 voices of {name}", case)
    checks.check(synth["load"]["ratio"] > 0 and all(synth["load"][side]["memory"]["second_mib"] < 1000
                                                    and is_figures(synth["load"][side]["load"]["wall_s"])
                                                    for side in SIDES), "synth: loading and memory", synth["load"])
    for side in SIDES:
        for load in ("phrase", "full"):
            blocks = synth["blocks"][load][side]
            checks.check(blocks["median_us"]["median"] <= blocks["p999_us"]["median"] <= blocks["worst_us"]["median"]
                         and blocks["most_voices"] > 0, f"synth: blocks of {side}, {load}", blocks)
        checks.check(synth["cores"][side]["scaling"] > 0, f"synth: two threads of {side}", synth["cores"])


def make_recording(folder):
    """A metronome that clicks twice a second, in the form of the recordings."""
    song = os.path.join(folder, "mdbdrums", "Clicks")
    os.makedirs(song)
    clicks = [0.5 * i for i in range(1, 40)]
    with wave.open(os.path.join(song, "drum.flac"), "wb") as file:  # told from what is in it, not by its name
        file.setparams((1, 2, 44100, 0, "NONE", ""))
        samples = array.array("h", bytes(2 * 44100 * 20))
        for click in clicks:
            for i in range(2000):
                samples[int(click * 44100) + i] = int(20000 * math.exp(-i / 300) * math.sin(i * 0.2))
        file.writeframes(samples.tobytes())
    for name, word in (("drum_class.txt", "KD"), ("beats.txt", "1")):
        with open(os.path.join(song, name), "w", encoding="utf-8") as file:
            file.writelines(f"{click} {word}\n" for click in clicks)


def test_listen():
    with tempfile.TemporaryDirectory() as folder:
        make_recording(folder)
        report = bench("listen", "--data", folder, "--runs", 2)["benchmarks"]["listen"]
    checks.check(report["tutti"]["hop_us"]["max"] > report["tutti"]["hop_us_quickest_run"]["max"] > 0,
                 "listen: a hop is judged by its quickest run", report)
    checks.check(report["tutti"]["onset_f_25ms_drums"] > 0.9 and report["tutti"]["beat_f_drums"] > 0.8 and
                 report["tutti"]["hop_us"]["p99"] > 0, "listen: a metronome is heard", report)
    checks.check(has_peer(report), "listen: has a peer", report)
    with tempfile.TemporaryDirectory() as folder:
        report = bench("listen", "--data", folder)["benchmarks"]["listen"]
    checks.check(report["peer"] is None and "--data" in report["peer_missing"], "listen: no recordings is no failure",
                 report)


def test_choice():
    report = bench("control")
    checks.equal(list(report["benchmarks"]), ["control"], "one benchmark alone")
    checks.check(bench("control")["benchmarks"] == report["benchmarks"], "what counts frames is the same every time")
    report = bench("encode", "render", environment={"PATH": "/nonexistent"})["benchmarks"]
    for name in ("render", "encode"):
        checks.check(report[name]["peer"] is None and "cannot be run" in report[name]["peer_missing"],
                     f"{name}: a peer that is not installed is no failure", report[name])


def test_wrong_use():
    result = tutti.run("bench", "rendr")
    checks.check(result.returncode == 2 and all(name in result.stderr for name in ["rendr", *NAMES]),
                 "an unknown benchmark is refused with the names there are", result.stderr)
    for words, named in [(["--runs", "0"], "--runs"), (["--runs", "many"], "--runs"),
                         (["--seconds", "nan"], "--seconds"), (["--rnus", "1"], "did you mean --runs")]:
        result = tutti.run("bench", *words)
        checks.check(result.returncode == 2 and named in result.stderr, f"{words} is refused", result.stderr)
    result = tutti.run("bench", "render", "--soundfont", "/nonexistent.sf2")
    checks.check(result.returncode == 1 and "fluid-soundfont-gm" in result.stderr, "so is a missing SoundFont",
                 result.stderr)
    result = tutti.run("bench", "synth", "--soundfont", "/nonexistent.sf2")
    checks.check(result.returncode == 1 and "/nonexistent.sf2" in result.stderr, "here too", result.stderr)
    with open("/dev/full", "wb") as full:
        result = tutti.run("bench", "control", stdout=full)
    checks.check(result.returncode == 1 and "No space left" in result.stderr, "a full disk is told", result.stderr)
    result = tutti.run("bench", "control", environment={"TMPDIR": "/nonexistent"})
    checks.check(result.returncode == 1 and "/nonexistent" in result.stderr, "and so is a missing TMPDIR",
                 result.stderr)
    result = tutti.run("bench", "--help")
    checks.check(result.returncode == 0 and all(name in result.stdout.decode() for name in NAMES), "--help explains",
                 result.stdout)


if __name__ == "__main__":
    main(checks, [test_all, test_listen, test_choice, test_wrong_use])
