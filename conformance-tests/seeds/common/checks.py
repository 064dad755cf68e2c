"""The checks of the Python programs: every check prints one line, the last line is the plan.

    ok <name>
    not ok <name> -- <what was seen>
    1..<number of checks>

A program that dies before its plan counts as one more failure, so nothing can pass by not running.
"""

import sys
import traceback
from contextlib import contextmanager


class Checks:
    """Counts and prints checks; groups of them survive each other's crashes."""

    def __init__(self, suite):
        self.suite = suite
        self.count = 0
        self.failed = 0
        self.group = ""

    def report(self, name, passed, detail=""):
        """Records one check."""
        self.count += 1
        label = f"{self.group}: {name}" if self.group else name
        if passed:
            print(f"ok {label}", flush=True)
        else:
            self.failed += 1
            print(f"not ok {label} -- {str(detail)[:600]!r}", flush=True)
        return passed

    def eq(self, name, got, want):
        """`got` must be equal to `want`, types included (True is not 1)."""
        same = got == want and (isinstance(got, bool) == isinstance(want, bool))
        return self.report(name, same, f"got {got!r}, want {want!r}")

    def true(self, name, condition, detail=""):
        """A plain condition."""
        return self.report(name, bool(condition), detail or "condition is false")

    def has(self, name, got, /, **want):
        """A dictionary must contain these values; `_dollar_x` stands for `$x`."""
        for key, value in want.items():
            key = "$" + key[8:] if key.startswith("_dollar_") else key
            if not isinstance(got, dict) or key not in got:
                return self.report(name, False, f"no {key!r} in {got!r}")
            if got[key] != value or isinstance(got[key], bool) != isinstance(value, bool):
                return self.report(name, False, f"{key} is {got[key]!r}, want {value!r}")
        return self.report(name, True)

    def fails(self, name, code, kind, call, *args, message=None, **kwargs):
        """The SDK must raise its exception with this HTTP status, error type and (if given) text."""
        try:
            answer = call(*args, **kwargs)
        except Exception as error:  # the SDKs raise their own class each
            got = (getattr(error, "code", None), getattr(error, "type", None))
            text = str(getattr(error, "message", error))
            if got != (code, kind):
                return self.report(name, False, f"got {got} {text!r}, want {(code, kind)}")
            if message is not None and message != text:
                return self.report(name, False, f"text {text!r}, want {message!r}")
            return self.report(name, True)
        return self.report(name, False, f"succeeded with {answer!r}, want {code} {kind}")

    @contextmanager
    def section(self, group):
        """A group of checks; an exception inside is one failed check, the next group still runs."""
        before, self.group = self.group, group
        try:
            yield
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            mine = [f for f in traceback.extract_tb(error.__traceback__) if "seeds" in f.filename]
            line = f" (line {mine[-1].lineno} of {mine[-1].filename.rsplit('/', 1)[-1]})" if mine else ""
            self.report("runs to its end", False, f"{type(error).__name__}: {error}{line} at {where.name}")
        finally:
            self.group = before

    def finish(self):
        """Prints the plan and leaves with the fitting status."""
        print(f"1..{self.count}", flush=True)
        sys.exit(1 if self.failed else 0)
