#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that memory stays where it is: half an hour of music, rendered as fast as it goes, and a server at work.

usage: memory.py TUTTI SOURCE_ROOT
"""
import os
import sys
import time
import urllib.request

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(sys.argv[2], "bench"))
from long_run import GROWTH_MAX_KB, resident_kb, watch  # pylint: disable=wrong-import-position
from program import Checks, Program, main  # pylint: disable=wrong-import-position

MUSIC_S = 1800
SERVER_MAX_KB = 400_000
STREAM_BYTES = 4_000_000  # some five minutes of music at 96 kbit/s

checks = Checks()
tutti = Program(sys.argv[1])


def test_render():
    found = watch(sys.argv[1], MUSIC_S)
    checks.equal(found["music_s"], MUSIC_S, "half an hour of music is rendered")
    checks.check(found["growth_kb"] < GROWTH_MAX_KB, f"and memory grows by {found['growth_kb']} kB", found)


def listen(server, size):
    """Reads so many bytes, in several goes: who is too slow for this speed is closed."""
    while size > 0:
        with urllib.request.urlopen(server.address + "stream/main.ogg", timeout=60) as stream:
            size -= len(stream.read(size))


def test_serve():
    """A server at a hundred times the speed of real time, with a listener."""
    with tutti.serve("--port", 0, "--speed", 100, "--log-level", "warning") as server:
        listen(server, STREAM_BYTES // 10)
        seen = [resident_kb(server.child.pid)[0]]
        # The system may give larger pages once; what leaks grows every time.
        while len(seen) < 2 or (seen[-1] - seen[-2] >= 4 * GROWTH_MAX_KB and len(seen) < 4):
            listen(server, STREAM_BYTES)
            seen.append(resident_kb(server.child.pid)[0])
        late = seen[-1]
        checks.check(late < SERVER_MAX_KB, f"a server takes {late} kB", late)
        checks.check(late - seen[-2] < 4 * GROWTH_MAX_KB, f"and grows by {late - seen[-2]} kB", seen)
        for _ in range(50):
            with urllib.request.urlopen(server.address + "stream/main.ogg", timeout=60) as stream:
                stream.read(1000)
        time.sleep(0.5)
        after, _ = resident_kb(server.child.pid)
        checks.check(after - late < 4 * GROWTH_MAX_KB, f"fifty listeners later by {after - late} kB", (late, after))
        checks.equal(server.stop()[0], 0, "and it ends well")


if __name__ == "__main__":
    main(checks, [test_render, test_serve])
