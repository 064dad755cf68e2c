//! Whose account a login opens.
use super::*;

#[test]
fn an_unverified_address_opens_nobodys_account() {
    let w = World::new();
    w.app.user("ada");
    let mut browser = w.browser();
    // Whether there is an account is not told.
    assert_eq!(failure(&w.login(&mut browser, "sessions", &ada(false)))["type"], "general_bad_request");
    assert!(!browser.cookies.iter().any(|(n, _)| n.starts_with("a_session")));
    // Nobody else has it: an account is made, and its address stays unverified.
    let eve = json!({"sub": "p-eve", "email": "eve@example.com", "email_verified": false});
    w.login(&mut browser, "sessions", &eve).is(301);
    assert_eq!(browser.get("/account")["emailVerification"], false);
    // Its owner comes by another way that vouches: Eve is out.
    let real = json!({"sub": "p-real-eve", "email": "eve@example.com", "email_verified": true});
    let mut owner = w.browser();
    w.login(&mut owner, "sessions", &real).is(301);
    assert_eq!(owner.get("/account")["emailVerification"], true);
    browser.get("/account").fails(401, "general_unauthorized_scope");
    assert_eq!(owner.get("/account/identities")["total"], 1);
    browser.cookies.retain(|(n, _)| !n.starts_with("a_session"));
    assert_eq!(failure(&w.login(&mut browser, "sessions", &eve))["type"], "general_bad_request");
}

#[test]
fn a_verified_address_opens_its_account_and_shuts_out_whoever_made_it_in_advance() {
    let w = World::new();
    let squatter = w.app.user("ada");
    let id = squatter.get("/account").str("$id");
    let mut browser = w.browser();
    w.login(&mut browser, "sessions", &ada(true)).is(301);
    let account = browser.get("/account");
    assert_eq!((account.str("$id"), &account["emailVerification"]), (id, &json!(true)));
    squatter.get("/account").fails(401, "general_unauthorized_scope");
    let credentials = json!({"email": "ada@example.com", "password": "password-ada"});
    w.app.guest().post("/account/sessions/email", &credentials).fails(401, "user_invalid_credentials");
}

#[test]
fn a_verified_account_keeps_its_password() {
    let w = World::new();
    let ada_client = w.app.user("ada");
    w.app.key().patch("/users/ada/verification", &json!({"emailVerification": true})).is(200);
    let mut browser = w.browser();
    w.login(&mut browser, "sessions", &ada(true)).is(301);
    assert_eq!(browser.get("/account")["$id"], "ada");
    ada_client.get("/account").is(200);
    w.app.sign_in("ada@example.com", "password-ada");
}

#[test]
fn whoever_is_signed_in_adds_an_identity() {
    let w = World::new();
    let mut bob = Browser::of(w.app.user("bob"));
    let old = bob.cookies.clone();
    w.login(&mut bob, "sessions", &ada(true)).is(301);
    let account = bob.get("/account");
    assert_eq!((account.str("$id"), account.str("email")), ("bob".to_owned(), "bob@example.com".to_owned()));
    assert_eq!(bob.get("/account/identities")["total"], 1);
    // The new session took the place of the old one.
    assert_ne!(bob.cookies, old);
    assert_eq!(bob.get("/account/sessions")["total"], 1);
    // The identity is Bob's: nobody else gets it.
    let mut eve = Browser::of(w.app.user("eve"));
    assert_eq!(failure(&w.login(&mut eve, "sessions", &ada(true)))["type"], "user_already_exists");
    assert_eq!(eve.get("/account/identities")["total"], 0);
    // Nor an address that is somebody's account.
    let other = json!({"sub": "p-x", "email": "bob@example.com", "email_verified": true});
    assert_eq!(failure(&w.login(&mut eve, "sessions", &other))["type"], "user_already_exists");
    // It opens Bob's account from elsewhere.
    let mut home = w.browser();
    w.login(&mut home, "sessions", &ada(true)).is(301);
    assert_eq!(home.get("/account")["$id"], "bob");
}

#[test]
fn an_account_without_an_address_gets_one() {
    let w = World::new();
    let mut browser = w.browser();
    let line = {
        let answer = w.app.guest().post("/account/sessions/anonymous", &json!({}));
        let name = format!("a_session_{}", w.app.project);
        browser.cookies.push((name.clone(), answer.cookie(&name).unwrap()));
        answer.str("userId")
    };
    w.login(&mut browser, "sessions", &ada(true)).is(301);
    let account = browser.get("/account");
    assert_eq!((account.str("$id"), account.str("email"), account.str("name")), (line, "ada@example.com".to_owned(), "Ada L".to_owned()));
    assert_eq!(account["targets"][0]["identifier"], "ada@example.com");
}

#[test]
fn blocked_full_and_nameless() {
    let w = World::new();
    let mut browser = w.browser();
    w.login(&mut browser, "sessions", &ada(true)).is(301);
    let id = browser.get("/account").str("$id");
    w.app.key().patch(&format!("/users/{id}/status"), &json!({"status": false})).is(200);
    let mut again = w.browser();
    assert_eq!(failure(&w.login(&mut again, "sessions", &ada(true)))["type"], "user_blocked");
    let nameless = json!({"sub": "p-n"});
    let error = failure(&w.login(&mut again, "sessions", &nameless));
    assert_eq!((&error["type"], &error["message"]), (&json!("user_unauthorized"), &json!("OAuth provider failed to return email.")));
    let odd = json!({"sub": "p-n", "email": "not an address", "email_verified": true});
    assert_eq!(failure(&w.login(&mut again, "sessions", &odd))["type"], "general_invalid_email");
}

#[test]
fn two_first_logins_at_once_make_one_account() {
    let w = World::new();
    let handed: Vec<_> = (0..8)
        .map(|_| {
            let mut browser = w.browser();
            let handed = w.agreed(&mut browser, "sessions", &ada(true));
            (browser, handed)
        })
        .collect();
    let ids: Vec<String> = std::thread::scope(|s| {
        let all: Vec<_> = handed
            .into_iter()
            .map(|(mut browser, handed)| {
                s.spawn(move || {
                    browser.follow(&handed).is(301);
                    browser.get("/account").str("$id")
                })
            })
            .collect();
        all.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(w.app.key().get("/users")["total"], 1);
    assert_eq!(w.app.key().get("/users/identities")["total"], 1);
}
