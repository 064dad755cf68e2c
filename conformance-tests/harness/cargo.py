"""The Rust side: unit, property, engine and pipeline tests, and the crash suite."""

import os
import re
import shutil
import subprocess

from .paths import REPO

CARGO_RESULT = re.compile(r"test result: \w+\. (\d+) passed; (\d+) failed")
NEXTEST_RESULT = re.compile(r"Summary .*?(\d+) tests? run: (\d+) passed.*?(?:, (\d+) failed)?", re.S)
FAILED_TEST = re.compile(r"^test (\S+) \.\.\. FAILED|^\s+(?:FAIL|SIGABRT|TIMEOUT) \[[^\]]*\]\s+(.*)$", re.M)
CRASH_ROUNDS = "20"
# What the crash and power-cut programs say of each engine that held.
HELD = re.compile(r"^(\w+): \d+ (?:kills|power cuts), .*\bnone\b.*$", re.M)


def _cargo(result, label, command, env=None):
    """Runs a cargo command, shows it as it goes and counts the tests it reports."""
    print(f"  {' '.join(command)}", flush=True)
    process = subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                               env={**os.environ, **(env or {}), "CARGO_TERM_COLOR": "never"})
    output = []
    for line in process.stdout:
        output.append(line)
        if re.match(r"\s*(Compiling|error|warning: unused|test result|Summary|test .* FAILED|\s+FAIL )", line):
            print(f"    {line.rstrip()}", flush=True)
    process.wait()
    text = "".join(output)
    passed = failed = 0
    passed += len(HELD.findall(text))
    for match in CARGO_RESULT.finditer(text):
        passed, failed = passed + int(match[1]), failed + int(match[2])
    for line in text.splitlines():
        if "Summary [" in line:
            passed += sum(int(n) for n in re.findall(r"(\d+) passed", line)[:1])
            failed += sum(int(n) for n in re.findall(r"(\d+) failed", line)[:1])
    result.passed += passed
    names = [a or b for a, b in FAILED_TEST.findall(text)]
    for name in dict.fromkeys(names):
        result.failures.append(f"{label}: {name.strip()}")
    if process.returncode and not names:
        result.failures.append(f"{label} ended with status {process.returncode}: {text[-1500:]}")
    elif not process.returncode and not passed:
        result.failures.append(f"{label} ran no test")


def tests(_context, result):
    """Every test of the workspace (crash rounds aside, they are a suite of their own)."""
    if shutil.which("cargo-nextest"):
        _cargo(result, "cargo nextest", ["cargo", "nextest", "run", "--workspace", "--locked", "--no-fail-fast"], {"FERRITE_CRASH_ROUNDS": "2"})
        _cargo_doc(result)
    else:
        _cargo(result, "cargo test", ["cargo", "test", "--workspace", "--locked", "--no-fail-fast"], {"FERRITE_CRASH_ROUNDS": "2"})


def _cargo_doc(result):
    """Documentation examples, which nextest leaves out; there may be none."""
    done = subprocess.run(["cargo", "test", "--workspace", "--locked", "--doc", "--quiet"], cwd=REPO, capture_output=True, text=True, check=False)
    for match in CARGO_RESULT.finditer(done.stdout):
        result.passed += int(match[1])
    result.check("documentation examples", done.returncode == 0, (done.stdout + done.stderr)[-1500:])


def crash(_context, result):
    """kill -9 of a writing process, all acknowledged writes checked, on every disk engine; then at every step of what changes files.

    Built as the workspace's tests are, so that nothing is compiled twice: what is tried is the order of writes, not speed.
    """
    rounds = os.environ.get("FERRITE_CRASH_ROUNDS", CRASH_ROUNDS)
    _cargo(result, f"crash suite ({rounds} rounds)", ["cargo", "test", "--workspace", "--locked", "--no-fail-fast", "--test", "crash", "--test", "kills"],
           {"FERRITE_CRASH_ROUNDS": rounds})
