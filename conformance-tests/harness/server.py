"""Servers under test: started on a free loopback port with a folder of their own, always stopped again."""

import atexit
import json
import os
import secrets
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

_running = set()

# The server sees these settings only, so that the caller's environment cannot change a result.
BASE_ENV = {"_APP_ENV": "production", "_APP_DOMAIN": "localhost", "_APP_OPTIONS_ABUSE": "disabled"}


def free_port():
    """A loopback port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One `ferrite serve` process over one data folder; may be stopped and started again."""

    def __init__(self, binary, folder, name, env=None, store=None):
        self.binary, self.name, self.store = binary, name, store
        self.data = Path(folder) / name
        self.data.mkdir(parents=True, exist_ok=True)
        self.log_path = Path(folder) / f"{name}.log"
        self.env = {**BASE_ENV, "_APP_OPENSSL_KEY_V1": secrets.token_hex(32), **(env or {})}
        self.port = free_port()
        self.process = None

    @property
    def base(self):
        """Address without `/v1`."""
        return f"http://localhost:{self.port}"

    @property
    def endpoint(self):
        """Address as an SDK wants it."""
        return f"{self.base}/v1"

    def _environment(self):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("_APP_") and not k.startswith("FERRITE_")}
        return {**kept, **self.env}

    def start(self, timeout=30):
        """Starts the process and waits until it answers."""
        command = [self.binary, "serve", "--data", str(self.data), "--listen", f"127.0.0.1:{self.port}"]
        if self.store:
            command += ["--store", self.store]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                            env=self._environment(), start_new_session=True)
        _running.add(self)
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"server {self.name} left at once with status {self.process.returncode}:\n{self.log_tail()}")
            try:
                with urllib.request.urlopen(f"{self.endpoint}/health/version", timeout=2) as answer:
                    if answer.status == 200:
                        return self
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        self.kill()
        raise RuntimeError(f"server {self.name} did not answer within {timeout} s:\n{self.log_tail()}")

    def stop(self, timeout=20):
        """Asks the server to finish (SIGTERM); returns its exit status, or None when it had to be killed."""
        _running.discard(self)
        if self.process is None:
            return 0
        process, self.process = self.process, None
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                return process.wait(timeout)
            except subprocess.TimeoutExpired:
                _kill_group(process)
                return None
        return process.returncode

    def kill(self):
        """kill -9, as a crash does."""
        _running.discard(self)
        if self.process is not None:
            _kill_group(self.process)
            self.process = None

    def alive(self):
        """Whether the process still runs."""
        return self.process is not None and self.process.poll() is None

    def log_tail(self, lines=25):
        """The end of the server's log."""
        try:
            return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-lines:])
        except FileNotFoundError:
            return "(no log)"

    def panics(self):
        """Lines of the log that tell of a panic."""
        text = self.log_path.read_text(errors="replace") if self.log_path.exists() else ""
        return [line for line in text.splitlines() if "panicked at" in line]

    def project(self, project, platforms=("localhost",)):
        """Makes a project with the command line; works while the server runs. Returns its API key."""
        command = [self.binary, "project", "create", project, "--name", project, "--json", "--data", str(self.data)]
        for platform in platforms:
            command += ["--platform", platform]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=self._environment(), check=False)
        if done.returncode:
            raise RuntimeError(f"project create {project} failed ({done.returncode}): {done.stderr or done.stdout}")
        answer = json.loads(done.stdout)
        if answer.get("projectId") != project or not answer.get("apiKey"):
            raise RuntimeError(f"project create answered {answer}")
        return answer["apiKey"]


def _kill_group(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        pass


def kill_all():
    """Ends every server that still runs."""
    for server in list(_running):
        server.kill()


atexit.register(kill_all)


class FakeClamd:
    """A virus scanner that speaks clamd's INSTREAM protocol and knows one virus: the EICAR test text."""

    # Split so that scanners of the developer's machine leave this file alone.
    EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

    def __init__(self):
        self.scans = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection):
        with connection, connection.makefile("rwb") as stream:
            command = b""
            while not command.endswith((b"\0", b"\n")):
                byte = stream.read(1)
                if not byte:
                    return
                command += byte
            end = command[-1:]
            word = command.strip(b"\0\n").lstrip(b"zn")
            if word == b"INSTREAM":
                content = bytearray()
                while length := int.from_bytes(stream.read(4), "big"):
                    content += stream.read(length)
                self.scans += 1
                stream.write((b"stream: Eicar-Test-Signature FOUND" if self.EICAR in content else b"stream: OK") + end)
            elif word == b"PING":
                stream.write(b"PONG" + end)
            elif word == b"VERSION":
                stream.write(b"ClamAV 1.0.0/1" + end)
            else:
                stream.write(b"UNKNOWN COMMAND" + end)
            stream.flush()

    def close(self):
        """Stops answering, as a crashed scanner does. Closing alone would let the waiting `accept` take one more connection."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
