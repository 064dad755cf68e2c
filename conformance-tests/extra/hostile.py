"""Hostile and broken requests on a raw socket: a clear answer or a closed connection, nothing half-written, the server goes on."""

import json
import os
import socket
import threading
import time
from urllib.parse import urlsplit

import requests

from checks import Checks

ENDPOINT, PROJECT, KEY = (os.environ[f"FERRITE_{name}"] for name in ("ENDPOINT", "PROJECT", "KEY"))
URL = urlsplit(ENDPOINT)
HEADERS = {"X-Appwrite-Project": PROJECT, "X-Appwrite-Key": KEY}
ARGUMENT = (400, "general_argument_invalid")


def call(method, path, **options):
    """One request of the server's key; status, error type and body."""
    headers = {**HEADERS, **options.pop("headers", {})}
    answer = requests.request(method, ENDPOINT + path, headers=headers, timeout=60, **options)
    body = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    return answer.status_code, body.get("type"), body


def raw(payload, wait=10, hold=False):
    """Sends bytes and reads what comes until the server closes or the time is up."""
    with socket.create_connection((URL.hostname, URL.port), timeout=wait) as peer:
        try:
            peer.sendall(payload)
            if not hold:
                peer.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        received = b""
        peer.settimeout(wait)
        try:
            while chunk := peer.recv(65536):
                received += chunk
        except OSError:
            pass
        return received


def status(received):
    """Status of a raw answer; 0 when the connection was closed without one."""
    return int(received.split(b" ", 2)[1]) if received.startswith(b"HTTP/") else 0


def alive(check, after):
    """The server still answers."""
    check.eq(f"after {after} the server goes on", call("GET", "/users")[0], 200)


def bodies(check):
    """JSON that is none, too deep, too strange."""
    send = lambda text, kind="application/json": call("POST", "/users", data=text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text, headers={"content-type": kind})[:2]
    for name, text in (("no JSON", "{bad"), ("nothing", ""), ("a scalar", "5"), ("an array", "[1]"), ("a cut-off object", '{"userId":"x"'), ("not UTF-8", b'{"userId":"\xff\xfe"}'),
                       ("200,000 brackets", "[" * 200_000), ("a deep object", '{"a":' * 50_000 + "1" + "}" * 50_000), ("a lone surrogate", '{"userId":"\\ud800"}'), ("NUL", '{"userId":"a\\u0000b"}')):
        check.eq(name, send(text), ARGUMENT)
    check.eq("an id of a million letters", send(json.dumps({"userId": "a" * 1_000_000})), ARGUMENT)
    check.eq("a name that is an object", send(json.dumps({"userId": "obj", "name": {"a": 1}})), ARGUMENT)
    check.eq("another content type", send('{"userId":"typed"}', "text/plain"), ARGUMENT)
    check.eq("none of them left a user", call("GET", "/users")[2]["total"], 0)
    check.eq("unknown fields are ignored", call("POST", "/users", json={"userId": "known", "bogus": [1]})[0], 201)
    alive(check, "bad bodies")


def numbers(check):
    """Values no attribute may hold."""
    call("POST", "/databases", json={"databaseId": "d", "name": "d"})
    call("POST", "/databases/d/collections", json={"collectionId": "c", "name": "c"})
    for kind, key in (("integer", "int"), ("float", "float"), ("boolean", "bool"), ("datetime", "when")):
        call("POST", f"/databases/d/collections/c/attributes/{kind}", json={"key": key, "required": False})
    call("POST", "/databases/d/collections/c/attributes/string", json={"key": "text", "required": False, "size": 100})
    create = lambda data: call("POST", "/databases/d/collections/c/documents", data=f'{{"documentId":"unique()","data":{data}}}', headers={"content-type": "application/json"})[:2]
    for data in ('{"int":9223372036854775808}', '{"int":1e400}', '{"int":1.5}', '{"int":"1"}', '{"float":"1"}', '{"bool":1}', '{"bool":"true"}', '{"when":"yesterday evening at noon"}',
                 '{"text":1}', '{"text":["a"]}', '{"nope":1}', '{"text":"%s"}' % ("x" * 101), '{"$bogus":1}'):
        code, kind = create(data)
        check.true(f"{data[:40]} is refused", code == 400 and kind in ("document_invalid_structure", "general_argument_invalid", "document_missing_data"), (code, kind))
    check.eq("2^63 - 1 is a number", create('{"int":9223372036854775807}')[0], 201)
    check.eq("one document is there", call("GET", "/databases/d/collections/c/documents")[2]["total"], 1)


def queries(check):
    """Queries that ask too much or nothing sensible."""
    path = "/databases/d/collections/c/documents"
    ask = lambda *texts: call("GET", path, params=[("queries[]", t) for t in texts])
    nested = '{"method":"equal","attribute":"int","values":[1]}'
    for _ in range(100):
        nested = '{"method":"and","values":[%s,%s]}' % (nested, '{"method":"isNull","attribute":"text"}')
    for name, text in (("no JSON", "equal("), ("an unknown method", '{"method":"explode","attribute":"int","values":[1]}'), ("values that are no list", '{"method":"equal","attribute":"int","values":1}'),
                       ("an unknown attribute", '{"method":"equal","attribute":"nope","values":[1]}'), ("a limit below one", '{"method":"limit","values":[0]}'), ("a limit of text", '{"method":"limit","values":["x"]}'),
                       ("501 values", json.dumps({"method": "equal", "attribute": "int", "values": list(range(501))})), ("an or of one", '{"method":"or","values":[{"method":"isNull","attribute":"int"}]}'),
                       ("a regular expression", '{"method":"regex","attribute":"text","values":["(a+)+$"]}'), ("a hundred levels", nested)):
        code, kind, _ = ask(text)
        check.true(name, code == 400 and kind in ("general_query_invalid", "general_argument_invalid"), (code, kind))
    check.eq("a hundred and one queries", ask(*['{"method":"isNull","attribute":"text"}'] * 101)[0], 400)
    check.eq("a missing cursor", ask('{"method":"cursorAfter","values":["nobody"]}')[1], "general_cursor_not_found")
    started = time.monotonic()
    ask(json.dumps({"method": "contains", "attribute": "text", "values": ["%_\\" * 300] * 4}))
    check.true("work is bounded", time.monotonic() - started < 5, time.monotonic() - started)
    alive(check, "bad queries")


def uploads(check):
    """Forms and ranges that lie."""
    call("POST", "/storage/buckets", json={"bucketId": "b", "name": "b", "fileSecurity": False})
    url = "/storage/buckets/b/files"
    part = lambda name, content, **headers: call("POST", url, files={"file": (name, content)}, data={"fileId": headers.pop("id", "unique()")}, headers={k.replace("_", "-"): v for k, v in headers.items()})
    check.eq("no file", call("POST", url, data={"fileId": "nofile"})[0], 400)
    check.eq("a range that ends before it starts", part("x", b"abc", id="r1", content_range="bytes 5-2/10")[0], 400)
    check.eq("a range beyond its total", part("x", b"abc", id="r2", content_range="bytes 0-20/10")[0], 400)
    check.eq("a range of nonsense", part("x", b"abc", id="r3", content_range="lines 1-2/3")[0], 400)
    check.eq("a chunk of another length than it says", part("x", b"abc", id="r4", content_range="bytes 0-9/100")[0], 400)
    head = f"POST {URL.path}{url} HTTP/1.1\r\nHost: {URL.netloc}\r\nX-Appwrite-Project: {PROJECT}\r\nX-Appwrite-Key: {KEY}\r\n"
    form = '--x\r\nContent-Disposition: form-data; name="fileId"\r\n\r\ncut\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    cut = raw((head + f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {len(form) + 1000}\r\n\r\n{form}half").encode())
    check.true("a body that ends early is not taken", status(cut) in (0, 400, 408), cut[:100])
    none = raw((head + f"Content-Type: multipart/form-data\r\nContent-Length: {len(form)}\r\nConnection: close\r\n\r\n{form}").encode())
    check.true("a form without a boundary is not taken", status(none) == 400, none[:100])
    check.eq("the first upload of each is not there", [call("GET", f"{url}/{name}")[0] for name in ("r1", "r2", "r3", "r4", "cut", "nofile")], [404] * 6)
    for name in ("../../etc/passwd", "a/b\\c", "x" * 300, "nul\0.bin"):
        code, kind, body = part(name, b"content")
        check.true(f"the name {name[:20]!r} is a name or refused", code == 400 or (code == 201 and body["sizeOriginal"] == 7), (code, kind))
    alive(check, "bad uploads")


def wire(check):
    """What is not even HTTP, or too much of it, or too slow."""
    for name, payload in (("garbage", b"\x00\x01\x02\xff" * 100), ("TLS where there is none", bytes.fromhex("16030100c8010000c40303") + bytes(190)), ("half a request line", b"GET /v1/heal")):
        check.true(f"{name} ends in 400 or silence", status(raw(payload, 8)) in (0, 400, 408), name)
    line = f"GET {URL.path}/health/version HTTP/1.1\r\nHost: {URL.netloc}\r\n"
    big = raw((line + "X-Big: " + "a" * 300_000 + "\r\n\r\n").encode(), 8)
    check.true("300 kB of header are refused", status(big) in (0, 400, 431), big[:60])
    many = raw((line + "".join(f"X-H{n}: 1\r\n" for n in range(2000)) + "\r\n").encode(), 8)
    check.true("2,000 headers are refused", status(many) in (0, 400, 431), many[:60])
    long = raw(f"GET {URL.path}/{'a' * 200_000} HTTP/1.1\r\nHost: x\r\n\r\n".encode(), 8)
    check.true("a path of 200 kB is refused", status(long) in (0, 400, 404, 414, 431), long[:60])
    smuggled = raw(f"POST {URL.path}/users HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\nGET /v1/users HTTP/1.1\r\n\r\n".encode(), 8)
    check.true("two lengths at once give at most one answer", smuggled.count(b"HTTP/1.1 ") <= 1, smuggled[:80])
    alive(check, "broken HTTP")
    slow(check, line)


def slow(check, line):
    """A hundred connections that say nothing more do not keep others out, and are let go."""
    held = [socket.create_connection((URL.hostname, URL.port), timeout=5) for _ in range(100)]
    for peer in held:
        peer.sendall(line.encode())
    times = []
    for _ in range(5):
        started = time.monotonic()
        call("GET", "/users")
        times.append(time.monotonic() - started)
    check.true("others are answered at once", max(times) < 2, times)
    ended = []

    def wait(peer):
        peer.settimeout(45)
        try:
            while peer.recv(4096):
                pass
            ended.append(True)
        except TimeoutError:
            ended.append(False)
        except OSError:
            ended.append(True)

    threads = [threading.Thread(target=wait, args=(peer,)) for peer in held]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check.true("slow senders are let go", ended and all(ended), f"{ended.count(False)} of {len(ended)} still open")
    for peer in held:
        peer.close()


def main():
    """All groups."""
    check = Checks("hostile")
    for group in (bodies, numbers, queries, uploads, wire):
        with check.section(group.__name__):
            group(check)
    check.finish()


main()
