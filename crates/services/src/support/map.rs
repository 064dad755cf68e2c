//! From documents to models.
use database::Document;
use serde_json::{Map, Value};

/// `$id`, `$sequence`, dates, permissions and all attributes; shaping keeps what the model declares.
pub(crate) fn base(doc: &Document) -> Map<String, Value> {
    let mut map = Map::with_capacity(doc.data.len() + 5);
    map.insert("$id".into(), doc.id.as_str().into());
    map.insert("$sequence".into(), doc.sequence.to_string().into());
    map.insert("$createdAt".into(), doc.created_at.format().into());
    map.insert("$updatedAt".into(), doc.updated_at.format().into());
    map.insert("$permissions".into(), doc.permissions.clone().into());
    map.extend(doc.data.iter().map(|(k, v)| (k.clone(), v.clone())));
    map
}

/// The object of a `json!({…})`.
pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// A list whose items are of several models, told apart by what they say.
pub(crate) fn mixed(model: &'static str, key: &'static str, items: Vec<Map<String, Value>>, total: u64) -> kernel::Reply {
    let items: Vec<Value> = items.into_iter().map(Value::Object).collect();
    kernel::Reply::Model(model, Map::from_iter([("total".to_owned(), total.into()), (key.to_owned(), items.into())]))
}
