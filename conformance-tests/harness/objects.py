"""An object store for servers under test: a server of the S3 protocol, from a package, with one bucket."""

import os
import subprocess
import time
import urllib.error
import urllib.request

from .server import free_port
from .tools import SetupError, venv

BUCKET = "files"


class ObjectStore:
    """moto's server, which keeps objects in memory; ended with `close`."""

    def __init__(self, folder, name):
        self.port = free_port()
        self.log_path = folder / f"{name}.log"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen([str(venv("s3")), "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)],
                                            stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        try:
            self._make_bucket()
        except Exception:
            self.close()
            raise

    @property
    def endpoint(self):
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def settings(self):
        """What a server is told to keep its files here."""
        return {"_APP_STORAGE_DEVICE": "s3", "_APP_STORAGE_S3_ENDPOINT": self.endpoint, "_APP_STORAGE_S3_BUCKET": BUCKET,
                "_APP_STORAGE_S3_ACCESS_KEY": "key", "_APP_STORAGE_S3_SECRET": "secret"}

    def _make_bucket(self, timeout=60):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                request = urllib.request.Request(f"{self.endpoint}/{BUCKET}", method="PUT", data=b"")
                with urllib.request.urlopen(request, timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise SetupError(f"the S3 server did not start: {self.log_path.read_text(errors='replace')[-1000:]}")

    def objects(self):
        """How many requests wrote an object: tells that the bytes went there."""
        text = self.log_path.read_text(errors="replace")
        return sum(1 for line in text.splitlines() if f"PUT /{BUCKET}/" in line or f"POST /{BUCKET}/" in line)

    def close(self):
        """Ends it."""
        self.process.kill()
        self.process.wait(10)


def object_store(context, result, name):
    """A store for a suite. Where its package cannot be had the suite is skipped, but never where nothing may be skipped (CI)."""
    try:
        return ObjectStore(context.folder, name)
    except SetupError as problem:
        if os.environ.get("FERRITE_SKIP_NOTHING"):
            raise
        result.skipped = f"no S3 server: {str(problem).splitlines()[0]}"
        return None
