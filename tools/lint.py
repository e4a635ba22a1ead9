#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the source without running it: format, style, headers that stand alone, clang-tidy.

usage: tools/lint.py BUILD [--deep]

With --deep the analyzer follows calls, which takes many minutes: before something is released. BUILD is a Meson build
folder made with gcc, for its compile commands; what clang-tidy found to be clean is kept there under a hash of the file
and all that it includes, so that only what changed is looked at again. Prints TAP.
"""
import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys

FOLDERS = ["src", "tests", "fuzz", "bench"]
LIBRARIES = ["fluidsynth", "libmicrohttpd", "jansson", "opus", "ogg", "sndfile", "liblo", "jack", "flac", "libxxhash",
             "fftw3f"]
# Following every call into every other function takes the analyzer ten times as long as all else.
SHALLOW = [f"--extra-arg={word}" for word in ("-Xclang", "-analyzer-config", "-Xclang", "mode=shallow")]
INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


def find(folders, endings):
    skip = {"node_modules", "corpus", "__pycache__"}
    for folder in folders:
        for path, names, files in os.walk(folder):
            names[:] = sorted(name for name in names if name not in skip)
            yield from (os.path.join(path, name) for name in sorted(files) if name.endswith(endings))


def run(command):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return result.returncode, result.stdout


def in_parallel(function, items):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(function, items))
    return max((code for code, _ in results), default=0), "".join(output for _, output in results)


def check_format(_build):
    return run(["clang-format", "--dry-run", "-Werror", *find(FOLDERS, (".c", ".h"))])


def check_style(_build):
    endings = (".c", ".h", ".py", ".sh", ".js", ".mjs", ".css")
    return run(["tools/check_style.py", *find([*FOLDERS, "tools", "web"], endings)])


def check_headers(build):
    code, flags = run(["pkg-config", "--cflags", *LIBRARIES])
    if code:
        return code, flags
    command = ["gcc", "-std=gnu17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-Isrc", "-Ifuzz",
               # The list of modules is made by the build, and their headers are compiled once for each kind of machine.
               f"-I{build}/src/synth/modules", "-DMODULE_KIND=plain", "-Wno-psabi", *flags.split(), "-include"]
    return in_parallel(lambda header: run([*command, header, "-x", "c", "/dev/null"]), find(FOLDERS, (".h",)))


def included(path, seen):
    """All files of the project that path includes, itself among them."""
    if path in seen or not os.path.exists(path):
        return seen
    seen.add(path)
    with open(path, encoding="utf-8") as file:
        names = INCLUDE.findall(file.read())
    for name in names:
        included(os.path.join("src", name), seen)
        included(os.path.join(os.path.dirname(path), name), seen)
    return seen


def fingerprint(path, command, version):
    digest = hashlib.sha256((command + version).encode())
    for name in [".clang-tidy", *sorted(included(path, set()))]:
        with open(name, "rb") as file:
            digest.update(name.encode() + b"\0" + file.read())
    return digest.hexdigest()


def check_tidy(build):
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        commands = {os.path.relpath(os.path.join(entry["directory"], entry["file"])): entry["command"]
                    for entry in json.load(file)}
    cache = os.path.join(build, "tidy")
    os.makedirs(cache, exist_ok=True)
    version = run(["clang-tidy", "--version"])[1]

    def tidy(path):
        options = [] if "--deep" in sys.argv else SHALLOW
        clean = os.path.join(cache, fingerprint(path, commands[path], version + "".join(options)))
        if os.path.exists(clean):
            return 0, ""
        code, output = run(["clang-tidy", "-p", build, "--quiet", *options, path])
        if code == 0:
            with open(clean, "w", encoding="utf-8"):
                pass
            return 0, ""
        return code, output

    return in_parallel(tidy, sorted(path for path in commands if path.startswith(tuple(FOLDERS))))


def main():
    checks = [check_format, check_style, check_headers, check_tidy]
    print(f"1..{len(checks)}")
    failed = False
    for number, check in enumerate(checks, 1):
        code, output = check(sys.argv[1])
        name = check.__name__.replace("_", " ")
        if code:
            failed = True
            print("".join(f"# {line}\n" for line in output.splitlines()), end="")
        print(f"{'not ok' if code else 'ok'} {number} - {name}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
