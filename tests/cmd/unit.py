#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the systemd unit, by systemd's own tools: that it means something, and that it is well shut in.

usage: unit.py TUTTI UNIT CONFIG
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from program import Checks, Program, main, read  # pylint: disable=wrong-import-position

MOST_EXPOSURE = 15  # tenths; docs/operations.md says what it is
SKIPPED = 77  # Meson's word for it

checks = Checks()
tutti = Program(os.path.abspath(sys.argv[1]))
unit, config = read(sys.argv[2]).decode(), sys.argv[3]
folder = tempfile.mkdtemp(prefix="tutti-unit-")
path = os.path.join(folder, "tutti.service")


def analyze(*words):
    return subprocess.run(["systemd-analyze", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)


def test_unit():
    # The program is not installed yet.
    with open(path, "w", encoding="utf-8") as file:
        file.write(re.sub(r"^ExecStart=\S+", f"ExecStart={tutti.path}", unit, flags=re.MULTILINE))
    result = analyze("verify", path)
    checks.check(result.returncode == 0 and not result.stdout.strip(), "systemd finds nothing wrong", result.stdout)
    result = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSURE}", path)
    checks.check(result.returncode == 0, f"its exposure is at most {MOST_EXPOSURE / 10}", result.stdout)
    checks.check("@" not in re.sub(r"~?@(system-service|privileged|resources)", "", unit), "no blank is left", unit)


def test_config():
    with tutti.serve("--port", 0, "--config", config) as server:
        checks.check(server.line.startswith("Tutti plays at"), "the configuration to copy from plays", server.line)
        checks.equal(server.stop()[0], 0, "and ends")


if __name__ == "__main__":
    if not shutil.which("systemd-analyze"):
        sys.exit(SKIPPED)
    try:
        main(checks, [test_unit, test_config])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
