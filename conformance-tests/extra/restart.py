"""What was acknowledged is there after the server died or was stopped: restart.py write | verify | fresh."""

import hashlib
import os
import random
import sys
import time

from appwrite.client import Client
from appwrite.enums.databases_index_type import DatabasesIndexType
from appwrite.input_file import InputFile
from appwrite.permission import Permission
from appwrite.query import Query
from appwrite.role import Role
from appwrite.services.account import Account
from appwrite.services.databases import Databases
from appwrite.services.storage import Storage
from appwrite.services.teams import Teams
from appwrite.services.users import Users

from checks import Checks

CHUNK = 5 * 1024 * 1024
PASSWORD = "correct-horse-1"


class Interrupted(Exception):
    """The upload was broken off on purpose."""


def client():
    """A client without credentials."""
    return Client().set_endpoint(os.environ["FERRITE_ENDPOINT"]).set_project(os.environ["FERRITE_PROJECT"])


def server():
    """A client with the key."""
    return client().set_key(os.environ["FERRITE_KEY"])


def content(name, size):
    """The same bytes in every step."""
    return random.Random(name).randbytes(size)


def available(databases):
    """Waits for attributes and indexes."""
    for call, kind in ((databases.list_attributes, "attributes"), (databases.list_indexes, "indexes")):
        for _ in range(200):
            if all(item.status.value == "available" for item in getattr(call("kept", "rows"), kind)):
                break
            time.sleep(0.05)


def write(check):
    """Makes one of everything; the last acknowledged writes happen right before the kill."""
    databases, storage = Databases(server()), Storage(server())
    Users(server()).create("keeper", "keeper@example.com", password=PASSWORD, name="Keeper")
    Users(server()).update_labels("keeper", ["gold"])
    Teams(server()).create("crew", "Crew")
    Teams(server()).create_membership("crew", ["owner"], user_id="keeper")
    databases.create("kept", "Kept")
    databases.create_collection("kept", "rows", "Rows", [Permission.read(Role.label("gold"))], True)
    databases.create_integer_attribute("kept", "rows", "number", True)
    databases.create_string_attribute("kept", "rows", "text", 100, True)
    available(databases)
    databases.create_index("kept", "rows", "by_number", DatabasesIndexType.UNIQUE, ["number"])
    available(databases)
    storage.create_bucket("kept", "Kept", maximum_file_size=30000000)
    storage.create_file("kept", "large", InputFile.from_bytes(content("large", CHUNK + 4321), "large.bin"))

    def stop(_progress):
        raise Interrupted

    try:
        storage.create_file("kept", "half", InputFile.from_bytes(content("half", 2 * CHUNK + 99), "half.bin"), on_progress=stop)
    except Interrupted:
        pass
    for number in range(60):
        databases.create_document("kept", "rows", f"row-{number}", {"number": number, "text": f"text {number}"})
    for number in range(0, 60, 3):
        databases.update_document("kept", "rows", f"row-{number}", {"text": f"changed {number}"})
    for number in range(0, 60, 20):
        databases.delete_document("kept", "rows", f"row-{number}")
    check.true("everything was acknowledged", True)


def verify(check):
    """Reads it all back."""
    databases, storage = Databases(server()), Storage(server())
    listed = databases.list_documents("kept", "rows", [Query.limit(100), Query.order_asc("number")])
    want = {n: (f"changed {n}" if n % 3 == 0 else f"text {n}") for n in range(60) if n % 20}
    check.eq("every document with its last value", {d.data["number"]: d.data["text"] for d in listed.documents}, want)
    check.eq("counted right", listed.total, len(want))
    check.fails("the unique index holds", 409, "document_already_exists", databases.create_document, "kept", "rows", "unique()", {"number": 7, "text": "x"})
    check.true("the large file is whole", storage.get_file_download("kept", "large") == content("large", CHUNK + 4321))
    half = storage.get_file("kept", "half")
    if int(half.chunksuploaded) == 1:
        done = storage.create_file("kept", "half", InputFile.from_bytes(content("half", 2 * CHUNK + 99), "half.bin"))
        check.eq("the interrupted upload goes on", (int(done.chunksuploaded), int(done.chunkstotal)), (3, 3))
    check.eq("and is whole", hashlib.sha256(storage.get_file_download("kept", "half")).hexdigest(), hashlib.sha256(content("half", 2 * CHUNK + 99)).hexdigest())
    session = Account(server()).create_email_password_session("keeper@example.com", PASSWORD)
    mine = Databases(client().set_session(session.secret))
    check.eq("labels still open what they opened", mine.list_documents("kept", "rows", [Query.limit(1)]).total, len(want))
    check.eq("the team has its member", Teams(client().set_session(session.secret)).get("crew").total, 1)


def fresh(check):
    """A project made while the server was stopped."""
    check.eq("the key of the new project works", Users(server()).list().total, 0)


def main():
    """One step."""
    check = Checks("restart")
    with check.section(sys.argv[1]):
        {"write": write, "verify": verify, "fresh": fresh}[sys.argv[1]](check)
    check.finish()


main()
