#!/usr/bin/env python3
"""A large file up and down, and the memory it takes: large.py BINARY [MEGABYTES] [FOLDER].

The file is made as it is sent and compared as it comes, so that nothing of that size is in memory here either. It goes up three times: in one request, in
parts of 5 MiB one after another, and in parts by eight connections in no order. Each time it comes down whole. Told is the peak of the resident memory
of the server over what it had before (the kernel's own mark, which is set back before each step). Needs twice the size of the file on the disk.
"""

import hashlib
import http.client
import random
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from harness.server import Server  # noqa: E402 (the path comes first)

PART = 5 * 1024 * 1024
BLOCK = 1024 * 1024
NOISE = random.Random(5).randbytes(2 * BLOCK)


def block(number):
    """A mebibyte of the file: no two are the same."""
    at = number * 7919 % BLOCK
    return number.to_bytes(8, "big") + NOISE[at:at + BLOCK - 8]


def stretch(start, end):
    """Bytes of the file, in pieces."""
    at = start
    while at < end:
        number, skip = divmod(at, BLOCK)
        piece = block(number)[skip:skip + end - at]
        yield piece
        at += len(piece)


class Memory:
    """The server's resident memory."""

    def __init__(self, pid):
        self.pid = pid

    def read(self, key):
        """A figure in MiB: VmRSS now, VmHWM at its peak."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(key):
                return int(line.split()[1]) / 1024
        return 0.0

    def begin(self):
        """Sets the mark back."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")
        self.before = self.read("VmRSS")

    def cpu(self):
        """Seconds of processor time so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / 100


class Client:
    """Requests with the key of the project."""

    def __init__(self, server, key):
        self.port, self.key = server.port, key

    def _headers(self, more):
        return {"host": "localhost", "x-appwrite-project": "large", "x-appwrite-key": self.key, **more}

    def json(self, method, path, body):
        """A small request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        connection.request(method, f"/v1/storage{path}", body, self._headers({"content-type": "application/json"}))
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]}")

    def send(self, name, start, end, total, ranged=True):
        """Bytes of the file as a part of it, or as all of it."""
        head = (f'--b\r\ncontent-disposition: form-data; name="fileId"\r\n\r\n{name}\r\n'
                f'--b\r\ncontent-disposition: form-data; name="file"; filename="large.bin"\r\n\r\n').encode()
        tail = b"\r\n--b--\r\n"
        headers = {"content-type": "multipart/form-data; boundary=b", "content-length": str(len(head) + end - start + len(tail))}
        if ranged:
            headers.update({"content-range": f"bytes {start}-{end - 1}/{total}", "x-appwrite-id": name})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        connection.putrequest("POST", "/v1/storage/buckets/b/files", skip_host=True, skip_accept_encoding=True)
        for key, value in self._headers(headers).items():
            connection.putheader(key, value)
        connection.endheaders()
        connection.send(head)
        for piece in stretch(start, end):
            connection.send(piece)
        connection.send(tail)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status not in (200, 201):
            raise RuntimeError(f"part at {start}: {answer.status} {text[:300]}")

    def digest(self, name):
        """SHA-256 of the file as it comes down."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        connection.request("GET", f"/v1/storage/buckets/b/files/{name}/download", headers=self._headers({}))
        answer = connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"download: {answer.status} {answer.read(300)}")
        digest = hashlib.sha256()
        while piece := answer.read(BLOCK):
            digest.update(piece)
        return digest.hexdigest()


def at_once(client, total):
    """One request."""
    client.send("at-once", 0, total, total, ranged=False)


def in_order(client, total):
    """Parts, one after another, as the SDKs send them."""
    for start in range(0, total, PART):
        client.send("in-order", start, min(start + PART, total), total)


def in_parallel(client, total):
    """Parts by eight connections, in no order."""
    starts = list(range(0, total, PART))
    random.Random(1).shuffle(starts)
    lock, failures = threading.Lock(), []

    def work():
        while not failures:
            with lock:
                if not starts:
                    return
                start = starts.pop()
            try:
                client.send("in-parallel", start, min(start + PART, total), total)
            except Exception as problem:  # told by the main thread
                failures.append(problem)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def measured(memory, label, total, work):
    """Does something and tells what it took."""
    memory.begin()
    begun, cpu = time.monotonic(), memory.cpu()
    value = work()
    seconds, cpu = time.monotonic() - begun, memory.cpu() - cpu
    extra = memory.read("VmHWM") - memory.before
    print(f"{label:28} {total / 1e6 / seconds:8.0f} MB/s {total / 1e6 / max(cpu, 0.01):8.0f} MB per CPU second   {extra:6.1f} MiB over {memory.before:.1f}", flush=True)
    return value, extra


def main():
    """All of it; the exit status tells whether the bytes came back and the memory stayed below 64 MiB."""
    binary = sys.argv[1]
    total = int(float(sys.argv[2]) * 1e6) if len(sys.argv) > 2 else 5_000_000_000
    folder = Path(tempfile.mkdtemp(prefix="ferrite-large-", dir=sys.argv[3] if len(sys.argv) > 3 else None))
    server = Server(binary, folder, "large", {"_APP_STORAGE_LIMIT": str(10 ** 11)}).start()
    worst, wrong = 0.0, []
    try:
        client = Client(server, server.project("large"))
        client.json("POST", "/buckets", '{"bucketId": "b", "name": "B", "maximumFileSize": 100000000000, "compression": "none", "encryption": true}')
        expected = hashlib.sha256()
        for piece in stretch(0, total):
            expected.update(piece)
        memory = Memory(server.process.pid)
        time.sleep(3)
        print(f"{total / 1e6:.0f} MB, idle {memory.read('VmRSS'):.1f} MiB", flush=True)
        for name, upload in (("at-once", at_once), ("in-order", in_order), ("in-parallel", in_parallel)):
            _, up = measured(memory, f"up {name}", total, lambda upload=upload: upload(client, total))
            got, down = measured(memory, f"down {name}", total, lambda name=name: client.digest(name))
            worst = max(worst, up, down)
            if got != expected.hexdigest():
                wrong.append(name)
            client.json("DELETE", f"/buckets/b/files/{name}", None)
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"most memory on top: {worst:.1f} MiB; {'wrong: ' + ', '.join(wrong) if wrong else 'all bytes came back'}")
    return 1 if wrong or worst > 64 else 0


if __name__ == "__main__":
    sys.exit(main())
