#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the life of `tutti serve`: what signals do to it, and what it tells the service manager (sd_notify).

usage: life.py TUTTI
"""
import fcntl
import json
import os
import pty
import shutil
import signal
import socket
import struct
import sys
import tempfile
import termios
import threading
import urllib.request

sys.dont_write_bytecode = True
from program import TIMEOUT_S, Checks, Program, main  # pylint: disable=wrong-import-position

WATCHDOG_US = 1000000
TRIES = 5
HANDSHAKE = ("GET /ws/stream?station={} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{}\r\n")
FRAME_BINARY, FRAME_CLOSE = 0x82, 0x88

checks = Checks()
tutti = Program(sys.argv[1])
folder = tempfile.mkdtemp(prefix="tutti-life-")


class Manager:
    """A service manager: the socket that the program tells of its state."""

    def __init__(self):
        self.path = os.path.join(folder, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(TIMEOUT_S)
        self.environment = {"NOTIFY_SOCKET": self.path}

    def wait(self, field):
        """The next message with the field, as a dictionary."""
        while True:
            message = dict(line.split("=", 1) for line in self.socket.recv(4096).decode().splitlines())
            if field in message:
                return message

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        os.unlink(self.path)


def write_config(text):
    path = os.path.join(folder, "tutti.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def reload(server, manager):
    """Has the server read its configuration anew, and waits until it has."""
    server.child.send_signal(signal.SIGHUP)
    told = manager.wait("RELOADING")
    manager.wait("READY")
    return told


def events(told, name):
    return [line for line in map(json.loads, told.splitlines()) if line["event"] == name]


def stations_of(server):
    with urllib.request.urlopen(server.address + "api/status", timeout=60) as reply:
        return sorted(station["station"] for station in json.load(reply)["stations"])


def open_websocket(server, station="main", origin=None):
    """A socket on which the handshake was sent, and the status that came."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=60)
    connection.sendall(HANDSHAKE.format(station, f"Origin: {origin}\r\n" if origin else "").encode())
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(1) or b"\r\n\r\n"
    return connection, int(head.split()[1])


def opens(server, origin):
    connection, status = open_websocket(server, origin=origin)
    connection.close()
    return status


class Listener:
    """Reads a WebSocket on a thread of its own: the sequences of its chunks, until it is closed."""

    def __init__(self, server):
        self.connection, self.status = open_websocket(server)
        self.sequences = []
        self.closed = False
        self.thread = threading.Thread(target=self.listen)
        self.thread.start()

    def take(self, size):
        data = b""
        while len(data) < size:
            more = self.connection.recv(size - len(data))
            if not more:
                raise OSError("closed")
            data += more
        return data

    def listen(self):
        try:
            while True:
                first, size = self.take(2)
                size = {126: lambda: struct.unpack(">H", self.take(2))[0],
                        127: lambda: struct.unpack(">Q", self.take(8))[0]}.get(size, lambda size=size: size)()
                payload = self.take(size)
                self.closed = self.closed or first == FRAME_CLOSE
                if first == FRAME_BINARY:
                    self.sequences.append(struct.unpack_from("<I", payload, 4)[0])
        except OSError:
            pass

    def has_hole(self):
        return any(after != before + 1 for before, after in zip(self.sequences, self.sequences[1:]))

    def wait_for(self, count):
        """Whether so many chunks more come."""
        wanted = len(self.sequences) + count
        while len(self.sequences) < wanted and self.thread.is_alive():
            self.thread.join(0.05)
        return len(self.sequences) >= wanted

    def close(self):
        self.connection.shutdown(socket.SHUT_RDWR)
        self.thread.join(60)
        self.connection.close()


def test_manager():
    with Manager() as manager:
        environment = {**manager.environment, "WATCHDOG_USEC": str(WATCHDOG_US)}
        with tutti.serve("--port", 0, environment=environment) as server:
            ready = manager.wait("READY")
            checks.check(str(server.port) in ready.get("STATUS", ""), "it tells that it is ready, and where", ready)
            alive = [manager.wait("WATCHDOG") for _ in range(3)]
            checks.check(all("1 station " in message["STATUS"] for message in alive), "then that it is alive", alive)
            told = reload(server, manager)
            checks.check(int(told["MONOTONIC_USEC"]) > 0, "that it reloads, and when, and that it is ready again", told)
            manager.wait("WATCHDOG")
            server.child.send_signal(signal.SIGTERM)
            checks.check(manager.wait("STOPPING"), "that it stops")
            checks.equal(server.child.wait(TIMEOUT_S), 0, "and it ends with 0")
        with tutti.serve("--port", 0, environment=manager.environment) as server:
            manager.wait("READY")
            reload(server, manager)
            server.stop()
            told = manager.wait("STOPPING")
            checks.check(told, "no watchdog is fed that nobody keeps")
    with tutti.serve("--port", 0, environment={"NOTIFY_SOCKET": "/nonexistent"}) as server:
        checks.equal(server.stop()[0], 0, "a manager that is gone does no harm")


BEFORE = """origins: https://old.example
log-level: warning
stations: main,other,third
preset: focus
port: 0
"""
AFTER = """origins: https://new.example
log-level: info
stations:
  - name: main
  - name: third
    preset: sleep
  - name: fresh
    preset: bright
preset: focus
port: 9
"""


def test_reload():
    path = write_config(BEFORE)
    with Manager() as manager, tutti.serve("--config", path, environment=manager.environment) as server:
        manager.wait("READY")
        listener = Listener(server)
        checks.check(listener.wait_for(4), "a listener hears music")
        checks.equal((opens(server, "https://old.example"), opens(server, "https://new.example")), (101, 403),
                     "pages of one site may connect, of another not")
        write_config(AFTER)
        reload(server, manager)
        checks.equal((opens(server, "https://old.example"), opens(server, "https://new.example")), (403, 101),
                     "SIGHUP: now it is the other")
        checks.equal(stations_of(server), ["fresh", "main", "other", "third"], "a station has joined, none is gone")
        checks.equal(open_websocket(server, "fresh")[1], 101, "and is heard")
        checks.check(listener.wait_for(4) and not listener.has_hole() and not listener.closed,
                     "the listener has noticed nothing", listener.sequences)
        listener.close()
        status, _, told = server.stop()
        checks.equal(status, 0, "and it ends with 0")
        ignored = events(told, "reload_ignored")
        checks.equal([(line.get("option"), line.get("wanted")) for line in ignored if "option" in line],
                     [("port", "9")], "what cannot change is told")
        checks.equal([line["station"] for line in ignored if "station" in line], ["other", "third"],
                     "a station that is gone or has other values is, too")
        checks.check(events(told, "reloaded"), "the level of the log has changed", told)


def test_wrong_reload():
    path = write_config(BEFORE)
    with Manager() as manager, tutti.serve("--config", path, environment=manager.environment) as server:
        manager.wait("READY")
        wrong = ["origins: https://new.example\nstations:\n  - name: main\n  - name: a\n    bpm: 900\n", "a: b: c\n",
                 "origins: https://new.example\nstations: main,a=loud\n", "state: /nonexistent\nstations: main,a\n"]
        for text in wrong:
            write_config(text)
            reload(server, manager)
        os.unlink(path)
        reload(server, manager)
        checks.equal((opens(server, "https://old.example"), opens(server, "https://new.example")), (101, 403),
                     "what is wrong changes nothing, in whatever place")
        checks.equal(stations_of(server), ["main", "other", "third"], "and no station")
        told = server.stop()[2]
        reasons = [line["reason"] for line in events(told, "reload_refused")]
        checks.check(len(reasons) == len(wrong) + 1 and "tutti.yaml:5: stations: bpm: 900" in reasons[0],
                     "each is told, with its line", told)


def test_token_stays():
    # Behind a proxy everybody comes from this machine.
    for address in ("0.0.0.0", "127.0.0.1"):
        path = write_config(f"address: {address}\nport: 0\ncontrol-token: sesame\n")
        with Manager() as manager, tutti.serve("--config", path, environment=manager.environment) as server:
            manager.wait("READY")
            write_config(f"address: {address}\nport: 0\n")
            reload(server, manager)
            told = server.stop()[2]
            checks.check("control token is gone" in events(told, "reload_refused")[0]["reason"],
                         f"the world cannot be let in by a line that is missing at {address}", told)


def test_token_that_came_stays():
    path = write_config("port: 0\n")
    with Manager() as manager, tutti.serve("--config", path, environment=manager.environment) as server:
        manager.wait("READY")
        for text in ("port: 0\ncontrol-token: sesame\n", "port: 0\n"):
            write_config(text)
            reload(server, manager)
        told = server.stop()[2]
        checks.equal([len(events(told, name)) for name in ("reloaded", "reload_refused")], [1, 1],
                     "a token that came by a reload stays too")


def stop_twice():
    with Manager() as manager, tutti.serve("--port", 0, environment=manager.environment) as server:
        manager.wait("READY")
        # One that does not answer good-bye, for which it waits.
        connection, _ = open_websocket(server)
        server.child.send_signal(signal.SIGTERM)
        manager.wait("STOPPING")
        server.child.send_signal(signal.SIGTERM)
        status = server.child.wait(TIMEOUT_S)
        connection.close()
        return status


def test_second_signal():
    # On a machine that was busy elsewhere the good-bye may be over before the second signal comes.
    statuses = []
    while len(statuses) < TRIES and -signal.SIGTERM not in statuses:
        statuses.append(stop_twice())
    checks.check(statuses[-1] == -signal.SIGTERM, "a second SIGTERM ends it at once", statuses)


def serve_on_terminal(manager, ignore):
    """A server that has a terminal of its own, and the terminal's other end."""
    other_end, terminal = pty.openpty()

    def prepare():
        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
        signal.signal(signal.SIGHUP, signal.SIG_IGN if ignore else signal.SIG_DFL)

    server = tutti.serve("--port", 0, environment=manager.environment, start_new_session=True, preexec_fn=prepare)
    os.close(terminal)
    manager.wait("READY")
    return server, other_end


def test_terminal():
    with Manager() as manager:
        server, terminal = serve_on_terminal(manager, False)
        with server:
            reload(server, manager)
            os.close(terminal)
            checks.check(manager.wait("STOPPING"), "it ends with its terminal, and not at SIGHUP before")
            checks.equal(server.child.wait(TIMEOUT_S), 0, "with 0")
        server, terminal = serve_on_terminal(manager, True)
        with server:
            os.close(terminal)
            manager.wait("RELOADING")
            manager.wait("READY")
            checks.equal(stations_of(server), ["main"], "with nohup it outlives it")


if __name__ == "__main__":
    try:
        main(checks, [test_manager, test_reload, test_wrong_reload, test_token_stays, test_token_that_came_stays,
                      test_second_signal, test_terminal])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
