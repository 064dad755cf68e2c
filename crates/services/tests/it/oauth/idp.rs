//! A provider of OpenID Connect on loopback: description, codes bound to app, address and PKCE, tokens, and what they tell.
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use testkit::{Heard, Peer};
use url::Url;

pub(super) const CLIENT: &str = "app-1";
pub(super) const SECRET: &str = "a-secret";

#[derive(Default)]
struct Known {
    address: String,
    /// Code → challenge, address to come back to, person.
    codes: HashMap<String, (String, String, Value)>,
    /// Access token → person.
    access: HashMap<String, Value>,
    refresh: HashMap<String, Value>,
    count: usize,
}

/// The provider.
pub(super) struct Idp {
    peer: Peer,
    known: Arc<Mutex<Known>>,
}

impl Idp {
    pub(super) fn start() -> Self {
        let known = Arc::new(Mutex::new(Known::default()));
        let inner = known.clone();
        let peer = Peer::start(move |request| answer(&mut inner.lock().unwrap(), request));
        known.lock().unwrap().address = peer.url("");
        Self { peer, known }
    }

    pub(super) fn url(&self, path: &str) -> String {
        self.peer.url(path)
    }

    /// What the browser does with a login's address: the person agrees, and it goes back with a code. Gives the query of the way back.
    pub(super) fn agree(&self, login: &str, person: &Value) -> String {
        let url = Url::parse(login).unwrap();
        let get = |name: &str| url.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned()).unwrap_or_default();
        assert_eq!((get("client_id").as_str(), get("response_type").as_str(), get("code_challenge_method").as_str()), (CLIENT, "code", "S256"));
        let mut known = self.known.lock().unwrap();
        known.count += 1;
        let code = format!("code-{}", known.count);
        known.codes.insert(code.clone(), (get("code_challenge"), get("redirect_uri"), person.clone()));
        format!("code={code}&state={}", get("state"))
    }

    pub(super) fn heard(&self) -> Vec<Heard> {
        self.peer.heard()
    }
}

fn answer(known: &mut Known, request: &Heard) -> (u16, String) {
    let refused = |error: &str| (400, json!({"error": error, "error_description": "no"}).to_string());
    match request.path.as_str() {
        "/.well-known/openid-configuration" => {
            let at = |path: &str| format!("{}{path}", known.address);
            let told = json!({"authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"), "userinfo_endpoint": at("/me")});
            (200, told.to_string())
        }
        "/token" => {
            if request.field("client_id") != CLIENT || request.field("client_secret") != SECRET {
                return (401, json!({"error": "invalid_client"}).to_string());
            }
            let person = match request.field("grant_type").as_str() {
                "refresh_token" => known.refresh.remove(&request.field("refresh_token")),
                _ => match known.codes.remove(&request.field("code")) {
                    Some((challenge, back, person))
                        if back == request.field("redirect_uri")
                            && challenge == URL_SAFE_NO_PAD.encode(crypto::sha256(request.field("code_verifier").as_bytes())) =>
                    {
                        Some(person)
                    }
                    _ => None,
                },
            };
            let Some(person) = person else { return refused("invalid_grant") };
            known.count += 1;
            let (access, refresh) = (format!("access-{}", known.count), format!("refresh-{}", known.count));
            known.access.insert(access.clone(), person.clone());
            known.refresh.insert(refresh.clone(), person);
            (200, json!({"access_token": access, "refresh_token": refresh, "expires_in": 3600, "token_type": "Bearer"}).to_string())
        }
        "/me" => match request.header("authorization").strip_prefix("Bearer ").and_then(|t| known.access.get(t)) {
            Some(person) => (200, person.to_string()),
            None => (401, json!({"error": "invalid_token"}).to_string()),
        },
        _ => (404, "{}".to_owned()),
    }
}
