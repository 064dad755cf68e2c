"""Databases of the seed: its schemas, its queries, its permissions."""

import time

from appwrite.query import Query
from appwrite.services.databases import Databases

from sdk import plain

PASSWORD = "correct-horse-1"


def wait_for(call, database, collection, kind, timeout=15):
    """Attributes and indexes are made in the background: waits until all are available."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        items = plain(call(database, collection))[kind]
        if all(item["status"] == "available" for item in items):
            return items
        if any(item["status"] == "failed" for item in items):
            break
        time.sleep(0.05)
    raise AssertionError(f"{kind} of {collection} did not become available: {items}")


async def run(check, sdk, app):
    """All parts; they build on the schema made first."""
    people = {}
    for who in ("wendy", "xavier"):
        sdk.sign_up(who, f"{who}@example.com", PASSWORD, who.title())
        people[who] = sdk.sign_in(f"{who}@example.com", PASSWORD)[2]
    databases = Databases(sdk.server())
    with check.section("schema"):
        schema(check, sdk, app, databases)
    with check.section("documents"):
        await create_and_change(check, sdk, app)
    with check.section("queries"):
        await queries(check, app, databases)
    with check.section("pagination"):
        await pagination(check, sdk, app)
    with check.section("search"):
        await search(check, sdk, app, databases)
    with check.section("permissions"):
        await permissions(check, sdk, app, databases, people)
    with check.section("clean up"):
        clean_up(check, app, databases)


def schema(check, sdk, app, databases):
    """The two collections of the seed with their attributes and indexes."""
    database = app.database
    check.has("create database", plain(databases.create(database, "App")), _dollar_id=database, name="App", enabled=True)
    check.fails("the same id again", 409, "database_already_exists", databases.create, database, "App")
    rules = ['read("any")', 'create("users")', 'update("user:wendy")', 'delete("user:wendy")']
    check.fails("the placeholder of the seed is no user id", 400, "general_argument_invalid", databases.create_collection, database, "users", "Users",
                ['read("any")', 'update("user:[USER_ID]")'])
    made = plain(databases.create_collection(database, "users", "Users", rules))
    check.has("create collection", made, _dollar_id="users", databaseId=database, name="Users", _dollar_permissions=rules, documentSecurity=False, enabled=True,
              attributes=[], indexes=[])
    answer = plain(databases.create_string_attribute(database, "users", "email", 255, True))
    check.has("a new attribute is being processed", answer, key="email", type="string", size=255, required=True, array=False, status="processing")
    databases.create_string_attribute(database, "users", "name", 128, True)
    databases.create_string_attribute(database, "users", "avatar_url", 2048, False)
    answer = plain(databases.create_datetime_attribute(database, "users", "created_at", True))
    check.has("a datetime attribute says its format", answer, key="created_at", type="datetime", format="", required=True)
    items = wait_for(databases.list_attributes, database, "users", "attributes")
    check.eq("all attributes in order", [(a["key"], a["type"], a["required"]) for a in items],
             [("email", "string", True), ("name", "string", True), ("avatar_url", "string", False), ("created_at", "datetime", True)])
    check.fails("an attribute twice", 409, "attribute_already_exists", databases.create_string_attribute, database, "users", "email", 255, True)
    answer = plain(databases.create_index(database, "users", "email_index", sdk.index_type("unique"), ["email"]))
    check.has("create a unique index", answer, key="email_index", type="unique", attributes=["email"], status="processing")
    databases.create_collection(database, "posts", "Posts", [], True)
    for key, size in (("user_id", 36), ("title", 255)):
        databases.create_string_attribute(database, "posts", key, size, True)
    wait_for(databases.list_attributes, database, "posts", "attributes")
    databases.create_index(database, "posts", "user_posts", sdk.index_type("key"), ["user_id"])
    check.fails("an index on nothing", 400, "attribute_unknown", databases.create_index, database, "posts", "bad", sdk.index_type("key"), ["nope"])
    for collection in ("users", "posts"):
        wait_for(databases.list_indexes, database, collection, "indexes")
    check.has("get_index", plain(databases.get_index(database, "posts", "user_posts")), key="user_posts", type="key", status="available")
    listed = plain(databases.list_collections(database))
    check.eq("list_collections", (listed["total"], [c["$id"] for c in listed["collections"]]), (2, ["users", "posts"]))


async def create_and_change(check, sdk, app):
    """Create, read, update and delete with the server's key."""
    data = {"email": "ada@example.com", "name": "Ada", "created_at": "2024-05-01T12:30:00.000+02:00"}
    answer = await app.create_document("users", data)
    check.true("create_document", answer["success"], answer)
    made = answer["document"]
    check.has("what was given is there, times in UTC", made, email="ada@example.com", name="Ada", avatar_url=None, created_at="2024-05-01T10:30:00.000+00:00",
              _dollar_permissions=[], _dollar_databaseId=app.database, _dollar_collectionId="users")
    wanted = str if sdk.major >= 17 else int
    check.true(f"$sequence is a {wanted.__name__} for this SDK", type(made["$sequence"]) is wanted, made["$sequence"])
    clash = await app.create_document("users", {**data, "name": "Eve"})
    check.eq("the unique index holds", (clash["success"], clash["code"], clash["type"]), (False, 409, "document_already_exists"))
    for name, wrong, text in (
            ("a missing attribute", {"email": "b@example.com", "created_at": "2024-05-01"}, 'Invalid document structure: Missing required attribute "name"'),
            ("an unknown one", {**data, "email": "b@example.com", "age": 3}, 'Invalid document structure: Unknown attribute: "age"'),
            ("one too long", {**data, "email": "b@example.com", "name": "n" * 129},
             'Invalid document structure: Attribute "name" has invalid type. Value must be a valid string and no longer than 128 chars')):
        bad = await app.create_document("users", wrong)
        check.eq(f"{name} is refused", (bad.get("code"), bad.get("type"), bad.get("error")), (400, "document_invalid_structure", text))
    changed = await app.update_document("users", made["$id"], {"name": "Ada L", "avatar_url": "https://example.com/a.png"})
    check.has("update_document", changed.get("document"), name="Ada L", avatar_url="https://example.com/a.png", email="ada@example.com", _dollar_createdAt=made["$createdAt"])
    check.true("$updatedAt moves", changed["document"]["$updatedAt"] > made["$updatedAt"], changed["document"]["$updatedAt"])
    lost = await app.update_document("users", "nobody", {"name": "x"})
    check.eq("updating nothing", (lost.get("code"), lost.get("type")), (404, "document_not_found"))
    databases = Databases(sdk.server())
    check.has("get_document", plain(databases.get_document(app.database, "users", made["$id"])), name="Ada L")
    databases.delete_document(app.database, "users", made["$id"])
    check.fails("delete_document", 404, "document_not_found", databases.get_document, app.database, "users", made["$id"],
                message=f"Document with the requested ID '{made['$id']}' could not be found.")
    again = await app.create_document("users", data)
    check.true("a deleted value is free again", again["success"], again)


async def queries(check, app, databases):
    """The example of the seed: a user's posts, newest first, ten of them."""
    example = lambda user: [Query.equal("user_id", user), Query.order_desc("created_at"), Query.limit(10)]
    early = await app.list_documents("posts", example("wendy"))
    check.eq("ordering by an attribute that is not there", (early.get("code"), early.get("type"), early.get("error")),
             (400, "general_query_invalid", "Invalid query: Attribute not found in schema: created_at"))
    databases.create_datetime_attribute(app.database, "posts", "created_at", False)
    wait_for(databases.list_attributes, app.database, "posts", "attributes")
    for number in range(1, 31):
        user = "wendy" if number % 2 else "xavier"
        day = f"2024-03-{number:02}T00:00:00.000+00:00"
        await app.create_document("posts", {"user_id": user, "title": f"Post {number:02}", "created_at": day})
    listed = (await app.list_documents("posts", example("wendy")))["documents"]
    check.eq("total counts all, the page holds ten", (listed["total"], len(listed["documents"])), (15, 10))
    check.eq("newest first", [d["title"] for d in listed["documents"]], [f"Post {n:02}" for n in range(29, 9, -2)])
    check.eq("of this user only", {d["user_id"] for d in listed["documents"]}, {"wendy"})
    titles = lambda answer: [d["title"] for d in answer["documents"]["documents"]]
    check.eq("several values are alternatives", len(titles(await app.list_documents("posts", [Query.equal("user_id", ["wendy", "xavier"]), Query.limit(100)]))), 30)
    check.eq("not_equal", (await app.list_documents("posts", [Query.not_equal("user_id", "wendy")]))["documents"]["total"], 15)
    check.eq("greater_than on a date", titles(await app.list_documents("posts", [Query.greater_than("created_at", "2024-03-28T00:00:00.000+00:00")])), ["Post 29", "Post 30"])
    check.eq("between", titles(await app.list_documents("posts", [Query.between("title", "Post 03", "Post 05")])), ["Post 03", "Post 04", "Post 05"])
    check.eq("starts_with", titles(await app.list_documents("posts", [Query.starts_with("title", "Post 3")])), ["Post 30"])
    check.eq("is_null", titles(await app.list_documents("posts", [Query.is_null("created_at")])), [])
    check.eq("limit and offset", titles(await app.list_documents("posts", [Query.order_asc("title"), Query.limit(2), Query.offset(3)])), ["Post 04", "Post 05"])
    narrow = (await app.list_documents("posts", [Query.select(["title"]), Query.limit(1)]))["documents"]["documents"][0]
    check.true("select leaves the rest out", narrow["title"] == "Post 01" and "user_id" not in narrow, narrow)
    bad = await app.list_documents("posts", [Query.equal("nope", "x")])
    check.eq("an unknown attribute", (bad.get("code"), bad.get("type"), bad.get("error")), (400, "general_query_invalid", "Invalid query: Attribute not found in schema: nope"))
    default = (await app.list_documents("posts"))["documents"]
    check.eq("without queries: the first 25 in the order they came", (default["total"], [d["title"] for d in default["documents"]]), (30, [f"Post {n:02}" for n in range(1, 26)]))


async def pagination(check, sdk, app):
    """Cursor-based pages; the first has None instead of a cursor, as the seed writes it. SDKs before 27 cannot send that: their apps leave it out."""
    last, pages = None, []
    while True:
        wanted = [Query.limit(12), Query.cursor_after(last) if last else None]
        answer = await app.list_documents("posts", wanted if sdk.major >= 27 else [query for query in wanted if query])
        page = answer["documents"]["documents"] if answer["success"] else []
        if not page:
            check.true("the page after the last is empty", answer["success"], answer)
            break
        pages.append([d["title"] for d in page])
        last = page[-1]["$id"]
    check.eq("pages of 12, 12 and 6", [len(p) for p in pages], [12, 12, 6])
    check.eq("nothing twice, nothing lost", sum(pages, []), [f"Post {n:02}" for n in range(1, 31)])
    back = (await app.list_documents("posts", [Query.limit(3), Query.cursor_before(last)]))["documents"]["documents"]
    check.eq("cursor_before keeps the order", [d["title"] for d in back], ["Post 27", "Post 28", "Post 29"])
    lost = await app.list_documents("posts", [Query.cursor_after("nobody")])
    check.eq("a cursor that is not there", (lost.get("code"), lost.get("type"), lost.get("error")),
             (400, "general_cursor_not_found", "Document 'nobody' for the 'cursor' value not found."))
    by_date = (await app.list_documents("posts", [Query.order_desc("created_at"), Query.limit(2), Query.cursor_after(last)]))["documents"]["documents"]
    check.eq("a cursor follows the order asked for", [d["title"] for d in by_date], ["Post 29", "Post 28"])


async def search(check, sdk, app, databases):
    """Full-text search wants an index on each field searched."""
    databases.create_collection(app.database, "articles", "Articles", [], True)
    for key in ("title", "description"):
        databases.create_string_attribute(app.database, "articles", key, 1000, False)
    wait_for(databases.list_attributes, app.database, "articles", "attributes")
    for title, description in (("Rust in production", "A story of storage engines"), ("Python tips", "Small things about storage"), ("Gardening", "Tomatoes")):
        await app.create_document("articles", {"title": title, "description": description})
    bare = await app.list_documents("articles", [Query.search("title", "rust")])
    check.eq("without an index it is refused", (bare.get("code"), bare.get("type")), (400, "general_query_invalid"))
    for key in ("title", "description"):
        databases.create_index(app.database, "articles", f"{key}_text", sdk.index_type("fulltext"), [key])
    wait_for(databases.list_indexes, app.database, "articles", "indexes")
    found = lambda answer: [d["title"] for d in answer["documents"]["documents"]]
    check.eq("one field, any case", found(await app.list_documents("articles", [Query.search("title", "RUST")])), ["Rust in production"])
    check.eq("the last word may be a beginning", found(await app.list_documents("articles", [Query.search("title", "garden")])), ["Gardening"])
    both = [Query.search("title", "python"), Query.search("description", "storage")]
    check.eq("two fields must both match", found(await app.list_documents("articles", both)), ["Python tips"])
    check.eq("words are alternatives", sorted(found(await app.list_documents("articles", [Query.search("description", "tomatoes storage")]))),
             ["Gardening", "Python tips", "Rust in production"])


async def permissions(check, sdk, app, databases, people):
    """The permission patterns of the seed as users meet them."""
    public = ['read("any")', 'update("user:wendy")', 'delete("user:wendy")']
    made = (await app.create_document("posts", {"user_id": "wendy", "title": "Public"}, public))["document"]
    check.eq("the pattern is kept", made["$permissions"], public)
    for who, client in (("a guest", sdk.client()), ("another user", sdk.jwt_client(people["xavier"])), ("the owner", sdk.jwt_client(people["wendy"]))):
        check.has(f"{who} reads", plain(Databases(client).get_document(app.database, "posts", made["$id"])), title="Public")
    other = await app.update_document("posts", made["$id"], {"title": "Defaced"}, people["xavier"])
    check.eq("another user may not update", (other.get("code"), other.get("type")), (401, "user_unauthorized"))
    check.fails("nor delete", 401, "user_unauthorized", Databases(sdk.jwt_client(people["xavier"])).delete_document, app.database, "posts", made["$id"])
    own = await app.update_document("posts", made["$id"], {"title": "Mine"}, people["wendy"])
    check.has("the owner may update", own.get("document"), title="Mine")
    Databases(sdk.jwt_client(people["wendy"])).delete_document(app.database, "posts", made["$id"])
    admin = await app.create_document("posts", {"user_id": "wendy", "title": "Admin"}, ['read("any")', 'update("role:admin")', 'delete("role:admin")'])
    check.eq("role:admin is no role", (admin.get("code"), admin.get("type"), admin.get("error")), (
        400, "general_argument_invalid",
        'Invalid `permissions` param: Permissions using the "role:" prefix have been replaced. Use "users", "guests", or "any" instead. or null'))
    hidden = Databases(sdk.jwt_client(people["xavier"]))
    check.eq("posts without permissions are invisible", plain(hidden.list_documents(app.database, "posts"))["total"], 0)
    check.fails("and there is no create permission", 401, "user_unauthorized", hidden.create_document, app.database, "posts", "unique()", {"user_id": "xavier", "title": "x"})
    row = {"email": "wendy@example.com", "name": "Wendy", "created_at": "2024-05-01T00:00:00.000+00:00"}
    wendy = Databases(sdk.jwt_client(people["wendy"]))
    mine = plain(wendy.create_document(app.database, "users", "wendy-profile", row))
    check.eq("users may create; the creator is named by default", mine["$permissions"], ['read("user:wendy")', 'update("user:wendy")', 'delete("user:wendy")'])
    check.fails("guests may not", 401, "user_unauthorized", Databases(sdk.client()).create_document, app.database, "users", "unique()", {**row, "email": "g@example.com"})
    check.fails("nobody names roles they do not hold", 401, "user_unauthorized", wendy.create_document, app.database, "users", "unique()",
                {**row, "email": "w2@example.com"}, ['read("user:xavier")'],
                message="Permissions must be one of: (any, users, user:wendy, user:wendy/unverified, users/unverified)")
    theirs = plain(hidden.create_document(app.database, "users", "xavier-profile", {**row, "email": "x@example.com", "name": "Xavier"}))
    check.has("the collection's rules count for all documents", plain(wendy.update_document(app.database, "users", theirs["$id"], {"name": "Renamed"})), name="Renamed")
    check.fails("and without document security only they", 401, "user_unauthorized", hidden.update_document, app.database, "users", theirs["$id"], {"name": "Back"})


def clean_up(check, app, databases):
    """Deleting what was made."""
    databases.delete_collection(app.database, "articles")
    check.fails("delete_collection", 404, "collection_not_found", databases.get_collection, app.database, "articles")
    databases.create("short-lived", "Short")
    databases.delete("short-lived")
    check.fails("delete database", 404, "database_not_found", databases.get, "short-lived")
    databases.delete_index(app.database, "posts", "user_posts")
    databases.delete_attribute(app.database, "posts", "created_at")
    end = time.monotonic() + 10
    keys = None
    while time.monotonic() < end and keys != ["user_id", "title"]:
        keys = [a["key"] for a in plain(databases.list_attributes(app.database, "posts"))["attributes"]]
        time.sleep(0.05)
    check.eq("delete_attribute", keys, ["user_id", "title"])
