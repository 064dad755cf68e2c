//! What travels with the user to the provider and back: sealed, so that nobody reads or makes one; short-lived; bound to who began.
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{Cx, Error, Result};
use protocol::ErrorKind;
use serde_json::{Value, json};

/// How long a login may take, seconds.
const LIFE: i64 = 900;
/// Longest value that the route back takes.
const LONGEST: usize = 2_048;
const PURPOSE: &str = "oauth2 state";

/// A login under way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    /// Where the user goes in the end.
    pub(super) success: String,
    /// Where the user goes when it does not work out.
    pub(super) failure: String,
    /// Whether a token is made in place of a session.
    pub(super) token: bool,
    /// Who was signed in at the start; empty for nobody.
    pub(super) user: String,
    /// Value of the browser's cookie; empty when the login is not bound to a browser.
    pub(super) browser: String,
    /// Secret of PKCE.
    pub(super) verifier: String,
}

fn context(cx: &Cx<'_>, provider: &str) -> Vec<u8> {
    format!("{}\0{provider}", cx.project.id).into_bytes()
}

/// Seals a state for the project and provider.
pub(super) fn seal(cx: &Cx<'_>, provider: &str, s: &State) -> Result<String> {
    let until = cx.now().0 / 1_000 + LIFE;
    let plain = json!([until, s.success, s.failure, s.token, s.user, s.browser, s.verifier]).to_string();
    let sealed = cx.app.keyring.seal(PURPOSE, &context(cx, provider), plain.as_bytes()).map_err(Error::internal)?;
    let sealed = URL_SAFE_NO_PAD.encode(sealed);
    if sealed.len() > LONGEST {
        return Err(Error::with(ErrorKind::GeneralArgumentInvalid, "The `success` and `failure` URLs are too long."));
    }
    Ok(sealed)
}

/// Opens a state; `None` when it is not one of this project and provider, or too old.
pub(super) fn open(cx: &Cx<'_>, provider: &str, sealed: &str) -> Option<State> {
    let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
    let plain = cx.app.keyring.open(PURPOSE, &context(cx, provider), &bytes).ok()?;
    let Ok(Value::Array(parts)) = serde_json::from_slice(&plain) else { return None };
    let text = |n: usize| parts.get(n).and_then(Value::as_str).map(str::to_owned);
    let until = parts.first()?.as_i64()?;
    let state = State { success: text(1)?, failure: text(2)?, token: parts.get(3)?.as_bool()?, user: text(4)?, browser: text(5)?, verifier: text(6)? };
    (cx.now().0 / 1_000 < until).then_some(state)
}
