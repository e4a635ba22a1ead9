#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns files into one C source that defines a table of them, so that the program carries its data.

usage: embed.py OUTPUT.c DEPFILE SYMBOL (FILE | @LIST)...

Defines `const struct embed SYMBOL[]`, ended by a NULL name (core/embed.h). A FILE is found by its own file name. A
LIST is a text file of lines NAME=FILE, the files relative to it. The bytes come in by .incbin: a megabyte of
JavaScript costs the compiler nothing. DEPFILE tells the build which files to watch.
"""
import os
import sys


def entries_of(arguments):
    for argument in arguments:
        if argument.startswith("@"):
            folder = os.path.dirname(os.path.abspath(argument[1:]))
            with open(argument[1:], encoding="utf-8") as lines:
                for line in filter(None, map(str.strip, lines)):
                    name, path = line.split("=", 1)
                    yield name, os.path.join(folder, path)
        else:
            yield os.path.basename(argument), os.path.abspath(argument)


def source_of(symbol, entries):
    yield '#include "core/embed.h"\n'
    for index, (_, path) in enumerate(entries):
        label = f"{symbol}_{index}"
        yield (f'__asm__(".section .rodata\\n.balign 16\\n{label}:\\n.incbin \\"{path}\\"\\n'
               f'{label}_end:\\n.byte 0\\n.previous\\n");')
        yield f"extern const unsigned char {label}[];"
        yield f"extern const unsigned char {label}_end[];"
    yield f"\nextern const struct embed {symbol}[];\nconst struct embed {symbol}[] = {{"
    for index, (name, _) in enumerate(entries):
        yield f'    {{"{name}", {symbol}_{index}, {symbol}_{index}_end}},'
    yield "    {0},\n};"


def main():
    output, depfile, symbol, *arguments = sys.argv[1:]
    entries = list(entries_of(arguments))
    missing = [path for _, path in entries if not os.path.exists(path)]
    if missing:
        sys.exit(f"{missing[0]} is missing: `make setup` installs what comes from npm")
    with open(output, "w", encoding="utf-8") as out:
        out.write("\n".join(source_of(symbol, entries)) + "\n")
    with open(depfile, "w", encoding="utf-8") as out:
        out.write(f"{output}: {' '.join(path for _, path in entries)}\n")


main()
