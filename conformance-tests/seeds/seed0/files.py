"""Storage of the seed: uploads by path, public addresses, chunks, resuming, downloads."""

import hashlib
import os
import tempfile
from pathlib import Path

import requests
from appwrite.input_file import InputFile
from appwrite.services.storage import Storage

from sdk import plain

CHUNK = 5 * 1024 * 1024
PASSWORD = "correct-horse-1"


class Interrupted(Exception):
    """The upload was broken off on purpose."""


async def run(check, sdk, app):
    """All parts."""
    with tempfile.TemporaryDirectory() as folder:
        storage = Storage(sdk.server())
        with check.section("buckets"):
            buckets(check, storage)
        with check.section("small files"):
            await small(check, sdk, app, storage, Path(folder))
        with check.section("large files"):
            large(check, sdk, storage, Path(folder))
        with check.section("access"):
            access(check, sdk, app, storage, Path(folder))


def buckets(check, storage):
    """Buckets by key."""
    made = plain(storage.create_bucket("uploads", "Uploads", ['read("any")', 'create("users")'], True, True, 30000000, ["txt", "bin", "png"], None, True, False))
    check.has("create_bucket", made, _dollar_id="uploads", name="Uploads", fileSecurity=True, enabled=True, maximumFileSize=30000000,
              allowedFileExtensions=["txt", "bin", "png"], compression="none", encryption=True, antivirus=False)
    check.fails("the same id again", 409, "storage_bucket_already_exists", storage.create_bucket, "uploads", "Uploads")
    check.has("get_bucket", plain(storage.get_bucket("uploads")), name="Uploads")
    storage.create_bucket("scratch", "Scratch")
    check.eq("list_buckets", [b["$id"] for b in plain(storage.list_buckets())["buckets"]], ["uploads", "scratch"])
    storage.delete_bucket("scratch")
    check.fails("delete_bucket", 404, "storage_bucket_not_found", storage.get_bucket, "scratch")


async def small(check, sdk, app, storage, folder):
    """A file below the chunk size, in one request."""
    content = ("Grüße aus dem Test\n" * 40).encode()
    path = folder / "greeting.txt"
    path.write_bytes(content)
    answer = await app.upload_file(str(path), "uploads")
    check.true("upload_file", answer["success"], answer)
    made = answer["file"]
    check.has("the file is described", made, bucketId="uploads", name="greeting.txt", sizeOriginal=len(content), mimeType="text/plain", chunksTotal=1, chunksUploaded=1,
              signature=hashlib.md5(content).hexdigest(), _dollar_permissions=[])
    view = requests.get(app.get_file_url("uploads", made["$id"]), timeout=30)
    check.eq("the public address gives it to anyone", (view.status_code, view.content), (200, content))
    check.eq("as text, inline", (view.headers["content-type"].split(";")[0], view.headers["content-disposition"]), ("text/plain", 'inline; filename="greeting.txt"'))
    check.eq("cacheable by this visitor", view.headers["cache-control"], "private, max-age=3888000")
    check.eq("get_file_download", storage.get_file_download("uploads", made["$id"]), content)
    check.eq("get_file_view", storage.get_file_view("uploads", made["$id"]), content)
    part = requests.get(app.get_file_url("uploads", made["$id"]), headers={"Range": "bytes=10-29"}, timeout=30)
    check.eq("a range", (part.status_code, part.content, part.headers["content-range"]), (206, content[10:30], f"bytes 10-29/{len(content)}"))
    bad = folder / "program.exe"
    bad.write_bytes(b"MZ")
    answer = await app.upload_file(str(bad), "uploads")
    check.eq("a wrong extension", (answer.get("code"), answer.get("type"), answer.get("error")), (400, "storage_file_type_unsupported", "File extension not allowed"))
    answer = await app.upload_file(str(path), "no-bucket")
    check.eq("a bucket that is not there", (answer.get("code"), answer.get("type")), (404, "storage_bucket_not_found"))
    renamed = plain(storage.update_file("uploads", made["$id"], "hello.txt", ['read("any")']))
    check.has("update_file", renamed, name="hello.txt", _dollar_permissions=['read("any")'])
    check.eq("list_files", [f["$id"] for f in plain(storage.list_files("uploads"))["files"]], [made["$id"]])
    storage.delete_file("uploads", made["$id"])
    check.fails("delete_file", 404, "storage_file_not_found", storage.get_file, "uploads", made["$id"])
    check.eq("and its address", requests.get(app.get_file_url("uploads", made["$id"]), timeout=30).status_code, 404)


def large(check, sdk, storage, folder):
    """Files in chunks of 5 MiB: whole, exactly on the border, broken off and taken up again."""
    for name, size, chunks in (("exact", CHUNK, 1), ("twelve", 2 * CHUNK + 654321, 3)):
        content = os.urandom(size)
        path = folder / f"{name}.bin"
        path.write_bytes(content)
        progress = []
        made = plain(storage.create_file("uploads", name, InputFile.from_path(str(path)), on_progress=progress.append))
        check.has(f"{name}: all chunks arrived", made, _dollar_id=name, sizeOriginal=size, chunksTotal=chunks, chunksUploaded=chunks)
        whole = plain(storage.get_file("uploads", name))
        check.has(f"{name}: the file is complete", whole, chunksTotal=chunks, chunksUploaded=chunks, signature=hashlib.md5(content).hexdigest())
        check.true(f"{name}: byte for byte the same", storage.get_file_download("uploads", name) == content)
        if chunks > 1:
            check.eq(f"{name}: progress is told", progress[-1]["progress"], 100)
            url = f"{sdk.endpoint}/storage/buckets/uploads/files/{name}/download?project={sdk.project}"
            for first, last in ((0, 9), (CHUNK - 5, CHUNK + 5), (65530, 65550), (size - 10, size - 1)):
                part = requests.get(url, headers={"Range": f"bytes={first}-{last}"}, timeout=30)
                check.true(f"{name}: range {first}-{last}", part.status_code == 206 and part.content == content[first:last + 1], part.status_code)
    resume(check, storage, folder)


def resume(check, storage, folder):
    """An upload that breaks off after its first chunk and is taken up by a second call with the same id."""
    content = os.urandom(3 * CHUNK + 77)
    path = folder / "resumed.bin"
    path.write_bytes(content)

    def stop(_progress):
        raise Interrupted

    try:
        storage.create_file("uploads", "resumed", InputFile.from_path(str(path)), on_progress=stop)
        check.true("the upload breaks off", False)
    except Interrupted:
        check.true("the upload breaks off", True)
    half = plain(storage.get_file("uploads", "resumed"))
    check.has("one chunk is there", half, chunksTotal=4, chunksUploaded=1, signature="", mimeType="")
    check.fails("what is not complete cannot be read", 404, "storage_file_not_found", storage.get_file_download, "uploads", "resumed")
    sent = []
    done = plain(storage.create_file("uploads", "resumed", InputFile.from_path(str(path)), on_progress=sent.append))
    check.has("the second call completes it", done, chunksTotal=4, chunksUploaded=4)
    check.eq("with the three chunks that were missing", len(sent), 3)
    check.true("byte for byte the same", storage.get_file_download("uploads", "resumed") == content)


def access(check, sdk, app, storage, folder):
    """Who may read: the bucket's rules, and with file security the file's."""
    storage.create_bucket("private", "Private", ['create("users")'], True, True, 1000, [], None, True, False)
    path = folder / "secret.txt"
    path.write_bytes(b"for my eyes only")
    clients = {}
    for who in ("peggy", "victor"):
        sdk.sign_up(who, f"{who}@example.com", PASSWORD, who.title())
        clients[who] = Storage(sdk.jwt_client(sdk.sign_in(f"{who}@example.com", PASSWORD)[2]))
    made = plain(clients["peggy"].create_file("private", "secret", InputFile.from_path(str(path))))
    check.eq("the uploader is named by default", made["$permissions"], ['read("user:peggy")', 'update("user:peggy")', 'delete("user:peggy")'])
    check.eq("the owner downloads", clients["peggy"].get_file_download("private", "secret"), b"for my eyes only")
    for name, client in (("another user", clients["victor"]), ("a guest", Storage(sdk.client()))):
        check.fails(f"{name} finds no file", 404, "storage_file_not_found", client.get_file, "private", "secret", message="The requested file could not be found.")
        check.fails(f"{name} cannot download", 404, "storage_file_not_found", client.get_file_download, "private", "secret")
        check.eq(f"{name} lists nothing", plain(client.list_files("private"))["total"], 0)
    check.fails("another user may not delete", 401, "user_unauthorized", clients["victor"].delete_file, "private", "secret")
    check.fails("a guest may not upload", 401, "user_unauthorized", Storage(sdk.client()).create_file, "private", "nope", InputFile.from_path(str(path)))
    check.eq("the public address is closed", requests.get(app.get_file_url("private", "secret"), timeout=30).status_code, 404)
    big = folder / "big.txt"
    big.write_bytes(b"x" * 1001)
    check.fails("a file too large", 400, "storage_invalid_file_size", clients["peggy"].create_file, "private", "big", InputFile.from_path(str(big)), message="File size not allowed")
    clients["peggy"].delete_file("private", "secret")
    check.eq("the owner deletes", plain(storage.list_files("private"))["total"], 0)
