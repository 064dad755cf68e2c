//! Small changes to maps that the steps are made of. Each may be done twice.
use serde_json::{Map, Value};

/// Removes fields, the others keep their order.
pub(super) fn drop(map: &mut Map<String, Value>, names: &[&str]) {
    for name in names {
        map.shift_remove(*name);
    }
}

/// Gives a field that is there, and not null, another name.
pub(super) fn rename(map: &mut Map<String, Value>, old: &str, new: &str) {
    match map.get(old) {
        None | Some(Value::Null) => {}
        Some(_) => {
            if let Some(value) = map.shift_remove(old) {
                map.insert(new.to_owned(), value);
            }
        }
    }
}

/// Gives a field another name; it is there afterwards in any case.
pub(super) fn rename_or(map: &mut Map<String, Value>, old: &str, new: &str, fallback: impl Into<Value>) {
    match map.shift_remove(old) {
        Some(value) if !value.is_null() => {
            map.insert(new.to_owned(), value);
        }
        _ => fill(map, new, fallback),
    }
}

/// Sets a field that is absent or null.
pub(super) fn fill(map: &mut Map<String, Value>, name: &str, value: impl Into<Value>) {
    if map.get(name).is_none_or(Value::is_null) {
        map.insert(name.to_owned(), value.into());
    }
}

/// Sets a field.
pub(super) fn set(map: &mut Map<String, Value>, name: &str, value: impl Into<Value>) {
    map.insert(name.to_owned(), value.into());
}
