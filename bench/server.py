# SPDX-License-Identifier: GPL-3.0-or-later
"""What the benchmarks of the server share: a `tutti serve` that runs, and the load test beside it."""
import json
import resource
import subprocess


def raise_file_limit():
    """A listener is an open file, at either end; children inherit the limit."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class Server:
    """A `tutti serve` on a free port of this machine; leaves with the `with` block."""

    def __init__(self, program, *words):
        command = [program, "serve", "--port", "0", "--log-level", "warning", *words]
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        line = self.child.stdout.readline()
        if "http://" not in line:
            self.child.wait()
            raise RuntimeError(f"{' '.join(command)}: exit status {self.child.returncode}")
        self.address = line[line.index("http://"):].strip()
        self.host = self.address.removeprefix("http://").rstrip("/")

    @property
    def pid(self):
        return self.child.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.terminate()
        self.child.wait()
        self.child.stdout.close()


def load_command(program, *words):
    return [program, "bench", "listeners", *map(str, words)]


def load(program, *words):
    """The report of `tutti bench listeners`."""
    result = subprocess.run(load_command(program, *words), stdout=subprocess.PIPE, check=False)
    if not result.stdout:
        raise RuntimeError(f"tutti bench listeners: exit status {result.returncode}")
    return json.loads(result.stdout)
