#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of `tutti synth` and `tutti ctl` as programs: what a person types, and what comes of it.

usage: synth.py TUTTI
"""
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.dont_write_bytecode = True
from jack import jack_environment, start_jack, until  # pylint: disable=wrong-import-position
from program import TIMEOUT_S, Checks, Program, main, read  # pylint: disable=wrong-import-position

PATCH = """title: Test
modules:
  keys: {type: notes, voices: 4}
  osc: {type: sine, frequency: 440}
  out: {type: output}
cables:
  - keys.pitch -> osc.pitch
  - osc.out -> out.left * 0.3
"""
SCRIPT = """# every kind of change
0    /tutti/synth/note/on keys 60 100
0.1  /tutti/synth/set osc frequency 300
0.2  /tutti/synth/module/add osc2 sine
0.2  /tutti/synth/cable/add keys pitch osc2 pitch
0.2  /tutti/synth/cable/add osc2 out out right 0.2
0.2  /tutti/synth/set osc2 frequency 550
0.4  /tutti/synth/cable/gain osc out out left 0.1
0.5  /tutti/synth/module/remove osc2
0.6  /tutti/synth/note/off * 60
"""
SECONDS, RATE = 0.8, 48000

checks = Checks()
tutti = Program(sys.argv[1])
folder = tempfile.mkdtemp(prefix="tutti-synth-")


def write(name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def silent(*words, **more):
    """A run on the device that plays to nobody, without OSC."""
    return tutti.run("synth", "--device", "null", "--rate", RATE, "--block", 512, "--osc-port", -1, *words, **more)


class Synth:
    """A running `tutti synth` on a free port; its log is read until it says that it plays."""

    def __init__(self, *words, device="null", environment=None):
        command = [tutti.path, "synth", "--device", device, "--rate", str(RATE), "--block", "512", "--osc-port", "0",
                   *words]
        self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.PIPE, env=environment or tutti.environment)
        self.log = b""
        self.playing = self.await_event("playing")

    def await_event(self, name, is_it=lambda event: True):
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            for line in self.log.splitlines():
                event = json.loads(line) if line.endswith(b"}") else {"event": ""}
                if event["event"] == name and is_it(event):
                    return event
            ready, _, _ = select.select([self.child.stderr], [], [], 1)
            more = os.read(self.child.stderr.fileno(), 65536) if ready else b""
            if ready and not more:
                break
            self.log += more
        raise RuntimeError(f"no {name}: {self.log!r}")

    def stats(self):
        lines = self.ctl("/tutti/synth/stats").stdout.decode().splitlines()
        return dict(line.split(" ", 1) for line in lines)

    def slots(self):
        """The processes of both slots, once both play."""
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            stats = self.stats()
            if stats.get("redundant") == "1":
                return [int(stats["slot_0_pid"]), int(stats["slot_1_pid"])]
        raise RuntimeError(f"its slots do not play: {stats}")

    def ctl(self, *words):
        return tutti.run("ctl", "--osc-port", self.playing["osc_port"], "--timeout", 20, *words)

    def stop(self, number):
        self.child.send_signal(number)
        _, told = self.child.communicate(timeout=TIMEOUT_S)
        return self.child.returncode, (self.log + told).decode("utf-8", "replace")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.child.kill()
            self.child.communicate()


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_two_runs_of_a_script_are_the_same():
    patch, script = write("patch.yaml", PATCH), write("song.tutti", SCRIPT)
    files, taken = [], set()
    # What is rendered further ahead sounds the same.
    leads = (1, 8)
    # A machine that is too slow for real time loses blocks, which shows in the file: another try then.
    for attempt in range(8):
        path = os.path.join(folder, f"{attempt}.wav")
        lead = leads[attempt % 2]
        result = silent("--patch", patch, "--script", script, "--seconds", SECONDS, "--record", path, "--lead", lead)
        if result.returncode == 0:
            files.append(read(path))
            taken.add(lead)
        if len(taken) == len(leads) or len(set(files)) > 1:
            break
    else:
        checks.check(False, "a script is played without a late line", result.stderr)
        return
    checks.equal(len(set(files)), 1, "recordings of one script are the same to the bit, with any lead")
    frames = int(round(SECONDS * RATE))
    sizes = {int.from_bytes(file[file.index(b"data") + 4:][:4], "little") for file in files}
    checks.equal(sizes, {frames * 2 * 3}, "a recording has exactly the frames that were asked for")
    checks.check(any(byte for byte in files[0][-frames:]), "there is sound in it")


def test_a_script_with_mistakes_plays_nothing():
    script = write("wrong.tutti", "0 /tutti/synth/panic\n1 /tutti/synth/sett osc frequency 1\n")
    result = silent("--script", script, "--seconds", 1)
    checks.equal(result.returncode, 2, "a mistake in a script is wrong use")
    checks.check("wrong.tutti:2: " in result.stderr and "/tutti/synth/set?" in result.stderr,
                 "it is told with its line and what was meant", result.stderr)


def test_a_refused_line_shows_in_the_exit_status():
    script = write("refused.tutti", "0 /tutti/synth/set nobody frequency 1\n0.1 /tutti/synth/panic\n")
    result = silent("--script", script, "--seconds", 0.3)
    checks.equal(result.returncode, 1, "a refused line makes the run fail")
    checks.check('"event":"script_refused","line":1' in result.stderr, "the log says which", result.stderr)


def test_lines_after_the_end_are_told():
    script = write("long.tutti", "0.1 /tutti/synth/panic\n5 /tutti/synth/panic\n6 /tutti/synth/panic\n")
    result = silent("--script", script, "--seconds", 0.3)
    checks.check(result.returncode == 1 and "2 lines of the script are for a time after the end" in result.stderr,
                 "lines that were not reached are told", result.stderr)


def test_a_script_records_to_the_frame():
    path = os.path.join(folder, "part.wav")
    script = write("part.tutti", f"0.1 /tutti/synth/record/start {path}\n0.35 /tutti/synth/record/stop\n")
    silent("--script", script, "--seconds", 1)
    sound = read(path)
    size = int.from_bytes(sound[sound.index(b"data") + 4:][:4], "little")
    checks.equal(size, int(0.25 * RATE) * 2 * 3, "a script's recording has exactly the frames that were asked for")


def test_a_broken_patch_is_refused():
    result = silent("--patch", write("broken.yaml", "modules:\n  osc: {type: sien}\n"), "--seconds", 1)
    checks.check(result.returncode != 0 and "broken.yaml:2" in result.stderr, "a patch's mistake is told", result.stderr)


def test_a_lead_that_has_no_room_is_refused():
    result = tutti.run("synth", "--device", "null", "--block", 8192, "--osc-port", -1, "--lead", 200, "--seconds", 1)
    checks.check(result.returncode == 2 and "a lead of 200 blocks: with 8192 frames a block it can be up to 1"
                 in result.stderr, "a lead that has no room is refused with what has", result.stderr)


def test_a_missing_server_is_told():
    result = tutti.run("synth", "--device", "jack", "--osc-port", -1, "--seconds", 1,
                       environment={"JACK_DEFAULT_SERVER": "tutti-none", "JACK_NO_START_SERVER": "1"})
    checks.equal(result.returncode, 1, "without a JACK server it fails")
    checks.check("JACK" in result.stderr.splitlines()[-1], "and says so", result.stderr)


class Jack:
    """Servers one after the other, the last of which ends with the `with` block."""

    def __init__(self):
        self.environment = jack_environment(tutti)
        self.server = start_jack(tutti)

    def kill(self):
        self.server.kill()
        self.server.wait()

    def restart(self, rate=RATE):
        self.server = start_jack(tutti, rate)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.server and self.server.poll() is None:
            self.server.send_signal(signal.SIGCONT)
            self.server.terminate()
            self.server.wait()


def test_a_server_that_dies_is_waited_for():
    with Jack() as jack:
        if not jack.server:
            checks.check(True, "a server that dies # skip there is no jackd")
            return
        record = os.path.join(folder, "show.wav")
        with Synth("--record", record, device="jack", environment=jack.environment) as synth:
            synth.ctl("/tutti/synth/module/add", "osc", "sine")
            slots = synth.slots()
            jack.kill()
            synth.await_event("device_gone")
            stood = {name: int(synth.stats()[name]) for name in ("frames", "recorded_frames")}
            result = synth.ctl("/tutti/synth/set", "osc", "frequency", "220")
            checks.equal((result.returncode, result.stdout), (0, b"ok\n"), "a change is taken while the device is gone")
            checks.equal(synth.stats()["device_gone"], "1", "and the figures say that it is gone")
            jack.restart(44100)
            missed = synth.await_event("device_missed", lambda event: "44100" in event["reason"])
            checks.check("start it with -r 48000" in missed["reason"], "a server of another rate is refused", missed)
            jack.kill()
            jack.restart()
            synth.await_event("device_back")
            checks.check(until(lambda: int(synth.stats()["frames"]) > stood["frames"] + RATE / 2),
                         "and time goes on when it is back")
            checks.equal(synth.slots(), slots, "the slots are the same")
            code, told = synth.stop(signal.SIGINT)
    checks.equal(code, 0, "it ends in good order")
    recorded = json.loads(next(line for line in told.splitlines() if '"event":"recorded"' in line))
    checks.check(recorded["frames"] > stood["recorded_frames"] + RATE / 4, "the recording went on", (recorded, stood))


def test_it_ends_while_the_device_is_gone():
    with Jack() as jack:
        if not jack.server:
            checks.check(True, "it ends while the device is gone # skip there is no jackd")
            return
        with Synth(device="jack", environment=jack.environment) as synth:
            jack.kill()
            synth.await_event("device_missed")
            code, told = synth.stop(signal.SIGINT)
        checks.check(code == 1 and "the sound device is gone" in told, "it ends, and says that the device is gone", told)
        jack.restart()
        with Synth(device="jack", environment=jack.environment) as synth:
            jack.kill()
            synth.await_event("device_missed")
            # One that is there and answers nobody.
            jack.restart()
            jack.server.send_signal(signal.SIGSTOP)
            time.sleep(1)
            # It may have come back before.
            result = synth.ctl("/tutti/ping")
            checks.equal(result.returncode, 0, "a server that does not answer holds nobody up")
            start = time.monotonic()
            code, told = synth.stop(signal.SIGINT)
            checks.check(time.monotonic() - start < 60, "and it can be ended", told)


def test_ctl_steers():
    with Synth("--metrics-port", "0") as synth:
        for words in (["module/add", "osc", "sine"], ["module/add", "out", "output"],
                      ["cable/add", "osc", "out", "out", "left", "0.3"], ["set", "osc", "frequency", "220"]):
            result = synth.ctl("/tutti/synth/" + words[0], *words[1:])
            checks.equal((result.returncode, result.stdout), (0, b"ok\n"), f"ctl says that {words[0]} is done")
        result = synth.ctl("/tutti/synth/get", "osc", "frequency")
        checks.equal(result.stdout, b"osc frequency 220.0\n", "ctl prints a value")
        result = synth.ctl("/tutti/synth/module/list")
        checks.equal(result.stdout, b'osc sine 1 ""\nout output 1 ""\n', "ctl prints a list")
        result = synth.ctl("/tutti/synth/set", "osc", "frequency", "-5")
        checks.check(result.returncode == 1 and "0.01 to 20000" in result.stderr, "ctl fails with the reason",
                     result.stderr)
        result = synth.ctl("/tutti/{ping,help}")
        checks.check(result.returncode == 0 and b"/tutti/synth/note/on" in result.stdout,
                     "ctl prints what each method of a pattern answers", result.stdout)
        address = f"http://127.0.0.1:{synth.playing['metrics_port']}/metrics"
        with urllib.request.urlopen(address, timeout=60) as reply:
            text = reply.read().decode()
        checks.check(re.search(r"^tutti_synth_modules 2$", text, re.M) is not None, "Prometheus is served", text)
        status, told = synth.stop(signal.SIGTERM)
        checks.equal(status, 0, "SIGTERM ends it in good order")
        checks.check("Sanitizer" not in told, "and clean", told)


def test_slots_end_with_it():
    with Synth() as synth:
        slots = synth.slots()
        checks.equal(synth.stop(signal.SIGINT)[0], 0, "SIGINT ends it in good order")
        checks.check(not any(map(is_alive, slots)), "and its slots with it", slots)
    with Synth() as synth:
        slots = synth.slots()
        synth.child.kill()
        synth.child.wait()
        deadline = time.monotonic() + TIMEOUT_S
        while any(map(is_alive, slots)) and time.monotonic() < deadline:
            time.sleep(0.01)
        checks.check(not any(map(is_alive, slots)), "where it is killed, its slots end too", slots)


def test_a_signal_to_all_of_its_processes():
    with Synth() as synth:
        for slot in synth.slots():
            os.kill(slot, signal.SIGTERM)
        status, told = synth.stop(signal.SIGTERM)
        checks.equal(status, 0, "SIGTERM to every process, as systemd sends it, ends it in good order")
        checks.check('"event":"slot_lost"' not in told, "and no slot before it", told)


def test_ctl_without_a_server():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        result = tutti.run("ctl", "--osc-port", port, "--timeout", 0.2, "/tutti/ping")
    checks.equal(result.returncode, 1, "ctl fails where nobody answers")
    checks.check(f"nothing answers on 127.0.0.1:{port}: is tutti synth running?" in result.stderr, "and says so",
                 result.stderr)
    for words in ([], ["ping"], ["/tutti/ping", "i:x"], ["/" + "x" * 100]):
        checks.equal(tutti.run("ctl", *words).returncode, 2, f"ctl {words} is wrong use")


def test_a_port_that_is_taken():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        result = tutti.run("synth", "--device", "null", "--osc-port", taken.getsockname()[1], "--seconds", 1)
    checks.check(result.returncode == 1 and "is in use" in result.stderr, "a port that is taken is told", result.stderr)


try:
    main(checks, [test_two_runs_of_a_script_are_the_same, test_a_script_with_mistakes_plays_nothing,
                  test_a_refused_line_shows_in_the_exit_status, test_lines_after_the_end_are_told,
                  test_a_script_records_to_the_frame, test_a_broken_patch_is_refused,
                  test_a_lead_that_has_no_room_is_refused, test_a_missing_server_is_told,
                  test_a_server_that_dies_is_waited_for, test_it_ends_while_the_device_is_gone, test_ctl_steers, test_slots_end_with_it,
                  test_a_signal_to_all_of_its_processes, test_ctl_without_a_server, test_a_port_that_is_taken])
finally:
    shutil.rmtree(folder, ignore_errors=True)
