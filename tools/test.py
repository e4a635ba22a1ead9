#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs all tests and ends with one line: N passed, 0 failed.

usage: tools/test.py [STAGE]...

Without a name it runs every stage, in this order:

  asan      gcc, address and undefined-behaviour sanitizers: all suites, and the inputs of the fuzzers
  realtime  clang-22, where a breach of a REALTIME mark is an error and the sanitizer finds the rest
  tsan      clang-22, ThreadSanitizer: the suites with threads
  release   gcc without sanitizers, warnings are errors: the suite `release`, which measures or takes long
  web       tests/web/**/*.test.mjs in Node.js, with the program of the release stage; prints what they measured
  lint      format, style, headers, clang-tidy: in the time that the tests of the web stage wait

What a stage needs is compiled while the tests of the stage before run. A test function counts once for each stage that
runs it. The exit status is 1 when anything failed.
"""
import concurrent.futures
import dataclasses
import functools
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import time

TAP_LINE = re.compile(r"^(not )?ok\b[ \d]*-?\s*(.*)$")
FIGURE = re.compile(r"^# ((?!Subtest|tests|suites|pass|fail|cancelled|skipped|todo|duration_ms).*)$", re.MULTILINE)
FOLDER = "build-test"
# Compilers and linters have the processor time that the tests beside them leave.
LAST = ["nice", "-n", "19"]
# What runs beside the tests of pages has the time that nobody wants at all.
IDLE = ["chrt", "--idle", "0"]
THREADED, REALTIME = ["core", "threads", "net", "play", "session", "station"], ["core", "hear", "synth", "play"]


@dataclasses.dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def __str__(self):
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


@dataclasses.dataclass
class Build:
    """A Meson build and the suites that run in it."""
    name: str
    compiler: str
    options: list
    suites: list = dataclasses.field(default_factory=list)
    without: list = dataclasses.field(default_factory=list)
    environment: dict = dataclasses.field(default_factory=dict)


BUILDS = [
    # Optimized for speed it would take longer to build than it gains; -g1 is what a stack trace needs.
    Build("asan", "gcc", ["-Db_sanitize=address,undefined", "-Doptimization=1", "-Dc_args=-g1"], without=["release"],
          environment={"ASAN_OPTIONS": "strict_string_checks=1",
                       "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}),
    Build("realtime", "clang-22", ["-Dc_args=-fsanitize=realtime -g1", "-Dc_link_args=-fsanitize=realtime",
                                   "-Doptimization=1"], suites=REALTIME),
    Build("tsan", "clang-22", ["-Db_sanitize=thread", "-Db_lundef=false", "-Doptimization=1",
                               "-Dc_args=-g1"], suites=THREADED,
          environment={"TSAN_OPTIONS": "halt_on_error=1:suppressions=" + os.path.abspath("tools/tsan.supp")}),
    # Nobody debugs it.
    Build("release", "gcc", ["-Ddebug=false"], suites=["release"]),
]


def run(command, **more):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                          check=False, **more)


def fail(title, output):
    print(f"---- {title}\n{output.rstrip()}\n----", flush=True)
    return Count(failed=1)


def count_tap(output, exit_failed):
    """Counts the lines of TAP; what prints none, or ends badly without saying where, is one test."""
    count = Count()
    for line in output.splitlines():
        match = TAP_LINE.match(line)
        if match and "# skip" in line.lower():
            count.skipped += 1
        elif match and match[1]:
            count.failed += 1
        elif match:
            count.passed += 1
    if exit_failed:
        count.failed = max(count.failed, 1)
    elif count == Count():
        count.passed = 1
    return count


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def is_of(test, suites):
    return any(f"tutti:{name}" in test["suite"] for name in suites)


def targets_of(folder, build):
    """What the tests of a build's suites depend on; and the program, for its warnings."""
    def introspect(what):
        return json.loads(run(["meson", "introspect", what, folder]).stdout)
    made = {target["id"]: target["filename"] for target in introspect("--targets")}
    root = os.path.abspath(folder)
    names = {os.path.join(root, "src/cmd/tutti")}
    for test in introspect("--tests"):
        if is_of(test, build.suites) and not is_of(test, build.without):
            names.update(name for wanted in test["depends"] for name in made.get(wanted, []))
    return sorted(os.path.relpath(name, root) for name in names)


def compile_build(build, folder, only=None):
    """Configures anew when that changed, and compiles what is needed; returns what went wrong, or nothing."""
    command = ["meson", "setup", folder, "-Dwerror=true", *build.options]
    made_by = os.path.join(folder, "made-by.json")
    # Of the linkers lld is the fastest, and there are hundreds of tests to link.
    tools = {"CC": build.compiler, "CC_LD": "lld"}
    if not os.path.exists(made_by) or load(made_by) != [tools, *command]:
        shutil.rmtree(folder, ignore_errors=True)
        result = run(command, env={**os.environ, **tools})
        if result.returncode:
            return result.stdout
        with open(made_by, "w", encoding="utf-8") as file:
            json.dump([tools, *command], file)
    # So that Meson knows which tests there are now.
    result = run(["ninja", "--quiet", "-C", folder, "build.ninja"])
    if result.returncode:
        return result.stdout
    targets = only or (targets_of(folder, build) if build.suites else [])
    result = run([*LAST, "ninja", "--quiet", "-k", "0", "-C", folder, *targets])
    return result.stdout or f"ninja ended with {result.returncode}" if result.returncode else ""


def has_suite(folder, names):
    tests = json.loads(run(["meson", "introspect", "--tests", folder]).stdout)
    return [name for name in names if any(is_of(test, [name]) for test in tests)]


def run_build(build, compiled):
    folder = f"{FOLDER}/{build.name}"
    trouble = compiled.result()
    if trouble:
        return fail(f"{build.name} does not build", trouble)
    count = Count(passed=1)
    suites = has_suite(folder, build.suites)
    if build.suites and not suites:
        return count
    log = os.path.join(folder, "meson-logs", "testlog.json")
    if os.path.exists(log):
        os.remove(log)
    selection = [f"--suite={name}" for name in suites] + [f"--no-suite={name}" for name in build.without]
    environment = {**os.environ, **build.environment, "CMOCKA_MESSAGE_OUTPUT": "TAP"}
    result = run(["meson", "test", "-C", folder, "--no-rebuild", "--timeout-multiplier", "10",
                  *([] if "release" in build.suites else ["--num-processes", str(os.cpu_count() + 1)]), *selection],
                 env=environment)
    if not os.path.exists(log):
        count.add(fail(f"{build.name}: no tests ran", result.stdout))
        return count
    with open(log, encoding="utf-8") as file:
        tests = [json.loads(line) for line in file]
    for test in tests:
        count.add(count_test(build, test))
    if result.returncode and not count.failed:
        count.add(fail(f"{build.name}: meson test", result.stdout))
    return count


def count_test(build, test):
    if test["result"] == "SKIP":
        return Count(skipped=1)
    output = test.get("stdout") or ""
    is_bad = test["result"] not in ("OK", "EXPECTEDFAIL")
    count = count_tap(output, is_bad)
    if is_bad:
        told = "\n".join(line for line in output.splitlines() if not line.startswith("ok "))
        fail(f"{build.name}: {test['name']}: {test['result']}, exit status {test['returncode']}",
             told + "\n" + (test.get("stderr") or ""))
    return count


def compile_program():
    build = next(build for build in BUILDS if build.name == "release")
    return compile_build(build, f"{FOLDER}/release", ["src/cmd/tutti"])


def lint():
    # clang-tidy wants the commands of a build by a compiler whose options it knows.
    return run([*IDLE, "tools/lint.py", f"{FOLDER}/release"])


def run_lint(program, linted):
    trouble = program.result()
    if trouble:
        return fail("lint needs the release build", trouble)
    result = linted.result()
    if result.returncode:
        fail("lint", result.stdout)
    return count_tap(result.stdout, result.returncode != 0)


def run_web_file(path):
    environment = {**os.environ, "TUTTI": os.path.abspath(f"{FOLDER}/release/src/cmd/tutti")}
    start = time.monotonic()
    result = run(["node", "--test", "--test-reporter=tap", os.path.abspath(path)], cwd="web", env=environment)
    told = dict(re.findall(r"^# (pass|fail|skipped) (\d+)$", result.stdout, re.MULTILINE))
    # What a test measured, for people.
    print("".join(f"web:      {line}\n" for line in FIGURE.findall(result.stdout)) +
          f"web:      {os.path.basename(path)} took {time.monotonic() - start:.0f} s", flush=True)
    count = Count(int(told.get("pass", 0)), int(told.get("fail", 0)), int(told.get("skipped", 0)))
    if result.returncode:
        count.failed = max(count.failed, 1)
        fail(f"web: {path}", result.stdout)
    return count


def is_alone(path):
    with open(path, encoding="utf-8") as file:
        return "Alone on the machine" in file.read()


def run_web(program, linted):
    # The page that is tested is the one in the program.
    trouble = program.result()
    if trouble:
        return fail("web needs the release build", trouble)
    paths = sorted(glob.glob("tests/web/**/*.test.mjs", recursive=True))
    # Two at a time, for they wait a lot.
    together = [path for path in paths if not is_alone(path)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        counts = dict(zip(together, pool.map(run_web_file, together)))
    # Those that judge milliseconds, and those that failed, which may be the doing of what ran beside them: that is told.
    concurrent.futures.wait(linted)
    for path in paths:
        if path not in counts or counts[path].failed:
            print(f"web:      {os.path.basename(path)} alone", flush=True)
            counts[path] = run_web_file(path)
    count = Count()
    for one in counts.values():
        count.add(one)
    return count


def prepare(ahead, wanted):
    """Has what the stages need made one after the other, while tests run; returns each stage as a function."""
    builds = [build for build in BUILDS if build.name in wanted]
    compiled = {build.name: ahead.submit(compile_build, build, f"{FOLDER}/{build.name}") for build in builds}
    work = {build.name: functools.partial(run_build, build, compiled[build.name]) for build in builds}
    program = ahead.submit(compile_program) if {"lint", "web"} & set(wanted) else None
    linted = [ahead.submit(lint)] if "lint" in wanted else []
    # Late, when no tests run any more: a page's sound suffers from what else a machine does.
    work["web"] = functools.partial(run_web, program, linted)
    work["lint"] = functools.partial(run_lint, program, *linted)
    return work


def main():
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    stages = [*(build.name for build in BUILDS), "web", "lint"]
    asked = sys.argv[1:] or stages
    if not set(asked) <= set(stages):
        print(__doc__.strip())
        return 0 if asked in (["--help"], ["-h"]) else 2
    wanted = [name for name in stages if name in asked]
    total = Count()
    with concurrent.futures.ThreadPoolExecutor(1) as ahead:
        work = prepare(ahead, wanted)
        for name in wanted:
            start = time.monotonic()
            count = work[name]()
            print(f"{name + ':':10}{count} ({time.monotonic() - start:.0f} s)", flush=True)
            total.add(count)
    print(total)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
