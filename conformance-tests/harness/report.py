"""Runs a program of checks and reads its result lines."""

import os
import re
import signal
import subprocess
import threading

PLAN = re.compile(r"^1\.\.(\d+)$")


class Result:
    """What one suite gave."""

    def __init__(self, name):
        self.name = name
        self.passed = 0
        self.failures = []
        self.skipped = None
        self.seconds = 0.0
        self.notes = []

    def check(self, label, passed, detail=""):
        """Adds one check made by the runner itself."""
        if passed:
            self.passed += 1
        else:
            self.failures.append(f"{label} -- {detail}")
        return passed

    @property
    def failed(self):
        """Number of failed checks."""
        return len(self.failures)


def run_program(result, command, env, timeout, cwd, verbose=False):
    """Runs one program of checks to its end or to the time limit and adds its checks to `result`."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                               text=True, errors="replace", env={**os.environ, **env}, cwd=cwd, start_new_session=True)
    timed_out = threading.Event()

    def expire():
        timed_out.set()
        _end(process)

    timer = threading.Timer(timeout, expire)
    timer.start()
    seen, plan, other = 0, None, []
    try:
        for line in process.stdout:
            line = line.rstrip("\n")
            if verbose:
                print(f"    {line}", flush=True)
            if line.startswith("ok "):
                seen, result.passed = seen + 1, result.passed + 1
            elif line.startswith("not ok "):
                seen += 1
                result.failures.append(line[7:])
            elif PLAN.match(line):
                plan = int(line[3:])
            elif line.startswith("note "):
                result.notes.append(line[5:])
            elif line.strip():
                other.append(line)
        process.wait(30)
    finally:
        timer.cancel()
        _end(process)
    if timed_out.is_set():
        result.failures.append(f"the program did not end within {timeout} s")
    elif plan is None or plan != seen:
        result.failures.append(f"the program broke off after {seen} checks (status {process.returncode}): " + " | ".join(other[-8:]))
    return result


def _end(process):
    if process.poll() is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait(10)
