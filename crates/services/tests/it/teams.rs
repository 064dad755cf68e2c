//! Teams: who sees and changes them, and what membership is worth.
use serde_json::json;
use testkit::TestApp;

#[test]
fn a_team_is_its_members_business() {
    let app = TestApp::new();
    let (ada, bob, key) = (app.user("ada"), app.user("bob"), app.key());
    assert_eq!(ada.post("/teams", &json!({"teamId": "t1", "name": "Team", "roles": ["editor"]})).is(201)["total"], 1);
    assert_eq!(key.post("/teams", &json!({"teamId": "t2", "name": "Other"})).is(201)["total"], 0);
    ada.post("/teams", &json!({"teamId": "t1", "name": "Again"})).fails(409, "team_already_exists");
    assert_eq!(ada.get("/teams").ids("teams"), ["t1"]);
    assert_eq!(bob.get("/teams")["total"], 0);
    assert_eq!(key.get("/teams").ids("teams"), ["t1", "t2"]);
    for refused in [bob.get("/teams/t1"), bob.put("/teams/t1", &json!({"name": "x"})), bob.delete("/teams/t1"), bob.get("/teams/t1/memberships")] {
        refused.fails(404, "team_not_found");
    }
    let members = ada.get("/teams/t1/memberships");
    assert_eq!(members["memberships"][0]["roles"], json!(["editor", "owner"]));
    assert_eq!(ada.put("/teams/t1", &json!({"name": "Renamed"})).is(200)["name"], "Renamed");
    assert_eq!(ada.put("/teams/t1/prefs", &json!({"prefs": {"a": 1}})).is(200).json, json!({"a": 1}));
    app.guest().get("/teams").fails(401, "general_unauthorized_scope");
}

#[test]
fn membership_counts_at_once() {
    let app = TestApp::new();
    let (ada, bob, key) = (app.user("ada"), app.user("bob"), app.key());
    ada.post("/teams", &json!({"teamId": "t1", "name": "Team"})).is(201);
    bob.get("/teams/t1").fails(404, "team_not_found");
    let membership = key.post("/teams/t1/memberships", &json!({"userId": "bob", "roles": ["reader"]}));
    assert_eq!((&membership.is(201)["confirm"], &membership["userName"]), (&json!(true), &json!("bob")));
    key.post("/teams/t1/memberships", &json!({"userId": "bob", "roles": []})).fails(409, "membership_already_confirmed");
    assert_eq!(bob.get("/teams/t1").is(200)["total"], 2);
    bob.put("/teams/t1", &json!({"name": "x"})).fails(401, "user_unauthorized");
    let path = format!("/teams/t1/memberships/{}", membership.str("$id"));
    bob.patch(&path, &json!({"roles": ["owner"]})).fails_with(401, "user_unauthorized", "User is not allowed to modify roles");
    ada.patch(&path, &json!({"roles": ["owner"]})).is(200);
    bob.put("/teams/t1", &json!({"name": "By Bob"})).is(200);
    bob.delete(&path).is(204);
    bob.get("/teams/t1").fails(404, "team_not_found");
    assert_eq!(ada.get("/teams/t1")["total"], 1);
    key.delete("/users/ada").is(204);
    assert_eq!(key.get("/teams/t1")["total"], 0);
}

#[test]
fn users_invite_by_mail_only() {
    let app = TestApp::new();
    let ada = app.user("ada");
    ada.post("/teams", &json!({"teamId": "t1", "name": "Team"})).is(201);
    let invite = |body| ada.post("/teams/t1/memberships", &body);
    invite(json!({"email": "b@example.com", "roles": []})).fails_with(400, "general_argument_invalid", "URL is required");
    invite(json!({"roles": [], "url": "http://localhost/join"})).fails_with(
        400,
        "general_argument_invalid",
        "At least one of userId, email, or phone is required",
    );
    invite(json!({"email": "b@example.com", "roles": [], "url": "http://localhost/join"})).is(201);
    invite(json!({"email": "b@example.com", "roles": [], "url": "http://evil.example/join"})).fails(400, "general_argument_invalid");
}

#[test]
fn without_a_mail_server_nobody_is_invited() {
    let app = TestApp::with(|s| {
        s.abuse = false;
        s.mail.capture = None;
    });
    let ada = app.user("ada");
    ada.post("/teams", &json!({"teamId": "t1", "name": "Team"})).is(201);
    ada.post("/teams/t1/memberships", &json!({"email": "b@example.com", "roles": [], "url": "http://localhost/join"})).fails(503, "general_smtp_disabled");
}

#[test]
fn memberships_belong_to_one_team_and_show_no_phone_in_answers() {
    let app = TestApp::new();
    let key = app.key();
    key.post("/users", &json!({"userId": "u1", "email": "u1@example.com", "phone": "+14155550001", "name": "User"})).is(201);
    key.post("/teams", &json!({"teamId": "t1", "name": "One"})).is(201);
    key.post("/teams", &json!({"teamId": "t2", "name": "Two"})).is(201);
    let made = key.post("/teams/t1/memberships", &json!({"userId": "u1", "roles": ["reader"]}));
    assert_eq!((&made.is(201)["userEmail"], &made["userPhone"]), (&json!("u1@example.com"), &json!("")));
    let id = made.str("$id");
    assert_eq!(key.get(&format!("/teams/t1/memberships/{id}")).is(200)["userPhone"], "+14155550001");
    let elsewhere = format!("/teams/t2/memberships/{id}");
    key.get(&elsewhere).fails(404, "team_membership_mismatch");
    key.patch(&elsewhere, &json!({"roles": ["owner"]})).fails(404, "team_membership_mismatch");
    key.delete(&elsewhere).fails(404, "team_membership_mismatch");
    assert_eq!(key.get("/users/u1/memberships").is(200)["memberships"][0]["teamName"], "One");
}
