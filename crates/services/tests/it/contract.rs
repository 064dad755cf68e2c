//! Every declaration against the contract, whatever the service.
use protocol::contract::differences;

/// Ways in which declarations differ on purpose, with the reason.
const DELIBERATE: &[(&str, &str)] = &[
    ("DELETE /v1/account: event \"users.[userId].delete\" instead of \"\"", "the original fills in an event that it does not name"),
    ("GET /v1/graphql: limit \"\" instead of \"60/60\"", "declared by the original and never counted; the fields' own limits are"),
    ("POST /v1/graphql: limit \"\" instead of \"60/60\"", "the same"),
    ("POST /v1/graphql/mutation: limit \"\" instead of \"60/60\"", "the same"),
    ("GET /robots.txt: no route of the contract", "a page outside of the API"),
    ("GET /humans.txt: no route of the contract", "a page outside of the API"),
    ("GET /console/auth/oauth2/success: no route of the contract", "a page outside of the API"),
    ("GET /console/auth/oauth2/failure: no route of the contract", "a page outside of the API"),
    ("GET /: no route of the contract", "a page outside of the API"),
    ("GET /invite: no route of the contract", "a page outside of the API"),
    ("GET /versions: no route of the contract", "a page outside of the API"),
];

#[test]
fn every_declaration_is_that_of_the_contract() {
    let registry = services::registry().expect("declarations do not clash");
    // What is under /v1/ferrite is our own.
    let of_contract = registry.endpoints().iter().filter(|e| !e.spec.path.starts_with("/v1/ferrite/"));
    let found: Vec<String> = of_contract.flat_map(|e| differences(e.spec)).collect();
    let unexplained: Vec<&String> = found.iter().filter(|f| !DELIBERATE.iter().any(|(what, _)| f == what)).collect();
    assert!(unexplained.is_empty(), "{unexplained:#?}");
    for (what, reason) in DELIBERATE {
        assert!(found.iter().any(|f| f == what), "no longer so: {what} ({reason})");
    }
}
