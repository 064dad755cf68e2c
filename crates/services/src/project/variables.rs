//! Variables that the project's functions and sites find in their environment. Values are sealed at rest; those of secret ones are shown to nobody.
use database::{DbError, Document, NewDocument};
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, Query, lists, params};
use serde_json::{Map, Value, json};

use super::store;
use crate::support::{Listing, OWN, base, find, object, page};

/// Purpose of the seal.
const SEAL: &str = "variable";
/// What the variables here belong to; functions and sites have their own.
const KIND: &str = "project";

params! {
    pub(crate) struct List {
        queries: Vec<String> = "queries", Check::Queries(&lists::VARIABLES), or EmptyList;
        total: bool = "total", Check::Bool, or Bool(true);
    }
}
params! {
    pub(crate) struct Create {
        id: String = "variableId", Check::CustomId, required;
        key: String = "key", Check::Text { min: 1, max: 255 }, required;
        value: String = "value", Check::Text { min: 0, max: 8192 }, required;
        secret: bool = "secret", Check::Bool, or Bool(true);
    }
}
params! {
    pub(crate) struct One { id: String = "variableId", Check::Uid, required; }
}
params! {
    pub(crate) struct Change {
        id: String = "variableId", Check::Uid, required;
        key: Option<String> = "key", Check::Nullable(&Check::Text { min: 0, max: 255 }), optional;
        value: Option<String> = "value", Check::Nullable(&Check::Text { min: 0, max: 8192 }), optional;
        secret: Option<bool> = "secret", Check::Nullable(&Check::Bool), optional;
    }
}

endpoint! {
    /// Lists the project's variables.
    LIST: Get "/v1/project/variables" => 200 "variableList" by list(List);
    sdk ["project.listVariables"] auth [Admin, Key] scope ["project.read"] groups [NotConsole]
}
endpoint! {
    /// Creates a variable.
    CREATE: Post "/v1/project/variables" => 201 "variable" by create(Create);
    sdk ["project.createVariable"] auth [Admin, Key] scope ["project.write"]
    event "variables.[variableId].create" audit "project.variable.create" on "project.variable/{response.$id}" groups [NotConsole]
}
endpoint! {
    /// Gets a variable.
    GET: Get "/v1/project/variables/:variableId" => 200 "variable" by get(One);
    sdk ["project.getVariable"] auth [Admin, Key] scope ["project.read"] groups [NotConsole]
}
endpoint! {
    /// Changes a variable; a secret one stays secret.
    UPDATE: Put "/v1/project/variables/:variableId" => 200 "variable" by change(Change);
    sdk ["project.updateVariable"] auth [Admin, Key] scope ["project.write"]
    event "variables.[variableId].update" audit "project.variable.update" on "project.variable/{response.$id}" groups [NotConsole]
}
endpoint! {
    /// Deletes a variable.
    DELETE: Delete "/v1/project/variables/:variableId" => 204 "none" by delete(One);
    sdk ["project.deleteVariable"] auth [Admin, Key] scope ["project.write"]
    event "variables.[variableId].delete" audit "project.variable.delete" on "project.variable/{request.variableId}" groups [NotConsole]
}

/// Fields of `variable`.
fn model(cx: &Cx<'_>, doc: &Document) -> Result<Map<String, Value>> {
    let mut map = base(doc);
    let value = if doc.bool("secret") { String::new() } else { cx.app.keyring.open_text(SEAL, doc.str("value")).map_err(Error::internal)? };
    map.insert("value".into(), value.into());
    Ok(map)
}

fn seal(cx: &Cx<'_>, value: &str) -> Result<String> {
    cx.app.keyring.seal_text(SEAL, value).map_err(Error::internal)
}

fn search(id: &str, key: &str) -> String {
    [id, key, KIND].join(" ")
}

fn taken(e: DbError) -> Error {
    match e {
        DbError::Duplicate | DbError::Unique(_) => ErrorKind::VariableAlreadyExists.into(),
        e => e.into(),
    }
}

fn one(cx: &Cx<'_>, id: &str) -> Result<std::sync::Arc<Document>> {
    let found = cx.read().get(&OWN, &*cx.collection("variables")?, id)?;
    found.filter(|d| d.str("resourceType") == KIND).ok_or_else(|| ErrorKind::VariableNotFound.into())
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let request = find(cx, Listing::new(p.queries, p.total), vec![Query::equal("resourceType", KIND)])?;
    let found = page(cx, &OWN, &*cx.collection("variables")?, &request, "Variable")?;
    let items = found.documents.iter().map(|d| model(cx, d)).collect::<Result<_>>()?;
    Ok(Reply::list("variableList", "variables", "variable", items, found.total))
}

fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
    let (ns, now, id) = (cx.ns(), cx.now(), cx.custom_id(&p.id));
    let data = json!({"resourceType": KIND, "resourceId": "", "key": p.key, "value": seal(cx, &p.value)?, "secret": p.secret, "search": search(&id, &p.key)});
    let new = NewDocument { id, permissions: Vec::new(), data: object(data), created_at: now, updated_at: now };
    let made = cx.write(move |tx| {
        let coll = tx.collection(ns, "variables")?;
        tx.create(&OWN, &coll, new).map_err(taken)
    })?;
    Ok(Reply::Model("variable", model(cx, &made)?))
}

fn get(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    Ok(Reply::Model("variable", model(cx, &*one(cx, &p.id)?)?))
}

fn change(cx: &mut Cx<'_>, p: Change) -> Result<Reply> {
    one(cx, &p.id)?;
    let mut data = Map::new();
    if let Some(key) = &p.key {
        data.insert("key".into(), key.as_str().into());
        data.insert("search".into(), search(&p.id, key).into());
    }
    if let Some(value) = &p.value {
        data.insert("value".into(), seal(cx, value)?.into());
    }
    data.extend(p.secret.map(|on| ("secret".to_owned(), on.into())));
    let (ns, id, unset) = (cx.ns(), p.id, p.secret == Some(false));
    let (empty, update) = (data.is_empty(), store::update(data, None, cx.now()));
    let done = cx.write(move |tx| {
        let coll = tx.collection(ns, "variables")?;
        let old = tx.db.get(&OWN, &coll, &id)?.ok_or(Error::from(ErrorKind::VariableNotFound))?;
        if unset && old.bool("secret") {
            return Err(ErrorKind::VariableCannotUnsetSecret.into());
        }
        if empty {
            return Err(ErrorKind::GeneralArgumentInvalid.into());
        }
        tx.update(&OWN, &coll, &id, update).map(|done| done.document).map_err(taken)
    })?;
    Ok(Reply::Model("variable", model(cx, &done)?))
}

fn delete(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    one(cx, &p.id)?;
    let (ns, id) = (cx.ns(), p.id);
    let gone = cx.write(move |tx| {
        let coll = tx.collection(ns, "variables")?;
        match tx.delete(&OWN, &coll, &id, None) {
            Err(DbError::NotFound) => Err(ErrorKind::VariableNotFound.into()),
            done => Ok(done?),
        }
    })?;
    let shown = model(cx, &gone)?;
    cx.event_payload("variable", shown);
    Ok(Reply::Empty)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&LIST, &CREATE, &GET, &UPDATE, &DELETE];
