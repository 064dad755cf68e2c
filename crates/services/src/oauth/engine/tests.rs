use super::super::table;
use super::*;

fn person(id: &str, user: Value) -> Person {
    read_person(table::find(id, true).unwrap(), &user)
}

fn is(uid: &str, email: &str, verified: bool, name: &str) -> Person {
    Person { uid: uid.into(), email: email.into(), verified, name: name.into() }
}

#[test]
fn what_providers_tell_of_people() {
    let emails =
        json!([{"email": "old@x.io", "verified": true}, {"email": "A@x.io", "primary": true, "verified": true}, {"email": "no@x.io", "verified": false}]);
    assert_eq!(person("github", json!({"id": 7, "name": "A", "email": "public@x.io", "emails": emails})), is("7", "a@x.io", true, "A"));
    // None is verified: the public one is only said.
    let none = json!([{"email": "a@x.io", "primary": true, "verified": false}]);
    assert_eq!(person("github", json!({"id": 7, "email": "public@x.io", "emails": none})), is("7", "public@x.io", false, ""));
    assert_eq!(person("google", json!({"sub": "s", "email": "a@x.io", "email_verified": "false"})), is("s", "a@x.io", false, ""));
    assert_eq!(person("gitlab", json!({"id": 1, "email": "a@x.io", "confirmed_at": "2020-01-01", "name": "N"})), is("1", "a@x.io", true, "N"));
    assert_eq!(person("gitlab", json!({"id": 1, "email": "a@x.io", "confirmed_at": null})), is("1", "a@x.io", false, ""));
    assert_eq!(person("zoom", json!({"id": "z", "email": "a@x.io", "verified": 1, "first_name": "F", "last_name": "L"})), is("z", "a@x.io", true, "F L"));
    assert_eq!(person("twitch", json!({"data": [{"id": "9", "email": "a@x.io", "display_name": "D"}]})), is("9", "a@x.io", true, "D"));
    assert_eq!(
        person("linkedin", json!({"sub": "l", "email": "a@x.io", "email_verified": true, "given_name": "G", "family_name": "F"})),
        is("l", "a@x.io", true, "G F")
    );
    // Nobody to vouch for: an address that is missing is not verified.
    assert_eq!(person("microsoft", json!({"id": "m"})), is("m", "", false, ""));
    assert_eq!(person("spotify", json!({"id": "s", "email": "a@x.io"})), is("s", "a@x.io", false, ""));
    assert_eq!(person("bitbucket", json!({"uuid": "{u}", "emails": {"values": [{"email": "a@x.io", "is_confirmed": true}]}})), is("{u}", "a@x.io", true, ""));
    assert_eq!(person("discord", json!([])), is("", "", false, ""));
}

#[test]
fn answers_in_either_form() {
    assert_eq!(parse(b"access_token=a%20b&expires_in=5"), json!({"access_token": "a b", "expires_in": "5"}));
    assert_eq!(parse(b"{\"access_token\":1}"), json!({"access_token": 1}));
    assert_eq!(explained(&json!({"error": "bad", "error_description": "why"})).unwrap(), "bad: why");
    assert_eq!(explained(&json!({"error": {"status": "S", "message": "m"}})).unwrap(), "S: m");
    assert_eq!(explained(&json!({"message": "m"})).unwrap(), "m: No description");
    assert_eq!(explained(&json!({})), None);
}

#[test]
fn templates() {
    assert_eq!(fill("a{b}c{d}{e}", |n| n.to_uppercase()), "aBcDE");
}
