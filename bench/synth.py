# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs `tutti synth` for the benchmarks: its log, its figures, its slots."""
import json
import os
import socket
import subprocess
import threading
import time
import urllib.request


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Synth:
    """A synthesizer that runs until it ends by itself (--seconds) or is stopped."""

    def __init__(self, program, arguments, environment=None):
        self.program = program
        self.port, self.metrics_port = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
        command = [program, "synth", "--osc-port", str(self.port), "--metrics-port", str(self.metrics_port), *arguments]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True,
                                        env={**os.environ, **(environment or {})})
        self.log = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stderr:
            try:
                self.log.append(json.loads(line))
            except ValueError:
                self.log.append({"event": "said", "text": line.rstrip()})

    def figures(self):
        """All figures as Prometheus names them, {} where it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=5) as answer:
                lines = answer.read().decode().splitlines()
        except OSError:
            return {}
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}

    def wait(self, condition, seconds):
        """The figures once they meet the condition; None when they do not in time, or the program is gone."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            figures = self.figures()
            if figures and condition(figures):
                return figures
            time.sleep(0.02)
        return None

    def ctl(self, *words):
        result = subprocess.run([self.program, "ctl", "--osc-port", str(self.port), *words], capture_output=True, text=True,
                                check=False)
        return result.returncode, result.stdout + result.stderr

    def end(self, seconds):
        """Waits for its end; returns its exit status."""
        status = self.process.wait(timeout=seconds)
        self.reader.join(timeout=5)
        return status

    def stop(self):
        self.process.terminate()
        return self.end(30)

    def events(self, name):
        return [line for line in self.log if line.get("event") == name]


def slot(figures, what, number):
    return figures[f'tutti_synth_slot_{what}{{slot="{number}"}}']
