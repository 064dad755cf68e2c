"""Users and teams by the server's key, and the team-based permissions of the seed."""

from appwrite.query import Query
from appwrite.services.account import Account
from appwrite.services.databases import Databases
from appwrite.services.functions import Functions
from appwrite.services.teams import Teams
from appwrite.services.users import Users

from documents import wait_for
from sdk import plain

PASSWORD = "correct-horse-1"


async def run(check, sdk, app):
    """All parts."""
    with check.section("users"):
        users(check, sdk)
    with check.section("teams"):
        teams(check, sdk)
    with check.section("team permissions"):
        await team_permissions(check, sdk, app)
    with check.section("not built"):
        not_built(check, sdk)


def users(check, sdk):
    """The users service."""
    service = Users(sdk.server())
    made = plain(service.create(user_id="linus", email="linus@example.com", phone="+14155550100", password=PASSWORD, name="Linus"))
    check.has("create", made, _dollar_id="linus", email="linus@example.com", phone="+14155550100", name="Linus", hash="argon2", status=True)
    check.fails("create the same id again", 409, "user_already_exists", service.create, user_id="linus", email="other@example.com")
    check.has("get", plain(service.get("linus")), _dollar_id="linus", name="Linus")
    check.fails("get an unknown one", 404, "user_not_found", service.get, "nobody", message="User with the requested ID could not be found.")
    check.has("update_name", plain(service.update_name("linus", "Linus T")), name="Linus T")
    check.has("update_email", plain(service.update_email("linus", "lt@example.com")), email="lt@example.com")
    check.has("update_phone", plain(service.update_phone("linus", "+14155550199")), phone="+14155550199")
    check.has("update_labels", plain(service.update_labels("linus", ["vip", "beta"])), labels=["vip", "beta"])
    check.fails("labels have letters and digits only", 400, "general_argument_invalid", service.update_labels, "linus", ["not ok"])
    check.eq("update_prefs", plain(service.update_prefs("linus", {"a": 1})), {"a": 1})
    check.eq("get_prefs", plain(service.get_prefs("linus")), {"a": 1})
    check.has("update_email_verification", plain(service.update_email_verification("linus", True)), emailVerification=True)
    check.has("update_password", plain(service.update_password("linus", "battery-staple-2")), _dollar_id="linus")
    session, _, jwt = sdk.sign_in("lt@example.com", "battery-staple-2")
    check.eq("the password set by the server signs in", session["userId"], "linus")
    check.eq("list_sessions", [s["$id"] for s in plain(service.list_sessions("linus"))["sessions"]], [session["$id"]])
    check.has("update_status blocks", plain(service.update_status("linus", False)), status=False)
    check.fails("a blocked user is out", 403, "user_blocked", Account(sdk.jwt_client(jwt)).get)
    service.update_status("linus", True)
    service.delete_sessions("linus")
    check.eq("delete_sessions", plain(service.list_sessions("linus"))["total"], 0)
    listed = plain(service.list(search="Linus"))
    check.eq("list with search", [u["$id"] for u in listed["users"]], ["linus"])
    for name, call in (("bcrypt", service.create_bcrypt_user), ("md5", service.create_md5_user)):
        digest = {"bcrypt": "$2a$15$xX/myGbFU.ZSKHSi6EHdBOySTdYm8QxBLXmOPHrYMwV0mHRBBSBOq", "md5": "144fa7eaa4904e8ee120651997f70dcc"}[name]
        check.has(f"create_{name}_user", plain(call(f"import-{name}", f"{name}@example.com", digest, "Imported")), hash=name)
    check.eq("an imported md5 password signs in", sdk.sign_in("md5@example.com", "appwrite")[0]["userId"], "import-md5")
    service.delete("linus")
    check.fails("delete", 404, "user_not_found", service.get, "linus")


def teams(check, sdk):
    """The teams service by key."""
    service = Teams(sdk.server())
    sdk.sign_up("owner", "owner@example.com", PASSWORD, "Owner")
    sdk.sign_up("member", "member@example.com", PASSWORD, "Member")
    sdk.sign_up("stranger", "stranger@example.com", PASSWORD, "Stranger")
    check.has("create by key has no member", plain(service.create("crew", "Crew")), _dollar_id="crew", name="Crew", total=0)
    check.fails("the same id again", 409, "team_already_exists", service.create, "crew", "Crew")
    joined = plain(service.create_membership(team_id="crew", roles=["owner"], user_id="owner", url="http://localhost/join"))
    check.has("a membership by key is confirmed at once", joined, teamId="crew", userId="owner", roles=["owner"], confirm=True)
    service.create_membership(team_id="crew", roles=["developer"], user_id="member", url="http://localhost/join")
    check.has("the team counts its members", plain(service.get("crew")), total=2)
    members = plain(service.list_memberships("crew"))
    check.eq("list_memberships", sorted(m["userId"] for m in members["memberships"]), ["member", "owner"])
    check.eq("update_prefs", plain(service.update_prefs("crew", {"colour": "blue"})), {"colour": "blue"})
    check.has("update_name", plain(service.update_name("crew", "The Crew")), name="The Crew")
    _, _, jwt = sdk.sign_in("owner@example.com", PASSWORD)
    check.has("a member sees the team", plain(Teams(sdk.jwt_client(jwt)).get("crew")), name="The Crew")
    _, _, foreign = sdk.sign_in("stranger@example.com", PASSWORD)
    check.fails("a stranger does not", 404, "team_not_found", Teams(sdk.jwt_client(foreign)).get, "crew")
    mine = plain(Teams(sdk.jwt_client(foreign)).create("own-team", "Own"))
    check.has("a user's own team has its maker", mine, total=1, name="Own")
    check.eq("memberships of a user", [m["teamId"] for m in plain(Users(sdk.server()).list_memberships("stranger"))["memberships"]], ["own-team"])


async def team_permissions(check, sdk, app):
    """read for the team, update and delete for its owners, as the seed writes it."""
    databases = Databases(sdk.server())
    databases.create_collection(app.database, "team-notes", "Team notes", [], True)
    databases.create_string_attribute(app.database, "team-notes", "team_id", 36, True)
    databases.create_string_attribute(app.database, "team-notes", "text", 255, False)
    wait_for(databases.list_attributes, app.database, "team-notes", "attributes")
    permissions = ['read("team:crew")', 'update("team:crew/owner")', 'delete("team:crew/owner")']
    note = (await app.create_document("team-notes", {"team_id": "crew", "text": "first"}, permissions))["document"]
    other = (await app.create_document("team-notes", {"team_id": "else", "text": "not yours"}, ['read("team:else")']))["document"]
    check.eq("permissions are kept as given", note["$permissions"], permissions)
    tokens = {who: sdk.sign_in(f"{who}@example.com", PASSWORD)[2] for who in ("owner", "member", "stranger")}
    for who, seen in (("owner", [note["$id"]]), ("member", [note["$id"]]), ("stranger", [])):
        listed = (await app.list_documents("team-notes", [Query.equal("team_id", "crew")], tokens[who]))["documents"]
        check.eq(f"{who} lists {len(seen)}", ([d["$id"] for d in listed["documents"]], listed["total"]), (seen, len(seen)))
    everything = (await app.list_documents("team-notes", None, tokens["member"]))["documents"]
    check.eq("without the filter a member still sees the own team's only", [d["$id"] for d in everything["documents"]], [note["$id"]])
    refused = await app.update_document("team-notes", note["$id"], {"text": "mine"}, tokens["member"])
    check.eq("a plain member may not update", (refused.get("code"), refused.get("type")), (401, "user_unauthorized"))
    updated = await app.update_document("team-notes", note["$id"], {"text": "second"}, tokens["owner"])
    check.has("an owner may", updated.get("document"), text="second")
    mine = Databases(sdk.jwt_client(tokens["member"]))
    check.fails("a member may not delete", 401, "user_unauthorized", mine.delete_document, app.database, "team-notes", note["$id"])
    check.fails("nor read another team's", 404, "document_not_found", mine.get_document, app.database, "team-notes", other["$id"])
    Databases(sdk.jwt_client(tokens["owner"])).delete_document(app.database, "team-notes", note["$id"])
    check.fails("an owner may delete", 404, "document_not_found", databases.get_document, app.database, "team-notes", note["$id"])


def not_built(check, sdk):
    """Parts of the seed that this server does not have yet say so."""
    service = Functions(sdk.server())
    check.eq("there are no functions", plain(service.list()), {"total": 0, "functions": []})
    try:
        answer = service.create_execution("any")
        check.true("functions say that they are not there", False, answer)
    except Exception as error:
        check.eq("functions say that they are not there", error.code, 501)
    try:
        from appwrite.services import realtime  # noqa: F401
        check.true("no Python SDK has a realtime service", False)
    except ImportError:
        check.true("no Python SDK has a realtime service", True)
