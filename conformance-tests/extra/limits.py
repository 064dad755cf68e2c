"""Rate limits as an app meets them: sign-ins by e-mail, sign-ups by address, keys go free."""

import os
import time

import requests
from appwrite.client import Client
from appwrite.services.account import Account
from appwrite.services.users import Users

from checks import Checks

ENDPOINT, PROJECT, KEY = (os.environ[f"FERRITE_{name}"] for name in ("ENDPOINT", "PROJECT", "KEY"))
TEXT = "Rate limit for the current endpoint has been exceeded. Please try again after some time."
PASSWORD = "correct-horse-1"


def sign_in(email, password, key=False):
    """The raw answer of a sign-in, for its headers."""
    headers = {"X-Appwrite-Project": PROJECT, **({"X-Appwrite-Key": KEY} if key else {"Origin": "http://localhost"})}
    return requests.post(f"{ENDPOINT}/account/sessions/email", json={"email": email, "password": password}, headers=headers, timeout=30)


def window():
    """Windows are aligned to full hours: does not start just before the end of one."""
    left = 3600 - time.time() % 3600
    if left < 45:
        time.sleep(left + 1)


def wrong_passwords(check, account):
    """Ten tries an hour for one e-mail."""
    answer = sign_in("ada@example.com", "wrong-horse-1")
    check.eq("the first failure", answer.status_code, 401)
    check.eq("its headers", (answer.headers.get("x-ratelimit-limit"), answer.headers.get("x-ratelimit-remaining")), ("10", "9"))
    reset = int(answer.headers.get("x-ratelimit-reset", "0"))
    check.true("the window ends on the hour", reset % 3600 == 0 and 0 < reset - time.time() <= 3600, reset)
    ok = sign_in("ada@example.com", PASSWORD)
    check.eq("a success sets the count back", (ok.status_code, sign_in("ada@example.com", "wrong-horse-1").headers["x-ratelimit-remaining"]), (201, "9"))
    codes = [sign_in("ada@example.com", "wrong-horse-1").status_code for _ in range(9)]
    check.eq("ten failures are answered", codes, [401] * 9)
    check.fails("the eleventh is not", 429, "general_rate_limit_exceeded", account.create_email_password_session, "ada@example.com", "wrong-horse-1", message=TEXT)
    check.fails("even with the right password", 429, "general_rate_limit_exceeded", account.create_email_password_session, "ada@example.com", PASSWORD)
    check.eq("another e-mail is not affected", sign_in("bob@example.com", "wrong-horse-1").status_code, 401)
    check.eq("nor is a server with its key", sign_in("ada@example.com", PASSWORD, key=True).status_code, 201)
    bad = requests.post(f"{ENDPOINT}/account/sessions/email", json={"email": "ada@example.com"}, headers={"X-Appwrite-Project": PROJECT}, timeout=30)
    check.eq("the limit is looked at before the parameters", bad.status_code, 429)


def sign_ups(check, account):
    """Ten accounts an hour from one address."""
    for number in range(10):
        account.create("unique()", f"new{number}@example.com", PASSWORD)
    check.fails("the eleventh account", 429, "general_rate_limit_exceeded", account.create, "unique()", "new10@example.com", PASSWORD, message=TEXT)
    keyed = Users(Client().set_endpoint(ENDPOINT).set_project(PROJECT).set_key(KEY))
    for number in range(11, 23):
        keyed.create("unique()", f"new{number}@example.com", password=PASSWORD)
    check.eq("users by key have no limit", keyed.list(queries=['{"method":"startsWith","attribute":"email","values":["new"]}'])["total"], 22)


def main():
    """Both groups."""
    check = Checks("limits")
    window()
    users = Users(Client().set_endpoint(ENDPOINT).set_project(PROJECT).set_key(KEY))
    for name in ("ada", "bob"):
        users.create(name, f"{name}@example.com", password=PASSWORD)
    account = Account(Client().set_endpoint(ENDPOINT).set_project(PROJECT))
    with check.section("sign-ins"):
        wrong_passwords(check, account)
    with check.section("sign-ups"):
        sign_ups(check, account)
    check.finish()


main()
