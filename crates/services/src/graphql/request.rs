//! The documents of a request: one or several, in JSON, as plain text, or with files in a form.
use kernel::{Error, Result};
use protocol::ErrorKind;
use serde_json::{Map, Value};

use super::{no_query, variables};

/// Deepest place of a file in the variables.
const MAX_STEPS: usize = 16;

/// A document with what belongs to it.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) query: String,
    pub(super) operation: Option<String>,
    pub(super) variables: Map<String, Value>,
}

impl Asked {
    /// Of the parameters of a GET.
    pub(super) fn of_query(query: String, operation: String, sent: &str) -> Result<Self> {
        if query.is_empty() {
            return Err(no_query());
        }
        let operation = Some(operation).filter(|name| !name.is_empty());
        Ok(Self { query, operation, variables: variables(Some(&Value::from(sent))) })
    }

    fn of_json(value: &Value) -> Result<Self> {
        let text = |name: &str| value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
        Ok(Self { query: text("query").ok_or_else(no_query)?, operation: text("operationName"), variables: variables(value.get("variables")) })
    }
}

/// The documents of a POST, from its parameters. SDKs put them below `query`.
pub(super) fn documents(mut sent: Map<String, Value>, of_sdk: bool, most: usize) -> Result<Vec<Asked>> {
    let mut whole = if let Some(operations) = sent.get("operations") {
        with_files(operations, sent.get("map"))
    } else if of_sdk && let Some(query) = sent.get_mut("query") {
        match query.take() {
            // An SDK with named parameters takes a document for the parameter of that name.
            Value::String(text) => [("query".to_owned(), Value::from(text))].into_iter().collect::<Map<_, _>>().into(),
            other => other,
        }
    } else {
        Value::Object(sent)
    };
    // A list came as parameters 0, 1, 2 …
    if let Value::Object(map) = &mut whole
        && map.contains_key("0")
    {
        whole = Value::Array(std::mem::take(map).into_iter().map(|(_, value)| value).collect());
    }
    let items = match &whole {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    if items.is_empty() {
        return Err(no_query());
    }
    if items.len() > most {
        return Err(Error::from(ErrorKind::GraphqlTooManyQueries));
    }
    items.iter().map(Asked::of_json).collect()
}

/// The documents of a form: where the map says, the name of the part that holds the file is put.
fn with_files(operations: &Value, map: Option<&Value>) -> Value {
    let read = |value: &Value| value.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
    let mut operations = read(operations).unwrap_or_default();
    // PHP writes a map of 0, 1, 2 … as a list.
    let map: Map<String, Value> = match map.and_then(read) {
        Some(Value::Object(map)) => map,
        Some(Value::Array(parts)) => parts.into_iter().enumerate().map(|(part, places)| (part.to_string(), places)).collect(),
        _ => Map::new(),
    };
    for (part, places) in &map {
        for place in places.as_array().into_iter().flatten().filter_map(Value::as_str) {
            let steps: Vec<&str> = place.split('.').collect();
            if steps.len() <= MAX_STEPS {
                put(&mut operations, &steps, part);
            }
        }
    }
    operations
}

fn put(at: &mut Value, steps: &[&str], part: &str) {
    let Some((step, rest)) = steps.split_first() else {
        *at = part.into();
        return;
    };
    if let Value::Array(items) = at {
        if let Some(item) = step.parse().ok().and_then(|i: usize| items.get_mut(i)) {
            put(item, rest, part);
        }
        return;
    }
    if !at.is_object() {
        *at = Value::Object(Map::new());
    }
    if let Value::Object(map) = at {
        put(map.entry((*step).to_owned()).or_insert(Value::Null), rest, part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: Value, of_sdk: bool) -> Result<Vec<Asked>> {
        match value {
            Value::Object(map) => documents(map, of_sdk, 2),
            _ => panic!("parameters are a map"),
        }
    }

    #[test]
    fn one_or_several() {
        let one = read(json!({"query": "{a}", "variables": {"x": 1}, "operationName": "A"}), false).unwrap();
        assert_eq!((one.len(), one[0].query.as_str(), one[0].operation.as_deref()), (1, "{a}", Some("A")));
        assert_eq!(one[0].variables.get("x"), Some(&json!(1)));
        assert_eq!(read(json!({"0": {"query": "{a}"}, "1": {"query": "{b}"}}), false).unwrap().len(), 2);
        let many = read(json!({"0": {"query": "{a}"}, "1": {"query": "{b}"}, "2": {"query": "{c}"}}), false);
        assert_eq!(many.unwrap_err().kind(), ErrorKind::GraphqlTooManyQueries);
        for none in [json!({}), json!({"query": ""}), json!({"query": 5}), json!({"0": {"query": "{a}"}, "1": {}}), json!({"0": "{a}"})] {
            assert_eq!(read(none, false).unwrap_err().kind(), ErrorKind::GraphqlNoQuery);
        }
    }

    #[test]
    fn sdks_wrap_them() {
        assert_eq!(read(json!({"query": {"query": "{a}"}}), true).unwrap()[0].query, "{a}");
        assert_eq!(read(json!({"query": [{"query": "{a}"}, {"query": "{b}"}]}), true).unwrap()[1].query, "{b}");
        assert_eq!(read(json!({"query": "{a}"}), true).unwrap()[0].query, "{a}");
        assert_eq!(read(json!({"query": []}), true).unwrap_err().kind(), ErrorKind::GraphqlNoQuery);
    }

    #[test]
    fn files_are_put_where_the_map_says() {
        let operations = json!({"query": "{a}", "variables": {"file": null, "list": [null, null]}}).to_string();
        let map = json!({"0": ["variables.file", "variables.list.1"]}).to_string();
        let asked = read(json!({"operations": operations, "map": map}), false).unwrap();
        assert_eq!(Value::Object(asked[0].variables.clone()), json!({"file": "0", "list": [null, "0"]}));
        let listed = read(json!({"operations": operations, "map": "[[\"variables.file\"]]"}), false).unwrap();
        assert_eq!(listed[0].variables["file"], "0");
        assert!(read(json!({"operations": "nonsense", "map": "[]"}), false).is_err());
    }
}
