//! Reading documents, the same for snapshots and transactions.
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Instant;

use access::{Access, Action};
use kv::{Bytes, Read};
use protocol::Query;

use crate::catalog::{self, Schema};
use crate::engine::Shared;
use crate::explain::Thoughts;
use crate::filter::Filter;
use crate::find::{Find, Page, Total};
use crate::index::IndexPlan;
use crate::plan::{self, Chosen, Path, Request, Walk, Wanted};
use crate::record::{View, damaged};
use crate::relations::filter::MAX_CONDITIONS;
use crate::scan::{self, Range, Row, Rows, Sequences};
use crate::select::{Place, Selection};
use crate::visibility::Visibility;
use crate::{Collection, DbError, Document, IndexKind, Namespace, checks, keys};

/// The clock is looked at once for so many rows: a row costs less than the look.
const ROWS_PER_LOOK: u32 = 32;

/// Numbers of a collection.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stats {
    /// Sequence of the next document.
    pub(crate) next: u64,
    /// Documents there are.
    pub(crate) count: u64,
}

impl Stats {
    pub(crate) fn read(kv: &dyn Read, collection: u32) -> Result<Self, DbError> {
        let Some(bytes) = kv.get(&keys::base(keys::table::STATS, collection))? else { return Ok(Self { next: 1, count: 0 }) };
        let number = |at: usize| bytes.get(at..).and_then(keys::number).ok_or_else(|| damaged("numbers of a collection"));
        Ok(Self { next: number(0)?, count: number(8)? })
    }

    pub(crate) fn bytes(self) -> Vec<u8> {
        [self.next.to_be_bytes(), self.count.to_be_bytes()].concat()
    }
}

/// A state to read from: the snapshot of a reader or a transaction in progress.
pub(crate) struct Context<'a> {
    pub(crate) kv: &'a dyn Read,
    pub(crate) shared: &'a Shared,
    /// Number of the commit, for snapshots.
    version: Option<u64>,
    records: Cell<u64>,
    entries: Cell<u64>,
    conditions: Cell<u32>,
    /// How the last way was chosen, for who asks.
    pub(crate) thoughts: Option<RefCell<Thoughts>>,
    /// When reading ends, done or not.
    pub(crate) deadline: Option<Instant>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(kv: &'a dyn Read, shared: &'a Shared, version: Option<u64>) -> Self {
        Self { kv, shared, version, records: Cell::new(0), entries: Cell::new(0), conditions: Cell::new(0), thoughts: None, deadline: None }
    }

    /// Counts entries read.
    pub(crate) fn note_entries(&self, n: u64) {
        self.entries.set(self.entries.get() + n);
    }

    /// Rows as long as there is time.
    fn timed(&self, rows: Rows<'a>) -> Rows<'a> {
        let Some(deadline) = self.deadline else { return rows };
        let mut seen = 0_u32;
        Box::new(rows.map(move |row| {
            seen = seen.wrapping_add(1);
            if seen.is_multiple_of(ROWS_PER_LOOK) && Instant::now() >= deadline { Err(DbError::Timeout) } else { row }
        }))
    }

    fn in_time(&self) -> Result<(), DbError> {
        if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) { Err(DbError::Timeout) } else { Ok(()) }
    }

    /// Counts conditions on related documents.
    pub(crate) fn note_condition(&self) -> Result<(), DbError> {
        self.conditions.set(self.conditions.get() + 1);
        if self.conditions.get() > MAX_CONDITIONS {
            return Err(DbError::Query("Invalid query: Too many conditions on related documents".to_owned()));
        }
        Ok(())
    }

    /// Records and entries read so far.
    pub(crate) fn reads(&self) -> (u64, u64) {
        (self.records.get(), self.entries.get())
    }

    pub(crate) fn stats(&self, collection: u32) -> Result<Stats, DbError> {
        Stats::read(self.kv, collection)
    }

    pub(crate) fn role_count(&self, collection: u32, role: &str) -> Result<u64, DbError> {
        catalog::number(self.kv, &keys::role_count(collection, role))
    }

    fn state(&self) -> catalog::State<'_> {
        catalog::State { kv: self.kv, version: self.version, store: &self.shared.store }
    }

    /// The schema of a name in this state.
    pub(crate) fn by_name(&self, ns: Namespace, name: &str) -> Result<Option<Arc<Schema>>, DbError> {
        self.shared.catalog.by_name(self.state(), ns, name)
    }

    /// The schema of a collection in this state; the one passed by a caller may be of another moment.
    pub(crate) fn schema(&self, collection: &Collection) -> Result<Arc<Schema>, DbError> {
        self.shared.catalog.by_id(self.state(), collection.id)?.ok_or(DbError::CollectionNotFound)
    }

    /// The schema of a number; `None` when it is dropped.
    pub(crate) fn schema_of(&self, id: u32) -> Result<Option<Arc<Schema>>, DbError> {
        self.shared.catalog.by_id(self.state(), id)
    }

    /// All collections of a namespace, by name.
    pub(crate) fn collections(&self, ns: Namespace) -> Result<Vec<Arc<Collection>>, DbError> {
        let mut out = Vec::new();
        for item in self.kv.prefix(&keys::name(ns.0, ""), false) {
            let id = keys::number(&item?.1).and_then(|n| u32::try_from(n).ok()).ok_or_else(|| damaged("catalog"))?;
            if let Some(schema) = self.shared.catalog.by_id(self.state(), id)? {
                out.push(schema.collection.clone());
            }
        }
        Ok(out)
    }

    /// Sequence of an id.
    pub(crate) fn sequence(&self, collection: u32, id: &str) -> Result<Option<u64>, DbError> {
        if id.is_empty() {
            return Ok(None);
        }
        Ok(self.kv.get(&keys::id(collection, id))?.and_then(|v| keys::number(&v)))
    }

    /// A record, kept for the next who looks at it.
    pub(crate) fn record(&self, collection: u32, sequence: u64) -> Result<Option<Bytes>, DbError> {
        let Some(version) = self.version else { return self.fetch(collection, sequence) };
        let key = (collection, sequence);
        if let Some(found) = self.shared.documents.record(key, version) {
            return Ok(Some(found));
        }
        let found = self.fetch(collection, sequence)?;
        if let Some(record) = &found {
            self.shared.documents.put_record(key, version, || self.shared.store.read().version(), record);
        }
        Ok(found)
    }

    /// A record out of the store.
    fn fetch(&self, collection: u32, sequence: u64) -> Result<Option<Bytes>, DbError> {
        self.records.set(self.records.get() + 1);
        Ok(self.kv.get(&keys::document(collection, sequence))?)
    }

    /// The decoded document.
    pub(crate) fn document(&self, collection: &Collection, sequence: u64, record: Option<&Bytes>) -> Result<Option<Arc<Document>>, DbError> {
        let key = (collection.id, sequence);
        if let Some(version) = self.version
            && let Some(found) = self.shared.documents.get(key, version, collection.version)
        {
            return Ok(Some(found));
        }
        let fetched;
        let record = match record {
            Some(r) => r,
            None => match self.fetch(collection.id, sequence)? {
                Some(r) => {
                    fetched = r;
                    &fetched
                }
                None => return Ok(None),
            },
        };
        let document = Arc::new(View::new(sequence, record)?.document(collection, None, self.shared.sealer())?);
        if let Some(version) = self.version {
            self.shared.documents.put(key, version, collection.version, || self.shared.store.read().version(), &document);
        }
        Ok(Some(document))
    }

    /// A document by id.
    fn by_document_id(&self, collection: &Collection, id: &str) -> Result<Option<Arc<Document>>, DbError> {
        if let Some(version) = self.version
            && let Some(found) = self.shared.documents.by_id(collection.id, id, version, collection.version)
        {
            return Ok(Some(found));
        }
        match self.sequence(collection.id, id)? {
            Some(sequence) => self.document(collection, sequence, None),
            None => Ok(None),
        }
    }

    /// A document by id, if the caller may read it.
    pub(crate) fn get(&self, access: &Access, collection: &Collection, id: &str) -> Result<Option<Arc<Document>>, DbError> {
        let schema = self.schema(collection)?;
        let collection = &schema.collection;
        let Some(document) = self.by_document_id(collection, id)? else { return Ok(None) };
        let readable =
            access.allows(&collection.permissions, Action::Read) || (collection.document_security && access.allows(&document.permissions, Action::Read));
        Ok(readable.then_some(document))
    }

    /// A page of documents.
    pub(crate) fn find(&self, access: &Access, collection: &Collection, find: &Find) -> Result<Page, DbError> {
        let schema = self.schema(collection)?;
        let visibility = Visibility::of(access, &schema.collection)?;
        checks::queries(&schema.collection, find)?;
        match self.without_related(access, &schema, &find.filters)? {
            Some(Cow::Borrowed(_)) => self.run(&schema, visibility, find).map(|(page, _)| page),
            Some(Cow::Owned(filters)) => self.run(&schema, visibility, &Find { filters, ..find.clone() }).map(|(page, _)| page),
            None => Ok(Page { documents: Vec::new(), total: 0 }),
        }
    }

    /// Runs a list and tells how.
    pub(crate) fn run(&self, schema: &Schema, visibility: Visibility<'_>, find: &Find) -> Result<(Page, Option<Chosen>), DbError> {
        let place = Place::of(self, schema, find)?;
        let mut counting = find.total;
        let mut total = 0;
        if counting != Total::None
            && find.filters.is_empty()
            && let Some(n) = self.counted(schema, visibility)?
        {
            (total, counting) = (n, Total::None);
        }
        if counting != Total::None && find.cursor.is_some() {
            total = self.count_matches(schema, visibility, &find.filters, cap(counting))?;
            counting = Total::None;
        }
        if find.limit == 0 && counting == Total::None {
            return Ok((Page { documents: Vec::new(), total }, None));
        }
        let needed = find.offset.saturating_add(find.limit);
        let request = Request {
            conditions: plan::conditions(&find.filters),
            wanted: place.wanted.clone(),
            enough: match counting {
                Total::None => Some(needed),
                Total::Capped(n) => Some(needed.max(n)),
                Total::Exact => None,
            },
            page: needed,
            cursor: place.cursor.as_ref(),
        };
        let chosen = plan::choose(self, schema, &visibility, &request)?;
        let mut selection = Selection::new(find, &place, chosen.ordered, counting);
        self.visit(schema, visibility, &request, &chosen, &place, &mut selection)?;
        let (found, counted) = selection.finish();
        let mut documents = Vec::with_capacity(found.len());
        for (sequence, record) in found {
            let document = match (&find.select, &record) {
                (Some(keys), Some(bytes)) if !keys.iter().any(|k| k == "*") => {
                    Some(Arc::new(View::new(sequence, bytes)?.document(&schema.collection, Some(keys), self.shared.sealer())?))
                }
                (Some(keys), _) => self.document(&schema.collection, sequence, record.as_ref())?.map(|d| project(&d, keys)),
                (None, _) => self.document(&schema.collection, sequence, record.as_ref())?,
            };
            documents.extend(document);
        }
        self.in_time()?;
        if find.cursor.as_ref().is_some_and(|c| c.before) {
            documents.reverse();
        }
        Ok((Page { documents, total: if counting == Total::None { total } else { counted } }, Some(chosen)))
    }

    /// Counts matches, up to `cap`.
    pub(crate) fn count(&self, access: &Access, collection: &Collection, filters: &[Query], cap: Option<u64>) -> Result<u64, DbError> {
        let schema = self.schema(collection)?;
        let visibility = Visibility::of(access, &schema.collection)?;
        checks::queries(&schema.collection, &Find { filters: filters.to_vec(), ..Find::default() })?;
        match self.without_related(access, &schema, filters)? {
            Some(filters) => self.count_matches(&schema, visibility, &filters, cap.unwrap_or(u64::MAX)),
            None => Ok(0),
        }
    }

    /// How many documents may be read, where a counter says so: all, or those of the only role of the caller that may read any. Such totals have no cap.
    fn counted(&self, schema: &Schema, visibility: Visibility<'_>) -> Result<Option<u64>, DbError> {
        let Visibility::Roles(held) = visibility else { return Ok(Some(self.stats(schema.collection.id)?.count)) };
        let mut only = 0;
        for role in held.iter() {
            match (self.role_count(schema.collection.id, role)?, only) {
                (0, _) => {}
                (n, 0) => only = n,
                _ => return Ok(None),
            }
        }
        Ok(Some(only))
    }

    fn count_matches(&self, schema: &Schema, visibility: Visibility<'_>, filters: &[Query], cap: u64) -> Result<u64, DbError> {
        if filters.is_empty() && matches!(visibility, Visibility::All) {
            return Ok(self.stats(schema.collection.id)?.count.min(cap));
        }
        let request = Request { conditions: plan::conditions(filters), wanted: Wanted::Any, enough: Some(cap), page: 0, cursor: None };
        let chosen = plan::choose(self, schema, &visibility, &request)?;
        let mut selection = Selection::counter(cap);
        self.visit(schema, visibility, &request, &chosen, &Place::anywhere(), &mut selection)?;
        Ok(selection.finish().1)
    }

    /// Shows the rows that match to a selection until it has enough.
    fn visit(
        &self,
        schema: &Schema,
        visibility: Visibility<'_>,
        request: &Request<'_>,
        chosen: &Chosen,
        place: &Place,
        selection: &mut Selection<'_>,
    ) -> Result<(), DbError> {
        let records = selection.wants_records();
        self.each(schema, visibility, request, chosen, place, records, &mut |row| selection.take(&schema.collection, row))
    }

    /// Shows the rows that match, with their records where `records` are of use, until `take` says that it has enough.
    #[expect(clippy::too_many_arguments, reason = "what is read, by whom, how, and who takes it")]
    pub(crate) fn each(
        &self,
        schema: &Schema,
        visibility: Visibility<'_>,
        request: &Request<'_>,
        chosen: &Chosen,
        place: &Place,
        records: bool,
        take: &mut dyn FnMut(Row) -> Result<bool, DbError>,
    ) -> Result<(), DbError> {
        let collection = &schema.collection;
        let visibility = if chosen.visible { Visibility::All } else { visibility };
        let open: Vec<&Query> = request.conditions.iter().zip(&chosen.covered).filter(|(_, c)| !**c).map(|(q, _)| *q).collect();
        let filter = Filter::new(collection, &open)?;
        let must_look = !filter.is_empty() || matches!(visibility, Visibility::Roles(_)) || records;
        for row in self.timed(self.rows(schema, chosen, place)?) {
            let mut row = row?;
            if row.record.is_none() {
                self.note_entries(1);
                if must_look {
                    row.record = self.record(collection.id, row.sequence)?;
                    if row.record.is_none() {
                        tracing::error!(collection = collection.id, sequence = row.sequence, "an index entry has no document");
                        continue;
                    }
                }
            } else {
                self.records.set(self.records.get() + 1);
            }
            if must_look && let Some(bytes) = &row.record {
                let view = View::new(row.sequence, bytes)?;
                if !visibility.shows(&view) || !filter.matches(&view)? {
                    continue;
                }
            }
            if !take(row)? {
                break;
            }
        }
        Ok(())
    }

    /// The rows of a path.
    pub(crate) fn rows(&self, schema: &Schema, chosen: &Chosen, place: &Place) -> Result<Rows<'a>, DbError> {
        let id = schema.collection.id;
        let beyond = |reverse: bool| match (&place.cursor, chosen.ordered) {
            (Some(c), true) => Sequences::ALL.beyond(c.sequence, reverse),
            _ => Sequences::ALL,
        };
        Ok(match &chosen.path {
            Path::Nothing => Box::new(std::iter::empty()),
            Path::Ids(ids) => {
                let mut found = Vec::new();
                for one in ids {
                    found.extend(self.sequence(id, one)?);
                }
                found.sort_unstable();
                if matches!(place.wanted, Wanted::Sequence { reverse: true }) {
                    found.reverse();
                }
                let beyond = match &place.wanted {
                    _ if !chosen.ordered => Sequences::ALL,
                    Wanted::Sequence { reverse } => beyond(*reverse),
                    // A single row: whether it is beyond the cursor is decided by its values.
                    _ => Sequences::ALL,
                };
                Box::new(found.into_iter().filter(move |s| beyond.contains(*s)).map(|sequence| Ok(Row { sequence, record: None })))
            }
            Path::Documents { within, reverse } => {
                let b = beyond(*reverse);
                scan::documents(self.kv, id, Sequences { from: within.from.max(b.from), to: within.to.min(b.to) }, *reverse)
            }
            Path::Roles { roles, reverse } => self.readable(id, roles, beyond(*reverse), *reverse),
            Path::Both { roles, at, ranges, reverse, counted } => {
                let index = schema.indexes.get(*at).ok_or_else(|| damaged("plan"))?;
                let within = beyond(*reverse);
                let entries = match counted {
                    Some(counted) => scan::sorted(counted, within, *reverse),
                    None => self.fixed_rows(index, ranges, within, *reverse)?,
                };
                scan::both(self.timed(self.readable(id, roles, within, *reverse)), self.timed(entries), *reverse)
            }
            Path::Found { sequences, reverse, .. } => scan::sorted(sequences, beyond(*reverse), *reverse),
            Path::Index { .. } => self.index_rows(schema, chosen, place)?,
            Path::Union { branches, sorted, reverse } => {
                let of = |path: &Path| {
                    let branch = Chosen { path: path.clone(), covered: Vec::new(), ordered: chosen.ordered && *sorted, visible: false };
                    self.rows(schema, &branch, place)
                };
                let streams = branches.iter().map(of).collect::<Result<Vec<_>, _>>()?;
                if *sorted { scan::union(streams, *reverse) } else { plan::once(streams) }
            }
        })
    }

    /// What roles may read, by sequence.
    fn readable(&self, collection: u32, roles: &[String], within: Sequences, reverse: bool) -> Rows<'a> {
        scan::union(roles.iter().map(|r| scan::postings(self.kv, &keys::role(collection, r), within, reverse)).collect(), reverse)
    }

    /// Entries of ranges of fixed values, by sequence.
    fn fixed_rows(&self, index: &IndexPlan, ranges: &[Range], within: Sequences, reverse: bool) -> Result<Rows<'a>, DbError> {
        let mut streams = Vec::new();
        for range in ranges {
            if index.kind == IndexKind::Unique {
                streams.push(scan::unique(self.kv, &range.from, within)?);
            }
            streams.push(scan::postings(self.kv, &range.from, within, reverse));
        }
        Ok(scan::union(streams, reverse))
    }

    fn index_rows(&self, schema: &Schema, chosen: &Chosen, place: &Place) -> Result<Rows<'a>, DbError> {
        let Path::Index { at, ranges, walk, fixed, skip, counted } = &chosen.path else { return Err(damaged("plan")) };
        let index = schema.indexes.get(*at).ok_or_else(|| damaged("plan"))?;
        let cursor = place.cursor.as_ref().filter(|_| chosen.ordered);
        if let Some(counted) = counted
            && let Some(rows) = scan::counted(counted, *walk, cursor.is_some(), index.has_array())
        {
            // They are not read again, but noted again as they are shown.
            self.entries.set(self.entries.get().saturating_sub(counted.len() as u64));
            return Ok(rows);
        }
        match *walk {
            Walk::Loose => Ok(scan::loose(self.kv, ranges.clone(), index.has_array())),
            Walk::Merged { reverse } => {
                let within = cursor.map_or(Sequences::ALL, |c| Sequences::ALL.beyond(c.sequence, reverse));
                self.fixed_rows(index, ranges, within, reverse)
            }
            Walk::Ordered { outer, inner } => {
                let Some(range) = ranges.first() else { return Ok(Box::new(std::iter::empty())) };
                let after = cursor.map(|c| Ok::<_, DbError>((c.index_key(index, fixed, *skip)?, c.sequence))).transpose()?;
                scan::walk(self.kv, range.clone(), outer, inner, after)
            }
        }
    }
}

fn cap(total: Total) -> u64 {
    match total {
        Total::None => 0,
        Total::Capped(n) => n,
        Total::Exact => u64::MAX,
    }
}

/// Only some attributes of a document.
fn project(document: &Document, keys: &[String]) -> Arc<Document> {
    let mut out = document.clone();
    if !keys.iter().any(|k| k == "*") {
        out.data.retain(|k, _| keys.contains(k));
    }
    Arc::new(out)
}
