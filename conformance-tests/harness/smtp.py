"""A mail server for tests: takes every mail and appends it to a file as one JSON line."""

import email
import email.policy
import json
import socketserver
import threading
import time


def mails_in(path, to=None):
    """The mails of a file, parsed, for one receiver or for all."""
    try:
        with open(path, encoding="utf-8") as lines:
            taken = [json.loads(line) for line in lines]
    except FileNotFoundError:
        return []
    return [email.message_from_string(m["data"], policy=email.policy.default) for m in taken
            if to is None or any(to.lower() in r.lower() for r in m["to"])]


class _Talk(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        self.say("220 sink")
        sender, receivers = "", []
        while line := self.rfile.readline():
            text = line.decode(errors="replace").strip()
            word = text.upper().split(" ")[0].split(":")[0]
            if word == "MAIL":
                sender, receivers = text, []
            elif word == "RCPT":
                receivers.append(text)
            if word == "DATA":
                self.say("354 go")
                self.server.sink.take(sender, receivers, self.data())
                self.say("250 taken")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 sink" if word in ("EHLO", "HELO") else "250 ok")

    def data(self):
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines).decode(errors="replace")


class SmtpSink:
    """Listens on a free loopback port. Mails are written down when none has come for `settle` seconds, so that who waits for the last
    of several does not take the first."""

    def __init__(self, path, settle=0):
        self.path, self.lock, self.settle = path, threading.Lock(), settle
        self.pending, self.timer = [], None
        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Talk)
        self.server.daemon_threads = True
        self.server.sink = self
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, sender, receivers, data):
        """Keeps one mail."""
        with self.lock:
            self.pending.append(json.dumps({"from": sender, "to": receivers, "data": data}) + "\n")
            if self.timer:
                self.timer.cancel()
            self.timer = threading.Timer(self.settle, self.write) if self.settle else None
        if self.timer:
            self.timer.daemon = True
            self.timer.start()
        else:
            self.write()

    def write(self):
        """Writes down what has come."""
        with self.lock, open(self.path, "a", encoding="utf-8") as out:
            out.write("".join(self.pending))
            self.pending = []

    def mails(self, to=None):
        """What was taken, parsed, for one receiver or for all."""
        with self.lock:
            return mails_in(self.path, to)

    def wait(self, to, count=1, timeout=20):
        """The newest mail to somebody, once there are so many."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            found = self.mails(to)
            if len(found) >= count:
                return found[-1]
            time.sleep(0.05)
        raise RuntimeError(f"no mail number {count} to {to} within {timeout} s")

    def close(self):
        """Stops listening."""
        self.server.shutdown()
        self.server.server_close()
