//! Who may do what with documents: the collection's permissions and the document's own.
use serde_json::{Value, json};

use super::{COLLECTIONS, app, notes, put};

#[test]
fn creation_needs_the_collections_right() {
    let app = app();
    let path = notes(&app.key(), &["create(\"users\")", "read(\"any\")"], true);
    let (ada, guest) = (app.user("ada"), app.guest());
    let made = ada.post(&path, &json!({"documentId": "a", "data": {"title": "x"}}));
    assert_eq!(made.is(201)["$permissions"], json!(["read(\"user:ada\")", "update(\"user:ada\")", "delete(\"user:ada\")"]));
    let none = ada.post(&path, &json!({"documentId": "b", "data": {"title": "x"}, "permissions": []}));
    assert_eq!(none.is(201)["$permissions"], json!([]));
    guest.post(&path, &json!({"documentId": "c", "data": {"title": "x"}})).fails_with(
        401,
        "user_unauthorized",
        "Missing \"create\" permission for role \"users\". Only \"[\"any\",\"guests\"]\" scopes are allowed and \"[\"users\"]\" was given.",
    );
    let by_key = app.key().post(&path, &json!({"documentId": "k", "data": {"title": "x"}}));
    assert_eq!(by_key.is(201)["$permissions"], json!([]));
}

#[test]
fn only_roles_one_holds_may_be_named() {
    let app = app();
    let path = notes(&app.key(), &["create(\"users\")"], true);
    let ada = app.user("ada");
    let text = "Permissions must be one of: (any, users, user:ada, user:ada/unverified, users/unverified)";
    for permissions in [json!(["read(\"user:bob\")"]), json!(["read(\"team:x\")"]), json!(["read(\"guests\")"]), json!(["write(\"label:admin\")"])] {
        let body = json!({"documentId": "unique()", "data": {"title": "x"}, "permissions": permissions});
        ada.post(&path, &body).fails_with(401, "user_unauthorized", text);
    }
    let body = json!({"documentId": "a", "data": {"title": "x"}, "permissions": ["read(\"any\")", "write(\"user:ada\")"]});
    assert_eq!(ada.post(&path, &body).is(201)["$permissions"], json!(["read(\"any\")", "update(\"user:ada\")", "delete(\"user:ada\")"]));
    ada.patch(&format!("{path}/a"), &json!({"permissions": ["read(\"user:bob\")"]})).fails_with(401, "user_unauthorized", text);
    let creating = json!({"documentId": "b", "data": {"title": "x"}, "permissions": ["create(\"user:ada\")"]});
    ada.post(&path, &creating).fails(400, "general_argument_invalid");
    app.key().post(&path, &json!({"documentId": "k", "data": {"title": "x"}, "permissions": ["read(\"user:bob\")"]})).is(201);
}

#[test]
fn with_document_security_either_right_is_enough() {
    let app = app();
    let path = notes(&app.key(), &["create(\"users\")"], true);
    let (ada, bob, guest) = (app.user("ada"), app.user("bob"), app.guest());
    put(&ada, &path, "a", json!({"title": "mine"}));
    put(&bob, &path, "b", json!({"title": "his"}));
    assert_eq!(ada.get(&path).ids("documents"), ["a"]);
    assert_eq!(ada.get(&path)["total"], 1);
    assert_eq!(guest.get(&path).is(200)["total"], 0);
    assert_eq!(app.key().get(&path)["total"], 2);
    bob.get(&format!("{path}/a")).fails_with(404, "document_not_found", "Document with the requested ID 'a' could not be found.");
    bob.patch(&format!("{path}/a"), &json!({"data": {"title": "hack"}})).fails_with(
        401,
        "user_unauthorized",
        "The current user is not authorized to perform the requested action.",
    );
    bob.delete(&format!("{path}/a")).fails(401, "user_unauthorized");
    bob.patch(&format!("{path}/nope"), &json!({"data": {"title": "x"}})).fails(404, "document_not_found");
    bob.delete(&format!("{path}/nope")).fails(404, "document_not_found");
    assert_eq!(ada.patch(&format!("{path}/a"), &json!({"data": {"title": "still mine"}})).is(200)["title"], "still mine");
    ada.delete(&format!("{path}/a")).is(204);
    app.key().get(&format!("{path}/a")).fails(404, "document_not_found");
}

#[test]
fn without_document_security_own_permissions_do_not_count() {
    let app = app();
    let path = notes(&app.key(), &["create(\"users\")", "update(\"user:bob\")"], false);
    let (ada, bob) = (app.user("ada"), app.user("bob"));
    put(&ada, &path, "a", json!({"title": "x"}));
    ada.get(&format!("{path}/a")).fails(404, "document_not_found");
    ada.get(&path).fails(401, "user_unauthorized");
    ada.patch(&format!("{path}/a"), &json!({"data": {"title": "y"}})).fails(401, "user_unauthorized");
    ada.delete(&format!("{path}/a")).fails(401, "user_unauthorized");
    assert_eq!(bob.patch(&format!("{path}/a"), &json!({"data": {"title": "y"}})).is(200)["title"], "y", "updating needs no right to read");
    let stored = app.key().get(&format!("{path}/a"));
    assert_eq!(stored["$permissions"][0], "read(\"user:ada\")", "they are kept for the day they count");
}

#[test]
fn an_update_that_changes_nothing_needs_reading_only() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &["read(\"any\")"], true);
    put(&key, &path, "a", json!({"title": "same"}));
    let before = key.get(&format!("{path}/a"));
    app.clock.advance(5);
    let same = app.user("ada").patch(&format!("{path}/a"), &json!({"data": {"title": "same"}}));
    assert_eq!(same.is(200)["$updatedAt"], before["$updatedAt"]);
    app.user("bob").patch(&format!("{path}/a"), &json!({"data": {"title": "other"}})).fails(401, "user_unauthorized");
}

#[test]
fn refusals_do_not_tell_values() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &["create(\"users\")"], true);
    put(&key, &path, "secret", json!({"title": "x", "n": 41}));
    let ada = app.user("ada");
    for max in [0, 41, 42, 100] {
        ada.patch(&format!("{path}/secret/n/increment"), &json!({"value": 1, "max": max})).fails(401, "user_unauthorized");
    }
    for data in [json!({"n": "text"}), json!({"zz": 1}), json!({"n": 41}), json!({"n": 42})] {
        ada.patch(&format!("{path}/secret"), &json!({"data": data})).fails(401, "user_unauthorized");
    }
}

#[test]
fn upserts_need_the_right_for_what_they_do() {
    let app = app();
    let path = notes(&app.key(), &["create(\"users\")", "read(\"any\")"], true);
    let (ada, bob) = (app.user("ada"), app.user("bob"));
    let made = ada.put(&format!("{path}/a"), &json!({"data": {"title": "x"}}));
    assert_eq!(made.is(200)["$permissions"], json!(["read(\"user:ada\")", "update(\"user:ada\")", "delete(\"user:ada\")"]));
    bob.put(&format!("{path}/a"), &json!({"data": {"title": "hack"}})).fails(401, "user_unauthorized");
    bob.put(&format!("{path}/a"), &json!({"data": {"n": 1}})).fails(401, "user_unauthorized");
    ada.put(&format!("{path}/a"), &json!({"data": {"n": 1}})).fails(400, "document_invalid_structure");
    assert_eq!(ada.put(&format!("{path}/a"), &json!({"data": {"title": "y"}})).is(200)["title"], "y");
    app.guest().put(&format!("{path}/g"), &json!({"data": {"title": "x"}})).fails(401, "user_unauthorized");
}

#[test]
fn what_is_disabled_is_not_there_for_clients() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &["read(\"any\")"], false);
    put(&key, &path, "a", json!({"title": "x"}));
    let ada = app.user("ada");
    key.put(&format!("{COLLECTIONS}/notes"), &json!({"name": "notes", "enabled": false})).is(200);
    ada.get(&format!("{path}/a")).fails(404, "collection_not_found");
    key.get(&format!("{path}/a")).is(200);
    key.put(&format!("{COLLECTIONS}/notes"), &json!({"name": "notes", "enabled": true})).is(200);
    key.put("/databases/db1", &json!({"name": "Main", "enabled": false})).is(200);
    ada.get(&path).fails(404, "database_not_found");
    key.get(&path).is(200);
}

#[test]
fn a_change_of_rights_counts_at_once() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], false);
    put(&key, &path, "a", json!({"title": "x"}));
    let guest = app.guest();
    guest.get(&format!("{path}/a")).fails(404, "document_not_found");
    let set = |list: Value| key.put(&format!("{COLLECTIONS}/notes"), &json!({"name": "notes", "permissions": list})).is(200).clone();
    set(json!(["read(\"any\")"]));
    guest.get(&format!("{path}/a")).is(200);
    set(json!([]));
    guest.get(&format!("{path}/a")).fails(404, "document_not_found");
}
