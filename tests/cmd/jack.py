# SPDX-License-Identifier: GPL-3.0-or-later
"""A JACK server of a test's own, under a name of its own, with a card that is none."""
import os
import subprocess
import time

from program import TIMEOUT_S


def until(is_true):
    """Whether it came to be true in time."""
    deadline = time.monotonic() + TIMEOUT_S / 2
    while not is_true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def jack_environment(program):
    """In which the server of this process is the one, and none starts by itself."""
    return {**program.environment, "JACK_DEFAULT_SERVER": f"tutti-test-{os.getpid()}", "JACK_NO_START_SERVER": "1"}


def start_jack(program, rate=48000):
    """A server that takes clients; None where there is no jackd."""
    environment = jack_environment(program)
    name = environment["JACK_DEFAULT_SERVER"]
    try:
        # A client of a busy machine is not thrown out for being late.
        server = subprocess.Popen(["jackd", "-n", name, "-t", "20000", "-d", "dummy", "-r", str(rate), "-p", "512"],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    except FileNotFoundError:
        return None
    until(lambda: program.run("listen", "--device", "jack", "--seconds", 0.05, environment=environment).returncode == 0)
    return server
