"""Recorded answers of real Appwrite: replays the tour that recorded them and compares exchange by exchange.

The recording, the tour and the comparison are the project's shared material (`FERRITE_SHARED`, by default the folder `shared`
beside the repository); without them the suite is skipped. Every exchange that differs must be listed with its reason in
golden/differences.tsv, and each section must reach the share of golden/thresholds.json.
"""

import csv
import fnmatch
import json
import os
import re
import subprocess
import sys

from .doors import Doors
from .paths import HERE, SHARED
from .smtp import SmtpSink
from .tools import venv

GOLDEN = HERE / "golden"
RECORDING = "appwrite-1.9.5.jsonl"
ROW = re.compile(r"^(\S+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*$")
LINE = re.compile(r"^(shape|differ|missing)\s+(\S+)\s*(.*)$")
# Write better results into the thresholds (`run --raise-thresholds`).
RAISE = False


def run(context, result):
    """Tour, comparison, thresholds, reasons."""
    compared = toured(context, result, "golden", {})
    if compared:
        sections, problems = compared
        keep(context.folder / "golden.jsonl")
        shares(result, sections)
        reasons(result, problems)


def run_on(context, result, name, settings, wanted):
    """The same on a server with settings of its own; only the sections wanted count, and they reach what the usual server reaches."""
    compared = toured(context, result, name, settings)
    if compared:
        shares(result, {section: counts for section, counts in compared[0].items() if section in wanted}, wanted)


def toured(context, result, name, settings):
    """Sections and problems of a tour; nothing when there is no recording."""
    folder = SHARED / "golden"
    if not (folder / RECORDING).exists():
        result.skipped = f"no recording in {folder} (set FERRITE_SHARED)"
        return None
    ours = context.folder / f"{name}.jsonl"
    tour(context, folder, ours, name, settings)
    done = subprocess.run([sys.executable, str(folder / "compare.py"), str(folder / RECORDING), str(ours), "-v"],
                          capture_output=True, text=True, check=False, timeout=300)
    sections, problems = parse(done.stdout)
    if not sections:
        raise RuntimeError(f"nothing was compared: {done.stderr[-500:] or done.stdout[-500:]}")
    return sections, problems


def tour(context, folder, ours, name, settings):
    """Runs the recorded tour against a server of its own; it signs up to the console and makes its project there."""
    mails = context.folder / f"{name}-mails.jsonl"
    sink = SmtpSink(mails, settle=0.7)
    server = context.server(name, env={**settings, "_APP_CONSOLE_WHITELIST_ROOT": "disabled", "_APP_ENV": "development", "_APP_SMTP_HOST": "127.0.0.1",
                                       "_APP_SMTP_PORT": str(sink.port), "_APP_SMS_PROVIDER": "sms://user:password@mock"})
    doors = Doors(server)
    env = {**os.environ, "TOUR_BASE": doors.door(), "TOUR_BASE_ABUSE": doors.door(_APP_OPTIONS_ABUSE="enabled"), "TOUR_PROJECT": "golden", "TOUR_OUT": str(ours),
           "TOUR_MAILS": str(mails), "PYTHONDONTWRITEBYTECODE": "1", "NO_PROXY": "localhost", "no_proxy": "localhost"}
    log = context.folder / f"{name}-tour.log"
    with open(log, "wb") as out:
        subprocess.run([str(venv("tour")), str(HERE / "harness" / "tour.py"), str(folder / "tour")], env=env, cwd=context.folder, stdout=out, stderr=subprocess.STDOUT,
                       stdin=subprocess.DEVNULL, check=False, timeout=1200)
    panics = server.panics()
    doors.close()
    server.stop()
    sink.close()
    if panics:
        raise RuntimeError(f"the server panicked: {panics[:3]}")


def parse(text):
    """Counts by section, and the exchanges that are not equal."""
    sections, problems = {}, []
    for line in text.splitlines():
        row, one = ROW.match(line), LINE.match(line)
        if row and row[1] != "all":
            exact, shape, differ, missing = map(int, row.groups()[1:])
            sections[row[1]] = (exact, shape, differ, missing)
        elif one and one[1] != "shape":
            problems.append((one[2], f"{one[1]} {one[3]}".strip()))
    return sections, problems


def keep(ours):
    """Leaves the answers where a developer can look at them."""
    wanted = os.environ.get("FERRITE_GOLDEN_OUT")
    if wanted:
        with open(ours, "rb") as source, open(wanted, "wb") as target:
            target.write(source.read())


def shares(result, sections, only=None):
    """Each section (of `only` these, if they are named) reaches its share of exchanges that agree, in percent, rounded down."""
    path = GOLDEN / "thresholds.json"
    wanted = {section: share for section, share in json.loads(path.read_text()).items() if only is None or section in only}
    reached = {}
    for section, (exact, shape, differ, missing) in sections.items():
        total = exact + shape + differ + missing
        reached[section] = int(1000 * (exact + shape) / total) / 10 if total else 100.0
        result.notes.append(f"{section}: {reached[section]} % of {total} ({exact} exact, {shape} alike, {differ} differ, {missing} missing)")
    for section, share in wanted.items():
        result.check(f"{section} agrees to at least {share} %", reached.get(section, 0) >= share, f"{reached.get(section)} %")
    if RAISE and only is None:
        better = {section: max(share, wanted.get(section, 0)) for section, share in sorted(reached.items())}
        path.write_text(json.dumps(better, indent=2) + "\n")


def reasons(result, problems):
    """Every difference is listed with its reason, and nothing is listed that no longer differs, apart from what chance decides."""
    with open(GOLDEN / "differences.tsv", newline="") as file:
        rows = [row for row in csv.reader(file, delimiter="\t") if row and not row[0].startswith("#")]
    known = [(row[0], row[1]) for row in rows]
    chance = {row[0] for row in rows if row[2:] == ["sometimes"]}
    used = set()
    for name, why in problems:
        pattern = next((p for p, _ in known if fnmatch.fnmatchcase(name, p)), None)
        used.add(pattern)
        if pattern is None:
            result.check(f"{name} agrees or is listed", False, why)
    for pattern, reason in known:
        if pattern in chance:
            continue
        result.check(f"{pattern} still differs ({reason})", pattern in used, "it agrees now: take it off the list")
