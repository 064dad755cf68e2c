//! Invitations to teams: sent, accepted once, and what membership opens at once.
use serde_json::json;
use testkit::{Client, TestApp};

const PAGE: &str = "http://localhost/join";

#[expect(clippy::expect_used, reason = "a mail that is not as it should be fails the test")]
fn values(app: &TestApp, to: &str) -> std::collections::BTreeMap<String, String> {
    let mail = app.mails().into_iter().rfind(|m| m.to == to).expect("a mail was sent");
    let url = mail.text.split_whitespace().find(|w| w.contains("secret=")).expect("the mail has a link").to_owned();
    let query = url.split_once('?').expect("the link has a query").1.to_owned();
    query.split('&').filter_map(|p| p.split_once('=')).map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
}

fn team(app: &TestApp) -> Client {
    let owner = app.user("owner");
    owner.post("/teams", &json!({"teamId": "team", "name": "Team One"})).is(201);
    owner
}

fn invite(owner: &Client, email: &str, roles: &[&str]) -> testkit::Answer {
    owner.post("/teams/team/memberships", &json!({"email": email, "roles": roles, "url": PAGE, "name": "Fresh"}))
}

#[test]
fn somebody_new_is_invited_and_comes_in_by_the_mail() {
    let app = TestApp::new();
    let owner = team(&app);
    let made = invite(&owner, "Fresh@Example.com", &["editor"]);
    made.is(201);
    assert_eq!((made["confirm"].as_bool(), made["joined"].as_str(), made["userEmail"].as_str()), (Some(false), Some(""), Some("fresh@example.com")));
    let mail = app.mails().pop().expect("a mail");
    assert_eq!((mail.subject.as_str(), mail.to_name.as_str()), ("Invitation to Team One Team at test", "Fresh"));
    let v = values(&app, "fresh@example.com");
    assert_eq!((v["membershipId"].as_str(), v["teamId"].as_str(), v["teamName"].as_str()), (made["$id"].as_str().unwrap_or(""), "team", "Team+One"));
    let accept = |user: &str, secret: &str| {
        app.guest().patch(&format!("/teams/team/memberships/{}/status", v["membershipId"]), &json!({"userId": user, "secret": secret}))
    };
    accept(&v["userId"], "bad").fails(401, "team_invalid_secret");
    accept("owner", &v["secret"]).fails(401, "team_invite_mismatch");
    assert_eq!(app.key().get("/teams/team").is(200)["total"], 1);
    let joined = accept(&v["userId"], &v["secret"]);
    assert_eq!(joined.is(200)["confirm"], true);
    let cookie = joined.cookie("a_session_test").expect("accepting signs in");
    accept(&v["userId"], &v["secret"]).fails(409, "membership_already_confirmed");
    let fresh = app.guest().with("cookie", &format!("a_session_test={cookie}"));
    assert_eq!(fresh.get("/account").is(200)["emailVerification"], true);
    assert_eq!(fresh.get("/teams/team").is(200)["total"], 2);
    // Members do not invite.
    fresh.post("/teams/team/memberships", &json!({"email": "x@example.com", "roles": ["a"], "url": PAGE})).fails(401, "user_unauthorized");
}

#[test]
fn sent_again_only_the_last_invitation_counts() {
    let app = TestApp::new();
    let owner = team(&app);
    app.user("bob");
    invite(&owner, "bob@example.com", &["a"]).is(201);
    let first = values(&app, "bob@example.com");
    let again = invite(&owner, "bob@example.com", &["a"]);
    assert_eq!(again.is(201)["$id"].as_str(), Some(first["membershipId"].as_str()));
    let second = values(&app, "bob@example.com");
    assert_ne!(first["secret"], second["secret"]);
    let path = format!("/teams/team/memberships/{}/status", first["membershipId"]);
    app.guest().patch(&path, &json!({"userId": "bob", "secret": first["secret"]})).fails(401, "team_invalid_secret");
    // Signed in as somebody else it is refused, as oneself no second session begins.
    let carol = app.user("carol");
    carol.patch(&path, &json!({"userId": "bob", "secret": second["secret"]})).fails(401, "team_invite_mismatch");
    let bob = app.sign_in("bob@example.com", "password-bob");
    assert!(bob.patch(&path, &json!({"userId": "bob", "secret": second["secret"]})).is(200).cookie("a_session_test").is_none());
    invite(&owner, "bob@example.com", &["a"]).fails(409, "membership_already_confirmed");
}

#[test]
fn what_cannot_be_sent_is_not_half_done() {
    let app = TestApp::new();
    let owner = team(&app);
    let before = app.key().get("/users").is(200)["total"].clone();
    owner
        .post("/teams/team/memberships", &json!({"email": "x@example.com", "roles": ["a"], "url": "http://evil.example"}))
        .fails(400, "general_argument_invalid");
    owner.post("/teams/team/memberships", &json!({"email": "x@example.com", "roles": ["a"]})).fails_with(400, "general_argument_invalid", "URL is required");
    let outsider = app.user("outsider");
    outsider.post("/teams/team/memberships", &json!({"email": "x@example.com", "roles": ["a"], "url": PAGE})).fails(404, "team_not_found");
    assert_eq!(app.key().get("/users").is(200)["total"].as_u64(), before.as_u64().map(|n| n + 1), "nobody was made");
    assert!(app.mails().is_empty());
    // By phone, where there is no address.
    owner.post("/teams/team/memberships", &json!({"phone": "+14155559999", "roles": ["a"], "url": PAGE})).is(201);
    assert!(app.texts().pop().expect("a message")["message"].as_str().is_some_and(|m| m.starts_with("http://localhost/join?membershipId=")));
}

#[test]
fn roles_of_a_team_open_documents_at_once() {
    let app = TestApp::new();
    let owner = team(&app);
    let key = app.key();
    let bob = app.user("bob");
    key.post("/databases", &json!({"databaseId": "d", "name": "d"})).is(201);
    key.post("/databases/d/collections", &json!({"collectionId": "c", "name": "c", "documentSecurity": true})).is(201);
    key.post("/databases/d/collections/c/attributes/string", &json!({"key": "a", "size": 10, "required": false})).is(202);
    let put = |id: &str, role: &str| {
        key.post("/databases/d/collections/c/documents", &json!({"documentId": id, "data": {"a": "x"}, "permissions": [format!("read(\"{role}\")")]})).is(201);
    };
    put("team", "team:team");
    put("editor", "team:team/editor");
    let sees = || bob.get("/databases/d/collections/c/documents").is(200).ids("documents");
    assert!(sees().is_empty());
    invite(&owner, "bob@example.com", &["writer"]).is(201);
    assert!(sees().is_empty(), "an invitation opens nothing");
    let v = values(&app, "bob@example.com");
    put("member", &format!("member:{}", v["membershipId"]));
    bob.patch(&format!("/teams/team/memberships/{}/status", v["membershipId"]), &json!({"userId": "bob", "secret": v["secret"]})).is(200);
    assert_eq!(sees(), ["team", "member"]);
    owner.patch(&format!("/teams/team/memberships/{}", v["membershipId"]), &json!({"roles": ["editor"]})).is(200);
    assert_eq!(sees(), ["team", "editor", "member"]);
    // Files follow the same roles.
    key.post("/storage/buckets", &json!({"bucketId": "b", "name": "b", "fileSecurity": true})).is(201);
    let file = testkit::Upload { filename: "a.txt", bytes: b"text" };
    key.upload("/storage/buckets/b/files", &[("fileId", "f"), ("permissions[]", "read(\"team:team/editor\")")], &file).is(201);
    bob.get("/storage/buckets/b/files/f/view").is(200);
    bob.delete(&format!("/teams/team/memberships/{}", v["membershipId"])).is(204);
    assert!(sees().is_empty());
    bob.get("/storage/buckets/b/files/f/view").fails(404, "storage_file_not_found");
}
