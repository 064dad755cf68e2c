//! Each policy is set by the API and obeyed, also by many at once.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]
use serde_json::{Value, json};
use testkit::{Client, TestApp};

fn app() -> (TestApp, Client) {
    let t = TestApp::new();
    let key = t.key();
    (t, key)
}

fn set(key: &Client, policy: &str, body: &Value) {
    key.patch(&format!("/project/policies/{policy}"), body).is(200);
    let shown = key.get(&format!("/project/policies/{policy}"));
    for (name, value) in body.as_object().unwrap() {
        let wanted = if value.is_null() { &json!(0) } else { value };
        assert_eq!(&shown[name.as_str()], wanted, "{policy}");
    }
}

fn sign_up(t: &TestApp, id: &str, password: &str) -> testkit::Answer {
    t.guest().post("/account", &json!({"userId": id, "email": format!("{id}@example.com"), "password": password, "name": "Someone"}))
}

#[test]
fn bad_values_are_refused() {
    let (_t, key) = app();
    for (policy, body) in [
        ("session-duration", json!({"duration": 4})),
        ("session-duration", json!({"duration": 31_536_001})),
        ("user-limit", json!({"total": 0})),
        ("session-limit", json!({"total": 5_001})),
        ("password-history", json!({})),
        ("password-strength", json!({"min": 7})),
        ("password-dictionary", json!({"enabled": "maybe"})),
        ("membership-privacy", json!({"userName": "x"})),
    ] {
        key.patch(&format!("/project/policies/{policy}"), &body).fails(400, "general_argument_invalid");
    }
    key.get("/project/policies/nope").fails(400, "general_argument_invalid");
    let page = key.list("/project/policies", &[json!({"method": "offset", "values": [8]}), json!({"method": "limit", "values": [5]})]);
    assert_eq!((page.ids("policies"), page["total"].clone()), (vec!["user-limit".to_owned(), "membership-privacy".to_owned()], json!(10)));
}

#[test]
fn sessions_live_and_are_as_many_as_allowed() {
    let (t, key) = app();
    set(&key, "session-duration", &json!({"duration": 60}));
    let user = t.user("ann");
    user.get("/account").is(200);
    t.clock.advance(61);
    user.get("/account").fails(401, "general_unauthorized_scope");
    set(&key, "session-duration", &json!({"duration": 31_536_000}));
    set(&key, "session-limit", &json!({"total": 2}));
    // Many at once: never more than allowed stay.
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| t.sign_in("ann@example.com", "password-ann"));
        }
    });
    assert_eq!(key.get("/users/ann/sessions").json["total"], 2);
    set(&key, "session-limit", &json!({"total": null}));
    t.sign_in("ann@example.com", "password-ann");
    assert_eq!(key.get("/users/ann/sessions").json["total"], 3);
}

#[test]
fn no_more_users_than_allowed_sign_up_at_once() {
    let (t, key) = app();
    set(&key, "user-limit", &json!({"total": 3}));
    let made: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|n| {
                let t = &t;
                scope.spawn(move || sign_up(t, &format!("u{n}"), "password-many").status)
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(made.iter().filter(|s| **s == 201).count(), 3, "{made:?}");
    sign_up(&t, "late", "password-late").fails(400, "user_count_exceeded");
    t.guest().post("/account/sessions/anonymous", &json!({})).fails(400, "user_count_exceeded");
    // Servers are not bound by it.
    key.post("/users", &json!({"userId": "server", "email": "s@example.com", "password": "password-s"})).is(201);
    set(&key, "user-limit", &json!({"total": null}));
    sign_up(&t, "late", "password-late").is(201);
}

#[test]
fn passwords_keep_to_the_rules() {
    let (t, key) = app();
    set(&key, "password-dictionary", &json!({"enabled": true}));
    sign_up(&t, "a", "password").fails(400, "general_argument_invalid");
    set(&key, "password-dictionary", &json!({"enabled": false}));
    sign_up(&t, "a", "password").is(201);
    set(&key, "password-personal-data", &json!({"enabled": true}));
    sign_up(&t, "holger", "my-holger-word").fails(400, "password_personal_data");
    sign_up(&t, "b", "b@example.com!").fails(400, "password_personal_data");
    set(&key, "password-personal-data", &json!({"enabled": false}));
    set(&key, "password-strength", &json!({"min": 12, "uppercase": true, "lowercase": true, "number": true, "symbols": true}));
    sign_up(&t, "c", "weakpassword").fails_with(400, "general_argument_invalid",
        "Invalid `password` param: Password must be between 12 and 256 characters long, include an uppercase letter, include a lowercase letter, include a number, include a symbol.");
    for weak in ["Short1!", "nouppercase1!", "NOLOWERCASE1!", "NoNumberHere!", "NoSymbolHere1"] {
        sign_up(&t, "c", weak).fails(400, "general_argument_invalid");
        key.post("/users", &json!({"userId": "c", "email": "c@example.com", "password": weak})).fails(400, "general_argument_invalid");
    }
    sign_up(&t, "c", "Strong-Pass1!").is(201);
    let user = t.sign_in("c@example.com", "Strong-Pass1!");
    user.patch("/account/password", &json!({"password": "weakpassword", "oldPassword": "Strong-Pass1!"})).fails(400, "general_argument_invalid");
    key.patch("/users/c/password", &json!({"password": "weakpassword"})).fails(400, "general_argument_invalid");
    // One rule at a time leaves the others.
    key.patch("/project/policies/password-strength", &json!({"symbols": false})).is(200);
    assert_eq!(
        key.get("/project/policies/password-strength").json,
        json!({"$id": "password-strength", "min": 12, "uppercase": true, "lowercase": true, "number": true, "symbols": false})
    );
}

#[test]
fn old_passwords_are_not_chosen_again() {
    let (t, key) = app();
    set(&key, "password-history", &json!({"total": 2}));
    sign_up(&t, "h", "password-one").is(201);
    let user = t.sign_in("h@example.com", "password-one");
    let change = |from: &str, to: &str| user.patch("/account/password", &json!({"password": to, "oldPassword": from}));
    change("password-one", "password-one").fails(400, "password_recently_used");
    change("password-one", "password-two").is(200);
    change("password-two", "password-one").fails(400, "password_recently_used");
    change("password-two", "password-three").is(200);
    change("password-three", "password-one").is(200);
}

#[test]
fn of_two_changes_of_a_password_at_once_one_counts() {
    let (t, key) = app();
    set(&key, "password-history", &json!({"total": 5}));
    sign_up(&t, "r", "password-zero").is(201);
    let user = t.sign_in("r@example.com", "password-zero");
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|n| {
                let user = user.clone();
                scope.spawn(move || user.patch("/account/password", &json!({"password": format!("password-n{n}"), "oldPassword": "password-zero"})).status)
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|s| **s == 200).count(), 1, "{statuses:?}");
    let now: Vec<usize> = (0..4)
        .filter(|n| t.guest().post("/account/sessions/email", &json!({"email": "r@example.com", "password": format!("password-n{n}")})).status == 201)
        .collect();
    assert_eq!(now.len(), 1, "{now:?}");
}

#[test]
fn a_new_password_ends_other_sessions_where_it_should() {
    let (t, key) = app();
    let (first, second) = (t.user("s"), t.sign_in("s@example.com", "password-s"));
    set(&key, "session-invalidation", &json!({"enabled": false}));
    first.patch("/account/password", &json!({"password": "password-s2", "oldPassword": "password-s"})).is(200);
    second.get("/account").is(200);
    set(&key, "session-invalidation", &json!({"enabled": true}));
    first.patch("/account/password", &json!({"password": "password-s3", "oldPassword": "password-s2"})).is(200);
    second.get("/account").fails(401, "general_unauthorized_scope");
    first.get("/account").is(200);
}

#[test]
fn no_session_is_made_with_a_password_that_changes() {
    let (t, key) = app();
    sign_up(&t, "x", "password-old").is(201);
    for round in 0..3 {
        let (from, to) = if round % 2 == 0 { ("password-old", "password-new") } else { ("password-new", "password-old") };
        std::thread::scope(|scope| {
            let tries = (0..4).map(|_| scope.spawn(|| t.guest().post("/account/sessions/email", &json!({"email": "x@example.com", "password": from})).status));
            let tries: Vec<_> = tries.collect();
            key.patch("/users/x/password", &json!({"password": to})).is(200);
            tries.into_iter().for_each(|t| assert!(matches!(t.join().unwrap(), 201 | 401)));
        });
        // Those made before ended with the change; none came after it.
        assert_eq!(key.get("/users/x/sessions").json["total"], 0, "round {round}");
    }
}

#[test]
fn members_see_what_they_may() {
    let (t, key) = app();
    let (ann, _bob) = (t.user("ann"), t.user("bob"));
    ann.post("/teams", &json!({"teamId": "t", "name": "t"})).is(201);
    key.post("/teams/t/memberships", &json!({"userId": "bob", "roles": ["dev"], "url": "http://localhost/"})).is(201);
    let bob = || ann.get("/teams/t/memberships").json["memberships"].as_array().unwrap().iter().find(|m| m["roles"] == json!(["dev"])).unwrap().clone();
    assert_eq!((bob()["userName"].clone(), bob()["userEmail"].clone(), bob()["userId"].clone()), (json!(""), json!(""), json!("")));
    set(&key, "membership-privacy", &json!({"userName": true, "userEmail": true}));
    assert_eq!((bob()["userName"].clone(), bob()["userEmail"].clone(), bob()["userId"].clone()), (json!("bob"), json!("bob@example.com"), json!("")));
    set(&key, "membership-privacy", &json!({"userId": true, "userEmail": false}));
    assert_eq!((bob()["userName"].clone(), bob()["userEmail"].clone(), bob()["userId"].clone()), (json!("bob"), json!(""), json!("bob")));
}
