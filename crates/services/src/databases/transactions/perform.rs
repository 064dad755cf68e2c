//! Doing the operations of a transaction, all inside one transaction of the store.
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use access::{Access, Action as Right};
use database::{Collection, DbError, Document, Find, Namespace, NewDocument, Update};
use kernel::{Cx, Error, Result, Tx, db_error};
use protocol::spec::Vocab;
use protocol::{ErrorKind, Query, QueryMethod, Timestamp};
use serde_json::{Map, Value};

use super::log::{Action, Operation, fingerprint};
use crate::databases::documents::input::{self, Input};
use crate::databases::documents::model::Change;
use crate::databases::documents::numbers::{Refusal, Step, next};
use crate::databases::documents::related;
use crate::databases::documents::upsert::{self, Wanted};
use crate::databases::words::named;
use crate::support::OWN;

/// Something to be done, taken apart and checked as far as is possible outside.
pub(super) struct Task {
    database_id: String,
    collection_id: String,
    store: String,
    base: Base,
    work: Work,
}

/// What an operation was made for: a document that is another by now is a conflict.
struct Base {
    /// When it came.
    at: Timestamp,
    /// What its document was then; empty when it named none.
    seen: String,
}

enum Work {
    Create(NewDocument),
    Update(String, Update),
    Upsert(Wanted),
    Delete(String),
    Step(String, Step),
    UpdateWhere(Find, Update),
    DeleteWhere(Find),
}

/// What was done to a document.
pub(super) struct Done {
    pub(super) database_id: String,
    pub(super) collection_id: String,
    pub(super) change: Change,
    pub(super) document: Document,
}

/// Data as they are kept until the commit: lists of one object, as some clients send them, are that object.
pub(super) fn readable(data: Value) -> Value {
    if data.is_null() { Value::Object(Map::new()) } else { data }
}

/// Takes operations apart. Bulk operations become one task a document where they name documents.
pub(super) fn tasks(cx: &Cx<'_>, operations: Vec<Operation>) -> Result<Vec<Task>> {
    let mut tasks = Vec::with_capacity(operations.len());
    for op in operations {
        let Operation { action, database_id, collection_id, store, document_id, mut data, at, seen } = op;
        if let (Some(schema), Value::Object(map)) = (cx.read().collection(cx.ns(), &store)?, &mut data) {
            related::prepare(cx, &schema, map, false)?;
        }
        let mut add = |work| {
            let base = Base { at, seen: seen.clone() };
            tasks.push(Task { database_id: database_id.clone(), collection_id: collection_id.clone(), store: store.clone(), base, work });
        };
        match action {
            Action::Create => add(Work::Create(new(cx, document_id, input::object(data))?)),
            Action::Upsert => add(Work::Upsert(wanted(cx, document_id, input::object(data))?)),
            Action::Update => add(Work::Update(document_id, change(cx, input::object(data))?)),
            Action::Delete => add(Work::Delete(document_id)),
            Action::Increment | Action::Decrement => add(Work::Step(document_id, step(&input::object(data), action == Action::Decrement))),
            Action::BulkCreate => items(data).into_iter().try_for_each(|d| new(cx, String::new(), d).map(|n| add(Work::Create(n))))?,
            Action::BulkUpsert => items(data).into_iter().try_for_each(|d| wanted(cx, String::new(), d).map(|n| add(Work::Upsert(n))))?,
            Action::BulkUpdate => {
                let mut data = input::object(data);
                let values = input::object(data.get_mut("data").map(Value::take).unwrap_or_default());
                add(Work::UpdateWhere(meant(cx, &data)?, Update { touch: true, ..change(cx, values)? }));
            }
            Action::BulkDelete => add(Work::DeleteWhere(meant(cx, &input::object(data))?)),
        }
    }
    Ok(tasks)
}

fn items(data: Value) -> Vec<Map<String, Value>> {
    match data {
        Value::Array(list) => list.into_iter().map(input::object).collect(),
        other => vec![input::object(other)],
    }
}

/// Id, attributes and permissions of one document. The id in the data is the one that was settled when the operation came.
fn parts(cx: &Cx<'_>, id: String, data: Map<String, Value>) -> Result<(String, Input, Option<Vec<String>>)> {
    let input = input::split(cx, data)?;
    let id = input.id.clone().filter(|_| id.is_empty() || id == "unique()").unwrap_or(id);
    let id = if id.is_empty() { cx.new_id() } else { cx.custom_id(&id) };
    let permissions = input::inner_permissions(input.permissions.as_ref())?.map(|list| access::expand(&list, &Right::ITEM));
    Ok((id, input, permissions))
}

fn new(cx: &Cx<'_>, id: String, data: Map<String, Value>) -> Result<NewDocument> {
    let (id, input, permissions) = parts(cx, id, data)?;
    let (created_at, updated_at) = (input.created_at.unwrap_or_else(|| cx.now()), input.updated_at.unwrap_or_else(|| cx.now()));
    Ok(NewDocument { id, permissions: permissions.unwrap_or_default(), data: input.data, created_at, updated_at })
}

fn wanted(cx: &Cx<'_>, id: String, data: Map<String, Value>) -> Result<Wanted> {
    let (id, input, permissions) = parts(cx, id, data)?;
    Ok(Wanted { id, input, permissions, for_new: Vec::new(), now: cx.now(), unless_newer: None })
}

fn change(cx: &Cx<'_>, data: Map<String, Value>) -> Result<Update> {
    let (_, input, permissions) = parts(cx, String::new(), data)?;
    let updated_at = input.updated_at.unwrap_or_else(|| cx.now());
    Ok(Update { data: input.data, permissions, updated_at, created_at: input.created_at, touch: false, unless_newer: None })
}

fn step(data: &Map<String, Value>, down: bool) -> Step {
    let attribute = ["attribute", "column"].iter().find_map(|k| data.get(*k)?.as_str()).unwrap_or_default().to_owned();
    let bound = data.get(if down { "min" } else { "max" }).filter(|v| !v.is_null()).cloned();
    Step { attribute, by: Value::Number(super::overlay::amount(data, false)), bound, down }
}

/// The documents that a bulk operation means.
fn meant(cx: &Cx<'_>, data: &Map<String, Value>) -> Result<Find> {
    let texts: Vec<&str> = data.get("queries").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let queries = Query::parse_all(&texts).map_err(|why| Error::with(ErrorKind::GeneralQueryInvalid, why))?;
    let limited = queries.iter().any(|q| q.method == QueryMethod::Limit);
    let mut find = Find::from_queries(queries, 0).map_err(|e| db_error(e, cx.vocab()))?;
    if !limited {
        find.limit = u64::from(u32::MAX);
    }
    Ok(find)
}

/// Does tasks in order.
pub(super) struct Performer<'t, 'w, 'a, 'tx> {
    pub(super) tx: &'t mut Tx<'w, 'a, 'tx>,
    pub(super) ns: Namespace,
    pub(super) access: Access,
    pub(super) vocab: Vocab,
    pub(super) now: Timestamp,
    /// Documents this transaction has written already: those it may write again without asking what others did.
    pub(super) own: HashSet<(u32, String)>,
    pub(super) collections: HashMap<String, Arc<Collection>>,
}

impl Performer<'_, '_, '_, '_> {
    /// Does all; the first that cannot be done ends it.
    pub(super) fn all(&mut self, tasks: Vec<Task>) -> Result<Vec<Done>> {
        let mut all = Vec::with_capacity(tasks.len());
        for task in tasks {
            let Task { database_id, collection_id, store, base, work } = task;
            let coll = match self.collections.get(&store) {
                Some(coll) => coll.clone(),
                None => {
                    let coll = self.tx.collection(self.ns, &store).map_err(|e| match e {
                        DbError::CollectionNotFound => named(ErrorKind::CollectionNotFound, &collection_id),
                        e => e.into(),
                    })?;
                    self.collections.insert(store, coll.clone());
                    coll
                }
            };
            for (change, document) in self.one(&coll, &base, work)? {
                all.push(Done { database_id: database_id.clone(), collection_id: collection_id.clone(), change, document });
            }
        }
        Ok(all)
    }

    fn one(&mut self, coll: &Arc<Collection>, base: &Base, work: Work) -> Result<Vec<(Change, Document)>> {
        Ok(match work {
            Work::Create(new) => {
                let id = new.id.clone();
                let made = self.tx.create(&self.access, coll, new).map_err(|e| self.refused(e, &id))?;
                vec![(Change::Create, self.written(coll, made))]
            }
            Work::Update(id, update) => vec![(Change::Update, self.update(coll, base, &id, update)?)],
            Work::Upsert(wanted) => vec![(Change::Update, self.upsert(coll, base, wanted)?)],
            Work::Delete(id) => vec![(Change::Delete, self.delete(coll, base, &id)?)],
            Work::Step(id, step) => vec![(Change::Update, self.step(coll, &id, &step)?)],
            Work::UpdateWhere(find, update) => {
                let ids = self.found(coll, &find)?;
                ids.iter().map(|id| Ok((Change::Update, self.update(coll, base, id, update.clone())?))).collect::<Result<_>>()?
            }
            Work::DeleteWhere(find) => {
                let ids = self.found(coll, &find)?;
                ids.iter().map(|id| Ok((Change::Delete, self.delete(coll, base, id)?))).collect::<Result<_>>()?
            }
        })
    }

    fn found(&self, coll: &Arc<Collection>, find: &Find) -> Result<Vec<String>> {
        let page = self.tx.db.find(&self.access, coll, find).map_err(|e| self.refused(e, ""))?;
        Ok(page.documents.iter().map(|d| d.id.clone()).collect())
    }

    fn update(&mut self, coll: &Arc<Collection>, base: &Base, id: &str, update: Update) -> Result<Document> {
        let update = Update { unless_newer: self.unless_newer(coll, id, base)?, ..update };
        let done = self.tx.update(&self.access, coll, id, update).map_err(|e| self.refused(e, id))?;
        Ok(self.written(coll, done.document))
    }

    /// A document of this transaction takes what is sent; any other needs all required attributes.
    fn upsert(&mut self, coll: &Arc<Collection>, base: &Base, wanted: Wanted) -> Result<Document> {
        let id = wanted.id.clone();
        let unless_newer = self.unless_newer(coll, &id, base)?;
        let lacks = coll.attributes.iter().find(|a| a.required && wanted.input.data.get(&a.key).is_none_or(Value::is_null));
        if let Some(a) = lacks.filter(|_| !self.is_own(coll, &id)) {
            let text = format!("Invalid document structure: Missing required attribute \"{}\"", a.key);
            return Err(self.refused(DbError::Structure(text), &id));
        }
        let wanted = Wanted { unless_newer, ..wanted };
        let done = upsert::apply(self.tx.db, &self.access, coll, wanted).map_err(|e| self.refused(e, &id))?;
        Ok(self.written(coll, done.document))
    }

    fn delete(&mut self, coll: &Arc<Collection>, base: &Base, id: &str) -> Result<Document> {
        let unless_newer = self.unless_newer(coll, id, base)?;
        let gone = self.tx.delete_at(&self.access, coll, id, unless_newer, self.now).map_err(|e| self.refused(e, id))?;
        self.own.remove(&(coll.id, gone.id.clone()));
        Ok(gone)
    }

    fn step(&mut self, coll: &Arc<Collection>, id: &str, step: &Step) -> Result<Document> {
        let (kind, type_invalid, limit) = match self.vocab {
            Vocab::Tables => (ErrorKind::ColumnNotFound, ErrorKind::ColumnTypeInvalid, ErrorKind::ColumnLimitExceeded),
            Vocab::Collections => (ErrorKind::AttributeNotFound, ErrorKind::AttributeTypeInvalid, ErrorKind::AttributeLimitExceeded),
        };
        let old = self.tx.db.get(&OWN, coll, id)?.ok_or_else(|| self.refused(DbError::NotFound, id))?;
        let attribute = coll.attribute(&step.attribute).ok_or_else(|| named(kind, &step.attribute))?;
        if !input::allowed(&self.access, coll, &old.permissions, Right::Update) {
            return Err(ErrorKind::UserUnauthorized.into());
        }
        next(&old, attribute, step).map_err(|e| match e {
            Refusal::Engine(e) => self.refused(e, id),
            Refusal::NotANumber => Error::with(type_invalid, format!("Attribute \"{}\" is not a number", step.attribute)),
            Refusal::Beyond => Error::with(limit, format!("Attribute value exceeds {} limit", if step.down { "minimum" } else { "maximum" })),
        })?;
        let data = Map::from_iter([(attribute.key.clone(), step.operator())]);
        let update = Update { data, permissions: None, updated_at: self.now, created_at: None, touch: true, unless_newer: None };
        // Steps add up, whatever others did meanwhile: they are no conflict.
        let done = self.tx.update(&self.access, coll, id, update).map_err(|e| self.refused(e, id))?;
        Ok(self.written(coll, done.document))
    }

    fn is_own(&self, coll: &Collection, id: &str) -> bool {
        self.own.contains(&(coll.id, id.to_owned()))
    }

    /// Refuses a document that is another than the operation was made for, unless this transaction made it so. Where the operation named no
    /// document there is only the time after which a change by others is a conflict.
    fn unless_newer(&self, coll: &Collection, id: &str, base: &Base) -> Result<Option<Timestamp>> {
        if self.is_own(coll, id) {
            return Ok(None);
        }
        if base.seen.is_empty() {
            return Ok(Some(base.at));
        }
        let now = self.tx.db.get(&OWN, coll, id)?;
        // One that has gone is missed by the engine, in other words.
        if base.seen != fingerprint(now.as_deref()) && now.is_some() { Err(ErrorKind::TransactionConflict.into()) } else { Ok(None) }
    }

    fn written(&mut self, coll: &Collection, document: Document) -> Document {
        self.own.insert((coll.id, document.id.clone()));
        document
    }

    /// An engine's refusal as a commit tells it: collections' words in both vocabularies.
    fn refused(&self, e: DbError, id: &str) -> Error {
        match e {
            DbError::NotFound => named(ErrorKind::DocumentNotFound, id),
            DbError::Duplicate | DbError::Unique(_) | DbError::Conflict => ErrorKind::TransactionConflict.into(),
            e @ DbError::Structure(_) => db_error(e, Vocab::Collections),
            e => db_error(e, self.vocab),
        }
    }
}
