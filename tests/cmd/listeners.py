#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of `tutti bench listeners`: that it counts what happens to listeners. How late they hear is not judged here.

usage: listeners.py TUTTI
"""
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request

sys.dont_write_bytecode = True
from program import TIMEOUT_S, Checks, Program, main  # pylint: disable=wrong-import-position

LISTENERS, SECONDS = 50, 3
CHUNKS_A_SECOND = 10
REFUSALS = ["refused_connect", "refused_answer", "refused_closed", "refused_late", "closed_early"]
FAULTS = ["holes", "frame_jumps", "bad_frames", "errors"]

checks = Checks()
tutti = Program(sys.argv[1])


def listen(*words):
    """The report of a run that succeeds."""
    result = tutti.run("bench", "listeners", "--seconds", SECONDS, "--warm", 0.5, *words)
    if result.returncode:
        raise RuntimeError(f"exit status {result.returncode}: {result.stderr}")
    return json.loads(result.stdout)


def start(*words):
    """A run that goes on until it is told to end."""
    return subprocess.Popen([tutti.path, "bench", "listeners", "--seconds", "600", *words], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, env=tutti.environment)


def stream_of(server):
    return f"ws://127.0.0.1:{server.port}/ws/stream"


def all_heard(group, count):
    return group["wanted"] == group["joined"] == group["heard"] == count and not any(group[name] for name in REFUSALS)


def are_times(times, count=1):
    return times["count"] >= count and 0 <= times["p50"] <= times["p99"] <= times["p99_9"] <= times["max"]


def test_own_server():
    report = listen("--count", LISTENERS, "--check", 5, "--stall", 3, "--slow", 3)
    listeners, server = report["listeners"], report["server"]
    checks.check(all_heard(listeners, LISTENERS), "everybody hears a server of its own", listeners)
    checks.equal([listeners[name] for name in FAULTS], [0] * len(FAULTS), "without fault")
    checks.equal(listeners["checked"], LISTENERS // 5, "one in five is checked")
    expected = SECONDS * CHUNKS_A_SECOND * listeners["checked"]
    checks.check(listeners["chunks"] >= 0.8 * expected, "and gets its chunks", listeners)
    checks.check(are_times(listeners["lateness_ms"], expected // 2) and 0 <= listeners["within_10_ms"]
                 <= listeners["within_50_ms"] <= 1, "their lateness is told", listeners)
    checks.check(are_times(listeners["connect_ms"], LISTENERS) and are_times(listeners["first_chunk_ms"], LISTENERS),
                 "and how soon everybody heard", listeners)
    least = LISTENERS * SECONDS * 1000
    checks.check(listeners["bytes"] > least, "bytes that are thrown away are counted", listeners)
    checks.equal((report["stalled"]["joined"], report["slow"]["joined"]), (3, 3), "others stall and lag")
    each = {name: report[name]["bytes"] / report[name]["joined"] for name in ("listeners", "slow", "stalled")}
    checks.check(each["stalled"] < each["slow"] < each["listeners"], "and read less", each)
    checks.check(server["resident_bytes"] > 0 and server["cpu_seconds"] > 0 and server["open_files"] > LISTENERS
                 and server["cpu_seconds_per_listener_hour"] > 0, "the server's use is told", server)
    checks.check(report["loader"]["cpu_seconds"] > 0, "and the loader's", report["loader"])
    checks.equal(len(report["metrics"]["stations"]), 8, "and what the server says of its eight stations")
    checks.check(not os.path.exists(f"/proc/{server['pid']}"), "the server ends with the test", server)


def test_formats(server):
    for form in ("pcm", "json"):
        report = listen("--url", stream_of(server), "--format", form, "--count", 6, "--check", 2, "--stations", "a,b")
        group = report["listeners"]
        checks.check(all_heard(group, 6) and not any(group[name] for name in FAULTS), f"{form} is understood", group)
        checks.check(are_times(group["lateness_ms"]), f"{form}: its lateness too", group)
    address = f"http://127.0.0.1:{server.port}/stream/{{station}}.ogg"
    report = listen("--url", address, "--count", 6, "--check", 2, "--pid", server.child.pid)
    group = report["listeners"]
    checks.check(all_heard(group, 6) and group["chunks"] > 0 and not any(group[name] for name in FAULTS),
                 "Ogg over HTTP is understood", group)
    checks.check(report["stations"] == 2 and group["lateness_ms"] is None and report["server"]["pid"] == server.child.pid,
                 "at all stations, without a lateness, and with the process that is named", report)


def test_coming_and_going(server):
    report = listen("--url", stream_of(server), "--count", 30, "--churn", 0.5, "--check", 3)
    group = report["listeners"]
    checks.check(group["left"] > 30 and group["joined"] > group["left"] and not any(group[name] for name in FAULTS),
                 "listeners come and go", group)
    report = listen("--url", stream_of(server), "--count", 20, "--storm", "--base", 20, "--settle", 2, "--ramp", 2,
                    "--check", 2)
    checks.check(all_heard(report["listeners"], 20) and all_heard(report["base"], 20), "a storm is survived", report)
    phases = {name: report["base"][name] for name in ("before", "during", "after")}
    checks.check(all(are_times(phase["lateness_ms"], 100) for phase in phases.values()),
                 "and what those heard who were there before", phases)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def wait_for(condition):
    """Waits until it holds, for as long as a slow machine may take."""
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError("it does not come to that")
        time.sleep(0.1)


def sockets_of(pid):
    """How many sockets a process has open."""
    count = 0
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            count += os.readlink(f"/proc/{pid}/fd/{name}").startswith("socket:")
        except OSError:
            pass
    return count


def listeners_of(server):
    with urllib.request.urlopen(server.address + "api/status", timeout=60) as reply:
        return sum(station["listeners"] for station in json.load(reply)["stations"])


def test_server_that_comes_back():
    """Listeners of a server that ends, some of them told so, come again when another is there."""
    port = free_port()
    words = ("--port", port, "--stations", "a", "--log-level", "error")
    with tutti.serve(*words) as server:
        test = start("--url", stream_of(server), "--count", "10", "--check", "2", "--warm", "0", "--reconnect")
        wait_for(lambda: listeners_of(server) == 10)
        time.sleep(SECONDS)
        server.stop()
    with tutti.serve(*words) as server:
        wait_for(lambda: listeners_of(server) == 10)
        time.sleep(SECONDS)
        test.send_signal(signal.SIGTERM)
        out, told = test.communicate(timeout=TIMEOUT_S)
    checks.equal((test.returncode, told), (0, b""), "a test goes on while there is no server")
    group = json.loads(out)["listeners"]
    checks.check(group["closed_early"] >= 10 and group["close_codes"].get("1001", 0) >= 5 and group["heard"] >= 20,
                 "its listeners are closed and come again", group)
    checks.check(are_times(group["silence_ms"], 10), "and tell how long they heard nothing", group)


def answer_all(listener, answer):
    """Gives each connection `answer` to whatever it sends, and closes it."""
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            connection.recv(4096)
            connection.sendall(answer)


def test_servers_that_are_none():
    for answer, name, status in [(b"HTTP/1.1 503 No\r\n\r\n", "refused_answer", 503), (b"", "refused_answer", None),
                                 (b"HTTP/1.1 101 Yes\r\nSec-WebSocket-Accept: no\r\n\r\n", "refused_answer", 101)]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=answer_all, args=(listener, answer), daemon=True).start()
            result = tutti.run("bench", "listeners", "--url", f"ws://127.0.0.1:{listener.getsockname()[1]}/ws/stream",
                               "--stations", "a", "--count", 3, "--seconds", 1, "--warm", 0)
            listener.shutdown(socket.SHUT_RDWR)
        group = json.loads(result.stdout)["listeners"]
        checks.check(result.returncode == 1 and group[name] == 3 and group.get("refused_answer_status") == status,
                     f"{answer[:16]} opens nothing", group)
    result = tutti.run("bench", "listeners", "--url", f"ws://127.0.0.1:{free_port()}/ws/stream")
    checks.check(result.returncode == 1 and "does not answer" in result.stderr, "a server that is not there is told",
                 result.stderr)


def test_wrong_use():
    url = "ws://127.0.0.1:1/"
    for words, named in [(["--url", "wss://127.0.0.1:1/"], "ws://HOST:PORT/ws/stream"),
                         (["--url", "127.0.0.1:1"], "ws://HOST:PORT/ws/stream"), (["--url", "ws://"], "--url"),
                         (["--url", "ws://127.0.0.1:http/"], "--url"), (["--url", "ws://[::1/"], "--url"),
                         (["--url", "ws://127.0.0.1:1/a b"], "--url"), (["--url", "ws://127.0.0.1:99999999/"], "--url"),
                         (["--url", url, "--stations", "a/b"], "a/b"), (["--url", url, "--stations", ","], "--stations"),
                         (["--count", "0"], "--count"), (["--count", "many"], "--count"), (["--check", "0"], "--check"),
                         (["--format", "mp3"], "--format"), (["--seconds", "nan"], "--seconds"),
                         (["--churn", "-1"], "--churn"), (["--cuont", "1"], "--count"), (["render"], "render"),
                         (["--count", "100000", "--stall", "100000"], "ulimit")]:
        result = tutti.run("bench", "listeners", *words)
        checks.check(result.returncode == 2 and named in result.stderr and not result.stdout, f"{words} is refused",
                     result.stderr)
    result = tutti.run("bench", "listeners", "--stations", "a=nonesuch")
    checks.check(result.returncode == 2 and "a=nonesuch" in result.stderr, "so is a name with a preset", result.stderr)
    result = tutti.run("bench", "render", "listeners")
    checks.check(result.returncode == 2 and "alone" in result.stderr, "it stands alone", result.stderr)
    result = tutti.run("bench", "listeners", "--help")
    checks.check(result.returncode == 0 and "--storm" in result.stdout.decode(), "--help explains", result.stdout)


def test_end_before_its_time():
    test = start("--count", "5", "--warm", "0")
    wait_for(lambda: sockets_of(test.pid) >= 5)
    time.sleep(SECONDS)
    test.send_signal(signal.SIGTERM)
    report = json.loads(test.communicate(timeout=TIMEOUT_S)[0])
    checks.check(test.returncode == 0 and all_heard(report["listeners"], 5), "stopped early, it tells what it found",
                 report)
    checks.check(not os.path.exists(f"/proc/{report['server']['pid']}"), "and leaves no server behind", report)


def test_one_server():
    with tutti.serve("--port", 0, "--stations", "a,b", "--log-level", "error") as server:
        test_formats(server)
        test_coming_and_going(server)


if __name__ == "__main__":
    main(checks, [test_own_server, test_one_server, test_server_that_comes_back, test_servers_that_are_none,
                  test_wrong_use, test_end_before_its_time])
