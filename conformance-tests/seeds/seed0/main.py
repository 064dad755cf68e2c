"""Seed 0 (SDK patterns of a Python backend) on one version of PyPI `appwrite`: main.py VERSION."""

import asyncio
import os
import sys
from importlib.metadata import version as installed

import accounts
import documents
import files
import people
from app import App
from checks import Checks
from sdk import Sdk


def main():
    """Runs all parts against the server of the environment."""
    wanted = sys.argv[1]
    check = Checks("seed0")
    check.eq("the SDK under test is the one named", installed("appwrite"), wanted)
    sdk = Sdk(wanted, os.environ["FERRITE_ENDPOINT"], os.environ["FERRITE_PROJECT"], os.environ["FERRITE_KEY"])
    app = App(sdk, "app-db")
    for part in (accounts, documents, files, people):
        with check.section(part.__name__):
            asyncio.run(part.run(check, sdk, app))
    check.finish()


main()
