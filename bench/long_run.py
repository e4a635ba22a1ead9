#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders hours of music, faster than real time, and watches what memory that takes.

usage: bench/long_run.py TUTTI [SECONDS [OPTION]...]

TUTTI is the program, SECONDS how much music (28800, eight hours), OPTIONs go to `tutti render`. The music comes as Ogg
Opus through a pipe: the positions in its pages say how far it is. Memory is compared between the end of the first
minute of music, when all that is kept has been made, and the end. Prints JSON; the exit status is 1 when the resident
memory has grown by 1 MB or more.
"""
import json
import subprocess
import sys
import time

OPUS_RATE, FIRST_S, GROWTH_MAX_KB = 48000, 60, 1000
PAGE_HEADER = 27


def resident_kb(pid):
    """Resident memory of a process: (all of it, the part that is no file)."""
    values = {}
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        for line in file:
            name, _, value = line.partition(":")
            if name in ("VmRSS", "RssAnon"):
                values[name] = int(value.split()[0])
    return values.get("VmRSS", 0), values.get("RssAnon", 0)


def page_seconds(stream):
    """Yields the music's position after each Ogg page of a stream."""
    while True:
        header = stream.read(PAGE_HEADER)
        if len(header) < PAGE_HEADER:
            return
        if header[:4] != b"OggS":
            raise ValueError("the stream is not Ogg")
        stream.read(sum(stream.read(header[26])))
        yield int.from_bytes(header[6:14], "little") / OPUS_RATE


def watch(program, seconds, options=()):
    """Renders and returns what was measured."""
    command = [program, "render", "--format", "ogg", "-o", "-", "--seconds", str(seconds), "--seed", "1", *options]
    start = time.monotonic()
    samples = []
    position = 0.0
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        for position in page_seconds(child.stdout):
            if position >= FIRST_S and position >= (samples[-1][0] if samples else 0) + 10:
                samples.append((position, *resident_kb(child.pid)))
    taken = time.monotonic() - start
    if child.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit status {child.returncode}")
    return {
        "music_s": round(position, 1),
        "wall_s": round(taken, 1),
        "realtime_factor": round(position / taken, 1),
        "resident_after_first_minute_kb": samples[0][1],
        "resident_at_end_kb": samples[-1][1],
        "resident_most_kb": max(sample[1] for sample in samples),
        "anonymous_after_first_minute_kb": samples[0][2],
        "anonymous_at_end_kb": samples[-1][2],
        "growth_kb": samples[-1][1] - samples[0][1],
    }


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        print(__doc__.strip())
        return 2
    result = watch(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 28800, sys.argv[3:])
    print(json.dumps(result, indent=2))
    return 1 if result["growth_kb"] >= GROWTH_MAX_KB else 0


if __name__ == "__main__":
    sys.exit(main())
