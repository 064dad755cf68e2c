"""Files through the Python SDK beyond the app of seed 0: several at once, shown, listed, tokens, rights of a session. files.py VERSION"""

import hashlib
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests
from appwrite.client import Client
from appwrite.input_file import InputFile
from appwrite.query import Query
from appwrite.services.account import Account
from appwrite.services.avatars import Avatars
from appwrite.services.storage import Storage

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "seeds", "seed0"))
from checks import Checks  # noqa: E402
from sdk import plain  # noqa: E402

ENDPOINT, PROJECT, KEY = (os.environ[f"FERRITE_{name}"] for name in ("ENDPOINT", "PROJECT", "KEY"))
CHUNK = 5 * 1024 * 1024
BUCKET = "tour"


def client(**more):
    """A client of the SDK: a guest, or with what is given."""
    made = Client().set_endpoint(ENDPOINT).set_project(PROJECT)
    for name, value in more.items():
        getattr(made, f"set_{name}")(value)
    return made


def md5(content):
    """What the API calls a signature."""
    return hashlib.md5(content).hexdigest()


def together(check, storage, folder):
    """Several uploads at the same time, each with a client of its own."""
    contents = [os.urandom(size) for size in (10, CHUNK, CHUNK + 1, 2 * CHUNK + 7, 1000, 2000)]
    for number, content in enumerate(contents):
        (folder / f"f{number}.bin").write_bytes(content)

    def put(number):
        own = Storage(client(key=KEY))
        return plain(own.create_file(BUCKET, f"f{number}", InputFile.from_path(str(folder / f"f{number}.bin"))))

    with ThreadPoolExecutor(len(contents)) as pool:
        made = list(pool.map(put, range(len(contents))))
    check.eq("each is the one that was sent", [f["signature"] for f in made], [md5(c) for c in contents])
    check.eq("in as many chunks", [f["chunksTotal"] for f in made], [1, 1, 2, 3, 1, 1])
    check.true("and is read back", all(storage.get_file_download(BUCKET, f"f{n}") == c for n, c in enumerate(contents)))
    from_bytes = plain(storage.create_file(BUCKET, "bytes", InputFile.from_bytes(b"from bytes", "bytes.txt", "text/plain")))
    check.has("also from bytes", from_bytes, name="bytes.txt", mimeType="text/plain", sizeOriginal=10)


def shown(check, storage):
    """What is shown, and what is found."""
    check.eq("a view", storage.get_file_view(BUCKET, "bytes"), b"from bytes")
    picture = Avatars(client(key=KEY)).get_initials("A B", 90, 60)
    storage.create_file(BUCKET, "picture", InputFile.from_bytes(picture, "picture.png", "image/png"))
    preview = storage.get_file_preview(BUCKET, "picture", 45)
    check.eq("a preview", (preview[:4], preview[16:24]), (b"\x89PNG", (45).to_bytes(4, "big") + (30).to_bytes(4, "big")))
    found = lambda *queries: [f["$id"] for f in plain(storage.list_files(BUCKET, list(queries)))["files"]]
    check.eq("by type", found(Query.equal("mimeType", "image/png")), ["picture"])
    check.eq("by size, in order", found(Query.greater_than("sizeOriginal", CHUNK), Query.order_desc("sizeOriginal")), ["f3", "f2"])
    check.eq("a page", found(Query.order_asc("name"), Query.limit(2), Query.cursor_after("f0")), ["f1", "f2"])
    renamed = plain(storage.update_file(BUCKET, "picture", "new.png", ['read("any")']))
    check.has("a change", renamed, name="new.png", _dollar_permissions=['read("any")'])
    storage.delete_file(BUCKET, "picture")
    check.fails("a removal", 404, "storage_file_not_found", storage.get_file, BUCKET, "picture")


def tokens(check):
    """Tokens, where the SDK has them."""
    try:
        from appwrite.services.tokens import Tokens
    except ImportError:
        return
    service = Tokens(client(key=KEY))
    url = f"{ENDPOINT}/storage/buckets/{BUCKET}/files/bytes/download?project={PROJECT}"
    check.eq("nobody reads without", requests.get(url, timeout=30).status_code, 401)
    token = plain(service.create_file_token(BUCKET, "bytes"))
    check.eq("whoever has one reads", requests.get(f"{url}&token={token['secret']}", timeout=30).content, b"from bytes")
    check.eq("it is listed", plain(service.list(BUCKET, "bytes"))["total"], 1)
    service.delete(token["$id"])
    check.eq("and goes", requests.get(f"{url}&token={token['secret']}", timeout=30).status_code, 401)


def rights(check, storage):
    """Signed-in users, as servers act for them."""
    storage.create_bucket("own", "Own", ['create("users")'], True)
    sessions = {}
    for who in ("tom", "tim"):
        Account(client()).create(who, f"{who}@example.com", "correct-horse-1", who)
        answer = requests.post(f"{ENDPOINT}/account/sessions/email", json={"email": f"{who}@example.com", "password": "correct-horse-1"},
                               headers={"X-Appwrite-Project": PROJECT}, timeout=30)
        sessions[who] = Storage(client(session=answer.cookies[f"a_session_{PROJECT}"]))
    sessions["tom"].create_file("own", "toms", InputFile.from_bytes(b"mine", "toms.txt", "text/plain"))
    check.eq("the owner reads", sessions["tom"].get_file_download("own", "toms"), b"mine")
    check.fails("another does not", 404, "storage_file_not_found", sessions["tim"].get_file_download, "own", "toms")
    check.fails("nor removes it", 401, "user_unauthorized", sessions["tim"].delete_file, "own", "toms")
    check.eq("nor sees it", plain(sessions["tim"].list_files("own"))["total"], 0)
    sessions["tom"].delete_file("own", "toms")
    check.eq("the owner removes it", plain(storage.list_files("own"))["total"], 0)


def main():
    """All of it, on one server."""
    check = Checks(f"files {sys.argv[1]}")
    storage = Storage(client(key=KEY))
    storage.create_bucket(BUCKET, "Tour")
    with tempfile.TemporaryDirectory() as name:
        with check.section("several at once"):
            together(check, storage, Path(name))
    with check.section("shown and found"):
        shown(check, storage)
    with check.section("tokens"):
        tokens(check)
    with check.section("rights"):
        rights(check, storage)
    check.finish()


main()
