# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the program share: running it, and telling each check as a line of TAP."""
import json
import os
import select
import signal
import subprocess
import sys
import time
import traceback

TIMEOUT_S = 300  # of one run, sanitizers included


class Checks:
    """Prints `ok N - NAME` or `not ok N - NAME` for each check."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def check(self, passed, name, detail=""):
        self.count += 1
        self.failed += not passed
        print(f"{'ok' if passed else 'not ok'} {self.count} - {name}", flush=True)
        if not passed:
            print("\n".join("# " + line for line in str(detail).splitlines()), flush=True)
        return passed

    def equal(self, found, expected, name):
        return self.check(found == expected, name, f"expected {expected!r}, found {found!r}")

    def run_all(self, tests):
        """Calls every test of a list; one that breaks off is a failed check, and the others go on."""
        for test in tests:
            try:
                test()
            except Exception:  # pylint: disable=broad-except
                self.check(False, f"{test.__name__} runs to its end", traceback.format_exc())
        print(f"1..{self.count}")
        return 1 if self.failed else 0


class Program:
    """The program under test, and the environment that it runs in: none of the person's TUTTI_ variables."""

    def __init__(self, path):
        self.path = path
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("TUTTI_")}

    def run(self, *words, environment=None, **more):
        """Runs it to its end; standard output stays bytes, standard error becomes text."""
        more.setdefault("stdout", subprocess.PIPE)
        result = subprocess.run([self.path, *map(str, words)], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                env={**self.environment, **(environment or {})}, timeout=TIMEOUT_S, check=False, **more)
        result.stderr = result.stderr.decode("utf-8", "replace")
        return result

    def render(self, *words, **more):
        return self.run("render", *words, **more)

    def serve(self, *words, environment=None, **more):
        return Server([self.path, "serve", *map(str, words)], {**self.environment, **(environment or {})}, **more)


class Server:
    """A running `tutti serve`; leaves with the `with` block."""

    def __init__(self, command, environment, **more):
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
                                      stdin=subprocess.DEVNULL, **more)
        self.line = self.read_line()
        self.address = self.line.rpartition(" ")[2]

    def read_line(self):
        """The next line on standard output, or "" when it ends without one."""
        deadline = time.monotonic() + TIMEOUT_S
        line = b""
        while not line.endswith(b"\n") and time.monotonic() < deadline:
            ready, _, _ = select.select([self.child.stdout], [], [], 1)
            if ready:
                byte = os.read(self.child.stdout.fileno(), 1)
                if not byte:
                    break
                line += byte
        return line.decode().strip()

    @property
    def port(self):
        return int(self.address.rstrip("/").rpartition(":")[2])

    def stop(self, number=signal.SIGTERM):
        """Sends a signal; returns (exit status, seconds that it took, what was on standard error)."""
        start = time.monotonic()
        self.child.send_signal(number)
        _, told = self.child.communicate(timeout=TIMEOUT_S)
        return self.child.returncode, time.monotonic() - start, told.decode("utf-8", "replace")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.child.kill()
            self.child.communicate()
        self.child.stdout.close()
        self.child.stderr.close()


def measure(program, path):
    """What the program `measure` says of a sound file."""
    return json.loads(subprocess.run([program, path], stdout=subprocess.PIPE, check=True).stdout)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def main(checks, tests, names=()):
    """Runs the tests, or those whose names without test_ are given, and ends the process."""
    known = {test.__name__.removeprefix("test_"): test for test in tests}
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"no such tests: {' '.join(unknown)}; there are {' '.join(known)}")
    sys.exit(checks.run_all([known[name] for name in names] if names else tests))
