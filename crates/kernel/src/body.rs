//! Raw parameters: query strings and forms with PHP's array syntax, JSON bodies, multipart forms.
use serde_json::{Map, Value};

/// Most parameters taken from one query string or form.
const MAX_PAIRS: usize = 2_000;
/// Deepest nesting of bracketed names.
const MAX_DEPTH: usize = 8;

/// Pairs of a query string or urlencoded form, decoded.
fn pairs(text: &str) -> impl Iterator<Item = (String, String)> + '_ {
    text.split('&').filter(|p| !p.is_empty()).take(MAX_PAIRS).map(|p| {
        let (k, v) = p.split_once('=').unwrap_or((p, ""));
        (decode(k), decode(v))
    })
}

fn decode(s: &str) -> String {
    let plus = s.replace('+', " ");
    percent_encoding::percent_decode_str(&plus).decode_utf8_lossy().into_owned()
}

/// First value of one parameter of a query string.
#[must_use]
pub fn query_value(query: &str, name: &str) -> Option<String> {
    pairs(query).find(|(k, _)| k == name).map(|(_, v)| v).filter(|v| !v.is_empty())
}

/// Parameters of a query string or form: `a=1`, `a[]=1`, `a[0]=1`, `a[k]=1`.
#[must_use]
pub fn parse_pairs(text: &str) -> Map<String, Value> {
    let mut out = Map::new();
    for (key, value) in pairs(text) {
        insert(&mut out, &key, value);
    }
    listify(&mut out);
    out
}

/// Parameters of a list of decoded fields (multipart).
#[must_use]
pub fn from_fields(fields: Vec<(String, String)>) -> Map<String, Value> {
    let mut out = Map::new();
    for (key, value) in fields.into_iter().take(MAX_PAIRS) {
        insert(&mut out, &key, value);
    }
    listify(&mut out);
    out
}

fn insert(out: &mut Map<String, Value>, key: &str, value: String) {
    let (name, rest) = match key.find('[') {
        Some(i) if i > 0 => key.split_at(i),
        _ => (key, ""),
    };
    let mut path: Vec<&str> = Vec::new();
    for part in rest.split('[').skip(1) {
        match part.strip_suffix(']') {
            Some(p) if path.len() < MAX_DEPTH => path.push(p),
            _ => break,
        }
    }
    let slot = out.entry(name.to_owned()).or_insert(Value::Null);
    place(slot, &path, value);
}

/// Arrays are first kept as objects with their keys (`0`, `1`, `k`), as PHP does; [`listify`] turns lists into arrays.
fn place(slot: &mut Value, path: &[&str], value: String) {
    let Some((first, rest)) = path.split_first() else {
        *slot = Value::String(value);
        return;
    };
    if !slot.is_object() {
        *slot = Value::Object(Map::new());
    }
    if let Value::Object(map) = slot {
        let key = if first.is_empty() { next_index(map).to_string() } else { (*first).to_owned() };
        place(map.entry(key).or_insert(Value::Null), rest, value);
    }
}

fn next_index(map: &Map<String, Value>) -> usize {
    map.keys().rev().find_map(|k| k.parse::<usize>().ok()).map_or(0, |n| n.saturating_add(1))
}

/// Objects whose keys are 0, 1, 2 … become arrays.
fn listify(map: &mut Map<String, Value>) {
    for v in map.values_mut() {
        if let Value::Object(inner) = v {
            listify(inner);
            if inner.keys().enumerate().all(|(i, k)| k.parse() == Ok(i)) {
                *v = Value::Array(std::mem::take(inner).into_iter().map(|(_, v)| v).collect());
            }
        }
    }
}

/// Deepest nesting of a JSON body; deeper ones count as unreadable.
pub const JSON_DEPTH: usize = 100;

/// Parameters of a JSON body; those of a list are called 0, 1, 2 … as in the reference. Anything else gives none, as it does with unreadable bodies.
#[must_use]
pub fn parse_json(bytes: &[u8]) -> Map<String, Value> {
    // serde_json refuses more than 128 levels by itself.
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(m)) => m,
        Ok(Value::Array(items)) => items.into_iter().enumerate().map(|(i, item)| (i.to_string(), item)).collect(),
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn php_arrays() {
        assert_eq!(Value::Object(parse_pairs("queries%5B%5D=a&queries[]=b&x=1+2")), json!({"queries": ["a", "b"], "x": "1 2"}));
        assert_eq!(Value::Object(parse_pairs("q[0]=a&q[1]=b")), json!({"q": ["a", "b"]}));
        assert_eq!(Value::Object(parse_pairs("q[a]=1&q[b][]=2")), json!({"q": {"a": "1", "b": ["2"]}}));
        assert_eq!(Value::Object(parse_pairs("a=1&a=2")), json!({"a": "2"}));
        assert_eq!(query_value("a=1&project=p", "project").as_deref(), Some("p"));
    }
}
