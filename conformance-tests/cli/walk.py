"""The command line tool of Appwrite against the server: signs in, makes a project and a key, pushes and pulls what a project is made of.

    walk.py <index.js of appwrite-cli>

What the tool did is looked at through the API, with the key it made.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import requests

from checks import Checks

ENDPOINT, TOOL = os.environ["FERRITE_ENDPOINT"], sys.argv[1]
EMAIL, PASSWORD = "root@cli.test", "a-long-password"
CONSOLE = {"X-Appwrite-Project": "console", "Origin": ENDPOINT[:-3]}
SCOPES = ["databases.read", "databases.write", "tables.read", "columns.read", "indexes.read", "rows.read", "rows.write", "buckets.read", "teams.read", "project.read"]

# As `appwrite init table` and `appwrite init bucket` write it.
TABLES = [
    {"$id": "books", "$permissions": ['read("any")', 'create("users")'], "databaseId": "library", "name": "Books", "enabled": True, "rowSecurity": True,
     "columns": [
         {"key": "title", "type": "string", "required": True, "array": False, "size": 128, "default": None},
         {"key": "pages", "type": "integer", "required": False, "array": False, "min": 1, "max": 5000, "default": 100},
         {"key": "price", "type": "double", "required": False, "array": False, "min": 0, "max": 1000, "default": None},
         {"key": "sold", "type": "boolean", "required": False, "array": False, "default": False},
         {"key": "state", "type": "string", "format": "enum", "elements": ["new", "used"], "required": False, "array": False, "default": "new"},
         {"key": "mail", "type": "string", "format": "email", "required": False, "array": False, "default": None},
         {"key": "page", "type": "string", "format": "url", "required": False, "array": False, "default": None},
         {"key": "host", "type": "string", "format": "ip", "required": False, "array": False, "default": None},
         {"key": "out", "type": "datetime", "required": False, "array": False, "default": None},
         {"key": "tags", "type": "string", "required": False, "array": True, "size": 32, "default": None},
         {"key": "place", "type": "point", "required": False, "default": None},
         {"key": "author", "type": "relationship", "required": False, "array": False, "relatedTable": "authors", "relationType": "manyToOne", "twoWay": True,
          "twoWayKey": "books", "onDelete": "setNull", "side": "parent"},
     ],
     "indexes": [{"key": "by_title", "type": "key", "status": "available", "columns": ["title"], "orders": ["ASC"]}]},
    {"$id": "authors", "$permissions": [], "databaseId": "library", "name": "Authors", "enabled": True, "rowSecurity": False,
     "columns": [{"key": "name", "type": "string", "required": True, "array": False, "size": 64, "default": None}], "indexes": []},
]
BUCKET = {"$id": "covers", "$permissions": ['read("any")'], "fileSecurity": True, "name": "Covers", "enabled": True, "maximumFileSize": 1_000_000,
          "allowedFileExtensions": ["png", "jpg"], "compression": "gzip", "encryption": True, "antivirus": True}
CONFIG = {"tablesDB": [{"$id": "library", "name": "Library", "enabled": True}], "tables": TABLES, "buckets": [BUCKET], "teams": [{"$id": "editors", "name": "Editors"}]}


class Cli:
    """The tool in a folder of its own, with a home of its own."""

    def __init__(self, home, folder):
        self.home, self.folder = home, folder
        folder.mkdir(parents=True, exist_ok=True)

    def run(self, *words):
        """Runs a command; its exit status and all it printed."""
        env = {**os.environ, "HOME": str(self.home), "NO_COLOR": "1", "FORCE_COLOR": "0", "CI": "1"}
        done = subprocess.run(["node", TOOL, *words], cwd=self.folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=120, check=False)
        return done.returncode, done.stdout

    def good(self, check, *words):
        """A command that must succeed; what it printed."""
        status, text = self.run(*words)
        check.report(" ".join(words[:3]), status == 0 and "✗ Error" not in text, f"{status}: {text[-500:]}")
        return text

    @property
    def config(self):
        """appwrite.config.json."""
        return json.loads((self.folder / "appwrite.config.json").read_text())

    def write(self, config):
        """Replaces appwrite.config.json."""
        (self.folder / "appwrite.config.json").write_text(json.dumps(config, indent=4))


def told(text):
    """The JSON that `--json` prints, whatever stands around it."""
    start = min((at for at in (text.find("{"), text.find("[")) if at >= 0), default=0)
    return json.JSONDecoder().raw_decode(text[start:])[0]


def organization():
    """A person who may use the console, and an organization: what the tool does not make itself."""
    session = requests.Session()
    session.headers.update(CONSOLE)
    session.post(f"{ENDPOINT}/account", json={"userId": "root", "email": EMAIL, "password": PASSWORD, "name": "Root"}).raise_for_status()
    answer = session.post(f"{ENDPOINT}/account/sessions/email", json={"email": EMAIL, "password": PASSWORD})
    answer.raise_for_status()
    cookie = answer.headers["set-cookie"].split(";")[0]
    session.post(f"{ENDPOINT}/teams", json={"teamId": "org", "name": "Org"}, headers={"Cookie": cookie}).raise_for_status()


def signed_in(check, cli):
    """Signs in, is somebody, makes a project and a key. Returns how to ask the API as the key."""
    status, text = cli.run("login", "--email", EMAIL, "--password", "wrong-password", "--endpoint", ENDPOINT)
    check.report("login with a wrong password fails", status != 0 and "Invalid credentials" in text, text)
    cli.good(check, "login", "--email", EMAIL, "--password", PASSWORD, "--endpoint", ENDPOINT)
    check.true("whoami knows", EMAIL in cli.good(check, "whoami"))
    made = told(cli.good(check, "projects", "create", "--project-id", "shop", "--name", "Shop", "--team-id", "org", "--region", "default", "--json"))
    check.has("the project is made", made, _dollar_id="shop", name="Shop", teamId="org")
    key = told(cli.good(check, "projects", "create-key", "--project-id", "shop", "--name", "Deploy", "--scopes", *SCOPES, "--json"))
    check.eq("the key has its scopes", sorted(key["scopes"]), sorted(SCOPES))
    listed = told(cli.good(check, "projects", "list", "--json"))
    check.true("the project is listed", "shop" in [p["$id"] for p in listed["projects"]], listed)
    cli.good(check, "projects", "create-platform", "--project-id", "shop", "--type", "web", "--name", "Web", "--hostname", "shop.example.com")

    def api(path):
        answer = requests.get(f"{ENDPOINT}{path}", headers={"X-Appwrite-Project": "shop", "X-Appwrite-Key": key["secret"]}, timeout=60)
        return answer.json()
    return api


def pushed(check, cli, api):
    """Pushes tables, buckets and teams, and looks whether they are as the file says."""
    cli.good(check, "client", "--project-id", "shop")
    cli.write({"projectId": "shop", "endpoint": ENDPOINT, **CONFIG})
    for what in ("tables", "buckets", "teams"):
        cli.good(check, "push", what, "--all", "--force")
    check.has("the database is there", api("/tablesdb/library"), name="Library", type="tablesdb")
    table = api("/tablesdb/library/tables/books")
    check.has("the table is as told", table, name="Books", rowSecurity=True, enabled=True)
    check.eq("its permissions", sorted(table["$permissions"]), ['create("users")', 'read("any")'])
    columns = {column["key"]: column for column in table["columns"]}
    check.eq("all columns are there", sorted(columns), sorted(column["key"] for column in TABLES[0]["columns"]))
    check.eq("all columns are available", {column["status"] for column in columns.values()}, {"available"})
    check.has("an integer keeps its bounds", columns.get("pages"), min=1, max=5000, default=100)
    check.has("an enumeration keeps its values", columns.get("state"), format="enum", elements=["new", "used"], default="new")
    check.has("a list is a list", columns.get("tags"), array=True, size=32)
    check.has("a relationship is one", columns.get("author"), relatedTable="authors", relationType="manyToOne", twoWay=True, twoWayKey="books", onDelete="setNull")
    check.eq("the index is there", [(i["key"], i["type"], i["columns"]) for i in table["indexes"]], [("by_title", "key", ["title"])])
    check.true("the other side of the relationship is there", "books" in [c["key"] for c in api("/tablesdb/library/tables/authors")["columns"]])
    check.has("the bucket is as told", api("/storage/buckets/covers"), **{k: v for k, v in BUCKET.items() if not k.startswith("$")})
    check.eq("the team is there", api("/teams/editors")["name"], "Editors")


def changed(check, cli, api):
    """Pushes changes: what is new comes, what changed changes, what is gone goes, the rest stays."""
    config = cli.config
    books = next(table for table in config["tables"] if table["$id"] == "books")
    books["name"] = "All books"
    books["columns"] = [c for c in books["columns"] if c["key"] != "host"]
    books["columns"].append({"key": "isbn", "type": "string", "required": False, "array": False, "size": 13, "default": None})
    next(c for c in books["columns"] if c["key"] == "pages")["max"] = 9000
    config["buckets"][0]["name"] = "Pictures"
    cli.write(config)
    cli.good(check, "push", "tables", "--all", "--force")
    cli.good(check, "push", "buckets", "--all", "--force")
    table = api("/tablesdb/library/tables/books")
    keys = [column["key"] for column in table["columns"]]
    check.eq("the table has its new name", table["name"], "All books")
    check.true("a new column came, an old one went", "isbn" in keys and "host" not in keys, keys)
    check.eq("the bound is the new one", next(c for c in table["columns"] if c["key"] == "pages")["max"], 9000)
    check.eq("the bucket has its new name", api("/storage/buckets/covers")["name"], "Pictures")
    status, text = cli.run("push", "tables", "--all", "--force")
    check.report("pushing again finds nothing to do", status == 0 and "No changes found" in text, text[-400:])


def pulled(check, cli):
    """Pulls into an empty folder what was pushed from another."""
    cli.good(check, "client", "--project-id", "shop")
    cli.write({"projectId": "shop", "endpoint": ENDPOINT})
    for what in (("tables", "--all"), ("buckets",), ("teams",), ("settings",)):
        cli.good(check, "pull", *what)
    config = cli.config
    check.eq("the database is pulled", [d["$id"] for d in config.get("tablesDB", [])], ["library"])
    tables = {table["$id"]: table for table in config.get("tables", [])}
    check.eq("both tables are pulled", sorted(tables), ["authors", "books"])
    check.true("with their columns", {"title", "author", "isbn"} <= {c["key"] for c in tables["books"]["columns"]}, tables["books"])
    check.eq("with their indexes", [i["key"] for i in tables["books"]["indexes"]], ["by_title"])
    check.eq("the bucket is pulled", [(b["$id"], b["name"]) for b in config.get("buckets", [])], [("covers", "Pictures")])
    check.eq("the team is pulled", [t["$id"] for t in config.get("teams", [])], ["editors"])
    check.eq("the settings are pulled", config.get("projectName"), "Shop")
    services = config.get("settings", {}).get("services", {})
    check.true("services are on", services and all(value is True for value in services.values()), config.get("settings"))
    cli.good(check, "pull", "all", "--all", "--force")


def settings(check, cli, api):
    """Pushes the settings of the project."""
    config = cli.config
    config["projectName"] = "Big shop"
    config["settings"]["auth"]["security"]["limit"] = 50
    config["settings"]["auth"]["methods"]["phone"] = False
    cli.write(config)
    cli.good(check, "push", "settings", "--force")
    project = told(cli.good(check, "projects", "get", "--project-id", "shop", "--json"))
    check.has("the project has its new settings", project, name="Big shop", authLimit=50, authPhone=False, authEmailPassword=True)


def one_by_one(check, cli):
    """Commands that call one route each."""
    made = told(cli.good(check, "users", "create", "--user-id", "ada", "--email", "ada@example.com", "--password", "a-long-password", "--name", "Ada", "--json"))
    check.has("a user is made", made, _dollar_id="ada", email="ada@example.com")
    cli.good(check, "users", "update-labels", "--user-id", "ada", "--labels", "staff", "--json")
    check.eq("users are listed", [u["labels"] for u in told(cli.good(check, "users", "list", "--json"))["users"]], [["staff"]])
    row = told(cli.good(check, "tables-db", "create-row", "--database-id", "library", "--table-id", "books", "--row-id", "b1", "--data", '{"title": "Rust", "place": [1, 2]}', "--json"))
    check.has("a row is made", row, _dollar_id="b1", title="Rust", pages=100, place=[1, 2])
    rows = told(cli.good(check, "tables-db", "list-rows", "--database-id", "library", "--table-id", "books", "--json"))
    check.eq("rows are listed", [r["$id"] for r in rows["rows"]], ["b1"])
    picture = cli.folder / "cover.png"
    picture.write_bytes(bytes.fromhex("89504e470d0a1a0a") + b"x" * 100)
    file = told(cli.good(check, "storage", "create-file", "--bucket-id", "covers", "--file-id", "f1", "--file", str(picture), "--json"))
    check.has("a file is uploaded", file, _dollar_id="f1", name="cover.png", sizeOriginal=108)
    # The tool's own downloads put the server's address into the path twice, so files are only looked at.
    check.eq("files are listed", [f["$id"] for f in told(cli.good(check, "storage", "list-files", "--bucket-id", "covers", "--json"))["files"]], ["f1"])
    cli.good(check, "health", "get", "--json")
    cli.good(check, "locale", "list-countries", "--json")


def main():
    """All of it, each part on what the part before left."""
    check = Checks("cli")
    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        first, second = Cli(place / "home", place / "first"), Cli(place / "home", place / "second")
        (place / "home").mkdir()
        with check.section("signing in"):
            organization()
            api = signed_in(check, first)
        with check.section("push"):
            pushed(check, first, api)
        with check.section("push of changes"):
            changed(check, first, api)
        with check.section("pull"):
            pulled(check, second)
        with check.section("settings"):
            settings(check, second, api)
        with check.section("single commands"):
            one_by_one(check, first)
        with check.section("signing out"):
            first.good(check, "logout")
            check.true("nobody is signed in", "No user is signed in" in first.run("whoami")[1])
    check.finish()


if __name__ == "__main__":
    main()
