//! How a list of documents is answered: the way taken, what it read, and why.
use access::Access;
use database::{Considered, Find, Plan, Total, Way};
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, params};
use serde_json::{Value, json};

use crate::databases::documents::read::{COUNT_CAP, parse};
use crate::databases::place;
use crate::databases::words::engine;
use crate::ferrite::roles_of;
use crate::support::object;

params! {
    pub(crate) struct Ask {
        database_id: String = "databaseId", Check::Uid, required;
        collection_id: String = "collectionId", Check::Uid, required;
        queries: Vec<String> = "queries", Check::QueryTexts, or EmptyList;
        total: bool = "total", Check::Bool, or Bool(true);
        user_id: Option<String> = "userId", Check::Nullable(&Check::Text { min: 0, max: 36 }), optional;
    }
}

endpoint! {
    /// Runs a list of documents (rows) and tells how it was answered: for the caller, for the user of `userId`, or, when that is empty, for a guest.
    EXPLAIN: Get "/v1/ferrite/databases/:databaseId/collections/:collectionId/explain" => 200 "any" by explain(Ask);
    sdk ["databases.explain"] auth [Admin, Key] scope ["collections.read", "tables.read"] groups [NotConsole]
}

fn explain(cx: &mut Cx<'_>, p: Ask) -> Result<Reply> {
    let reader = cx.read_in_time();
    let place = place::place_in(cx, &reader, &p.database_id, &p.collection_id)?;
    let access = match &p.user_id {
        None => cx.access(),
        Some(id) => Access::of(roles_of(cx.app, cx.ns(), id)?.into_iter().map(|held| held.role).collect()),
    };
    let mut find = Find::from_queries(parse(&p.queries)?, 0).map_err(|e| engine(cx, e))?;
    find.total = if p.total { Total::Capped(COUNT_CAP) } else { Total::None };
    let plan = reader.explain(&access, &place.schema, &find).map_err(|e| engine(cx, e))?;
    Ok(Reply::Model("any", object(view(&plan))))
}

fn view(plan: &Plan) -> Value {
    let considered = |c: &Considered| json!({"way": way(&c.way), "ordered": c.ordered, "reads": c.reads, "cost": c.cost});
    json!({
        "way": way(&plan.way),
        "why": plan.why,
        "ordered": plan.ordered,
        "conditionsChecked": plan.checked,
        "documentsRead": plan.records,
        "entriesRead": plan.entries,
        "considered": plan.considered.iter().map(considered).collect::<Vec<_>>(),
    })
}

fn way(way: &Way) -> Value {
    match way {
        Way::Nothing => json!({"type": "nothing"}),
        Way::Ids => json!({"type": "ids"}),
        Way::Scan => json!({"type": "scan"}),
        Way::Roles => json!({"type": "roles"}),
        Way::Index(key) => json!({"type": "index", "index": key}),
        Way::RolesAndIndex(key) => json!({"type": "rolesAndIndex", "index": key}),
        Way::Words(key) => json!({"type": "words", "index": key}),
        Way::Spatial(key) => json!({"type": "spatial", "index": key}),
        Way::Union(ways) => json!({"type": "union", "branches": ways.iter().map(self::way).collect::<Vec<_>>()}),
    }
}

pub(in crate::databases) const ENDPOINTS: &[&Endpoint] = &[&EXPLAIN];
