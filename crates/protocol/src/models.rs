//! Models of the contract: which fields a reply has, and its JSON text.
use serde_json::{Map, Value};

/// Shapes a model by its declaration.
#[must_use]
pub fn shape(_name: &str, _map: Map<String, Value>, _sensitive: bool) -> Map<String, Value> {
    todo!()
}
/// JSON text as the reference writes it.
pub fn write_json(_value: &Value, _out: &mut Vec<u8>) {
    todo!()
}
