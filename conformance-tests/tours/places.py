"""Places and full text through the Python SDK: columns, indexes, queries, changes."""

import os
import sys

from appwrite.client import Client
from appwrite.enums.tables_db_index_type import TablesDBIndexType
from appwrite.query import Query
from appwrite.services.tables_db import TablesDB

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "seeds", "seed0"))
from checks import Checks  # noqa: E402
from sdk import plain  # noqa: E402

ENDPOINT, PROJECT, KEY = (os.environ[f"FERRITE_{name}"] for name in ("ENDPOINT", "PROJECT", "KEY"))
DB, TABLE = "geopy", "places"


def square(low, high):
    """A closed ring, as the only one of a polygon."""
    return [[[low, low], [high, low], [high, high], [low, high], [low, low]]]


def schema(check, tables):
    """Columns and indexes."""
    tables.create(database_id=DB, name="Geo")
    tables.create_table(database_id=DB, table_id=TABLE, name="Places")
    tables.create_longtext_column(database_id=DB, table_id=TABLE, key="text", required=False)
    for kind, key in (("point", "at"), ("line", "way"), ("polygon", "area")):
        made = plain(getattr(tables, f"create_{kind}_column")(database_id=DB, table_id=TABLE, key=key, required=True))
        check.has(f"a {kind} column", made, key=key, required=True, status="processing")
        index = plain(tables.create_index(database_id=DB, table_id=TABLE, key=f"by_{key}", type=TablesDBIndexType.SPATIAL, columns=[key]))
        check.has("its index", index, type="spatial", columns=[key])
    tables.create_index(database_id=DB, table_id=TABLE, key="words", type=TablesDBIndexType.FULLTEXT, columns=["text"])
    check.fails("an index of the wrong type", 400, "column_index_invalid", tables.create_index, database_id=DB, table_id=TABLE, key="bad",
                type=TablesDBIndexType.KEY, columns=["at"],
                message='Cannot create key index on spatial attribute "at". Spatial attributes require spatial indexes.')


def rows(check, tables):
    """A row for each of some places; the third is across the date line from the fourth."""
    for name, at, low in (("a", [6.0, 6.0], 0), ("b", [7, 6], 20), ("west", [-179.999, 0], 40), ("east", [179.999, 0], 60)):
        tables.create_row(database_id=DB, table_id=TABLE, row_id=name,
                          data={"at": at, "way": [[low, low], [low + 5, low + 5]], "area": square(low, low + 10), "text": f"{name} thing, thing {name}"})
    row = plain(tables.get_row(database_id=DB, table_id=TABLE, row_id="a"))
    check.has("whole numbers have no fraction", row, at=[6, 6], area=square(0, 10))
    check.fails("a point off the map", 400, "row_invalid_structure", tables.create_row, database_id=DB, table_id=TABLE, row_id="off",
                data={"at": [200, 0], "way": [[0, 0], [1, 1]], "area": square(0, 1)},
                message='Invalid document structure: Attribute "at" has invalid type. Value must be a valid point: Longitude (x) must be between -180 and 180, got 200')


def queries(check, tables):
    """What is found, and what is told about queries that make no sense."""
    def found(*queries):
        answer = plain(tables.list_rows(database_id=DB, table_id=TABLE, queries=list(queries)))
        return [row["$id"] for row in answer["rows"]], answer["total"]

    for name, query, want in (
        ("distance", Query.distance_equal("at", [6, 6], 1, False), ["b"]),
        ("not that distance", Query.distance_not_equal("at", [6, 6], 1, False), ["a", "west", "east"]),
        ("nearer", Query.distance_less_than("at", [6, 6], 0.5, False), ["a"]),
        ("farther", Query.distance_greater_than("at", [6, 6], 5, False), ["west", "east"]),
        ("across the date line", Query.distance_less_than("at", [179.9995, 0], 500), ["west", "east"]),
        ("a frame", Query.intersects("at", square(5, 8)), ["a", "b"]),
        ("outside of it", Query.not_intersects("at", square(5, 8)), ["west", "east"]),
        ("a corner", Query.contains("area", [[10, 10]]), ["a"]),
        ("an overlap", Query.overlaps("area", square(25, 35)), ["b"]),
        ("a crossing", Query.crosses("way", [[20, 25], [25, 20]]), ["b"]),
        ("a touch", Query.touches("area", square(10, 20)), ["a", "b"]),
        ("the same", Query.equal("area", [square(60, 70)]), ["east"]),
        ("words", Query.search("text", "west east"), ["west", "east"]),
        ("a phrase", Query.search("text", '"thing west"'), ["west"]),
        ("a beginning", Query.search("text", "we"), ["west"]),
    ):
        check.eq(name, found(query), (want, len(want)))
    listed = lambda query: tables.list_rows(database_id=DB, table_id=TABLE, queries=[query])
    check.fails("no geometry", 400, "general_query_invalid", listed, Query.intersects("at", ["x", "y"]), message="Unrecognized geometry array format")
    check.fails("not of this type", 400, "general_query_invalid", listed, Query.crosses("text", [[0, 0], [1, 1]]),
                message='Invalid query: Spatial query "crosses" cannot be applied on non-spatial attribute: text')
    deleted = plain(tables.delete_rows(database_id=DB, table_id=TABLE, queries=[Query.intersects("at", square(5, 8))]))
    check.eq("what is found can be deleted", (deleted["total"], found()[1]), (2, 2))


check = Checks("places")
service = TablesDB(Client().set_endpoint(ENDPOINT).set_project(PROJECT).set_key(KEY))
for part in (schema, rows, queries):
    with check.section(part.__name__):
        part(check, service)
check.finish()
