#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures what listeners cost Icecast and Tutti, one after the other, with the same loader and the same music.

usage: bench/icecast.py TUTTI [--listeners N] [--seconds S] [--warm S] [--check N] [--bitrate BITS]

Needs Icecast: apt install icecast2. A `tutti serve` plays; its Ogg Opus stream goes to Icecast as any source client's
does, by an HTTP PUT, and N listeners hear it there. Then, with neither of these running, as many hear a Tutti server as
Ogg over HTTP, and then another over WebSockets. Prints JSON: processor seconds for an hour of one listener, with and
without what the server uses for one listener alone (of Tutti that is composing, playing and encoding, which Icecast
leaves to its source), milliseconds from the first step of a connection to the first whole page or chunk of music, memory
a listener, and Icecast's figures divided by Tutti's: above 1 Tutti needs less. Icecast runs with the limits, queue and
burst of Debian's configuration, but for how many clients it allows.
"""
import argparse
import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

sys.dont_write_bytecode = True
from server import Server, load, raise_file_limit  # pylint: disable=wrong-import-position

PATIENCE_S = 30
PASSWORD = "only-for-this-machine"
SPARE_CLIENTS = 100
CONFIG = """<icecast>
  <limits>
    <clients>{clients}</clients><sources>2</sources><queue-size>524288</queue-size>
    <client-timeout>30</client-timeout><header-timeout>15</header-timeout><source-timeout>10</source-timeout>
    <burst-on-connect>1</burst-on-connect><burst-size>65535</burst-size>
  </limits>
  <authentication>
    <source-password>{password}</source-password><relay-password>{password}</relay-password>
    <admin-user>admin</admin-user><admin-password>{password}</admin-password>
  </authentication>
  <hostname>127.0.0.1</hostname>
  <listen-socket><port>{port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
  <fileserve>0</fileserve>
  <paths>
    <basedir>/usr/share/icecast2</basedir><logdir>{folder}</logdir>
    <webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot>
  </paths>
  <logging><accesslog>access.log</accesslog><errorlog>error.log</errorlog><loglevel>2</loglevel></logging>
</icecast>
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def connect(port):
    """A connection to a server that may have just been started."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


class Icecast:
    """A running Icecast, which refuses to be root; leaves with the `with` block."""

    def __init__(self, program, clients):
        self.port = free_port()
        self.folder = tempfile.mkdtemp(prefix="tutti-icecast-")
        config = os.path.join(self.folder, "icecast.xml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(clients=clients, password=PASSWORD, port=self.port, folder=self.folder))
        user = {}
        if os.getuid() == 0:
            shutil.chown(self.folder, "nobody", "nogroup")
            shutil.chown(config, "nobody", "nogroup")
            user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        self.child = subprocess.Popen([program, "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                      stdin=subprocess.DEVNULL, cwd="/", **user)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.terminate()
        self.child.wait()
        shutil.rmtree(self.folder)


class Source(threading.Thread):
    """Sends the Ogg stream of a Tutti server to Icecast as it comes."""

    def __init__(self, server, icecast):
        super().__init__(daemon=True)
        self.stream = urllib.request.urlopen(server.address + "stream/main.ogg", timeout=PATIENCE_S)
        self.sink = connect(icecast.port)
        user = base64.b64encode(f"source:{PASSWORD}".encode()).decode()
        self.sink.sendall(f"PUT /main.ogg HTTP/1.1\r\nHost: 127.0.0.1:{icecast.port}\r\nAuthorization: Basic {user}\r\n"
                          "User-Agent: tutti-bench\r\nContent-Type: application/ogg\r\nIce-Public: 0\r\n\r\n".encode())
        answer = self.sink.recv(4096)
        if b" 200 " not in answer.split(b"\r\n")[0]:
            raise RuntimeError(f"Icecast does not take the stream: {answer!r}")
        self.ending = False
        self.error = None

    def run(self):
        try:
            while not self.ending and (bytes_read := self.stream.read1(4096)):
                self.sink.sendall(bytes_read)
        except OSError as error:
            self.error = error

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        broken = not self.is_alive()
        self.ending = True
        self.join()
        self.sink.close()
        self.stream.close()
        if broken:
            raise RuntimeError(f"the source ended before the test: {self.error or 'the stream is over'}")


def summary(report):
    """What is compared."""
    listeners, server, loader = report["listeners"], report["server"], report["loader"]
    alone = (server["cpu_share"] - server["cpu_share_before"]) / report["listening"] * 3600
    return {
        "listeners": listeners["wanted"],
        "heard": listeners["heard"],
        "closed_early": listeners["closed_early"],
        "holes": listeners["holes"],
        "bytes": listeners["bytes"],
        "cpu_seconds_per_listener_hour": server["cpu_seconds_per_listener_hour"],
        "cpu_seconds_per_listener_hour_beyond_one": alone,
        "first_audio_ms": {name: listeners["first_chunk_ms"][name] for name in ("p50", "p99", "max")},
        "memory_bytes_per_listener": server["bytes_per_listener"],
        "resident_bytes": server["resident_bytes"],
        "loader_cpu_share": loader["cpu_share"],
    }


def ratio(peer, ours):
    return peer / ours if ours and ours > 0 and peer > 0 else None


def ratios(peer, ours):
    found = {name: ratio(peer[name], ours[name]) for name in (
        "cpu_seconds_per_listener_hour", "cpu_seconds_per_listener_hour_beyond_one", "memory_bytes_per_listener")}
    found["first_audio_ms"] = {part: ratio(peer["first_audio_ms"][part], ours["first_audio_ms"][part])
                               for part in ("p50", "p99")}
    return found


def measure_icecast(icecast, options, words):
    with Server(options.tutti, "--stations", "main", "--bitrate", str(options.bitrate)) as server:
        with Icecast(icecast, options.listeners + SPARE_CLIENTS) as peer, Source(server, peer):
            # As long as it takes to fill Icecast's burst, without which it would have little to give at first.
            time.sleep(65536 * 8 / options.bitrate + 1)
            return summary(load(options.tutti, "--url", f"http://127.0.0.1:{peer.port}/main.ogg", "--pid",
                                peer.child.pid, *words))


def measure_tutti(options, words, form):
    # A player of Ogg takes two descriptors: where they are short, the server takes fewer.
    words_own = ["--stations", "main", "--bitrate", options.bitrate, "--listeners", options.listeners + SPARE_CLIENTS]
    with Server(options.tutti, *map(str, words_own)) as server:
        urls = {"ogg": f"{server.address}stream/main.ogg", "websocket": f"ws://{server.host}/ws/stream"}
        return summary(load(options.tutti, "--url", urls[form], "--pid", server.pid, *words))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("tutti", metavar="TUTTI", help="the program")
    parser.add_argument("--listeners", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60, help="of each of the three runs")
    parser.add_argument("--warm", type=float, default=20, help="seconds with one listener alone, before")
    parser.add_argument("--check", type=int, default=100, help="one listener in so many looks at every byte")
    parser.add_argument("--bitrate", type=int, default=96000, help="of Opus, bit/s")
    options = parser.parse_args()
    icecast = shutil.which("icecast2", path=os.environ.get("PATH", "") + ":/usr/bin")
    if not icecast:
        print("bench/icecast.py: Icecast is not installed: apt install icecast2", file=sys.stderr)
        return 1
    raise_file_limit()
    words = ["--count", options.listeners, "--seconds", options.seconds, "--warm", options.warm, "--check", options.check]
    version = subprocess.run([icecast, "-v"], stdout=subprocess.PIPE, text=True, check=False).stdout.strip()
    found = {"icecast": measure_icecast(icecast, options, words), "tutti_ogg": measure_tutti(options, words, "ogg"),
             "tutti_websocket": measure_tutti(options, words, "websocket")}
    ours = {name: ratios(found["icecast"], found[name]) for name in ("tutti_ogg", "tutti_websocket")}
    print(json.dumps({"peer": version, "bitrate": options.bitrate, "seconds": options.seconds, **found,
                      "ratios": ours}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
