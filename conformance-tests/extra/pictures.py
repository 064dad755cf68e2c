"""Previews and avatars by the Python SDK."""

import os
import struct

from appwrite.client import Client
from appwrite.input_file import InputFile
from appwrite.services.avatars import Avatars
from appwrite.services.storage import Storage

from checks import Checks


def size(png):
    """Width and height of a PNG, or what it is instead."""
    return struct.unpack(">II", png[16:24]) if png.startswith(b"\x89PNG\r\n\x1a\n") else png[:12]


def main():
    """One bucket with one picture."""
    check = Checks("pictures")
    client = Client().set_endpoint(os.environ["FERRITE_ENDPOINT"]).set_project(os.environ["FERRITE_PROJECT"]).set_key(os.environ["FERRITE_KEY"])
    avatars, storage = Avatars(client), Storage(client)
    with check.section("avatars"):
        flag = avatars.get_flag("de", width=120, height=80)
        check.eq("a flag", size(flag), (120, 80))
        check.eq("initials", size(avatars.get_initials(name="Ann Bee", width=50, height=50)), (50, 50))
        check.eq("a QR code", size(avatars.get_qr("hello", size=150)), (150, 150))
        check.fails("no private address is fetched", 404, "avatar_remote_url_failed", avatars.get_favicon, "http://10.0.0.1/")
    with check.section("previews"):
        storage.create_bucket("pictures", "Pictures")
        storage.create_file("pictures", "flag", InputFile.from_bytes(flag, "flag.png"))
        preview = lambda **more: storage.get_file_preview("pictures", "flag", **more)
        check.eq("in another size", size(preview(width=60)), (60, 40))
        check.eq("with a border", size(preview(border_width=3, border_color="ff0000")), (126, 86))
        check.eq("as GIF", preview(output="gif")[:6], b"GIF89a")
        check.eq("HEIC is answered with JPEG", preview(output="heic")[:2], b"\xff\xd8")
        check.fails("unknown colours are refused", 400, "general_argument_invalid", preview, background="zz")
    check.finish()


main()
