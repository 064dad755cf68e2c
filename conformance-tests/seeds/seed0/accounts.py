"""Accounts, sessions and JWTs of the seed."""

from appwrite.client import Client
from appwrite.services.account import Account
from appwrite.services.users import Users

from sdk import Tab, plain

PASSWORD = "correct-horse-1"
SCOPE_OF_GUESTS = 'User (role: guests) missing scopes (["account"])'


async def run(check, sdk, app):
    """All parts; they build on the user made first."""
    user = await sign_up(check, sdk, app)
    await sign_in(check, sdk, app, user)
    await sign_out(check, sdk, app, user)
    await refusals(check, sdk, app)
    with check.section("account of a session"):
        profile(check, sdk)


async def sign_up(check, sdk, app):
    """create_user, twice."""
    answer = await app.create_user("ada@example.com", PASSWORD, "Ada Lovelace")
    check.true("create_user succeeds", answer["success"], answer)
    user = answer.get("user", {})
    check.has("the new user is complete", user, name="Ada Lovelace", email="ada@example.com", phone="", status=True, labels=[],
              prefs={}, emailVerification=False, phoneVerification=False)
    check.true("unique() gave an id of 20 hex digits", len(user["$id"]) == 20 and int(user["$id"], 16) >= 0, user["$id"])
    check.true("dates are UTC with milliseconds", user["$createdAt"].endswith("+00:00") and len(user["$createdAt"]) == 29, user["$createdAt"])
    again = await app.create_user("ada@example.com", PASSWORD, "Impostor")
    check.eq("the same e-mail is refused", (again["success"], again.get("code"), again.get("type")), (False, 409, "user_already_exists"))
    check.eq("with the text the app shows", again.get("error"), "A user with the same id, email, or phone already exists in this project.")
    short = await app.create_user("short@example.com", "short", "Short")
    check.eq("a short password is refused", (short.get("code"), short.get("type")), (400, "general_argument_invalid"))
    return user


async def sign_in(check, sdk, app, user):
    """login and get_current_user."""
    answer = await app.login("ada@example.com", PASSWORD)
    check.true("login succeeds", answer["success"], answer)
    check.has("the session is the user's", answer.get("session"), userId=user["$id"], provider="email", providerUid="ada@example.com", current=True)
    check.eq("a JWT has three parts", answer["token"].count("."), 2)
    mine = await app.get_current_user(answer["token"])
    check.true("the token finds its user", mine["success"], mine)
    check.has("and all of them", mine.get("user"), _dollar_id=user["$id"], name="Ada Lovelace", email="ada@example.com")
    bad = await app.get_current_user("not-a-token")
    check.eq("a bad token is refused", (bad["success"], bad["code"], bad["type"]), (False, 401, "user_jwt_invalid"))
    check.fails("a key is nobody's account", 401, "general_unauthorized_scope", Account(sdk.server()).get)
    check.fails("nor is a guest", 401, "general_unauthorized_scope", Account(sdk.client()).get, message=SCOPE_OF_GUESTS)


async def sign_out(check, sdk, app, user):
    """logout: a JWT has no current session, a session has; the JWT dies with it."""
    answer = await app.login("ada@example.com", PASSWORD)
    out = await app.logout(answer["token"])
    check.eq("a JWT has no current session to delete", (out["success"], out.get("code"), out.get("type")), (False, 404, "user_session_not_found"))
    account = Account(sdk.session_client(answer["secret"]))
    check.has("the session itself knows its user", plain(account.get()), _dollar_id=user["$id"])
    listed = plain(account.list_sessions())
    check.true("the user's sessions are listed", listed["total"] >= 2 and len(listed["sessions"]) == listed["total"], listed["total"])
    check.eq("exactly one is current", [s["$id"] for s in listed["sessions"] if s["current"]], [answer["session"]["$id"]])
    check.has("sessions/current is this one", plain(account.get_session("current")), _dollar_id=answer["session"]["$id"], current=True)
    account.delete_session("current")
    check.fails("after logout the session is a guest", 401, "general_unauthorized_scope", account.get, message=SCOPE_OF_GUESTS)
    dead = await app.get_current_user(answer["token"])
    check.eq("and its JWT too", (dead["success"], dead["code"], dead["type"]), (False, 401, "general_unauthorized_scope"))
    second = await app.login("ada@example.com", PASSWORD)
    by_id = Account(sdk.jwt_client(second["token"]))
    by_id.delete_session(second["session"]["$id"])
    check.fails("a JWT may delete a session by its id", 401, "general_unauthorized_scope", by_id.get)


async def refusals(check, sdk, app):
    """Sign-ins that fail."""
    if hasattr(Account, "create_email_password_session"):
        for name, email, password in (("wrong password", "ada@example.com", "wrong-horse-1"), ("unknown e-mail", "nobody@example.com", PASSWORD)):
            answer = await app.login(email, password)
            check.eq(f"{name} is refused", (answer["success"], answer["code"], answer["type"]), (False, 401, "user_invalid_credentials"))
            check.eq(f"{name} says no more than that", answer["error"], "Invalid credentials. Please check the email and password.")
        blank = plain(Account(sdk.client()).create_email_password_session("ada@example.com", PASSWORD))
        check.eq("a guest's login does not show the secret", blank["secret"], "")
    else:
        wrong = {"email": "ada@example.com", "password": "wrong-horse-1"}
        check.fails("wrong password is refused", 401, "user_invalid_credentials", sdk.client().call, "post", "/account/sessions",
                    {"content-type": "application/json"}, wrong)
        old = sdk.client().call("post", "/account/sessions", {"content-type": "application/json"}, {"email": "ada@example.com", "password": PASSWORD})
        check.true("the 1.4 session has neither factors nor secret", "factors" not in old and "secret" not in old, sorted(old))
        _, _, jwt = sdk.sign_in("ada@example.com", PASSWORD)
        check.fails("a user's token beside a key: the key counts", 401, "general_unauthorized_scope", Account(sdk.server().set_jwt(jwt)).get)
    check.fails("an unknown project is named as such", 404, "project_not_found", Account(Client().set_endpoint(sdk.endpoint).set_project("no-such")).get)
    try:
        Users(sdk.client().set_key("standard_wrong")).list()
        check.true("a wrong key is refused", False)
    except Exception as error:
        check.eq("a wrong key is refused", (error.code, error.type), (401, "user_unauthorized"))
        body = sdk.error_body(error.response)
        check.eq("errors tell nothing internal", sorted(body), ["code", "message", "type", "version"])


def profile(check, sdk):
    """What a signed-in user does with the account."""
    sdk.sign_up("grace", "grace@example.com", PASSWORD, "Grace")
    _, secret, _ = sdk.sign_in("grace@example.com", PASSWORD)
    account = Account(sdk.session_client(secret))
    check.has("update_name", plain(account.update_name("Grace Hopper")), name="Grace Hopper")
    check.has("update_prefs", plain(account.update_prefs({"theme": "dark", "deep": {"list": [1, 2]}})), prefs={"theme": "dark", "deep": {"list": [1, 2]}})
    check.eq("get_prefs", plain(account.get_prefs()), {"theme": "dark", "deep": {"list": [1, 2]}})
    check.has("update_email", plain(account.update_email("hopper@example.com", PASSWORD)), email="hopper@example.com", emailVerification=False)
    check.fails("update_email wants the password", 401, "user_invalid_credentials", account.update_email, "x@example.com", "wrong-horse-1")
    check.has("update_password", plain(account.update_password("battery-staple-2", PASSWORD)), _dollar_id="grace")
    check.fails("update_password wants the old one", 401, "user_invalid_credentials", account.update_password, "battery-staple-3", PASSWORD)
    session, _, _ = sdk.sign_in("hopper@example.com", "battery-staple-2")
    check.eq("the new password and e-mail sign in", session["userId"], "grace")
    tab = Tab(sdk.endpoint, sdk.project)
    tab.sign_in("hopper@example.com", "battery-staple-2")
    check.true("a browser gets both cookies", {f"a_session_{sdk.project}", f"a_session_{sdk.project}_legacy"} <= set(tab.http.cookies.keys()), tab.http.cookies.keys())
    account.delete_sessions()
    check.fails("delete_sessions ends this one too", 401, "general_unauthorized_scope", account.get)
