"""Relationships with the newest Python SDK, in the words of collections: relationships.py."""

import json
import os

from appwrite.client import Client
from appwrite.enums.relation_mutate import RelationMutate
from appwrite.enums.relationship_type import RelationshipType
from appwrite.query import Query
from appwrite.services.databases import Databases

from checks import Checks

DATABASE = "music"


def plain(value):
    """A dictionary as the server sent it."""
    value = value.to_dict() if hasattr(value, "to_dict") else value
    if isinstance(value, dict) and isinstance(value.get("data"), dict):
        value = {**{key: item for key, item in value.items() if key != "data"}, **value["data"]}
    return value


class Tour:
    """One database of artists, albums and labels."""

    def __init__(self):
        client = Client().set_endpoint(os.environ["FERRITE_ENDPOINT"]).set_project(os.environ["FERRITE_PROJECT"]).set_key(os.environ["FERRITE_KEY"])
        self.check, self.db = Checks("relationships"), Databases(client)

    def get(self, collection, document, *names):
        """A document, with what is selected."""
        queries = [Query.select(list(names))] if names else None
        return plain(self.db.get_document(DATABASE, collection, document, queries))

    def found(self, collection, *queries):
        """Ids of documents that match."""
        return [plain(d)["$id"] for d in self.db.list_documents(DATABASE, collection, list(queries)).documents]

    def schema(self):
        """Collections, and relationships seen from the side that has one partner."""
        self.db.create(DATABASE, "Music")
        for name in ("artists", "albums", "labels"):
            self.db.create_collection(DATABASE, name, name)
            self.db.create_string_attribute(DATABASE, name, "name", 60, False)
        made = plain(self.db.create_relationship_attribute(
            DATABASE, "albums", "artists", RelationshipType.MANYTOONE, True, "artist", "albums", RelationMutate.RESTRICT))
        self.check.has("an attribute of two sides", made, relatedCollection="artists", relationType="manyToOne", twoWayKey="albums", side="parent")
        self.db.create_relationship_attribute(DATABASE, "artists", "labels", RelationshipType.MANYTOMANY, False, "labels")
        kinds = [plain(a)["key"] for a in self.db.list_attributes(DATABASE, "labels").attributes]
        self.check.eq("one-way relationships do not show on the far side", kinds, ["name"])
        self.check.fails("once only", 409, "attribute_already_exists", self.db.create_relationship_attribute,
                         DATABASE, "albums", "artists", RelationshipType.ONETOONE, True, "artist", "other")

    def documents(self):
        """Making, reading, changing."""
        album = plain(self.db.create_document(DATABASE, "albums", "a1", {"name": "First", "artist": {"$id": "x", "name": "X", "labels": [{"$id": "l1"}]}}))
        self.check.eq("a document inside of a document is made", album["artist"]["name"], "X")
        self.db.create_document(DATABASE, "albums", "a2", {"name": "Second", "artist": "x"})
        self.check.eq("the id is shown", self.get("albums", "a2")["artist"], "x")
        self.check.eq("the other side is found", [a["$id"] for a in self.get("artists", "x", "*", "albums.name")["albums"]], ["a1", "a2"])
        self.check.eq("found by the artist", self.found("albums", Query.equal("artist.name", ["X"]), Query.order_desc("name")), ["a2", "a1"])
        self.check.eq("found by the album", self.found("artists", Query.contains("albums.name", ["irs"])), ["x"])
        self.check.eq("found by the id", self.found("albums", Query.equal("artist", ["x"])), ["a1", "a2"])
        self.check.fails("not by a list", 400, "general_query_invalid", self.found, "artists", Query.equal("albums", ["a1"]))
        put = plain(self.db.upsert_document(DATABASE, "albums", "a1", {"name": "First", "artist": {"$id": "x", "name": "XX"}}))
        self.check.eq("changed from outside", put["artist"]["name"], "XX")
        self.db.update_document(DATABASE, "albums", "a2", {"artist": None})
        self.check.eq("null parts them", self.found("albums", Query.is_null("artist")), ["a2"])
        nobody = plain(self.db.create_document(DATABASE, "albums", "a3", {"artist": "nobody"}))
        self.check.true("an id of nothing is taken", "artist" in nobody, json.dumps(nobody, default=str))
        self.check.eq("and leads nowhere", self.get("albums", "a3")["artist"], None)

    def deletes(self):
        """Rules of deletes, of either side."""
        self.check.fails("restrict", 403, "document_delete_restricted", self.db.delete_document, DATABASE, "artists", "x")
        self.db.update_relationship_attribute(DATABASE, "artists", "albums", RelationMutate.CASCADE)
        self.check.eq("both sides have the rule", plain(self.db.get_attribute(DATABASE, "albums", "artist"))["onDelete"], "cascade")
        self.check.fails("restrict of another relationship", 403, "document_delete_restricted", self.db.delete_document, DATABASE, "artists", "x")
        self.db.delete_document(DATABASE, "labels", "l1")
        self.db.delete_document(DATABASE, "artists", "x")
        self.check.eq("cascade", self.found("albums"), ["a2", "a3"])
        self.db.delete_collection(DATABASE, "artists")
        kinds = [plain(a)["key"] for a in self.db.list_attributes(DATABASE, "albums").attributes]
        self.check.eq("a deleted collection takes its relationships along", kinds, ["name"])

    def run(self):
        """All parts."""
        for part in (self.schema, self.documents, self.deletes):
            with self.check.section(part.__name__):
                part()
        self.check.finish()


Tour().run()
