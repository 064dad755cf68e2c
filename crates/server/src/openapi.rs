//! The OpenAPI document of the served API, made from the declarations of its endpoints.
use std::collections::BTreeSet;

use kernel::{Endpoint, Registry};
use protocol::Param;
use protocol::spec::{AuthKind, Default, Verb, Vocab};
use serde_json::{Map, Value, json};

/// The document, version 3.0.3.
pub(crate) fn document(registry: &Registry) -> Value {
    let mut paths = Map::new();
    let mut tags = BTreeSet::new();
    for e in registry.endpoints() {
        tags.insert(e.spec.service());
        let path = braces(e.spec.path.strip_prefix("/v1").unwrap_or(e.spec.path));
        if let Some(item) = paths.entry(path).or_insert_with(|| json!({})).as_object_mut() {
            item.insert(e.spec.verb.as_str().to_lowercase(), operation(e));
        }
    }
    json!({
        "openapi": "3.0.3",
        "info": {"title": "Ferrite", "version": protocol::VERSION, "description": "The part of Appwrite's API that this server serves.", "license": {"name": "MIT OR Apache-2.0"}},
        "servers": [{"url": "http://localhost/v1"}],
        "tags": tags.iter().map(|t| json!({"name": t})).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "securitySchemes": {
                "Project": {"type": "apiKey", "name": "X-Appwrite-Project", "in": "header", "description": "Id of the project"},
                "Key": {"type": "apiKey", "name": "X-Appwrite-Key", "in": "header", "description": "Secret of an API key"},
                "JWT": {"type": "apiKey", "name": "X-Appwrite-JWT", "in": "header", "description": "Token of a user"},
                "Session": {"type": "apiKey", "name": "X-Appwrite-Session", "in": "header", "description": "Secret of a session"},
            },
            "schemas": {"error": {"type": "object", "required": ["message", "code", "type", "version"], "properties": {
                "message": {"type": "string"}, "code": {"type": "integer"}, "type": {"type": "string"}, "version": {"type": "string"}}}},
        },
    })
}

/// `/teams/:teamId` → `/teams/{teamId}`.
fn braces(path: &str) -> String {
    path.split('/').map(|s| s.strip_prefix(':').map_or_else(|| s.to_owned(), |p| format!("{{{p}}}"))).collect::<Vec<_>>().join("/")
}

fn operation(e: &Endpoint) -> Value {
    let spec = e.spec;
    let in_path: Vec<&str> = spec.path.split('/').filter_map(|s| s.strip_prefix(':')).collect();
    let mut parameters = Vec::new();
    let mut fields = Map::new();
    let mut required = Vec::new();
    for p in spec.params {
        let name = wire_name(p, spec.vocab);
        if in_path.contains(&name) {
            parameters.push(json!({"name": name, "in": "path", "required": true, "schema": schema(p)}));
        } else if spec.verb == Verb::Get {
            parameters.push(json!({"name": name, "in": "query", "required": p.required, "schema": schema(p)}));
        } else {
            if p.required {
                required.push(name);
            }
            fields.insert(name.to_owned(), schema(p));
        }
    }
    let mut out = json!({
        "summary": spec.summary.trim(),
        "operationId": spec.sdk.first().map_or_else(String::new, |s| s.replace('.', "_")),
        "tags": [spec.service()],
        "parameters": parameters,
        "responses": {spec.reply.status.to_string(): response(spec.reply.model), "default": {
            "description": "Error", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/error"}}}}},
        "security": security(spec.auth),
        "x-appwrite": {"methods": spec.sdk, "scopes": spec.scope, "aliases": spec.aliases, "event": spec.event,
            "rate-limit": spec.limit.as_ref().map_or(0, |l| l.max), "rate-time": spec.limit.as_ref().map_or(0, |l| l.seconds), "rate-key": spec.limit.as_ref().map(|l| l.keys)},
    });
    if !fields.is_empty()
        && let Some(map) = out.as_object_mut()
    {
        let kind = if fields.contains_key("file") { "multipart/form-data" } else { "application/json" };
        let mut body = json!({"type": "object", "properties": fields});
        if !required.is_empty() {
            body["required"] = json!(required);
        }
        map.insert("requestBody".into(), json!({"content": {kind: {"schema": body}}}));
    }
    out
}

fn wire_name(p: &Param, vocab: Vocab) -> &'static str {
    if vocab == Vocab::Tables { p.table_name.unwrap_or(p.name) } else { p.name }
}

fn schema(p: &Param) -> Value {
    let mut schema = json!({"description": p.check.describe()});
    if let Some(map) = schema.as_object_mut() {
        if p.nullable {
            map.insert("nullable".into(), true.into());
        }
        if let Some(default) = default(&p.default) {
            map.insert("default".into(), default);
        }
    }
    schema
}

fn default(d: &Default) -> Option<Value> {
    match d {
        Default::None | Default::Null => None,
        Default::Bool(b) => Some((*b).into()),
        Default::Int(i) => Some((*i).into()),
        Default::Float(f) => Some((*f).into()),
        Default::Str(s) => Some((*s).into()),
        Default::EmptyList => Some(json!([])),
        Default::Strings(list) => Some(json!(list)),
    }
}

fn response(model: &str) -> Value {
    match model {
        "none" => json!({"description": "No content"}),
        "any" => json!({"description": "A file or other bytes"}),
        name => json!({"description": name, "content": {"application/json": {"schema": {"type": "object", "description": format!("Model `{name}`")}}}}),
    }
}

fn security(auth: &[AuthKind]) -> Value {
    let one = |name: &str| json!({"Project": [], name: []});
    let mut all: Vec<Value> = auth
        .iter()
        .filter_map(|a| match a {
            AuthKind::Session => Some(one("Session")),
            AuthKind::Key => Some(one("Key")),
            AuthKind::Jwt => Some(one("JWT")),
            AuthKind::Admin => None,
        })
        .collect();
    if all.is_empty() {
        all.push(json!({"Project": []}));
    }
    Value::Array(all)
}
