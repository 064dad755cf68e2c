"""A real mail server (aiosmtpd) behind four ports: smtpd.py FILE. Prints the ports as JSON, takes mails into FILE until its standard input ends.

`starttls` and `tls` have a certificate for `localhost`, `wrong` one for another host, `plain` offers no protection. All want user `app` and password
`open-sesame`. Who is called `later-…` is refused once with 451, `never-…` always with 550.
"""

import email
import email.policy
import json
import socket
import ssl
import sys
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

TLS = Path(__file__).with_name("tls")


def certificate(name):
    """TLS with one of the certificates beside this file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / f"{name}.pem")
    return context


def authenticate(_server, _session, _envelope, _mechanism, data):
    """Whether user and password are right."""
    right = (data.login, data.password) == (b"app", b"open-sesame")
    return AuthResult(success=right, handled=right)


class Handler:
    """Keeps what it is given."""

    def __init__(self, path, way):
        self.path, self.way, self.refused = path, way, set()

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        """Refuses by name."""
        if address.startswith("never-"):
            return "550 no such mailbox"
        if address.startswith("later-") and address not in self.refused:
            self.refused.add(address)
            return "451 come again"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, _server, session, envelope):
        """One JSON line for each mail."""
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        line = {"way": self.way, "from": envelope.mail_from, "to": envelope.rcpt_tos, "subject": str(message["subject"]), "id": str(message["message-id"]),
                "text": message.get_body(("plain",)).get_content(), "protected": session.ssl is not None or self.way == "tls"}
        with open(self.path, "a", encoding="utf-8") as out:
            out.write(json.dumps(line) + "\n")
        return "250 taken"


def main(path):
    """Listens on all of them."""
    auth = {"authenticator": authenticate, "auth_required": True}
    ways = {
        "starttls": {"tls_context": certificate("good"), "require_starttls": True},
        "wrong": {"tls_context": certificate("wrong"), "require_starttls": True},
        "tls": {"ssl_context": certificate("good"), "auth_require_tls": False},
        "plain": {"auth_require_tls": False},
    }
    running = {way: Controller(Handler(path, way), hostname="127.0.0.1", port=0, **auth, **more) for way, more in ways.items()}
    ports = {}
    for way, controller in running.items():
        controller.port = free_port()
        controller.start()
        ports[way] = controller.port
    print(json.dumps(ports), flush=True)
    sys.stdin.read()
    for controller in running.values():
        controller.stop()


def free_port():
    """A loopback port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


main(sys.argv[1])
