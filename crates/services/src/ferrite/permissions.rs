//! "May this user do that with this, and by which rule?"
use access::{Action, Roles};
use database::{Collection, Document, Namespace};
use kernel::{App, Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{ApiError, Check, ErrorKind, params};
use serde_json::{Map, Value, json};

use super::roles::{Held, roles_of};
use crate::support::{OWN, object};

params! {
    pub(crate) struct Ask {
        user_id: String = "userId", Check::Text { min: 0, max: 36 }, or Str("");
        action: String = "action", Check::Enum(&["create", "read", "update", "delete"]), required;
        resource: String = "resource", Check::Text { min: 1, max: 512 }, required;
    }
}

endpoint! {
    /// Tells whether a user (or, without an id, a guest) may do something with a document, row or file, a collection, table or bucket, and which rule
    /// decides.
    EXPLAIN: Get "/v1/ferrite/permissions/explain" => 200 "any" by endpoint(Ask);
    sdk ["ferrite.explainPermission"] auth [Admin, Key] scope ["users.read"] groups [NotConsole]
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Id of a user; empty for a guest.
    pub user_id: String,
    /// `create`, `read`, `update` or `delete`.
    pub action: String,
    /// `databases/ID/collections/ID[/documents/ID]`, the same with `tables` and `rows`, or `buckets/ID[/files/ID]`.
    pub resource: String,
}

/// A resource with all that decides about it.
struct Resource {
    /// What the outer permissions belong to: `collection`, `table` or `bucket`.
    outer_name: &'static str,
    /// What the inner ones belong to: `document`, `row` or `file`.
    inner_name: &'static str,
    outer: Vec<String>,
    /// Permissions of the item, when one is named.
    inner: Option<Vec<String>>,
    /// Whether permissions of items count.
    secured: bool,
    /// Why nobody but servers sees it, whatever permissions say.
    closed: Option<String>,
}

fn endpoint(cx: &mut Cx<'_>, p: Ask) -> Result<Reply> {
    let question = Question { user_id: p.user_id, action: p.action, resource: p.resource };
    Ok(Reply::Model("any", explain(cx.app, cx.ns(), &question)?))
}

/// Answers a question.
///
/// # Errors
/// What is not there, and resources that cannot be read.
pub fn explain(app: &App, ns: Namespace, question: &Question) -> Result<Map<String, Value>> {
    let refuse = |text: &str| Error::with(ErrorKind::GeneralArgumentInvalid, text.to_owned());
    let action = Action::parse(&question.action).ok_or_else(|| refuse("The action must be one of: create, read, update, delete"))?;
    let parts: Vec<&str> = question.resource.trim_matches('/').split('/').collect();
    let resource = match parts.as_slice() {
        ["databases" | "tablesdb", database, kind @ ("collections" | "tables"), collection] => documents(app, ns, database, kind, collection, None)?,
        ["databases" | "tablesdb", database, kind @ ("collections" | "tables"), collection, "documents" | "rows", id] => {
            documents(app, ns, database, kind, collection, Some(id))?
        }
        ["buckets", bucket] => files(app, ns, bucket, None)?,
        ["buckets", bucket, "files", id] => files(app, ns, bucket, Some(id))?,
        _ => return Err(refuse("The resource must be databases/ID/collections/ID[/documents/ID] (or tables and rows) or buckets/ID[/files/ID]")),
    };
    let held = roles_of(app, ns, &question.user_id)?;
    let blocked = !question.user_id.is_empty() && is_blocked(app, ns, &question.user_id)?;
    Ok(answer(question, action, &resource, &held, blocked))
}

fn is_blocked(app: &App, ns: Namespace, user_id: &str) -> Result<bool> {
    let user = app.db.read().get(&OWN, &*app.collection(ns, "users")?, user_id)?;
    Ok(user.is_some_and(|u| u.value("status") == &Value::Bool(false)))
}

/// The first rule that decides.
fn answer(question: &Question, action: Action, resource: &Resource, held: &[Held], blocked: bool) -> Map<String, Value> {
    let roles: Roles = held.iter().map(|h| h.role.as_str()).collect();
    let find = |list: &[String]| list.iter().find(|p| action.role_in(p).is_some_and(|r| roles.contains(r))).cloned();
    let inner = resource.inner.as_deref().unwrap_or_default();
    // Nobody is given the right to create by an item.
    let counts = resource.secured && action != Action::Create;
    let (outer_rule, inner_rule) = (find(&resource.outer), find(inner));
    let rule = |level: &str, permission: &str| {
        let role = action.role_in(permission).unwrap_or_default();
        let why = held.iter().find(|h| h.role == role).map_or("", |h| h.why.as_str());
        json!({"level": level, "permission": permission, "role": role, "why": why})
    };
    let (allowed, decided, reason) = if blocked {
        (false, Value::Null, "The user is blocked: every request is refused.".to_owned())
    } else if let Some(closed) = &resource.closed {
        (false, Value::Null, closed.clone())
    } else if let Some(p) = &outer_rule {
        (true, rule(resource.outer_name, p), format!("The {} allows it.", resource.outer_name))
    } else if let Some(p) = inner_rule.as_ref().filter(|_| counts) {
        (true, rule(resource.inner_name, p), format!("The {} allows it.", resource.inner_name))
    } else {
        (false, Value::Null, missing(resource, action, inner_rule.as_deref()))
    };
    let needed: Vec<&str> = resource.outer.iter().chain(inner.iter().filter(|_| counts)).filter(|p| action.role_in(p).is_some()).map(String::as_str).collect();
    let held: Vec<Value> = held.iter().map(|h| json!({"role": h.role, "why": h.why})).collect();
    object(json!({
        "allowed": allowed, "userId": question.user_id, "action": action.as_str(), "resource": question.resource, "rule": decided, "reason": reason,
        "wouldAllow": needed, "roles": held,
    }))
}

/// What is missing.
fn missing(resource: &Resource, action: Action, ignored: Option<&str>) -> String {
    let (outer, inner) = (resource.outer_name, resource.inner_name);
    if let Some(permission) = ignored {
        let why =
            if action == Action::Create { "the right to create is given by no item".to_owned() } else { format!("{inner} security of the {outer} is off") };
        return format!("The {inner} has {permission}, which does not count: {why}. The {outer} gives {action} to no role that is held.");
    }
    match (&resource.inner, resource.secured) {
        (Some(_), true) => format!("Neither the {outer} nor the {inner} gives {action} to a role that is held."),
        (None, true) if action != Action::Create => {
            format!("The {outer} gives {action} to no role that is held; each {inner} may by its own permissions.")
        }
        _ => format!("The {outer} gives {action} to no role that is held."),
    }
}

fn not_found(kind: ErrorKind, id: &str) -> Error {
    Error(ApiError::with(kind, kind.message().replacen("%s", id, 1)))
}

fn own(app: &App, ns: Namespace, collection: &str, id: &str, kind: ErrorKind) -> Result<std::sync::Arc<Document>> {
    app.db.read().get(&OWN, &*app.collection(ns, collection)?, id)?.ok_or_else(|| not_found(kind, id))
}

fn item(app: &App, store: &Collection, id: Option<&str>, kind: ErrorKind) -> Result<Option<Vec<String>>> {
    let Some(id) = id else { return Ok(None) };
    let found = app.db.read().get(&OWN, store, id)?.ok_or_else(|| not_found(kind, id))?;
    Ok(Some(found.permissions.clone()))
}

fn documents(app: &App, ns: Namespace, database: &str, kind: &str, collection: &str, id: Option<&str>) -> Result<Resource> {
    let tables = kind == "tables";
    let (outer_name, inner_name) = if tables { ("table", "row") } else { ("collection", "document") };
    let (no_outer, no_inner) =
        if tables { (ErrorKind::TableNotFound, ErrorKind::RowNotFound) } else { (ErrorKind::CollectionNotFound, ErrorKind::DocumentNotFound) };
    let database = own(app, ns, "databases", database, ErrorKind::DatabaseNotFound)?;
    let record = own(app, ns, &crate::databases::shelf(&database), collection, no_outer)?;
    let name = crate::databases::store_name(&database, &record);
    let store = app.db.read().collection(ns, &name)?.ok_or_else(|| not_found(no_outer, collection))?;
    let off = |d: &Document, what: &str| (!d.bool("enabled")).then(|| format!("The {what} is disabled: only servers and administrators see it."));
    Ok(Resource {
        outer_name,
        inner_name,
        outer: store.permissions.clone(),
        inner: item(app, &store, id, no_inner)?,
        secured: store.document_security,
        closed: off(&database, "database").or_else(|| off(&record, outer_name)),
    })
}

fn files(app: &App, ns: Namespace, bucket: &str, id: Option<&str>) -> Result<Resource> {
    let record = own(app, ns, "buckets", bucket, ErrorKind::StorageBucketNotFound)?;
    let missing = || not_found(ErrorKind::StorageBucketNotFound, bucket);
    let store = app.db.read().collection(ns, &crate::storage::shelf(&record))?.ok_or_else(missing)?;
    Ok(Resource {
        outer_name: "bucket",
        inner_name: "file",
        outer: record.permissions.clone(),
        inner: item(app, &store, id, ErrorKind::StorageFileNotFound)?,
        secured: store.document_security,
        closed: (!record.bool("enabled")).then(|| "The bucket is disabled: only servers and administrators see it.".to_owned()),
    })
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&EXPLAIN];
