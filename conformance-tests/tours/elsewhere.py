"""Signing in with an account elsewhere, and webhooks, with the newest Python SDK: elsewhere.py.

The program is the provider (OpenID Connect) and the receiver of the webhook itself."""

import base64
import hashlib
import hmac
import json
import os
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from appwrite.client import Client
from appwrite.enums.o_auth_provider import OAuthProvider
from appwrite.services.account import Account
from appwrite.services.teams import Teams
from appwrite.services.users import Users

from checks import Checks

ADA = {"sub": "ada-1", "email": "ada@example.com", "email_verified": True, "name": "Ada"}


class Elsewhere(BaseHTTPRequestHandler):
    """The provider's routes and the receiver's."""

    challenge, callback, received = None, None, []

    def answer(self, body):
        """200 with JSON."""
        text = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        """Description and person."""
        here = f"http://{self.headers['host']}"
        if self.path == "/.well-known/openid-configuration":
            self.answer({"authorization_endpoint": f"{here}/authorize", "token_endpoint": f"{here}/token", "userinfo_endpoint": f"{here}/me"})
        else:
            self.answer(ADA if self.headers["authorization"] == "Bearer access" else {})

    def do_POST(self):
        """Tokens, and what the webhook brings."""
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        if self.path == "/hook":
            Elsewhere.received.append((dict(self.headers.items()), body))
            return self.answer({})
        form = {key: value[0] for key, value in parse_qs(body).items()}
        digest = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        good = form.get("code") == "the-code" and digest == Elsewhere.challenge and form.get("redirect_uri") == Elsewhere.callback
        return self.answer({"access_token": "access", "refresh_token": "refresh", "expires_in": 3600} if good else {"error": "invalid_grant"})

    def log_message(self, *_):
        """Quiet."""


class Still(urllib.request.HTTPRedirectHandler):
    """Follows nothing."""

    def redirect_request(self, *_):
        return None


def location(url):
    """Where a URL redirects to."""
    try:
        return urllib.request.build_opener(Still).open(url).headers["location"]
    except urllib.error.HTTPError as error:
        return error.headers["location"]


def client():
    """A client without credentials."""
    return Client().set_endpoint(os.environ["FERRITE_ENDPOINT"]).set_project(os.environ["FERRITE_PROJECT"])


def agreed(login):
    """The person agrees at the provider; the address the app gets its user back at."""
    asked = {key: value[0] for key, value in parse_qs(urlsplit(login).query).items()}
    Elsewhere.challenge, Elsewhere.callback = asked["code_challenge"], asked["redirect_uri"]
    handed = location(asked["redirect_uri"] + "?" + urlencode({"code": "the-code", "state": asked["state"]}))
    return location(handed)


def main():
    """All of it."""
    check, server = Checks("elsewhere"), client().set_key(os.environ["FERRITE_KEY"])
    elsewhere = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=elsewhere.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{elsewhere.server_port}"

    # Some models of this SDK want what 1.9 does not send yet, so these calls go without them.
    head = {"content-type": "application/json", "x-appwrite-project": os.environ["FERRITE_PROJECT"]}
    wanted = {"webhookId": "hook", "url": f"{here}/hook", "name": "Hook", "events": ["users.*.create", "teams.*.create"], "secret": "a-good-secret"}
    check.has("the key of the signature is told once", server.call("post", "/webhooks", head, wanted), secret="a-good-secret", enabled=True)
    check.has("and then no more", server.call("get", "/webhooks/hook", head), secret="", attempts=0)
    settings = {"clientId": "app", "clientSecret": "app-secret", "wellKnownURL": f"{here}/.well-known/openid-configuration", "enabled": True}
    told = server.call("patch", "/project/oauth2/oidc", head, settings)
    check.has("the provider is on and its secret stays inside", told, enabled=True, clientSecret="", clientId="app")
    providers = server.call("get", "/project/oauth2", head)
    check.eq("all providers are listed", (providers["total"], len(providers["providers"])), (42, 42))

    login = Account(server).create_o_auth2_token(OAuthProvider.OIDC, "http://localhost/welcome?x=1", "http://localhost/sorry")
    check.true("the SDK gets the provider's address", login.startswith(f"{here}/authorize?"), login)
    back = urlsplit(agreed(login))
    query = {key: value[0] for key, value in parse_qs(back.query).items()}
    check.eq("the user comes back to the app", (back.netloc, back.path, query.get("x")), ("localhost", "/welcome", "1"))
    session = Account(client()).create_session(query["userId"], query["secret"])
    check.eq("the token becomes a session of the provider", session.provider, "oidc")
    check.fails("once", 401, "user_invalid_token", Account(client()).create_session, query["userId"], query["secret"])
    user = Users(server).get(query["userId"])
    check.eq("the account is made of what the provider tells", (user.email, user.name, user.emailverification), ("ada@example.com", "Ada", True))
    identities = server.call("get", "/users/identities", head)
    check.eq("with an identity", [i["providerUid"] for i in identities["identities"]], ["ada-1"])
    again = agreed(Account(server).create_o_auth2_token(OAuthProvider.OIDC, "http://localhost/welcome", "http://localhost/sorry"))
    check.eq("a second login finds it", parse_qs(urlsplit(again).query)["userId"], [user.id])

    Teams(server).create("crew", "Crew")
    for _ in range(200):
        if len(Elsewhere.received) >= 2:
            break
        time.sleep(0.05)
    header = lambda head, name: next(value for key, value in head.items() if key.lower() == name)
    names = [header(head, "x-appwrite-webhook-events").split(",")[0] for head, _ in Elsewhere.received]
    check.eq("the account and the team arrive", sorted(names), sorted([f"users.{user.id}.create", "teams.crew.create"]))
    signed = [base64.b64encode(hmac.new(b"a-good-secret", (f"{here}/hook" + body).encode(), hashlib.sha1).digest()).decode() for _, body in Elsewhere.received]
    sent = [header(head, "x-appwrite-webhook-signature") for head, _ in Elsewhere.received]
    check.eq("signed", sent, signed)
    check.eq("with the model", json.loads(next(body for _, body in Elsewhere.received if "Crew" in body))["$id"], "crew")
    check.finish()


if __name__ == "__main__":
    main()
