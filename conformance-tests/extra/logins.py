"""How much sign-ins slow everything else down: logins.py ENDPOINT PROJECT KEY [PID].

64 people sign in at once, over and over; meanwhile somebody reads their account and a team is made now and then. Prints the latencies of
those, without sign-ins and with them, and the largest memory of the server. Needs nothing but Python; run it against a release build with
_APP_OPTIONS_ABUSE=disabled.
"""

import http.client
import json
import sys
import threading
import time
from urllib.parse import urlsplit

PEOPLE = 64
SECONDS = 10


class Caller:
    """One connection that stays open."""

    def __init__(self, endpoint, headers):
        self.url = urlsplit(endpoint)
        self.headers = {"content-type": "application/json", **headers}
        self.connection = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=120)

    def call(self, method, path, body=None):
        """Status, headers and body of one call."""
        self.connection.request(method, self.url.path + path, json.dumps(body) if body is not None else None, self.headers)
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()


def at(latencies, part):
    """The latency that a part of all calls does not exceed, milliseconds."""
    return sorted(latencies)[min(len(latencies) - 1, int(len(latencies) * part))] * 1000


def others(endpoint, user, server, seconds):
    """Latencies of reads and writes that are no sign-ins."""
    reads, writes, until, number = [], [], time.monotonic() + seconds, 0
    reader, writer = Caller(endpoint, user), Caller(endpoint, server)
    while time.monotonic() < until:
        for caller, latencies, call in (
            (reader, reads, ("GET", "/account")),
            (writer, writes, ("POST", "/teams", {"teamId": f"t{time.monotonic_ns()}", "name": "t"})),
        ):
            if latencies is writes and number % 10:
                continue
            begun = time.perf_counter()
            status, _, body = caller.call(*call)
            latencies.append(time.perf_counter() - begun)
            assert status < 300, (status, body)
        number += 1
        time.sleep(0.002)
    return reads, writes


def main(endpoint, project, key, pid=None):
    """Both measurements."""
    base = {"x-appwrite-project": project}
    server = {**base, "x-appwrite-key": key}
    setup = Caller(endpoint, server)
    for n in range(PEOPLE):
        status, _, body = setup.call("POST", "/users", {"userId": f"p{n}", "email": f"p{n}@example.com", "password": f"password-{n}"})
        assert status in (201, 409), (status, body)
    _, headers, _ = Caller(endpoint, base).call("POST", "/account/sessions/email", {"email": "p0@example.com", "password": "password-0"})
    cookies = "; ".join(line.split(";")[0] for line in headers.get_all("set-cookie"))
    user = {**base, "cookie": cookies}
    told = lambda what, latencies: print(
        f"{what:<28} {len(latencies):>6} calls  p50 {at(latencies, 0.5):6.1f}  p99 {at(latencies, 0.99):6.1f}  max {at(latencies, 1):6.1f} ms")
    reads, writes = others(endpoint, user, server, SECONDS / 2)
    told("reads, quiet", reads)
    told("writes, quiet", writes)
    ending, logins, refused = threading.Event(), [], []

    def sign_in(n):
        caller = Caller(endpoint, base)
        while not ending.is_set():
            begun = time.perf_counter()
            status, _, said = caller.call("POST", "/account/sessions/email", {"email": f"p{n}@example.com", "password": f"password-{n}"})
            (logins if status == 201 else refused).append(time.perf_counter() - begun if status == 201 else f"{status} {said[:120]}")

    people = [threading.Thread(target=sign_in, args=(n,)) for n in range(PEOPLE)]
    for person in people:
        person.start()
    time.sleep(0.5)
    reads, writes = others(endpoint, user, server, SECONDS)
    peak = memory(pid)
    ending.set()
    for person in people:
        person.join()
    told("reads, 64 signing in", reads)
    told("writes, 64 signing in", writes)
    told("sign-ins", logins)
    print(f"refused: {len(refused)} {sorted(set(refused))}" + (f", memory at the peak: {peak}" if peak else ""))


def memory(pid):
    """Largest resident memory of a process so far."""
    if not pid:
        return None
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(line.split(":")[1].strip() for line in status if line.startswith("VmHWM"))


if __name__ == "__main__":
    main(*sys.argv[1:])
