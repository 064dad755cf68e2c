"""Buckets with a virus scanner: antivirus.py up | down (whether the scanner answers)."""

import os
import sys

from appwrite.client import Client
from appwrite.input_file import InputFile
from appwrite.services.storage import Storage

from checks import Checks

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
CHUNK = 5 * 1024 * 1024


def scanning(check, storage):
    """The scanner answers."""
    upload = lambda bucket, name, content: storage.create_file(bucket, name, InputFile.from_bytes(content, f"{name}.bin"))
    upload("scanned", "clean", b"nothing to see")
    check.eq("a clean file is stored", storage.get_file_download("scanned", "clean"), b"nothing to see")
    check.fails("an infected file is refused", 403, "storage_invalid_file", upload, "scanned", "bad", EICAR)
    check.fails("and not kept", 404, "storage_file_not_found", storage.get_file, "scanned", "bad")
    large = os.urandom(CHUNK + 1000) + EICAR
    check.fails("also when it comes in chunks", 403, "storage_invalid_file", upload, "scanned", "large-bad", large)
    check.fails("which cannot be read", 404, "storage_file_not_found", storage.get_file_download, "scanned", "large-bad")
    split = os.urandom(CHUNK - 20) + EICAR + os.urandom(1000)
    check.fails("also across two chunks", 403, "storage_invalid_file", upload, "scanned", "split-bad", split)
    upload("trusting", "bad", EICAR)
    check.eq("a bucket without antivirus takes it", storage.get_file_download("trusting", "bad"), EICAR)


def away(check, storage):
    """The scanner is gone: nothing unscanned gets in."""
    try:
        storage.create_file("scanned", "unscanned", InputFile.from_bytes(b"who knows", "unscanned.bin"))
        check.true("nothing passes without a scan", False)
    except Exception as error:
        check.true("nothing passes without a scan", error.code >= 400, error.code)
    check.fails("and nothing is kept", 404, "storage_file_not_found", storage.get_file_download, "scanned", "unscanned")
    storage.create_file("trusting", "free", InputFile.from_bytes(b"free", "free.bin"))
    check.eq("other buckets go on", storage.get_file_download("trusting", "free"), b"free")


def main():
    """One of the two situations."""
    check = Checks("antivirus")
    storage = Storage(Client().set_endpoint(os.environ["FERRITE_ENDPOINT"]).set_project(os.environ["FERRITE_PROJECT"]).set_key(os.environ["FERRITE_KEY"]))
    storage.create_bucket("scanned", "Scanned", antivirus=True, maximum_file_size=30000000)
    storage.create_bucket("trusting", "Trusting", antivirus=False, maximum_file_size=30000000)
    with check.section(sys.argv[1]):
        {"up": scanning, "down": away}[sys.argv[1]](check, storage)
    check.finish()


main()
