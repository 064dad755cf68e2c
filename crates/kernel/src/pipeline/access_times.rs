//! When projects, users and keys were last used, to the day: one write a day for each, not one a request.
use std::sync::Arc;

use access::Access;
use database::{Document, Namespace, Update};
use protocol::Timestamp;
use serde_json::{Map, Value, json};

use crate::actor::{Actor, ActorKind, Identity};
use crate::app::App;
use crate::project::Project;
use crate::request::Request;

/// Age beyond which a time is written anew.
const DAY: i64 = 24 * 3_600;
const WHY: Access = Access::System("when something was last used");
/// Names that the kits for servers call themselves; others are not noted.
const KITS: &[&str] = &["node.js", "php", "python", "ruby", "go", ".net", "dart", "kotlin", "swift", "rust", "graphql", "rest"];

/// One document to be changed.
struct Due {
    ns: Namespace,
    table: &'static str,
    doc: Arc<Document>,
    data: Map<String, Value>,
}

/// Writes the time of this request where the last one is older than a day. A failure costs the note, not the request.
pub(super) fn note(app: &App, req: &Request, project: &Project, actor: &mut Actor) {
    let now = app.now();
    let mut due = Vec::new();
    if let Some(doc) = project.doc.as_ref().filter(|d| old(d, now)) {
        due.push(Due { ns: Namespace(0), table: "projects", doc: doc.clone(), data: stamp(now) });
    }
    if let Some(identity) = actor.identity.as_ref().filter(|i| old(&i.user, now)) {
        let ns = if actor.kind == ActorKind::Admin { Namespace(0) } else { project.namespace };
        due.push(Due { ns, table: "users", doc: identity.user.clone(), data: stamp(now) });
    }
    for (table, key) in [("keys", &actor.key), ("devKeys", &actor.dev_key)] {
        let Some(key) = key else { continue };
        let kit = req.headers.get("x-sdk-name").map(str::to_lowercase).filter(|k| KITS.contains(&k.as_str()));
        let data = of_key(key, kit, now);
        if !data.is_empty() {
            due.push(Due { ns: Namespace(0), table, doc: key.clone(), data });
        }
    }
    if due.iter().any(|d| d.table == "users") {
        seen(actor, now);
    }
    if !due.is_empty() {
        write(app, due, now);
    }
}

/// This request's own answer shows the user as seen now.
fn seen(actor: &mut Actor, now: Timestamp) {
    let Some(identity) = &actor.identity else { return };
    let mut user = Document::clone(&identity.user);
    user.data.extend(stamp(now));
    actor.identity = Some(Arc::new(Identity { user: Arc::new(user), ..Identity::clone(identity) }));
}

fn old(doc: &Document, now: Timestamp) -> bool {
    doc.time("accessedAt").is_none_or(|t| t.plus_seconds(DAY) < now)
}

fn stamp(now: Timestamp) -> Map<String, Value> {
    Map::from_iter([("accessedAt".to_owned(), now.format().into())])
}

/// The time, and a kit that was not seen with this key before.
fn of_key(key: &Document, kit: Option<String>, now: Timestamp) -> Map<String, Value> {
    let mut data = if old(key, now) { stamp(now) } else { Map::new() };
    if let Some(kit) = kit.filter(|k| key.strings("sdks").all(|s| s != k)) {
        let sdks: Vec<&str> = key.strings("sdks").chain(std::iter::once(kit.as_str())).collect();
        data.insert("sdks".into(), json!(sdks));
        data.extend(stamp(now));
    }
    data
}

/// Requests that come while one of them writes do not write the same again.
fn write(app: &App, mut due: Vec<Due>, now: Timestamp) {
    let names: Vec<String> = due.iter().map(|d| format!("{}/{}/{}", d.ns.0, d.table, d.doc.id)).collect();
    let mine: Vec<bool> = {
        let mut noting = app.noting.lock();
        names.iter().map(|n| noting.insert(n.clone())).collect()
    };
    let mut turns = mine.iter();
    due.retain(|_| turns.next().copied().unwrap_or(false));
    if !due.is_empty() {
        let done = app.write(move |tx| {
            for d in due {
                let coll = tx.collection(d.ns, d.table)?;
                let update = Update { data: d.data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None };
                match tx.update(&WHY, &coll, &d.doc.id, update) {
                    Ok(_) | Err(database::DbError::NotFound) => {}
                    Err(e) => return Err(e.into()),
                }
            }
            Ok(())
        });
        if let Err(e) = done {
            tracing::warn!(error = ?e.0, "the time of an access could not be noted");
        }
    }
    let mut noting = app.noting.lock();
    for (name, _) in names.iter().zip(&mine).filter(|(_, mine)| **mine) {
        noting.remove(name);
    }
}
