"""Requests as a Console in a browser sends them: its headers, its cookies, its ways of writing parameters."""

import base64
import email
import email.policy
import hashlib
import hmac
import html
import http.client
import json
import os
import re
import socket
import struct
import time
from urllib.parse import parse_qs, urlencode, urlsplit

# `{{…}}` is a placeholder of mail templates.
HOLE = re.compile(r"(?<!\{)\{([\w.]+)\}(?!\})")
LINK = re.compile(r'https?://[^\s"<>]+[?&]secret=[^\s"<>]+')


class Caller:
    """One person at a Console: cookies, and what earlier answers told."""

    def __init__(self, endpoint, form, mails):
        self.url, self.form, self.mails = urlsplit(endpoint), form, mails
        self.cookies = {"console": {}, "guest": {}}
        self.told = {"console": {}, "project": {}}
        self.told["console"].update(email="root@console.test", password="a-long-password", origin=f"{self.url.scheme}://{self.url.netloc}",
                                    mailPort=int(os.environ["CONSOLE_SMTP_PORT"]))
        self.seen = 0

    # -- what was told --------------------------------------------------------------------------------------------------------

    def value(self, scope, name, given):
        """What a placeholder stands for: given with the request, told to the same side before, or told to the console."""
        if name == "totp":
            return totp(self.told["console"]["totpSecret"])
        for source in (given, self.told[scope], self.told["console"]):
            if name in source:
                return source[name]
        raise KeyError(name)

    def fill(self, scope, thing, given):
        """Fills the placeholders in texts, however deep."""
        if isinstance(thing, str):
            whole = HOLE.fullmatch(thing)
            return self.value(scope, whole[1], given) if whole else HOLE.sub(lambda m: str(self.value(scope, m[1], given)), thing)
        if isinstance(thing, list):
            return [self.fill(scope, one, given) for one in thing]
        if isinstance(thing, dict):
            return {key: self.fill(scope, one, given) for key, one in thing.items()}
        return thing

    # -- requests -------------------------------------------------------------------------------------------------------------

    def headers(self, who, given):
        """The headers of a kind of client."""
        if who in ("picture", "image"):
            return {}
        project = self.value("project", "projectId", given) if who == "project" else "console"
        headers = {"X-Appwrite-Project": project, "X-Appwrite-Response-Format": self.form, "X-Sdk-Name": "Console", "X-Sdk-Platform": "console",
                   "X-Sdk-Language": "web", "Origin": self.told["console"]["origin"]}
        if who == "project":
            headers["X-Appwrite-Mode"] = "admin"
        if who == "org":
            headers["X-Appwrite-Organization"] = self.value("console", "teamId", given)
        if who == "plain":
            headers = {"X-Appwrite-Project": "console"}
        return headers

    def send(self, who, method, path, body, more):
        """Sends a request and keeps what is to be kept; status, content type and body of the answer."""
        scope = "project" if who in ("project", "image") else "console"
        given = self.fill(scope, more.get("with", {}), {})
        body = self.fill(scope, body, given)
        if "queries" in body:
            body["queries"] = [json.dumps(query) for query in body["queries"]]
        target, headers = f"{self.url.path}{self.fill(scope, path, given)}", self.headers(who, given)
        if who == "picture":
            body = {**body, "project": "console"}
        if who == "image":
            body = {**body, "project": self.value("project", "projectId", given), "mode": "admin"}
        payload = None
        if "file" in more:
            payload, headers["content-type"] = form({**body, "file": more["file"].encode()})
        elif method == "GET":
            query = urlencode(list(flat(body)))
            target += f"?{query}" if query else ""
        else:
            payload, headers["content-type"] = json.dumps(body).encode(), "application/json"
        jar = self.cookies["guest" if who == "guest" else "console"]
        status, kind, body = self.exchange(method, target, headers, payload, {} if more.get("anonymous") else jar)
        for name, where in more.get("save", {}).items() if status < 300 else ():
            self.told["console" if who == "guest" else scope][name] = dig(body, where)
        return status, kind, body

    def exchange(self, method, target, headers, payload, jar):
        """One request on a connection of its own."""
        if jar:
            headers = {**headers, "Cookie": "; ".join(f"{name}={value}" for name, value in jar.items())}
        connection = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=60)
        try:
            connection.request(method, target, payload, headers)
            answer = connection.getresponse()
            content = answer.read()
            for line in answer.msg.get_all("set-cookie") or []:
                name, _, rest = line.partition("=")
                value = rest.partition(";")[0]
                if value and "max-age=0" not in rest.lower():
                    jar[name] = value
                else:
                    jar.pop(name, None)
            kind = answer.headers.get("content-type", "")
            return answer.status, kind, json.loads(content) if kind.startswith("application/json") else content
        finally:
            connection.close()

    # -- beside requests ------------------------------------------------------------------------------------------------------

    def mail(self, address, kept):
        """Waits for the next mail to an address and keeps what its link or code tells; whether it came."""
        address = self.fill("console", address, {})
        end = time.monotonic() + 20
        while time.monotonic() < end:
            for mail in self.arrived()[self.seen:]:
                self.seen += 1
                if any(address in receiver for receiver in mail["to"]):
                    return self.keep_mail(mail["data"], kept)
            time.sleep(0.1)
        return False

    def arrived(self):
        """All mails so far."""
        try:
            with open(self.mails, encoding="utf-8") as file:
                return [json.loads(line) for line in file.read().split("\n") if line]
        except FileNotFoundError:
            return []

    def keep_mail(self, data, kept):
        body = email.message_from_string(data, policy=email.policy.default).get_body(("plain", "html"))
        text = html.unescape(body.get_content())
        link = LINK.search(text)
        for name, values in parse_qs(urlsplit(link[0]).query).items() if link else ():
            self.told["console"][f"mail.{name}"] = values[0]
        code = re.search(r"\b(\d{6})\b", text)
        if code:
            self.told["console"]["mail.code"] = code[1]
        return all(f"mail.{name}" in self.told["console"] for name in kept.get("tells", []))

    def realtime(self, query):
        """Opens the socket of realtime and reads its first frame: whether it says `connected`, and what it said."""
        query = self.fill("project", query, {})
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies["console"].items())
        with socket.create_connection((self.url.hostname, self.url.port), timeout=20) as peer:
            key = base64.b64encode(os.urandom(16)).decode()
            peer.sendall((f"GET {self.url.path}/realtime?{query} HTTP/1.1\r\nHost: {self.url.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          f"Origin: {self.told['console']['origin']}\r\nCookie: {cookies}\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
            received = b""
            while b"\r\n\r\n" not in received or len(received.partition(b"\r\n\r\n")[2]) < 4:
                part = peer.recv(4096)
                if not part:
                    break
                received += part
        head, _, frame = received.partition(b"\r\n\r\n")
        return b" 101 " in head.split(b"\r\n")[0] and b'"connected"' in frame, received[:300]


def flat(body, prefix=""):
    """Parameters of a query as the SDK flattens them."""
    for key, value in body.items() if isinstance(body, dict) else enumerate(body):
        name = f"{prefix}[{key}]" if prefix else str(key)
        if isinstance(value, (dict, list)):
            yield from flat(value, name)
        else:
            yield name, str(value).lower() if isinstance(value, bool) else value


def form(fields):
    """A form with a file, and its content type."""
    boundary = "----console-form"
    parts = []
    for name, value in flat({key: value for key, value in fields.items() if key != "file"}):
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="note.txt"\r\nContent-Type: text/plain\r\n\r\n'
    return b"".join(parts) + head.encode() + fields["file"] + f"\r\n--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def dig(body, where):
    """A value deep in an answer: `memberships.0.$id`."""
    for step in where.split("."):
        body = body[int(step)] if isinstance(body, list) else body[step]
    return body


def totp(secret):
    """The code of an authenticator app at this moment."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start:start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"
