"""Ways into an account and second factors, as a server that renders pages uses them: identity.py VERSION.

The server signs people in with its key, keeps their session and acts with it.
"""

import base64
import hashlib
import hmac
import os
import re
import struct
import sys
import time
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from appwrite.client import Client
from appwrite.enums.authentication_factor import AuthenticationFactor
from appwrite.enums.authenticator_type import AuthenticatorType
from appwrite.services.account import Account
from appwrite.services.teams import Teams
from appwrite.services.users import Users

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from checks import Checks  # noqa: E402
from harness.smtp import mails_in  # noqa: E402

ENDPOINT, PROJECT, KEY = (os.environ[f"FERRITE_{name}"] for name in ("ENDPOINT", "PROJECT", "KEY"))
PAGE, PASSWORD = "http://localhost/page", "correct-horse-1"
check = Checks("identity")
# Old SDKs put what they are given into the path as it is.
OLD = int(sys.argv[1].split(".")[0]) < 13
TOTP = AuthenticatorType.TOTP.value if OLD else AuthenticatorType.TOTP
RECOVERY_CODE = AuthenticationFactor.RECOVERYCODE.value if OLD else AuthenticationFactor.RECOVERYCODE
BY_TOTP = AuthenticationFactor.TOTP.value if OLD else AuthenticationFactor.TOTP


def client(**headers):
    """A client of the SDK with what is sent along."""
    made = Client().set_endpoint(ENDPOINT).set_project(PROJECT)
    for name, value in headers.items():
        getattr(made, f"set_{name}")(value)
    return made


server = client(key=KEY)
users, teams, entrance = Users(server), Teams(server), Account(server)


def plain(answer):
    """Answers are dictionaries in old SDKs and models in new ones."""
    return answer if isinstance(answer, dict) else answer.to_dict()


def signed_in(email, password=PASSWORD):
    """The account of somebody who signs in."""
    return Account(client(session=plain(entrance.create_email_password_session(email, password))["secret"]))


def sign_up(name):
    """A new account, signed in."""
    plain(entrance.create(name, f"{name}@example.com", PASSWORD, name))
    return signed_in(f"{name}@example.com")


def mail(to, count=1):
    """The text of the newest mail to somebody, once there are so many."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        found = mails_in(os.environ["FERRITE_MAILS"], to)
        if len(found) >= count:
            return found[-1].get_body(("plain",)).get_content()
        time.sleep(0.05)
    raise RuntimeError(f"no mail number {count} to {to}")


def link(text):
    """Values of the link in a mail."""
    return dict(parse_qsl(urlsplit(re.search(r"https?:\S+secret=\S+", text)[0]).query))


def totp(secret):
    """The code of an authenticator app."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = digest[19] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


with check.section("verification"):
    ada = sign_up("ada")
    ada.create_verification(PAGE)
    values = link(mail("ada@example.com"))
    check.fails("another secret", 401, "user_invalid_token", ada.update_verification, "ada", "x" * 256)
    ada.update_verification(values["userId"], values["secret"])
    check.eq("the address is verified", plain(ada.get())["emailVerification"], True)
    check.fails("the link works once", 401, "user_invalid_token", ada.update_verification, values["userId"], values["secret"])

with check.section("recovery"):
    bob = sign_up("bob")
    guest = Account(client())
    guest.create_recovery("bob@example.com", PAGE)
    values = link(mail("bob@example.com"))
    guest.update_recovery(values["userId"], values["secret"], "another-horse-2")
    check.fails("old sessions are over", 401, "general_unauthorized_scope", bob.get)
    check.fails("so is the old password", 401, "user_invalid_credentials", signed_in, "bob@example.com")
    check.eq("the new one signs in", plain(signed_in("bob@example.com", "another-horse-2").get())["$id"], "bob")

with check.section("magic link"):
    token = plain(entrance.create_magic_url_token("carl", "carl@example.com", PAGE, True))
    check.eq("a server is told the secret", len(token["secret"]), 64)
    text = mail("carl@example.com")
    check.true("the mail shows the phrase", token["phrase"] and token["phrase"] in text, text)
    values = link(text)
    session = plain(entrance.create_session("carl", values["secret"]))
    check.has("the session", session, userId="carl", provider="magic-url")
    carl = plain(Account(client(session=session["secret"])).get())
    check.has("the account", carl, _dollar_id="carl", emailVerification=True)
    check.fails("the link works once", 401, "user_invalid_token", entrance.create_session, "carl", values["secret"])

with check.section("code by mail"):
    entrance.create_email_token("dora", "dora@example.com")
    otp = re.search(r"\b\d{6}\b", mail("dora@example.com"))[0]
    check.has("the session", plain(entrance.create_session("dora", otp)), userId="dora", provider="token")
    check.fails("the code works once", 401, "user_invalid_token", entrance.create_session, "dora", otp)

with check.section("authenticator"):
    hal = sign_up("hal")
    made = plain(hal.create_mfa_authenticator(TOTP))
    check.true("the address for the app", made["uri"].startswith("otpauth://totp/"), made)
    hal.update_mfa_authenticator(TOTP, totp(made["secret"]))
    codes = plain(hal.create_mfa_recovery_codes())["recoveryCodes"]
    check.eq("the account has a second factor", plain(hal.update_mfa(True))["mfa"], True)
    again = signed_in("hal@example.com")
    check.fails("a new session is not enough", 401, "user_more_factors_required", again.get)
    challenge = plain(again.create_mfa_challenge(BY_TOTP))
    check.fails("another code", 401, "user_invalid_token", again.update_mfa_challenge, challenge["$id"], "000000")
    check.eq("both factors", plain(again.update_mfa_challenge(challenge["$id"], totp(made["secret"])))["factors"], ["password", "totp"])
    check.eq("the account opens", plain(again.get())["$id"], "hal")
    third = signed_in("hal@example.com")
    challenge = plain(third.create_mfa_challenge(RECOVERY_CODE))
    third.update_mfa_challenge(challenge["$id"], codes[0])
    check.eq("a code for later is used up", codes[0] in plain(third.get_mfa_recovery_codes())["recoveryCodes"], False)
    check.eq("a server sees the factors", plain(users.list_mfa_factors("hal"))["totp"], True)
    plain(users.update_mfa("hal", False))
    check.eq("and takes them away", plain(signed_in("hal@example.com").get())["$id"], "hal")

with check.section("team"):
    owner = sign_up("jan")
    session = plain(users.create_session("jan"))["secret"]
    crew = Teams(client(session=session))
    crew.create("crew", "The crew")
    invited = plain(crew.create_membership("crew", ["editor"], "kim@example.com", url=PAGE, name="Kim"))
    check.has("invited", invited, confirm=False, teamName="The crew")
    values = link(mail("kim@example.com"))
    guests = Teams(client())
    joined = plain(guests.update_membership_status("crew", values["membershipId"], values["userId"], values["secret"]))
    check.has("joined", joined, confirm=True)
    check.fails("the invitation works once", 409, "membership_already_confirmed", guests.update_membership_status, "crew", values["membershipId"], values["userId"],
                values["secret"])
    check.eq("two members", plain(teams.get("crew"))["total"], 2)

with check.section("sessions and JWTs"):
    ida = sign_up("ida")
    jwt = plain(ida.create_jwt())["jwt"] if hasattr(ida, "create_jwt") else plain(users.create_jwt("ida"))["jwt"]
    check.eq("a JWT is its user", plain(Account(client(jwt=jwt)).get())["$id"], "ida")
    head, body, signature = jwt.split(".")
    none = base64.urlsafe_b64encode(b'{"typ":"JWT","alg":"none"}').rstrip(b"=").decode()
    for name, forged in {"of no algorithm": f"{none}.{body}.", "with another end": f"{head}.{body}.{signature[:-2]}xx", "of nothing": "a.b.c"}.items():
        check.fails(f"one {name} is nobody", 401, "user_jwt_invalid", Account(client(jwt=forged)).get)
    users.update_status("ida", False)
    check.fails("a blocked user is out", 403, "user_blocked", ida.get)
    check.fails("by JWT, too", 403, "user_blocked", Account(client(jwt=jwt)).get)
    users.delete("ida")
    check.fails("a deleted one is nobody", 401, "general_unauthorized_scope", ida.get)

check.finish()
