"""Writes as servers make them: bulk, operators, transactions, conflicts, encrypted columns. main.py VERSION"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version as installed
from pathlib import Path

from appwrite.client import Client
from appwrite.operator import Operator
from appwrite.query import Query
from appwrite.services.tables_db import TablesDB
from checks import Checks

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "seed0"))
from sdk import plain  # noqa: E402 (the path comes first)

DATABASE, TABLE = "ledger", "accounts"
SECRET = "a secret nobody reads on the disk"


def client():
    """With the project's key."""
    return Client().set_endpoint(os.environ["FERRITE_ENDPOINT"]).set_project(os.environ["FERRITE_PROJECT"]).set_key(os.environ["FERRITE_KEY"])


def schema(check, db):
    """A table with a unique and an encrypted column."""
    db.create(DATABASE, "Ledger")
    db.create_table(DATABASE, TABLE, "Accounts")
    db.create_string_column(DATABASE, TABLE, "owner", 40, True)
    db.create_string_column(DATABASE, TABLE, "note", 200, False, encrypt=True)
    db.create_integer_column(DATABASE, TABLE, "balance", False, default=0)
    db.create_index(DATABASE, TABLE, "owner", "unique", ["owner"])
    table = plain(db.get_table(DATABASE, TABLE))
    check.eq("all columns are there", {c["key"]: c["status"] for c in table["columns"]}, dict.fromkeys(["owner", "note", "balance"], "available"))
    check.true("the column says that it is encrypted", next(c for c in table["columns"] if c["key"] == "note")["encrypt"])


def bulk(check, db):
    """Many rows in one call."""
    rows = [{"$id": f"a{i}", "owner": f"o{i}", "balance": 100, "note": SECRET} for i in range(10)]
    check.eq("10 rows", plain(db.create_rows(DATABASE, TABLE, rows))["total"], 10)
    changed = plain(db.update_rows(DATABASE, TABLE, {"balance": Operator.increment(1)}, [Query.equal("$id", ["a1", "a2"])]))
    check.eq("an operator on many", [r["balance"] for r in changed["rows"]], [101, 101])
    check.fails("all or none", 409, "row_already_exists", db.create_rows, DATABASE, TABLE, [{"$id": "b", "owner": "b"}, {"$id": "c", "owner": "o1"}])
    check.eq("none it was", plain(db.list_rows(DATABASE, TABLE))["total"], 10)


def encrypted(check, db):
    """What is sealed is read by who may, found by nobody, and on the disk in no file."""
    check.eq("it is read", plain(db.get_row(DATABASE, TABLE, "a1"))["note"], SECRET)
    check.fails("it is not searched", 400, "general_query_invalid", db.list_rows, DATABASE, TABLE, [Query.equal("note", SECRET)])
    folder = Path(os.environ["FERRITE_DATA"])
    found = [str(f) for f in folder.rglob("*") if f.is_file() and SECRET.encode() in f.read_bytes()]
    check.eq("it is in no file", found, [])
    other = [str(f) for f in folder.rglob("*") if f.is_file() and b"accounts" in f.read_bytes()]
    check.true("while what is not sealed is found that way", other, "no file has the table's name: is this the folder?")


def transactions(check, db):
    """Money is moved, or not."""
    operation = lambda action, row, by: {"action": action, "databaseId": DATABASE, "tableId": TABLE, "rowId": row, "data": {"column": "balance", "value": by}}
    transaction = plain(db.create_transaction())["$id"]
    db.create_operations(transaction, [operation("decrement", "a3", 30), operation("increment", "a4", 30)])
    check.eq("not yet", plain(db.get_row(DATABASE, TABLE, "a4"))["balance"], 100)
    check.eq("committed", plain(db.update_transaction(transaction, commit=True))["status"], "committed")
    check.eq("moved", [plain(db.get_row(DATABASE, TABLE, row))["balance"] for row in ("a3", "a4")], [70, 130])
    late = plain(db.create_transaction())["$id"]
    db.update_row(DATABASE, TABLE, "a5", {"balance": 5}, transaction_id=late)
    db.update_row(DATABASE, TABLE, "a5", {"balance": 6})
    check.fails("a conflict", 409, "transaction_conflict", db.update_transaction, late, commit=True)
    check.fails("neither commit nor rollback", 400, "general_bad_request", db.update_transaction, late)


def at_once(check, db):
    """Sixteen threads, one row."""
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: client_db().increment_row_column(DATABASE, TABLE, "a6", "balance", 1), range(48)))
    check.eq("no increment is lost", plain(db.get_row(DATABASE, TABLE, "a6"))["balance"], 148)


def client_db():
    """A connection of its own."""
    return TablesDB(client())


def main():
    """Runs all parts against the server of the environment."""
    check = Checks("writes")
    check.eq("the SDK under test is the one named", installed("appwrite"), sys.argv[1])
    db = client_db()
    for part in (schema, bulk, encrypted, transactions, at_once):
        with check.section(part.__name__):
            part(check, db)
    check.finish()


main()
