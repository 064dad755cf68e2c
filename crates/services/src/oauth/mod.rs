//! Signing in with an account elsewhere: OAuth2 and OpenID Connect. One engine over one table of providers.
mod console;
mod engine;
mod flow;
mod link;
pub(crate) mod mock;
mod page;
mod provider;
mod settings;
mod state;
mod table;
#[cfg(test)]
mod tests;

use database::Document;
use kernel::{App, Cx, Endpoint, Error, Result};
use protocol::ErrorKind;
use serde_json::{Map, Value};

/// What tokens of providers are sealed for.
const TOKEN: &str = "provider token";

/// The service's endpoints.
pub(crate) const ENDPOINTS: &[&[&Endpoint]] = &[flow::ENDPOINTS, settings::ENDPOINTS, settings::UPDATES, console::ENDPOINTS, page::ENDPOINTS];

fn seal_token(app: &App, text: &str) -> Result<String> {
    if text.is_empty() { Ok(String::new()) } else { app.keyring.seal_text(TOKEN, text).map_err(Error::internal) }
}

/// A provider's token of a session or identity, as its owner gets to see it; one that cannot be opened any more is as good as none.
fn open_token(app: &App, sealed: &str) -> String {
    if sealed.is_empty() { String::new() } else { app.keyring.open_text(TOKEN, sealed).unwrap_or_default() }
}

/// Opens the provider's tokens in the fields of a session or identity.
pub(crate) fn open_tokens(cx: &Cx<'_>, map: &mut Map<String, Value>) {
    for key in ["providerAccessToken", "providerRefreshToken"] {
        if let Some(value) = map.get_mut(key) {
            *value = open_token(cx.app, value.as_str().unwrap_or_default()).into();
        }
    }
}

/// Fields of `identity`.
pub(crate) fn identity(cx: &Cx<'_>, doc: &Document) -> Map<String, Value> {
    let mut map = crate::support::base(doc);
    open_tokens(cx, &mut map);
    map
}

/// Id of a provider, if it is one.
pub(crate) fn known(id: &str) -> Option<&'static str> {
    table::find(id, true).map(|p| p.id)
}

/// New tokens of the provider a session came from, as they are kept; `None` when it came from none.
pub(crate) fn refreshed(cx: &Cx<'_>, session: &Document) -> Result<Option<Map<String, Value>>> {
    let token = open_token(cx.app, session.str("providerRefreshToken"));
    let Some(provider) = table::find(session.str("provider"), !cx.app.settings.production) else {
        // A provider this server no longer has.
        return if token.is_empty() { Ok(None) } else { Err(ErrorKind::ProjectProviderUnsupported.into()) };
    };
    if token.is_empty() {
        return Ok(None);
    }
    let kept = settings::kept(cx.app, &cx.project, provider.id);
    let mut client = engine::Client::new(cx.app, provider, &kept.client_id, &kept.secret);
    let tokens = client.refresh(&token).map_err(|e| flow::refresh_failed(provider, &e))?;
    link::kept_tokens(cx, &tokens).map(Some)
}
