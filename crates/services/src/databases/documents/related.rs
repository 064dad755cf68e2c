//! Related documents in what clients send: ids for those that have none, what is the server's taken out, rights looked at.
use access::Action;
use database::{Collection, Reader, Relation};
use kernel::{Cx, Error, Result};
use protocol::{Check, ErrorKind};
use serde_json::{Map, Value};

use super::input;
use crate::support::{OWN, checked, denied};

/// Documents inside of documents, the first included, that are looked at.
const LEVELS: usize = 3;

/// The first relationship that can be seen.
pub(in crate::databases) fn has_any(schema: &Collection) -> bool {
    schema.relations().any(|r| !r.is_hidden())
}

fn refuse<T>(text: impl Into<std::borrow::Cow<'static, str>>) -> Result<T> {
    Err(Error::with(ErrorKind::RelationshipValueInvalid, text))
}

/// Makes what data say about relationships ready for the engine. `creating` asks for the rights of a creation.
pub(in crate::databases) fn prepare(cx: &Cx<'_>, schema: &Collection, data: &mut Map<String, Value>, creating: bool) -> Result<()> {
    if !has_any(schema) {
        return Ok(());
    }
    Preparation { cx, reader: cx.read(), creating }.document(schema, data, 1)
}

struct Preparation<'c, 'r> {
    cx: &'c Cx<'r>,
    reader: Reader,
    creating: bool,
}

impl Preparation<'_, '_> {
    fn document(&self, schema: &Collection, data: &mut Map<String, Value>, level: usize) -> Result<()> {
        if level > LEVELS {
            return Ok(());
        }
        for relation in schema.relations().filter(|r| !r.is_hidden()) {
            let Some(value) = data.get_mut(&relation.key) else { continue };
            match value {
                Value::Null | Value::Bool(false) => {}
                Value::String(s) if s.is_empty() || s == "0" => {}
                Value::Number(n) if n.as_f64() == Some(0.0) => {}
                // An object without fields is a list to the original.
                Value::Object(map) if map.is_empty() => *value = Value::Array(Vec::new()),
                Value::Array(items) => items.iter_mut().try_for_each(|item| self.item(&relation, item, level))?,
                one => self.item(&relation, one, level)?,
            }
        }
        Ok(())
    }

    fn item(&self, relation: &Relation, item: &mut Value, level: usize) -> Result<()> {
        match item {
            Value::String(id) => check_id(id),
            Value::Object(map) => self.inner(relation, map, level),
            _ => refuse("Relationship value must be an object, document ID string, or associative array"),
        }
    }

    fn inner(&self, relation: &Relation, map: &mut Map<String, Value>, level: usize) -> Result<()> {
        let id = match map.get("$id") {
            None | Some(Value::Null) => self.cx.new_id(),
            Some(Value::String(id)) => {
                check_id(id)?;
                self.cx.custom_id(id)
            }
            Some(_) => return refuse("Relationship $id must be a string"),
        };
        for key in ["$sequence", "$databaseId", "$collectionId", "$tableId", "$collection", "$tenant"] {
            map.shift_remove(key);
        }
        if !self.cx.privileged() {
            map.shift_remove("$createdAt");
            map.shift_remove("$updatedAt");
        }
        match input::inner_permissions(map.get("$permissions"))? {
            Some(list) => map.insert("$permissions".into(), checked(self.cx, &list)?.into()),
            None => map.shift_remove("$permissions"),
        };
        let related = self.reader.related(relation)?;
        if self.creating {
            self.check_rights(&related, &id)?;
        }
        map.insert("$id".into(), id.into());
        self.document(&related, map, level + 1)
    }

    /// Inside of a creation, documents that are there can be changed only where their own permissions count.
    fn check_rights(&self, related: &Collection, id: &str) -> Result<()> {
        let present = self.reader.get(&OWN, related, id)?.is_some();
        let action = if present { Action::Update } else { Action::Create };
        if self.cx.access().allows(&related.permissions, action) && (!present || related.document_security) {
            return Ok(());
        }
        Err(denied(self.cx, &related.permissions, action))
    }
}

fn check_id(id: &str) -> Result<()> {
    match Check::CustomId.apply(id.into()) {
        Ok(_) => Ok(()),
        Err(why) => refuse(why),
    }
}
