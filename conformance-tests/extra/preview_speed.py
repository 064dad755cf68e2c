"""Processor time of previews: a JPEG to 400 pixels beside vipsthumbnail on the same file, and previews that are kept.

    FERRITE_BIN=…/release/ferrite python3 extra/preview_speed.py picture.jpg [rounds]

Processor time is compared, not time on the clock, so that other work on the machine does not decide.
"""

import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from harness.server import Server  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")
KEPT = 5_000


def cpu(pid):
    """Seconds of processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def upload(connection, headers, path):
    """Puts the picture into a bucket."""
    connection.request("POST", "/v1/storage/buckets", json.dumps({"bucketId": "b", "name": "b", "maximumFileSize": 30_000_000}), {**headers, "content-type": "application/json"})
    assert connection.getresponse().read()
    parts = [b'--x\r\ncontent-disposition: form-data; name="fileId"\r\n\r\nf\r\n',
             b'--x\r\ncontent-disposition: form-data; name="file"; filename="f.jpg"\r\ncontent-type: image/jpeg\r\n\r\n', path.read_bytes(), b"\r\n--x--\r\n"]
    connection.request("POST", "/v1/storage/buckets/b/files", b"".join(parts), {**headers, "content-type": "multipart/form-data; boundary=x"})
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 201, body


def preview(connection, headers, query, cache):
    """One preview; whether it was kept must be as expected."""
    connection.request("GET", f"/v1/storage/buckets/b/files/f/preview?{query}", headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200 and answer.getheader("x-appwrite-cache") == cache, (answer.status, answer.getheader("x-appwrite-cache"), body[:200])
    return body


def vips(path, folder, rounds):
    """Seconds of processor time of one vipsthumbnail."""
    before = os.times()
    for _ in range(rounds):
        subprocess.run(["vipsthumbnail", str(path), "--size", "400x", "-o", str(folder / "v.jpg[Q=82]")], check=True)
    after = os.times()
    return (after.children_user + after.children_system - before.children_user - before.children_system) / rounds


def main():
    """Figures on one server."""
    picture, rounds = Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 20
    folder = Path(tempfile.mkdtemp())
    server = Server(os.environ["FERRITE_BIN"], folder, "speed").start()
    headers = {"x-appwrite-project": "speed", "x-appwrite-key": server.project("speed")}
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    upload(connection, headers, picture)
    preview(connection, headers, "width=399", "miss")
    ours, pid = [], server.process.pid
    # Another name of the same work each time: borders that are not drawn have a colour, too.
    start = cpu(pid)
    for number in range(rounds):
        body = preview(connection, headers, f"width=400&quality=82&borderColor={number:06x}", "miss")
    ours = (cpu(pid) - start) / rounds
    (folder / "o.jpg").write_bytes(body)
    start = cpu(pid)
    for _ in range(KEPT):
        preview(connection, headers, "width=400&quality=82&borderColor=000000", "hit")
    kept = KEPT / (cpu(pid) - start)
    line = f"made: {ours * 1000:.0f} ms of processor time each"
    if shutil.which("vipsthumbnail"):
        theirs = vips(picture, folder, rounds)
        line += f", vipsthumbnail {theirs * 1000:.0f} ms: {ours / theirs:.2f} times"
    print(f"{line}; kept: {kept:.0f} per CPU second")
    server.stop()
    shutil.rmtree(folder)


main()
