# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the processors from sleeping while something is measured in real time.

One that sleeps wakes late, by microseconds on a machine of its own and by milliseconds where a host runs something else
meanwhile. A machine for music is told not to (PM QoS, idle=poll). Here each processor is given work of the lowest
priority, SCHED_IDLE, which makes way for everything else at once.
"""
import os
import signal


def spin(processor, parent):
    """Work of the lowest priority for as long as the parent lives."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.sched_setaffinity(0, {processor})
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        while os.getppid() == parent:
            for _ in range(100000):
                pass
    finally:
        os._exit(0)  # pylint: disable=protected-access


class Awake:
    """With this, all processors that this process may use are awake."""

    def __init__(self):
        self.pids = []

    def __enter__(self):
        parent = os.getpid()
        try:
            for processor in sorted(os.sched_getaffinity(0)):
                pid = os.fork()
                if pid == 0:
                    spin(processor, parent)
                self.pids.append(pid)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for pid in self.pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        self.pids = []
