//! Names and channels as recorded from the reference.
use super::*;

const DOCUMENT: &str = "databases.[databaseId].collections.[collectionId].documents.[documentId].create";
const VALUES: [(&str, &str); 3] = [("databaseId", "db1"), ("collectionId", "movies"), ("documentId", "rt1")];

#[test]
fn a_document() {
    let expected = [
        "databases.db1.collections.movies.documents.rt1.create",
        "databases.db1.tables.movies.rows.rt1.create",
        "databases.*.collections.*.documents.*.create",
        "databases.*.tables.*.rows.*.create",
        "databases.db1.collections.*.documents.rt1.create",
        "databases.db1.tables.*.rows.rt1.create",
        "databases.*.collections.*.documents.rt1.create",
        "databases.*.tables.*.rows.rt1.create",
        "databases.*.collections.movies.documents.rt1.create",
        "databases.*.tables.movies.rows.rt1.create",
        "databases.db1.collections.movies.documents.*.create",
        "databases.db1.tables.movies.rows.*.create",
        "databases.*.collections.movies.documents.*.create",
        "databases.*.tables.movies.rows.*.create",
        "databases.db1.collections.*.documents.*.create",
        "databases.db1.tables.*.rows.*.create",
        "databases.db1.collections.movies.documents.rt1",
        "databases.db1.tables.movies.rows.rt1",
        "databases.*.collections.*.documents.*",
        "databases.*.tables.*.rows.*",
        "databases.db1.collections.*.documents.rt1",
        "databases.db1.tables.*.rows.rt1",
        "databases.*.collections.*.documents.rt1",
        "databases.*.tables.*.rows.rt1",
        "databases.*.collections.movies.documents.rt1",
        "databases.*.tables.movies.rows.rt1",
        "databases.db1.collections.movies.documents.*",
        "databases.db1.tables.movies.rows.*",
        "databases.*.collections.movies.documents.*",
        "databases.*.tables.movies.rows.*",
        "databases.db1.collections.*.documents.*",
        "databases.db1.tables.*.rows.*",
        "databases.db1.collections.movies",
        "databases.db1.tables.movies",
        "databases.*.collections.*",
        "databases.*.tables.*",
        "databases.db1.collections.*",
        "databases.db1.tables.*",
        "databases.*.collections.movies",
        "databases.*.tables.movies",
        "databases.db1",
        "databases.*",
    ];
    assert_eq!(names(DOCUMENT, &VALUES), expected);
    let expected = [
        "documents",
        "databases.db1.collections.movies.documents",
        "databases.db1.collections.movies.documents.rt1",
        "rows",
        "databases.db1.tables.movies.rows",
        "databases.db1.tables.movies.rows.rt1",
        "tablesdb.db1.tables.movies.rows",
        "tablesdb.db1.tables.movies.rows.rt1",
        "documents.create",
        "databases.db1.collections.movies.documents.create",
        "databases.db1.collections.movies.documents.rt1.create",
        "rows.create",
        "databases.db1.tables.movies.rows.create",
        "databases.db1.tables.movies.rows.rt1.create",
        "tablesdb.db1.tables.movies.rows.create",
        "tablesdb.db1.tables.movies.rows.rt1.create",
    ];
    assert_eq!(channels(DOCUMENT, &VALUES), expected);
}

#[test]
fn a_row_is_a_document_too() {
    let values = [("databaseId", "db1"), ("tableId", "movies"), ("rowId", "rt1")];
    let template = "databases.[databaseId].tables.[tableId].rows.[rowId].create";
    let mut rows = names(template, &values);
    let mut documents = names(DOCUMENT, &VALUES);
    assert_eq!(rows[0], "databases.db1.tables.movies.rows.rt1.create");
    assert_eq!(channels(template, &values), channels(DOCUMENT, &VALUES));
    rows.sort();
    documents.sort();
    assert_eq!(rows, documents);
}

#[test]
fn a_row_of_a_tables_database() {
    let values = [("databaseId", "db1"), ("tableId", "movies"), ("rowId", "rt1")];
    let all = names("tablesdb.[databaseId].tables.[tableId].rows.[rowId].create", &values);
    assert_eq!(
        all[..3],
        ["tablesdb.db1.tables.movies.rows.rt1.create", "databases.db1.collections.movies.documents.rt1.create", "databases.db1.tables.movies.rows.rt1.create"]
    );
    // 22 of its own, 22 as rows and 20 as documents of `databases`: the database itself has no twin.
    assert_eq!(all.len(), 64);
}

#[test]
fn ids_that_are_words_of_the_vocabulary_stay() {
    let values = [("databaseId", "collections"), ("collectionId", "rows"), ("documentId", "documents")];
    assert_eq!(names(DOCUMENT, &values)[1], "databases.collections.tables.rows.rows.documents.create");
}

#[test]
fn users() {
    let values = [("userId", "da"), ("sessionId", "s")];
    assert_eq!(
        names("users.[userId].update.name", &values),
        ["users.da.update", "users.*.update", "users.da.update.name", "users.*.update.name", "users.da", "users.*"]
    );
    assert_eq!(channels("users.[userId].update.name", &values), ["account", "account.da", "account.update", "account.da.update"]);
    assert_eq!(
        names("users.[userId].sessions.[sessionId].delete", &values),
        [
            "users.da.sessions.s.delete",
            "users.*.sessions.*.delete",
            "users.da.sessions.*.delete",
            "users.*.sessions.s.delete",
            "users.da.sessions.s",
            "users.*.sessions.*",
            "users.da.sessions.*",
            "users.*.sessions.s",
            "users.da",
            "users.*"
        ]
    );
    assert_eq!(channels("users.[userId].sessions.[sessionId].delete", &values), ["account", "account.da"]);
}

#[test]
fn teams_and_memberships() {
    let values = [("teamId", "t"), ("membershipId", "m")];
    assert_eq!(names("teams.[teamId].create", &values), ["teams.t.create", "teams.*.create", "teams.t", "teams.*"]);
    assert_eq!(channels("teams.[teamId].create", &values), ["teams", "teams.t", "teams.create", "teams.t.create"]);
    let status = names("teams.[teamId].memberships.[membershipId].update.status", &values);
    assert_eq!(status[0], "teams.t.memberships.m.update.status");
    assert!(status.contains(&"teams.*.memberships.*.update".to_owned()) && status.contains(&"teams.t.update.status".to_owned()));
    assert_eq!(
        channels("teams.[teamId].memberships.[membershipId].update.status", &values),
        ["memberships", "memberships.m", "memberships.update", "memberships.m.update"]
    );
}

#[test]
fn files() {
    let values = [("bucketId", "bk"), ("fileId", "f")];
    assert_eq!(
        channels("buckets.[bucketId].files.[fileId].create", &values),
        ["files", "buckets.bk.files", "buckets.bk.files.f", "files.create", "buckets.bk.files.create", "buckets.bk.files.f.create"]
    );
    assert_eq!(names("buckets.[bucketId].files.[fileId].create", &values).len(), 10);
    assert!(channels("buckets.[bucketId].create", &values).is_empty());
}

#[test]
fn attributes_are_for_the_console() {
    let template = "databases.[databaseId].collections.[collectionId].attributes.[attributeId].create";
    let values = [("databaseId", "d"), ("collectionId", "c"), ("attributeId", "a")];
    assert_eq!(names(template, &values)[1], "databases.d.tables.c.columns.a.create");
    assert!(channels(template, &values).is_empty());
    let values = [("databaseId", "d"), ("collectionId", "c"), ("attributeId", "a"), ("projectId", "p")];
    assert_eq!(channels(template, &values), ["console", "projects.p"]);
}

#[test]
fn odd_templates_do_no_harm() {
    for template in ["", ".", "x", "users", "users.[userId]", "a.[b].c.[d].e.[f].g.[h].i.j", "databases.[databaseId]", "tablesdb"] {
        let _ = (names(template, &[]), channels(template, &[]));
    }
}
