#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks what no formatter does: licence lines, the length of files and functions, and marks of unfinished work.

usage: tools/check_style.py FILE...

A file or a function that is longer for a reason says so in a comment `long because: REASON`: anywhere in the file, or
within the function or on the line before it.
"""
import re
import sys

FILE_LINES, FUNCTION_LINES = 600, 60
LICENCE = "SPDX-License-Identifier: GPL-3.0-or-later"
EXCUSE = re.compile(r"long because: \S")
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")


def functions(lines):
    """The (first, last) line numbers of function bodies, which clang-format leaves between braces in column 0."""
    start = None
    for number, line in enumerate(lines):
        if line == "{":
            start = number
        elif line == "}" and start is not None:
            yield start, number
            start = None


def check(path):
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    is_c = path.endswith((".c", ".h"))
    licence_lines = lines[:1] if is_c else lines[:2]
    if not any(LICENCE in line for line in licence_lines):
        yield 1, f"does not begin with {LICENCE}"
    if path.endswith(".h") and not any(line.startswith("/// \\file") for line in lines[:3]):
        yield 2, "a header says what it is for, below /// \\file"
    if len(lines) > FILE_LINES and not any(EXCUSE.search(line) for line in lines):
        yield 1, f"{len(lines)} lines, more than {FILE_LINES}"
    for number, line in enumerate(lines, 1):
        if UNFINISHED.search(line):
            yield number, "unfinished work"
    for first, last in functions(lines) if is_c else ():
        length = last - first - 1
        span = lines[max(0, first - 3):last]
        if length > FUNCTION_LINES and not any(EXCUSE.search(line) for line in span):
            yield first + 1, f"a function of {length} lines, more than {FUNCTION_LINES}"


def main():
    failed = False
    for path in sys.argv[1:]:
        for line, message in check(path):
            print(f"{path}:{line}: {message}")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
