//! Members of answers that GraphQL has in another form: `data` of what has any fields.
use graphql::Schema;
use protocol::models;
use serde_json::{Map, Value};

/// `data`: the JSON text of the fields that are not the server's. Its names begin with `_` in place of `$`; lists are objects with the
/// keys 0, 1, 2 …, as the original writes them.
pub(super) fn free(_: &Schema, object: &Value, _: &Map<String, Value>) -> Value {
    let map = match object {
        Value::Object(map) => escaped(map),
        _ => Map::new(),
    };
    let free: Map<String, Value> = map.into_iter().filter(|(name, _)| !name.starts_with('_')).map(|(name, value)| (name, keyed(value))).collect();
    let mut text = Vec::new();
    models::write_json(&Value::Object(free), &mut text);
    String::from_utf8_lossy(&text).into_owned().into()
}

/// What answers nothing says so.
pub(super) fn done(_: &Schema, _: &Value, _: &Map<String, Value>) -> Value {
    "OK".into()
}

/// Names with `_` in place of `$`. Lists and objects of such a name keep the old name too, after the others: so they are in the original.
fn escaped(map: &Map<String, Value>) -> Map<String, Value> {
    let mut out = map.clone();
    for (name, value) in map {
        if name.starts_with('$') {
            out.shift_remove(name);
            out.insert(name.replace('$', "_"), value.clone());
        }
        match value {
            Value::Object(inner) => drop(out.insert(name.clone(), Value::Object(escaped(inner)))),
            Value::Array(items) => drop(out.insert(name.clone(), items.iter().map(within).collect())),
            _ => {}
        }
    }
    out
}

fn within(value: &Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(escaped(map)),
        Value::Array(items) => items.iter().map(within).collect(),
        other => other.clone(),
    }
}

fn keyed(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Object(items.into_iter().enumerate().map(|(i, item)| (i.to_string(), keyed(item))).collect()),
        Value::Object(map) => Value::Object(map.into_iter().map(|(name, value)| (name, keyed(value))).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn as_recorded() {
        let document = json!({"n": 5006, "s": "a/b", "arr": [], "two": [1, 2], "$id": "o1", "$permissions": [], "$createdAt": "x", "d": {"$id": "r", "k": 1}});
        let Value::Object(map) = document else { panic!("an object") };
        let free: Map<String, Value> = escaped(&map).into_iter().filter(|(n, _)| !n.starts_with('_')).map(|(n, v)| (n, keyed(v))).collect();
        let text = serde_json::to_string(&free).unwrap();
        assert_eq!(text, r#"{"n":5006,"s":"a/b","arr":{},"two":{"0":1,"1":2},"d":{"k":1,"_id":"r"},"$permissions":{}}"#);
    }
}
