//! How many databases, collections and documents there are and what they take, over time. These figures are those of what is there now, by when it
//! came: what was deleted leaves no trace. Reads and writes are counted as they happen.
use std::sync::Arc;

use database::{Collection, Cursor, Document, Find, Reader};
use kernel::meter::{self, Figures, Metric};
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, Query, QueryMethod, params};
use serde_json::{Value, json};

use super::place::{self, shelf, store_name};
use super::words::model as word;
use crate::support::{OWN, Steps, object};

/// Records of collections read at once.
const PAGE: u64 = 1_000;

params! {
    pub(crate) struct All { range: String = "range", Check::Enum(&["24h", "30d", "90d"]), or Str("30d"); }
}
params! {
    pub(crate) struct OfDatabase {
        database_id: String = "databaseId", Check::Uid, required;
        range: String = "range", Check::Enum(&["24h", "30d", "90d"]), or Str("30d");
    }
}
params! {
    pub(crate) struct OfCollection {
        database_id: String = "databaseId", Check::Uid, required;
        range: String = "range", Check::Enum(&["24h", "30d", "90d"]), or Str("30d");
        collection_id: String = "collectionId" | "tableId", Check::Uid, required;
    }
}

endpoint! {
    /// Gets figures about all databases.
    ALL: Get "/v1/databases/usage" => 200 "usageDatabases" by all(All);
    sdk ["databases.listUsage"] auth [Admin] scope ["collections.read"] groups [NotConsole]
}
endpoint! {
    /// Gets figures about all databases.
    ALL_TABLES: Get "/v1/tablesdb/usage" => 200 "usageDatabases" by all(All); vocab Tables
    sdk ["tablesDB.listUsage"] auth [Admin] scope ["tables.read", "collections.read"] groups [NotConsole]
}
endpoint! {
    /// Gets figures about a database.
    DATABASE: Get "/v1/databases/:databaseId/usage" => 200 "usageDatabase" by database(OfDatabase);
    sdk ["databases.getUsage"] auth [Admin] scope ["collections.read"] groups [NotConsole]
}
endpoint! {
    /// Gets figures about a database.
    DATABASE_TABLES: Get "/v1/tablesdb/:databaseId/usage" => 200 "usageDatabase" by database(OfDatabase); vocab Tables
    sdk ["tablesDB.getUsage"] auth [Admin] scope ["tables.read", "collections.read"] groups [NotConsole]
}
endpoint! {
    /// Gets figures about a collection.
    COLLECTION: Get "/v1/databases/:databaseId/collections/:collectionId/usage" => 200 "usageCollection" by collection(OfCollection);
    sdk ["databases.getCollectionUsage"] auth [Admin] scope ["collections.read"] groups [NotConsole]
}
endpoint! {
    /// Gets figures about a table.
    TABLE: Get "/v1/tablesdb/:databaseId/tables/:tableId/usage" => 200 "usageTable" by collection(OfCollection); vocab Tables
    sdk ["tablesDB.getTableUsage"] auth [Admin] scope ["tables.read", "collections.read"] groups [NotConsole]
}

/// How many documents of a collection there were at the end of each step: from what there is now back to the begin of the range, so that older
/// documents are not looked at.
fn course(reader: &Reader, collection: &Collection, steps: Steps) -> Result<Vec<u64>> {
    let mut left = reader.count(&OWN, collection, &[], None)?;
    let mut figures = vec![0; steps.len()];
    let bounds: Vec<_> = steps.bounds().collect();
    for (figure, (from, to)) in figures.iter_mut().zip(bounds).rev() {
        *figure = left;
        let is = |method, time: protocol::Timestamp| Query::new(method, "$createdAt", vec![time.format().into()]);
        let came = reader.count(&OWN, collection, &[is(QueryMethod::GreaterThanEqual, from), is(QueryMethod::LessThan, to)], None)?;
        left = left.saturating_sub(came);
    }
    Ok(figures)
}

/// Figures that add up over collections.
struct Sum {
    collections: Vec<u64>,
    documents: Vec<u64>,
    storage: Vec<u64>,
}

impl Sum {
    fn none(steps: Steps) -> Self {
        let zeros = || vec![0; steps.len()];
        Self { collections: zeros(), documents: zeros(), storage: zeros() }
    }

    fn add_database(&mut self, cx: &Cx<'_>, reader: &Reader, database: &Document, steps: Steps) -> Result<()> {
        let Some(shelf) = reader.collection(cx.ns(), &shelf(database))? else { return Ok(()) };
        add(&mut self.collections, &course(reader, &shelf, steps)?);
        each(reader, &shelf, |collection| {
            let Some(store) = reader.collection(cx.ns(), &store_name(database, collection))? else { return Ok(()) };
            let documents = course(reader, &store, steps)?;
            let (bytes, now) = (reader.stored_bytes(&store)?, last(&documents).max(1));
            let share = |n: &u64| u64::try_from(u128::from(bytes) * u128::from(*n) / u128::from(now)).unwrap_or(u64::MAX);
            add(&mut self.storage, &documents.iter().map(share).collect::<Vec<_>>());
            add(&mut self.documents, &documents);
            Ok(())
        })
    }
}

/// All documents of one of the server's own collections.
fn each(reader: &Reader, collection: &Collection, mut f: impl FnMut(&Document) -> Result<()>) -> Result<()> {
    let mut find = Find { limit: PAGE, ..Find::default() };
    loop {
        let page: Vec<Arc<Document>> = reader.find(&OWN, collection, &find)?.documents;
        page.iter().try_for_each(|d| f(d))?;
        match page.last() {
            Some(last) if page.len() as u64 == PAGE => find.cursor = Some(Cursor { id: last.id.clone(), before: false }),
            _ => return Ok(()),
        }
    }
}

fn add(sum: &mut [u64], more: &[u64]) {
    sum.iter_mut().zip(more).for_each(|(s, m)| *s += m);
}

fn last(figures: &[u64]) -> u64 {
    figures.last().copied().unwrap_or(0)
}

fn all(cx: &mut Cx<'_>, p: All) -> Result<Reply> {
    let (steps, reader, databases) = (Steps::of(&p.range, cx.now()), cx.read(), cx.collection("databases")?);
    let mut sum = Sum::none(steps);
    each(&reader, &databases, |database| sum.add_database(cx, &reader, database, steps))?;
    let mut map = figures(steps, &p.range, &sum);
    let count = course(&reader, &databases, steps)?;
    map.insert("databasesTotal".into(), last(&count).into());
    map.insert("databases".into(), steps.dated(count).into());
    operations(cx, &mut map, steps, "databases", None)?;
    Ok(Reply::Model("usageDatabases", map))
}

fn database(cx: &mut Cx<'_>, p: OfDatabase) -> Result<Reply> {
    let (steps, reader) = (Steps::of(&p.range, cx.now()), cx.read());
    let database = place::database(cx, &p.database_id)?;
    let mut sum = Sum::none(steps);
    sum.add_database(cx, &reader, &database, steps)?;
    let mut map = figures(steps, &p.range, &sum);
    operations(cx, &mut map, steps, "database", Some(database.sequence))?;
    Ok(Reply::Model("usageDatabase", map))
}

/// Both vocabularies name the same things.
fn figures(steps: Steps, range: &str, sum: &Sum) -> serde_json::Map<String, Value> {
    let (collections, documents, storage) = (&sum.collections, &sum.documents, &sum.storage);
    let dated = |figures: &[u64]| Value::Array(steps.dated(figures.iter().copied()));
    object(json!({
        "range": range,
        "collectionsTotal": last(collections), "tablesTotal": last(collections), "documentsTotal": last(documents), "rowsTotal": last(documents),
        "storageTotal": last(storage), "collections": dated(collections), "tables": dated(collections), "documents": dated(documents),
        "rows": dated(documents), "storage": dated(storage),
    }))
}

/// Counts documents that a request has read in a database: one at least, as a look for something that is not there is a read, too.
pub(super) fn count_read(cx: &Cx<'_>, database: &Document, n: u64) {
    cx.app.meter.add(cx.ns(), Metric::Reads(Some(database.sequence)), n.max(1));
}

/// Counts documents that a request has written in a database: one at least.
pub(super) fn count_written(cx: &Cx<'_>, database: &Document, n: u64) {
    cx.app.meter.add(cx.ns(), Metric::Writes(Some(database.sequence)), n.max(1));
}

/// Documents read and written.
fn operations(cx: &Cx<'_>, map: &mut serde_json::Map<String, Value>, steps: Steps, of: &str, database: Option<u64>) -> Result<()> {
    meter::flush(cx.app);
    let reader = cx.read();
    let figures = Figures::of(cx.app, &reader, cx.ns())?;
    for (what, metric) in [("Reads", Metric::Reads(database)), ("Writes", Metric::Writes(database))] {
        map.insert(format!("{of}{what}Total"), figures.total(metric)?.into());
        map.insert(format!("{of}{what}"), steps.dated(figures.steps(metric, steps.bounds())?).into());
    }
    Ok(())
}

fn collection(cx: &mut Cx<'_>, p: OfCollection) -> Result<Reply> {
    let steps = Steps::of(&p.range, cx.now());
    let place = place::place(cx, &p.database_id, &p.collection_id)?;
    let documents = course(&cx.read(), &place.schema, steps)?;
    let (total, key) = (word(cx, "documentsTotal", "rowsTotal"), word(cx, "documents", "rows"));
    let map = json!({"range": p.range, total: last(&documents), key: steps.dated(documents)});
    Ok(Reply::Model(word(cx, "usageCollection", "usageTable"), object(map)))
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&ALL, &DATABASE, &COLLECTION, &ALL_TABLES, &DATABASE_TABLES, &TABLE];
