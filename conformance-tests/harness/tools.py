"""What the programs run on: virtual environments, node_modules and the server's binary."""

import hashlib
import os
import shutil
import subprocess
import sys
import time

from .paths import CACHE, HERE, REPO


class SetupError(Exception):
    """Something the tests need is missing; the text says what to do."""


def _run(command, what, **options):
    """Runs a preparation step; its output is shown only when it fails."""
    tail = ""
    for attempt in range(3):  # package indexes hiccup
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900, check=False, **options)
        if done.returncode == 0:
            return
        tail = done.stdout[-2000:]
        time.sleep(2 * attempt)
    raise SetupError(f"{what} failed: {' '.join(map(str, command))}\n{tail}")


def venv(name):
    """The Python of a virtual environment made from python/<name>.txt, made anew when the file changes."""
    requirements = HERE / "python" / f"{name}.txt"
    digest = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:16]
    home = CACHE / "venv" / name
    python = home / "bin" / "python"
    stamp = home / "stamp"
    if stamp.exists() and stamp.read_text() == digest and python.exists():
        return python
    shutil.rmtree(home, ignore_errors=True)
    print(f"  installing {name} …", flush=True)
    _run([sys.executable, "-m", "venv", str(home)], "making a virtual environment")
    _run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r", str(requirements)], f"installing {name}")
    stamp.write_text(digest)
    return python


def node_modules():
    """Installs the JavaScript SDKs exactly as package-lock.json says, when it changed."""
    if not shutil.which("node") or not shutil.which("npm"):
        raise SetupError("node and npm (Node 20 or newer) are needed for the JavaScript suites")
    digest = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:16]
    stamp = HERE / "node_modules" / ".stamp"
    if stamp.exists() and stamp.read_text() == digest:
        return
    print("  installing the JavaScript SDKs …", flush=True)
    _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], "npm ci", cwd=HERE)
    stamp.write_text(digest)


def binary(build=True):
    """The server: $FERRITE_BIN, or target/release/ferrite, built when it is not newer than what cargo would make."""
    given = os.environ.get("FERRITE_BIN")
    if given:
        if not os.access(given, os.X_OK):
            raise SetupError(f"FERRITE_BIN={given} is not an executable file")
        return given
    target = os.environ.get("CARGO_TARGET_DIR", str(REPO / "target"))
    path = os.path.join(target, "release", "ferrite")
    if build:
        print("  cargo build --release -p server …", flush=True)
        done = subprocess.run(["cargo", "build", "--release", "--locked", "-p", "server"], cwd=REPO, check=False)
        if done.returncode:
            raise SetupError("the release build failed")
    if not os.access(path, os.X_OK):
        raise SetupError(f"{path} is missing: run `cargo build --release -p server` or set FERRITE_BIN")
    return path
