"""Sends every request that a version of the official Console sends, as that Console sends it, and judges the answers.

    walk.py <6.1.28|7.5.7|8.7.30>

The requests stand in calls.tsv, in an order in which they make sense; every request that `guides/CONSOLE_CALLS.md` lists for the
version must be among them. Every answer must have the status that is expected of it and be a complete model: all fields that the
Console's SDK declares, with their types.
"""

import csv
import json
import os
import re
import sys
from pathlib import Path

import browser
from readers import OpenApi, Sdk, problems

from checks import Checks

HERE = Path(__file__).resolve().parent
SHARED = Path(os.environ["FERRITE_SHARED"])
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

# By version: the format of answers that its SDK asks for, and the words for what is in a database.
VERSIONS = {
    "6.1.28": ("1.7.0", {"@db": "/databases/{databaseId}", "@table": "/databases/{databaseId}/collections/{collectionId}", "@tables": "/databases/{databaseId}/collections",
                         "@dbs": "/databases", "@columns": "attributes", "@rows": "documents", "@row": "documents/{documentId}", "@tableId": "collectionId",
                         "@rowId": "documentId", "@security": "documentSecurity", "@relatedTable": "relatedCollectionId"}),
    "7.5.7": ("1.8.0", None),
    "8.7.30": ("1.9.5", None),
}
TABLES = {"@db": "/tablesdb/{databaseId}", "@table": "/tablesdb/{databaseId}/tables/{tableId}", "@tables": "/tablesdb/{databaseId}/tables", "@dbs": "/tablesdb",
          "@columns": "columns", "@rows": "rows", "@row": "rows/{rowId}", "@tableId": "tableId", "@rowId": "rowId", "@security": "rowSecurity",
          "@relatedTable": "relatedTableId"}
WORD = re.compile(r"@\w+")


def sdk(version):
    """What the version's SDK reads."""
    modules = HERE.parent / "node_modules"
    if version == "8.7.30":
        return OpenApi([SHARED / "contract" / f"{name}.json" for name in ("openapi-1.9", "openapi-1.9-console", "openapi-1.9-other")])
    return Sdk(modules / ("console-sdk-1" if version == "6.1.28" else "console-sdk-2"))


def forgive(models, version):
    """Makes optional what a version does without, of any type."""
    with open(HERE / "absent.tsv", newline="") as file:
        for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row and not row[0].startswith("#") and version.split(".")[0] in row[0].split(","):
                names = [name for name in models if name.lower() == row[1].lower()]
                assert names and row[2] in models[names[0]], f"{version} knows no {row[1]}.{row[2]}: absent.tsv"
                models[names[0]][row[2]] = ("any", True)


def listed(version):
    """Every request that the version sends, as the guide lists them."""
    text = (SHARED / "guides" / "CONSOLE_CALLS.md").read_text()
    block = re.search(rf"^### Full list {re.escape(version)}\n```\n(.*?)^```", text, re.M | re.S)[1]
    return set(re.findall(rf"({'|'.join(METHODS)}) (/\S+?)(?:;|$)", block, re.M))


def table(version):
    """The rows for a version, in the version's words."""
    words = VERSIONS[version][1] or TABLES
    major = version.split(".")[0]
    with open(HERE / "calls.tsv", newline="") as file:
        for line, row in enumerate(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
            if not row or row[0].startswith("#") or major not in row[0].split(","):
                continue
            row = [WORD.sub(lambda m: words.get(m[0], m[0]), field) for field in row]
            who, call, wanted, body, more, *_ = row[1:] + [""] * 5
            yield line, who, call, wanted, json.loads(body or "{}"), json.loads(more or "{}")


def judge(check, reader, name, method, path, wanted, answer, more):
    """Whether an answer has its status and is complete."""
    status, kind, body = answer
    if not check.report(f"{name} answers {wanted}", str(status) == wanted, f"{status} {body!r:.400}"):
        return
    if status == 204:
        check.report(f"{name} is empty", body in ("", b"", None), body)
        return
    if more.get("page"):
        # Where a browser goes itself, or a route that there is not.
        check.report(f"{name} is a page", kind.startswith("text/html"), kind)
        return
    if status >= 400:
        whole = {"message": ("string", False), "code": ("number", False), "type": ("string", False), "version": ("string", False)}
        found = problems({"error": whole}, "error", body)
        check.report(f"{name} is an error the Console can read", not found, found)
        return
    model = reader.model(method, path)
    if model is None:
        # A picture, a file, or a place to go to.
        check.report(f"{name} has content", status < 400 and (body or status // 100 == 3), kind)
        return
    found = problems(reader.models, model, body)
    check.report(f"{name} is a complete {model}", not found, found[:8])


def main(version):
    """Walks the table once."""
    check = Checks(version)
    reader, sent = sdk(version), set()
    forgive(reader.models, version)
    caller = browser.Caller(os.environ["FERRITE_ENDPOINT"], VERSIONS[version][0], os.environ["CONSOLE_MAILS"])
    for line, who, call, wanted, body, more in table(version):
        if who == "mail":
            check.report(f"a mail to {call} arrives", caller.mail(call, body), f"line {line}")
            continue
        if who == "realtime":
            check.report(f"realtime {call} connects", *caller.realtime(call))
            continue
        method, path = call.split(" ", 1)
        sent.add((method, path))
        name = f"{call} {more.pop('as', '')}".strip()
        try:
            answer = caller.send(who, method, path, body, more)
        except KeyError as missing:
            check.report(f"{name} can be sent", False, f"line {line} needs {missing}")
            continue
        judge(check, reader, name, method, path, wanted, answer, more)
    for method, path in sorted(listed(version) - sent):
        check.report(f"{method} {path} is walked", False, "it stands in the guide and not in calls.tsv")
    check.finish()


if __name__ == "__main__":
    main(sys.argv[1])
