//! The OpenAPI document of the endpoints that are built.
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::models::{self, Field, Kind, Model};
use crate::spec::{AuthKind, Default, Param, Spec, Verb};
use crate::{VERSION, Vocab};

/// Prefix of every path; the server's address has it.
const ROOT: &str = "/v1";
/// Endpoints that take a file, and the name of its part.
const UPLOADS: [(&str, &str); 3] = [("storage.createFile", "file"), ("functions.createDeployment", "code"), ("sites.createDeployment", "code")];
const JSON: &str = "application/json";

/// The part of a form that is the file an endpoint takes, by the endpoint's name in SDKs.
#[must_use]
pub fn upload_part(sdk: &str) -> Option<&'static str> {
    UPLOADS.iter().find(|(name, _)| *name == sdk).map(|(_, part)| *part)
}

/// `teamsCreate` of `teams.create`; nothing for what is none.
#[must_use]
pub fn joined(sdk: &str) -> Option<String> {
    let (service, method) = sdk.split_once('.')?;
    let mut chars = method.chars();
    let first = chars.next()?.to_ascii_uppercase();
    Some(format!("{service}{first}{}", chars.as_str()))
}

/// The document; paths in order, models that replies have as components.
#[must_use]
pub fn document(specs: &[&Spec]) -> Value {
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let mut used: BTreeMap<&'static str, &'static Model> = BTreeMap::new();
    let mut tags = BTreeSet::new();
    collect("error", &mut used);
    for spec in specs {
        tags.insert(spec.service());
        collect(spec.reply.model, &mut used);
        paths.entry(path_of(spec.path)).or_default().insert(spec.verb.as_str().to_lowercase(), operation(spec));
    }
    let schemas: Map<String, Value> = used.values().map(|m| (m.name.to_owned(), model(m))).collect();
    let paths: Map<String, Value> = paths.into_iter().map(|(path, methods)| (path, Value::Object(methods))).collect();
    json!({
        "openapi": "3.0.3",
        "info": {"title": "Ferrite", "version": VERSION, "description": "A self-hosted backend that speaks Appwrite's API.", "license": {"name": "MIT OR Apache-2.0"}},
        "servers": [{"url": ROOT}],
        "tags": tags.into_iter().map(|name| json!({"name": name})).collect::<Vec<_>>(),
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": security_schemes()},
    })
}

/// `/v1/teams/:teamId` → `/teams/{teamId}`.
fn path_of(path: &str) -> String {
    let path = path.strip_prefix(ROOT).unwrap_or(path);
    let part = |part: &str| part.strip_prefix(':').map_or_else(|| part.to_owned(), |name| format!("{{{name}}}"));
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn operation(spec: &Spec) -> Value {
    let canonical = spec.sdk.first().copied().unwrap_or_default();
    let mut map = Map::new();
    map.insert("operationId".into(), operation_id(spec, canonical).into());
    map.insert("summary".into(), spec.summary.trim().into());
    map.insert("tags".into(), json!([spec.service()]));
    map.insert("security".into(), security(spec.auth));
    let in_path = |p: &&Param| spec.path.split('/').any(|part| part.strip_prefix(':') == Some(p.name_in(spec.vocab)));
    let parameters: Vec<Value> = match spec.verb {
        Verb::Get => spec.params.iter().map(|p| parameter(p, spec.vocab, in_path(&p))).collect(),
        _ => spec.params.iter().filter(in_path).map(|p| parameter(p, spec.vocab, true)).collect(),
    };
    if !parameters.is_empty() {
        map.insert("parameters".into(), parameters.into());
    }
    if spec.verb != Verb::Get {
        let body: Vec<&Param> = spec.params.iter().filter(|p| !in_path(p)).collect();
        if let Some(body) = body_of(&body, spec.vocab, canonical) {
            map.insert("requestBody".into(), body);
        }
    }
    map.insert("responses".into(), responses(spec));
    extensions(spec, &mut map);
    Value::Object(map)
}

fn operation_id(spec: &Spec, sdk: &str) -> String {
    match joined(sdk) {
        Some(name) => name,
        None => format!("{}{}", spec.verb.as_str().to_lowercase(), path_of(spec.path).replace(['/', '{', '}'], "_")),
    }
}

fn extensions(spec: &Spec, map: &mut Map<String, Value>) {
    if spec.sdk.len() > 1 {
        map.insert("x-sdk-names".into(), json!(spec.sdk));
    }
    if !spec.scope.is_empty() {
        map.insert("x-scopes".into(), json!(spec.scope));
    }
    if !spec.aliases.is_empty() {
        map.insert("x-old-paths".into(), spec.aliases.iter().map(|path| path_of(path)).collect());
    }
    if let Some(limit) = &spec.limit {
        map.insert("x-rate-limit".into(), json!({"calls": limit.max, "seconds": limit.seconds, "by": limit.keys}));
    }
    if let Some(event) = spec.event {
        map.insert("x-event".into(), event.into());
    }
}

/// Lists are written `name[]=…` in a query.
fn parameter(p: &Param, vocab: Vocab, in_path: bool) -> Value {
    let schema = schema_of(p);
    let list = schema.get("type").is_some_and(|t| t == "array");
    let mut map = Map::new();
    map.insert("name".into(), p.name_in(vocab).into());
    map.insert("in".into(), if in_path { "path" } else { "query" }.into());
    map.insert("required".into(), (in_path || p.required).into());
    if list && !in_path {
        map.insert("style".into(), "form".into());
        map.insert("explode".into(), true.into());
    }
    map.insert("schema".into(), schema);
    Value::Object(map)
}

fn body_of(params: &[&Param], vocab: Vocab, sdk: &str) -> Option<Value> {
    let upload = upload_part(sdk);
    if params.is_empty() && upload.is_none() {
        return None;
    }
    let mut properties: Map<String, Value> = params.iter().map(|p| (p.name_in(vocab).to_owned(), schema_of(p))).collect();
    let mut required: Vec<&str> = params.iter().filter(|p| p.required).map(|p| p.name_in(vocab)).collect();
    let kind = match upload {
        Some(part) => {
            properties.insert(part.to_owned(), json!({"type": "string", "format": "binary"}));
            required.push(part);
            "multipart/form-data"
        }
        None => JSON,
    };
    let mut schema = Map::new();
    schema.insert("type".into(), "object".into());
    schema.insert("properties".into(), Value::Object(properties));
    if !required.is_empty() {
        schema.insert("required".into(), json!(required));
    }
    Some(json!({"content": {kind: {"schema": schema}}}))
}

/// The check's schema with the default and whether null is taken.
fn schema_of(p: &Param) -> Value {
    let mut schema = p.check.schema();
    if let Value::Object(map) = &mut schema {
        if p.required && p.nullable {
            map.insert("nullable".into(), true.into());
        }
        if let Some(default) = default(&p.default) {
            map.insert("default".into(), default);
        }
    }
    schema
}

fn default(default: &Default) -> Option<Value> {
    Some(match default {
        Default::None | Default::Null => return None,
        Default::Bool(b) => (*b).into(),
        Default::Int(i) => (*i).into(),
        Default::Float(f) => (*f).into(),
        Default::Str(s) => (*s).into(),
        Default::EmptyList => json!([]),
        Default::Strings(list) => json!(list),
    })
}

fn responses(spec: &Spec) -> Value {
    let success = match spec.reply.model {
        "none" => json!({"description": "No content"}),
        model => json!({"description": models::find(model).map_or(model, |m| m.title), "content": {JSON: {"schema": reference(model)}}}),
    };
    let failure = json!({"description": "Error", "content": {JSON: {"schema": reference("error")}}});
    json!({spec.reply.status.to_string(): success, "default": failure})
}

fn reference(model: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{model}")})
}

/// The model and those nested in it.
fn collect(name: &str, used: &mut BTreeMap<&'static str, &'static Model>) {
    let Some(model) = models::find(name).filter(|m| m.name != "none") else { return };
    if used.insert(model.name, model).is_some() {
        return;
    }
    for field in model.fields {
        if let Kind::Of(models) = field.kind {
            models.iter().for_each(|m| collect(m.name, used));
        }
    }
}

fn model(model: &Model) -> Value {
    let properties: Map<String, Value> = model.fields.iter().map(|f| (f.name.to_owned(), field(f))).collect();
    let required: Vec<&str> = model.fields.iter().map(|f| f.name).collect();
    let mut map = Map::new();
    map.insert("title".into(), model.title.into());
    map.insert("type".into(), "object".into());
    map.insert("properties".into(), Value::Object(properties));
    if !required.is_empty() {
        map.insert("required".into(), json!(required));
    }
    map.insert("additionalProperties".into(), model.any.into());
    Value::Object(map)
}

fn field(field: &Field) -> Value {
    let one = match field.kind {
        Kind::Text if field.values.is_empty() => json!({"type": "string"}),
        Kind::Text => json!({"type": "string", "enum": field.values}),
        Kind::Integer => json!({"type": "integer"}),
        Kind::Float => json!({"type": "number"}),
        Kind::Boolean => json!({"type": "boolean"}),
        Kind::Datetime => json!({"type": "string", "format": "date-time"}),
        Kind::Json => json!({}),
        Kind::Of([only]) => reference(only.name),
        Kind::Of(several) => json!({"anyOf": several.iter().map(|m| reference(m.name)).collect::<Vec<_>>()}),
    };
    let mut schema = if field.list { json!({"type": "array", "items": one}) } else { one };
    // Beside a reference nothing else counts.
    if field.nullable
        && !matches!(field.kind, Kind::Of([_]))
        && let Value::Object(map) = &mut schema
    {
        map.insert("nullable".into(), true.into());
    }
    schema
}

fn security(auth: &[AuthKind]) -> Value {
    let one = |kind: &AuthKind| match kind {
        AuthKind::Admin => json!({"Project": [], "Mode": [], "Session": []}),
        AuthKind::Session => json!({"Project": [], "Session": []}),
        AuthKind::Key => json!({"Project": [], "Key": []}),
        AuthKind::Jwt => json!({"Project": [], "JWT": []}),
    };
    match auth {
        [] => json!([{"Project": []}]),
        kinds => kinds.iter().map(one).collect(),
    }
}

fn security_schemes() -> Value {
    let header = |name: &str, description: &str| json!({"type": "apiKey", "in": "header", "name": name, "description": description});
    json!({
        "Project": header("X-Appwrite-Project", "Id of the project"),
        "Key": header("X-Appwrite-Key", "Secret API key"),
        "JWT": header("X-Appwrite-JWT", "Token made for a user"),
        "Session": header("X-Appwrite-Session", "Secret of a user's session, as in its cookie"),
        "Mode": header("X-Appwrite-Mode", "`admin` for members of the project's team"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::ReplySpec;
    use crate::{Check, params, params::Params as _};

    params! {
        #[allow(dead_code, reason = "only the declaration is looked at")]
        struct Update {
            collection_id: String = "collectionId" | "tableId", Check::Uid, required;
            name: Option<String> = "name", Check::Nullable(&Check::Text { min: 1, max: 128 }), nullable_required;
            queries: Vec<String> = "queries", Check::QueryTexts, or EmptyList;
        }
    }

    const fn spec(verb: Verb, path: &'static str, sdk: &'static [&'static str], reply: ReplySpec, params: &'static [Param]) -> Spec {
        Spec {
            verb,
            path,
            aliases: &["/v1/old/:collectionId"],
            sdk,
            auth: &[AuthKind::Key],
            scope: &["tables.write"],
            limit: None,
            event: None,
            groups: &[],
            vocab: Vocab::Tables,
            params,
            reply,
            summary: " Changes a table.",
        }
    }

    static PUT: Spec = spec(Verb::Put, "/v1/x/:tableId", &["x.update"], ReplySpec { status: 200, model: "table" }, Update::PARAMS);
    static GET: Spec = spec(Verb::Get, "/v1/x/:tableId", &["x.get"], ReplySpec { status: 200, model: "rowList" }, Update::PARAMS);
    static DELETE: Spec = spec(Verb::Delete, "/v1/x/:tableId", &["x.delete"], ReplySpec { status: 204, model: "none" }, &[]);
    static UPLOAD: Spec = spec(Verb::Post, "/v1/storage/buckets/:bucketId/files", &["storage.createFile"], ReplySpec { status: 201, model: "file" }, &[]);

    #[test]
    fn operations() {
        let doc = document(&[&PUT, &GET, &DELETE, &UPLOAD]);
        let table = &doc["paths"]["/x/{tableId}"];
        let put = &table["put"];
        assert_eq!(put["operationId"], "xUpdate");
        assert_eq!(put["summary"], "Changes a table.");
        assert_eq!(put["parameters"].as_array().map(Vec::len), Some(1));
        assert_eq!(put["parameters"][0]["in"], "path");
        let body = &put["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(body["required"], json!(["name"]));
        assert_eq!(body["properties"]["name"], json!({"type": "string", "minLength": 1, "maxLength": 128, "nullable": true}));
        assert_eq!(body["properties"]["queries"]["default"], json!([]));
        assert_eq!(put["responses"]["200"]["content"]["application/json"]["schema"]["$ref"], "#/components/schemas/table");
        assert_eq!(put["x-old-paths"], json!(["/old/{collectionId}"]));
        assert_eq!(table["get"]["parameters"][2]["in"], "query");
        assert_eq!(table["get"].get("requestBody"), None);
        assert_eq!(table["delete"]["responses"]["204"], json!({"description": "No content"}));
        let upload = &doc["paths"]["/storage/buckets/{bucketId}/files"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"];
        assert_eq!(upload["properties"]["file"]["format"], "binary");
    }

    #[test]
    fn every_reference_resolves() {
        let doc = document(&[&PUT, &GET, &UPLOAD]);
        let schemas = doc["components"]["schemas"].as_object().unwrap();
        assert!(schemas.contains_key("columnEnum") && schemas.contains_key("error") && !schemas.contains_key("user"));
        fn references(value: &Value, out: &mut Vec<String>) {
            match value {
                Value::Object(map) => {
                    out.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
                    map.values().for_each(|v| references(v, out));
                }
                Value::Array(items) => items.iter().for_each(|v| references(v, out)),
                _ => {}
            }
        }
        let mut found = Vec::new();
        references(&doc, &mut found);
        assert!(found.len() > 20);
        for reference in found {
            let name = reference.strip_prefix("#/components/schemas/").unwrap();
            assert!(schemas.contains_key(name), "{name}");
        }
    }
}
