//! What the console shows about providers: which there are, and what each wants to know.
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use serde_json::{Map, Value, json};

use super::provider::{Provider, Told};
use super::table;
use crate::support::object;

endpoint! {
    /// Lists the providers and what a project tells each of them.
    LIST: Get "/v1/console/oauth2-providers" => 200 "consoleOAuth2ProviderList" by list(());
    sdk ["console.listOAuth2Providers"] auth [Admin] scope []
}

fn list(_: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let items: Vec<Map<String, Value>> = table::PROVIDERS.iter().filter(|p| !p.model.is_empty()).map(provider).collect();
    let total = items.len() as u64;
    Ok(Reply::list("consoleOAuth2ProviderList", "oAuth2Providers", "consoleOAuth2Provider", items, total))
}

fn provider(p: &Provider) -> Map<String, Value> {
    let parameters: Vec<Value> = std::iter::once(&p.client).chain(p.told).map(parameter).collect();
    object(json!({"$id": p.id, "parameters": parameters}))
}

fn parameter(t: &Told) -> Value {
    json!({"$id": t.wire, "name": t.title, "example": t.example, "hint": t.hint})
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&LIST];
