#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of `tutti serve` as a program: how it starts, what it refuses, how it ends.

usage: serve.py TUTTI
"""
import base64
import http.client
import json
import os
import re
import resource
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import urllib.request

sys.dont_write_bytecode = True
from program import Checks, Program, main  # pylint: disable=wrong-import-position

PROMPT_S = 60  # to end in, sanitizers and a busy machine included
TRIES = 20  # for a port that nobody else takes meanwhile

checks = Checks()
tutti = Program(sys.argv[1])
folder = tempfile.mkdtemp(prefix="tutti-serve-")


def status_of(server):
    with urllib.request.urlopen(server.address + "api/status", timeout=60) as reply:
        return json.load(reply)


def stations_of(server):
    return sorted(station["station"] for station in status_of(server)["stations"])


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def serve_at_free_port(serve):
    """A server that `serve` starts at the port it is given, and that port. Between the moment when a port is found free
    and the server's, another program may take it: then it is tried anew."""
    for _ in range(TRIES):
        port = free_port()
        server = serve(port)
        if server.line:
            return server, port
        with server:
            _, _, told = server.stop()
        if "is in use" not in told:
            raise RuntimeError(f"it does not start: {told}")
    raise RuntimeError("no port stays free")


def open_websocket(server, query):
    """A WebSocket of the stream, its handshake done."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=60)
    key = base64.b64encode(os.urandom(16)).decode()
    connection.sendall(f"GET /ws/stream?{query} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nUpgrade: websocket\r\n"
                       f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode())
    head = b""
    while b"\r\n\r\n" not in head:
        more = connection.recv(1)
        if not more:
            raise RuntimeError(f"no WebSocket: {head!r}")
        head += more
    if b" 101 " not in head.split(b"\r\n")[0]:
        raise RuntimeError(f"no WebSocket: {head!r}")
    return connection


def read_all(connection, received):
    """Reads until the other side closes."""
    try:
        while more := connection.recv(65536):
            received.append(more)
    except OSError:
        pass


def wait_for_hello(received):
    """Waits until every reader has been told hello; whether it came to that."""
    deadline = time.monotonic() + PROMPT_S
    while not (told := all(b"hello" in b"".join(parts) for parts in received)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return told


def test_start():
    with tutti.serve("--port", 0) as server:
        checks.check(re.fullmatch(r"Tutti plays at http://127\.0\.0\.1:\d+/", server.line),
                     "it prints where it plays", server.line)
        checks.equal(stations_of(server), ["main"], "there it plays one station")
        with urllib.request.urlopen(server.address, timeout=60) as page:
            checks.check(b"<html" in page.read(), "the page is there")
        second = tutti.run("serve", "--port", server.port)
        checks.check(second.returncode == 1 and str(server.port) in second.stderr and not second.stdout,
                     "a second one on the same port is refused", f"{second.returncode}: {second.stderr}")
        with tutti.serve("--port", 0, "--stations", "other") as other:
            checks.check(stations_of(other) == ["other"] and stations_of(server) == ["main"],
                         "one on another port plays beside it")
            checks.equal(other.stop()[0], 0, "and ends")
        checks.equal(stations_of(server), ["main"], "while the first plays on")
        status, _, told = server.stop()
        checks.equal(status, 0, "SIGTERM ends it with 0")
        lines = [json.loads(line) for line in told.splitlines()]
        checks.check(any(line["event"] == "stopping" for line in lines), "its log is JSON and says so", told)


def test_end():
    for number, name in ((signal.SIGTERM, "SIGTERM"), (signal.SIGINT, "SIGINT")):
        with tutti.serve("--port", 0) as server:
            sockets = [open_websocket(server, f"station=main&format={form}")
                       for form in ("opus", "pcm", "json", "opus")]
            received = [[] for _ in sockets]
            readers = [threading.Thread(target=read_all, args=pair) for pair in zip(sockets, received)]
            for reader in readers:
                reader.start()
            player = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
            player.request("GET", "/stream/main.ogg")
            checks.equal(player.getresponse().read(4), b"OggS", "a player hears Ogg")
            checks.check(wait_for_hello(received), "every listener was told hello")
            stalled = open_websocket(server, "station=main&format=pcm")
            status, seconds, told = server.stop(number)
            checks.equal(status, 0, f"{name} with listeners ends it with 0")
            checks.check(seconds < PROMPT_S, f"{name}: promptly, in {seconds:.2f} s", told)
            for reader in readers:
                reader.join(60)
            checks.check(all(b"\x03\xe9" in b"".join(parts)[-40:] for parts in received),
                         "and good-bye: going away", [b"".join(parts)[-40:] for parts in received])
            for connection in (*sockets, stalled, player):
                connection.close()


def test_sources():
    path = os.path.join(folder, "serve.yaml")

    def serve_from_file(port):
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"port: {port}\nstations: day,night=sleep\npreset: bright\n")
        return tutti.serve("--config", path)

    server, port = serve_at_free_port(serve_from_file)
    with server:
        checks.equal(server.port, port, "the port comes from a file")
        checks.equal(stations_of(server), ["day", "night"], "and the stations, two of them")
        presets = {station["station"]: station.get("preset") for station in status_of(server)["stations"]}
        checks.equal(presets, {"day": "bright", "night": "sleep"}, "each with its preset")
        for name in presets:
            with urllib.request.urlopen(f"{server.address}stream/{name}.ogg", timeout=60) as stream:
                checks.equal(stream.read(4), b"OggS", f"{name} is heard")
        # While the first holds the port of the file.
        with tutti.serve("--port", 0, "--config", path, environment={"TUTTI_STATIONS": "b"}) as other:
            checks.check(other.port != port and stations_of(other) == ["b"],
                         "the line goes before the environment before the file", other.line)
    server, port = serve_at_free_port(
        lambda port: tutti.serve(environment={"TUTTI_PORT": str(port), "TUTTI_STATIONS": "a"}))
    with server:
        checks.equal((server.port, stations_of(server)), (port, ["a"]), "or from the environment")
    with tutti.serve("--port", 0, "--stations", "a,b", "--seed", "7") as server:
        checks.equal([station["seed"] for station in status_of(server)["stations"]], [7, 8],
                     "every station tells its seed, another each")


def test_instruments():
    for words, is_fluid in [([], False), (["--instrument", "fluidsynth", "--interpolation", "linear"], True)]:
        with tutti.serve("--port", 0, *words) as server:
            status = status_of(server)
            names = [status["renderer"], status["stations"][0]["renderer"]]
            told = server.stop()[2]
        checks.check(all(name.startswith("fluidsynth") == is_fluid for name in names) and names[0] in told,
                     f"{words} plays on {names[0]}, as the status and the log say", told)


STATIONS = """seed: 7
stations:
  - name: main
  - name: night
    preset: sleep
    key: Eb
    mode: lydian
    bpm: 50
    intensity: 0.25
    seed: 40
"""


def test_stations_of_their_own():
    path = os.path.join(folder, "stations.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(STATIONS)
    with tutti.serve("--port", 0, "--config", path) as server:
        main_station, night = sorted(status_of(server)["stations"], key=lambda station: station["station"])
        checks.equal((main_station["seed"], main_station["preset"]), (7, "focus"), "a list in a file names stations")
        found = {name: night.get(name) for name in ("preset", "key", "mode", "bpm", "intensity", "seed")}
        checks.equal(found, {"preset": "sleep", "key": "Eb", "mode": "lydian", "bpm": 50, "intensity": 0.25,
                             "seed": 40}, "each with values of its own")
    with tutti.serve("--port", 0, "--config", path, "--stations", "one") as server:
        checks.equal(stations_of(server), ["one"], "and the line goes before the list")


WRONG_STATIONS = [("- name: a\n- preset: sleep\n", ":3: stations: a station without a name"),
                  ("- name: a\n  preset: loud\n", ':3: stations: no preset "loud"'),
                  ("- name: a\n  key: H\n", ":3: stations: H is no key"),
                  ("- name: a\n  mode: loud\n", ":3: stations: loud is no mode"),
                  ("- name: a\n  bpm: 900\n", ":3: stations: bpm: 900 is out of range"),
                  ("- name: a\n  bqm: 60\n", "did you mean bpm?"),
                  ("- name: a\n- name: a\n", ':3: stations: "a" is given twice'),
                  ("- name: A\n", ':2: stations: "A" is no name'), ("- a\n", ":2: stations: not a list of"),
                  ("- name: private\n", ':2: stations: "private" is')]


def test_wrong_stations():
    path = os.path.join(folder, "wrong.yaml")
    for text, named in WRONG_STATIONS:
        with open(path, "w", encoding="utf-8") as file:
            file.write("stations:\n" + text)
        result = tutti.run("serve", "--port", 0, "--config", path)
        checks.check(result.returncode == 2 and named in result.stderr and not result.stdout,
                     f"{text!r} is refused by line and field", f"{result.returncode}: {result.stderr}")
    with open(path, "w", encoding="utf-8") as file:
        file.write("stations: []\n")
    result = tutti.run("serve", "--port", 0, "--config", path)
    checks.check(result.returncode == 2 and "--stations is empty" in result.stderr, "and so is a list of none",
                 result.stderr)


def test_control_token():
    with tutti.serve("--port", 0, "--address", "0.0.0.0") as server:
        told = [server.read_line() for _ in range(3)]
        token = told[2].rpartition(" ")[2]
        checks.check(re.fullmatch(r"[0-9a-f]{32}", token), "where the world may connect, a control token is made", told)
        log = server.stop()[2]
        checks.check(token not in log, "and stays out of the log", log)
    with tutti.serve("--port", 0, "--address", "0.0.0.0", "--control-token", "sesame") as server:
        out = server.line + "".join(server.read_line() for _ in range(2))
        status, _, log = server.stop()
        checks.check(status == 0 and "sesame" not in out + log, "one that was given is not told", out + log)


def test_limits():
    lowered = dict(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (2048, 2048)))
    with tutti.serve("--port", 0, **lowered) as server:
        told = server.stop()[2]
    checks.check('"listeners_lowered","wanted":16000,"possible":1024' in told, "too few descriptors are told", told)
    with tutti.serve("--port", 0, "--listeners", 1000, **lowered) as server:
        told = server.stop()[2]
    checks.check("listeners_lowered" not in told, "enough are not", told)


WRONG_FILES = [("bqm: 60\n", "bqm"), ("port: many\n", "port"), ("port: [1, 2]\n", "serve.yaml"),
               ("intensity: .nan\n", "intensity"), ("a: b: c\n", "serve.yaml"), ("port: 70000\n", "70000")]
WRONG = [(["--port", "70000"], "--port"), (["--port", "-1"], "--port"), (["--speed", "0"], "--speed"),
         (["--log-level", "loud"], "--log-level"), (["--bitrate", "5"], "--bitrate"),
         (["--preset", "loud"], "--preset"), (["--instrument", "piano"], "--instrument"),
         (["--interpolation", "cosine"], "--interpolation"), (["--rate", "96000"], "--rate"),
         (["--key", "H"], "--key"), (["--bpm", "nan"], "--bpm"), (["--stations", ","], "--stations"),
         (["--stations", "Main!"], "Main!"), (["--stations", "a,b=loud"], "loud"), (["--prot", "1"], "did you mean"),
         (["--address", "nowhere"], "nowhere"), (["main"], "main"), (["--control-token", ""], "--control-token"),
         (["--private", "-2"], "--private"), (["--listeners", "0"], "--listeners"), (["--shards", "0"], "--shards"),
         (["--per-address", "-1"], "--per-address"), (["--state", "/nonexistent"], "/nonexistent"),
         (["--state", __file__], "Not a directory"), (["--stations", "a,private"], "private"), (["--origins", "example.org"], "https://example.org")]


def test_wrong_use():
    for words, named in WRONG:
        result = tutti.run("serve", *(["--port", 0] if "--port" not in words else []), *words)
        checks.check(result.returncode == 2 and named in result.stderr and not result.stdout,
                     f"{' '.join(words)!r} is refused by name", f"{result.returncode}: {result.stderr}")
    path = os.path.join(folder, "serve.yaml")
    for text, named in WRONG_FILES:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        result = tutti.run("serve", "--config", path)
        checks.check(result.returncode == 2 and named in result.stderr and "serve.yaml" in result.stderr,
                     f"{text.strip()!r} in a file is refused by file and key", f"{result.returncode}: {result.stderr}")
    result = tutti.run("serve", "--port", 0, environment={"STATE_DIRECTORY": "/nonexistent:/tmp"})
    checks.check(result.returncode == 2 and "STATE_DIRECTORY /nonexistent: No such" in result.stderr,
                 "a state folder of systemd's that is not there is refused", result.stderr)
    result = tutti.run("serve", environment={"TUTTI_PORT": "many"})
    checks.check(result.returncode == 2 and "TUTTI_PORT" in result.stderr, "so it is in the environment", result.stderr)


def test_trouble():
    for words, named in [(["--stations", "a,a"], '"a"'), (["--soundfont", "/nonexistent.sf2"], "fluid-soundfont-gm"),
                         (["--soundfont", __file__], "SoundFont")]:
        result = tutti.run("serve", "--port", 0, *words)
        checks.check(result.returncode in (1, 2) and named in result.stderr.splitlines()[-1] and not result.stdout,
                     f"{words} is refused and explained", f"{result.returncode}: {result.stderr}")
    result = tutti.run("serve", "--port", 0, "--soundfont", "/nonexistent.sf2")
    checks.equal(result.returncode, 1, "no SoundFont is a failure, not wrong use")


if __name__ == "__main__":
    try:
        main(checks, [test_start, test_end, test_sources, test_stations_of_their_own, test_wrong_stations,
                      test_control_token, test_limits, test_instruments, test_wrong_use, test_trouble])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
