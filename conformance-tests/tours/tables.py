"""Columns, queries, indexes over what is there, and users by their sessions, with one version of the Python SDK: tables.py VERSION."""

import os
import sys
import time
from pathlib import Path

from appwrite.operator import Operator
from appwrite.permission import Permission
from appwrite.query import Query
from appwrite.role import Role
from appwrite.services.tables_db import TablesDB
from checks import Checks

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "seeds" / "seed0"))
from sdk import Sdk, plain  # noqa: E402 (the path comes first)

DATABASE = "weather"
STATIONS = [
    {"$id": "s1", "name": "Harbour", "height": 2, "kinds": ["rain", "wind"], "since": "1990-01-01T00:00:00.000+00:00"},
    {"$id": "s2", "name": "Hill", "height": 310, "kinds": ["wind"], "since": "2001-06-01T00:00:00.000+00:00"},
    {"$id": "s3", "name": "Airport", "height": 45, "kinds": ["rain", "snow"], "since": "1990-01-01T00:00:00.000+00:00"},
    {"$id": "s4", "name": "Balloon", "height": None, "kinds": [], "since": None},
]


class Tour:
    """One database of weather stations."""

    def __init__(self):
        self.sdk = Sdk(sys.argv[1], os.environ["FERRITE_ENDPOINT"], os.environ["FERRITE_PROJECT"], os.environ["FERRITE_KEY"])
        self.check, self.db = Checks("tables"), TablesDB(self.sdk.server())

    def get(self, table, row):
        """A row as the server sent it."""
        return plain(self.db.get_row(DATABASE, table, row))

    def columns(self):
        """Every kind, what it takes and what it refuses."""
        db, table = self.db, (DATABASE, "all")
        db.create(DATABASE, "Weather")
        db.create_table(*table, "All kinds")
        made = {
            "str": db.create_string_column(*table, "str", 20, False, "x"), "vc": db.create_varchar_column(*table, "vc", 30, False),
            "tx": db.create_text_column(*table, "tx", False), "mtx": db.create_mediumtext_column(*table, "mtx", False),
            "ltx": db.create_longtext_column(*table, "ltx", False), "int": db.create_integer_column(*table, "int", False, 1, 10),
            "big": db.create_big_int_column(*table, "big", False), "flt": db.create_float_column(*table, "flt", False, 0.5),
            "flag": db.create_boolean_column(*table, "flag", False, True), "day": db.create_datetime_column(*table, "day", False),
            "mail": db.create_email_column(*table, "mail", False), "pick": db.create_enum_column(*table, "pick", ["a", "b"], False, "a"),
            "addr": db.create_ip_column(*table, "addr", False), "link": db.create_url_column(*table, "link", False),
            "many": db.create_integer_column(*table, "many", False, array=True),
        }
        kinds = ["string", "varchar", "text", "mediumtext", "longtext", "integer", "bigint", "double", "boolean", "datetime", "string", "string", "string", "string", "integer"]
        self.check.eq("the kinds as they are told", [plain(column)["type"] for column in made.values()], kinds)
        full = {
            "str": "ü" * 20, "vc": "v", "tx": "t", "mtx": "m", "ltx": "l" * 70_000, "int": 10, "big": 2**62, "flt": 0.5, "flag": False,
            "day": "2026-01-02T03:04:05.678+00:00", "mail": "a@example.com", "pick": "b", "addr": "::1", "link": "https://example.com/?a=b", "many": [3, 1, 3],
        }
        db.create_row(*table, "full", full)
        row = self.get("all", "full")
        self.check.eq("what was written is read", {key: row[key] for key in full}, full)
        wrong = {"str": "x" * 21, "int": 0, "flt": 0.4, "flag": "yes", "day": "soon", "mail": "nobody", "pick": "c", "addr": "1.2.3", "link": "no link", "many": ["x"]}
        for key, value in wrong.items():
            self.check.fails(f"refused: {key}", 400, "row_invalid_structure", db.update_row, *table, "full", {key: value})
        self.check.has("a new name", plain(db.update_string_column(*table, "str", False, "y", 40, "title")), key="title", size=40, default="y")
        self.check.eq("leads to what was there", self.get("all", "full")["title"], "ü" * 20)
        db.delete_column(*table, "link")
        self.check.true("a column that is gone is in no row", "link" not in self.get("all", "full"))

    def queries(self):
        """What finds what."""
        self.db.create_table(
            DATABASE, "stations", "Stations",
            columns=[{"key": "name", "type": "string", "size": 40}, {"key": "height", "type": "integer"}, {"key": "kinds", "type": "string", "size": 10, "array": True},
                     {"key": "since", "type": "datetime"}],
            indexes=[{"key": "height", "type": "key", "attributes": ["height"]}, {"key": "words", "type": "fulltext", "attributes": ["name"]}])
        self.db.create_rows(DATABASE, "stations", STATIONS)
        cases = [
            ("equal", [Query.equal("height", [2, 45])], "s1 s3"), ("not equal leaves null out", [Query.not_equal("height", 2)], "s2 s3"),
            ("between", [Query.between("height", 2, 45)], "s1 s3"), ("more", [Query.greater_than("height", 45)], "s2"),
            ("null", [Query.is_null("since")], "s4"), ("a day", [Query.equal("since", ["1990-01-01T00:00:00.000+00:00"])], "s1 s3"),
            ("begins with", [Query.starts_with("name", "H")], "s1 s2"), ("an element", [Query.contains("kinds", ["snow", "wind"])], "s1 s2 s3"),
            ("no element", [Query.not_contains("kinds", ["rain"])], "s2 s4"), ("a word", [Query.search("name", "airport")], "s3"),
            ("either", [Query.or_queries([Query.is_null("height"), Query.and_queries([Query.less_than("height", 50), Query.contains("kinds", ["snow"])])])], "s3 s4"),
            ("falling", [Query.order_desc("height"), Query.limit(2)], "s2 s3"), ("after", [Query.order_asc("height"), Query.cursor_after("s1")], "s3 s2"),
        ]
        for name, given, want in cases:
            rows = plain(self.db.list_rows(DATABASE, "stations", given))["rows"]
            self.check.eq(name, " ".join(plain(row)["$id"] for row in rows), want)
        self.check.eq("no total", plain(self.db.list_rows(DATABASE, "stations", total=False))["total"], 0)
        self.check.fails("an unknown column", 400, "general_query_invalid", self.db.list_rows, DATABASE, "stations", [Query.equal("nothing", 1)])

    def building(self):
        """An index over six thousand rows."""
        self.db.create_table(DATABASE, "many", "Many", columns=[{"key": "n", "type": "integer"}])
        for start in range(0, 6000, 100):
            self.db.create_rows(DATABASE, "many", [{"n": start + i} for i in range(100)])
        self.check.eq("it begins", plain(self.db.create_index(DATABASE, "many", "n", "key", ["n"]))["status"], "processing")
        found = lambda: [plain(row)["n"] for row in plain(self.db.list_rows(DATABASE, "many", [Query.greater_than("n", 5997), Query.order_desc("n")]))["rows"]]
        self.check.eq("answers are right meanwhile", found(), [5999, 5998])
        status = lambda: plain(self.db.get_index(DATABASE, "many", "n"))["status"]
        end = time.monotonic() + 20
        while status() != "available" and time.monotonic() < end:
            time.sleep(0.02)
        self.check.eq("it becomes available", (status(), found()), ("available", [5999, 5998]))

    def users(self):
        """Two users whose sessions the server passes on."""
        columns = [{"key": "text", "type": "string", "size": 100}, {"key": "hits", "type": "integer", "default": 0}]
        self.db.create_table(DATABASE, "notes", "Notes", [Permission.create(Role.users())], True, columns=columns)
        tables = {}
        for name in ("carol", "dave"):
            self.sdk.sign_up(name, f"{name}@example.com", "correct-horse-1", name)
            _, secret, _ = self.sdk.sign_in(f"{name}@example.com", "correct-horse-1")
            tables[name] = TablesDB(self.sdk.session_client(secret))
        carol, dave, table = tables["carol"], tables["dave"], (DATABASE, "notes")
        made = plain(carol.create_row(*table, "c1", {"text": "hers"}))
        self.check.eq("who makes a row may do everything with it", made["$permissions"], [f'{action}("user:carol")' for action in ("read", "update", "delete")])
        self.check.fails("others do not read it", 404, "row_not_found", dave.get_row, *table, "c1")
        self.check.fails("nor delete it", 401, "user_unauthorized", dave.delete_row, *table, "c1")
        self.check.has("an operator", plain(carol.update_row(*table, "c1", {"hits": Operator.increment(3)})), hits=3)
        self.check.has("counting", plain(carol.increment_row_column(*table, "c1", "hits", 2)), hits=5)
        self.check.has("made or changed", plain(carol.upsert_row(*table, "c1", {"text": "newer"})), text="newer", hits=5)
        staged = plain(carol.create_transaction())["$id"]
        carol.create_row(*table, "c2", {"text": "staged"}, transaction_id=staged)
        self.check.eq("nothing yet", plain(carol.list_rows(*table))["total"], 1)
        carol.update_transaction(staged, commit=True)
        self.check.eq("then all", plain(carol.list_rows(*table))["total"], 2)
        kept = lambda: [plain(row)["text"] for row in plain(carol.list_rows(*table, ttl=60))["rows"]]
        self.check.eq("a kept list", (kept(), kept()), (["newer", "staged"], ["newer", "staged"]))
        carol.update_row(*table, "c2", {"text": "changed"})
        self.check.eq("is never older than a write", kept(), ["newer", "changed"])
        self.check.eq("everybody lists their own", plain(dave.list_rows(*table))["total"], 0)


tour = Tour()
for part in (tour.columns, tour.queries, tour.building, tour.users):
    with tour.check.section(part.__name__):
        part()
tour.check.finish()
