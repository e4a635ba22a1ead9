#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Learns the tables of harmony anew and compares them with those of the project, byte for byte.

usage: harmony_tables.py SOURCE_ROOT

Skipped (77) where the annotated music does not lie beside the project.
"""
import filecmp
import os
import subprocess
import sys
import tempfile

root = sys.argv[1]
data = os.path.join(root, "..", "shared", "data", "compose")
if not os.path.isdir(data):
    print(f"skipped: no annotated music in {data}")
    sys.exit(77)
with tempfile.TemporaryDirectory() as out:
    learner = os.path.join(root, "tools", "learn_harmony")
    subprocess.run([sys.executable, "-B", learner, data, out], check=True)
    kept = os.path.join(root, "share", "harmony")
    names = sorted(set(os.listdir(out)) | set(os.listdir(kept)))
    _, different, missing = filecmp.cmpfiles(out, kept, names, shallow=False)
if len(names) != 7 or different or missing:
    sys.exit(f"not what tools/learn_harmony writes: {', '.join(different + missing) or names}")
