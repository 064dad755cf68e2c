//! The schema: a field for every name that SDKs have for an endpoint.
use std::collections::BTreeMap;
use std::sync::LazyLock;

use graphql::{Arg, Complexity, Field, Schema, SchemaBuilder, Source};
use kernel::Endpoint;
use protocol::Spec;
use protocol::openapi::{joined, upload_part};
use protocol::spec::Verb;
use serde_json::{Map, Value};

use super::types;

/// Paths whose endpoints are none of the schema's: itself, and pages that browsers are sent to.
const LEFT_OUT: [&str; 3] = ["/v1/mock", "/v1/graphql", "/v1/account/sessions/oauth2"];
/// Names of endpoints that answer something else under them, and what.
const LISTS: [(&str, &str); 2] = [("databases.createDocuments", "documentList"), ("tablesDB.createRows", "rowList")];
/// Items of a list that asks for no number of them.
const DEFAULT_LIMIT: u64 = 25;

/// The schema and the endpoints that its root fields number.
pub(super) struct Served {
    pub(super) schema: Schema,
    pub(super) endpoints: Vec<&'static Endpoint>,
}

/// Made when it is first asked for, once: what it is made of are constants.
pub(super) static SCHEMA: LazyLock<Served> = LazyLock::new(build);

fn build() -> Served {
    let mut b = SchemaBuilder::new();
    let mut endpoints = Vec::new();
    let (mut queries, mut mutations) = (BTreeMap::new(), BTreeMap::new());
    for endpoint in crate::endpoints() {
        let spec = endpoint.spec;
        if LEFT_OUT.iter().any(|path| spec.path.starts_with(path)) {
            continue;
        }
        let fields = if spec.verb == Verb::Get { &mut queries } else { &mut mutations };
        for sdk in spec.sdk {
            let Some(name) = joined(sdk) else { continue };
            let model = LISTS.iter().find(|(name, _)| name == sdk).map_or(spec.reply.model, |(_, model)| *model);
            fields.entry(name.clone()).or_insert_with(|| root(&mut b, spec, &name, model, endpoints.len()));
        }
        endpoints.push(endpoint);
    }
    let schema = b.build(queries.into_values().collect(), mutations.into_values().collect());
    Served { schema, endpoints }
}

fn root(b: &mut SchemaBuilder, spec: &Spec, name: &str, model: &str, number: usize) -> Field {
    let mut args: Vec<Arg> = spec.params.iter().map(|p| Arg { name: p.name_in(spec.vocab).to_owned(), ty: types::argument(b, p) }).collect();
    if let Some(part) = spec.sdk.first().and_then(|sdk| upload_part(sdk)) {
        args.push(Arg { name: part.to_owned(), ty: types::scalar(b, types::FILE).required() });
    }
    let lists = spec.params.iter().any(|p| p.name == "queries");
    let ty = types::model(b, model);
    let complexity = if lists { Complexity::Times(length) } else { Complexity::One };
    Field { args, complexity, ..types::field(name, spec.summary.trim(), ty, Source::Root(number)) }
}

/// How many items a list is asked for.
fn length(args: &Map<String, Value>) -> u64 {
    let queries = args.get("queries").and_then(Value::as_array).into_iter().flatten();
    let limit = queries.filter_map(|q| serde_json::from_str::<Value>(q.as_str()?).ok()).find(|q| q["method"] == "limit");
    limit.and_then(|q| q["values"][0].as_u64()).unwrap_or(DEFAULT_LIMIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_an_endpoint_is_a_field() {
        let names: Vec<&str> = SCHEMA.schema.roots().map(|f| f.name.as_str()).collect();
        for name in ["databasesListDocuments", "tablesDBListRows", "accountCreate", "localeGet", "storageCreateFile", "usersList"] {
            assert!(names.contains(&name), "{name}");
        }
        assert!(!names.iter().any(|n| n.starts_with("graphql") || n.contains("OAuth2Session")));
        assert!(names.iter().all(|n| n.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')), "{names:?}");
    }

    #[test]
    fn lists_are_as_long_as_asked() {
        let args = |text: &str| [("queries".to_owned(), serde_json::json!([text]))].into_iter().collect::<Map<_, _>>();
        assert_eq!(length(&args(r#"{"method":"limit","values":[3]}"#)), 3);
        assert_eq!(length(&args(r#"{"method":"offset","values":[3]}"#)), 25);
        assert_eq!(length(&Map::new()), 25);
    }
}
