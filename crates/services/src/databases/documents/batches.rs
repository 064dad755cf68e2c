//! Changing all documents that queries mean, in transactions of bounded size.
use std::collections::HashMap;
use std::sync::Arc;

use database::{Collection, Database, DbError, Document, Find, Writer};
use protocol::{Query, QueryMethod};

use super::create::Failure;
use crate::support::OWN;

/// Documents changed in one transaction. So many are changed together or not at all; a request that means more is done in portions of this size, each
/// durable by itself, as the original does it.
pub(super) const PORTION: u64 = 1_000;
/// Documents listed in an answer; the total tells how many there were.
const SHOWN: usize = 100;
/// Ids read at once.
const IDS: u64 = 10_000;

/// What was done: to how many documents, and the first of them.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) shown: Vec<Document>,
    pub(super) total: u64,
}

impl Outcome {
    pub(super) fn add(&mut self, document: Document) {
        self.total += 1;
        if self.shown.len() < SHOWN {
            self.shown.push(document);
        }
    }
}

impl FromIterator<Document> for Outcome {
    fn from_iter<I: IntoIterator<Item = Document>>(documents: I) -> Self {
        let mut outcome = Self::default();
        documents.into_iter().for_each(|d| outcome.add(d));
        outcome
    }
}

/// What is done to each document; gives it as it is afterwards, or as it was.
type Work = dyn Fn(&mut Writer<'_, '_>, &str) -> Result<Document, DbError> + Send + Sync;

/// Documents that queries mean, and what to do with them.
pub(super) struct Bulk {
    pub(super) db: Database,
    pub(super) schema: Arc<Collection>,
    /// Without a limit all documents that match; see [`NO_LIMIT`].
    pub(super) find: Find,
    pub(super) work: Arc<Work>,
}

/// The limit of a request that names none.
pub(super) const NO_LIMIT: u64 = u64::MAX;

impl Bulk {
    /// Does it: at once when it is little, otherwise in portions.
    pub(super) fn run(&self) -> Result<Outcome, Failure> {
        if let Some(done) = self.at_once()? {
            return Ok(done.into_iter().collect());
        }
        let plain = self.find.offset == 0 && self.find.cursor.is_none() && (self.is_unlimited() || (self.find.orders.is_empty() && self.find.random.is_none()));
        if plain { self.by_sequence() } else { self.by_ids() }
    }

    fn is_unlimited(&self) -> bool {
        self.find.limit == NO_LIMIT
    }

    /// Everything in one transaction; `None` when there is more than that takes.
    fn at_once(&self) -> Result<Option<Vec<Document>>, Failure> {
        let find = Find { limit: self.find.limit.min(PORTION + 1), ..self.find.clone() };
        let (schema, work) = (self.schema.clone(), self.work.clone());
        self.db.write(move |w| {
            let found = w.find(&OWN, &schema, &find)?;
            if found.documents.len() as u64 > PORTION {
                return Ok(None);
            }
            found.documents.iter().map(|d| Ok(work(w, &d.id)?)).collect::<Result<_, _>>().map(Some)
        })
    }

    /// In the order documents were made. Those made meanwhile are left alone, so that it comes to an end.
    fn by_sequence(&self) -> Result<Outcome, Failure> {
        let wanted = self.shown_first()?;
        let (mut outcome, mut after, last, mut left) = (Outcome::default(), 0, self.last_sequence()?, self.find.limit);
        let mut kept = HashMap::new();
        while left > 0 {
            let mut filters = self.find.filters.clone();
            filters.push(Query::new(QueryMethod::Between, "$sequence", vec![(after + 1).to_string().into(), last.to_string().into()]));
            let most = left.min(PORTION);
            let find = Find { filters, limit: most, ..Find::default() };
            let (schema, work) = (self.schema.clone(), self.work.clone());
            let done: Vec<Document> = self.db.write(move |w| {
                let found = w.find(&OWN, &schema, &find)?;
                found.documents.iter().map(|d| Ok(work(w, &d.id)?)).collect::<Result<_, Failure>>()
            })?;
            let count = done.len() as u64;
            left -= count;
            after = done.last().map_or(last, |d| d.sequence);
            for document in done {
                if wanted.contains_key(&document.id) {
                    kept.insert(document.id.clone(), document.clone());
                }
                outcome.add(document);
            }
            if count < most || after >= last {
                break;
            }
        }
        if !wanted.is_empty() {
            outcome.shown = kept.into_values().collect();
            outcome.shown.sort_by_key(|d| wanted.get(&d.id).copied());
        }
        Ok(outcome)
    }

    /// Places in the answer of the documents that come first in the wanted order; empty when that is the order they are changed in.
    fn shown_first(&self) -> Result<HashMap<String, usize>, DbError> {
        if self.find.orders.is_empty() && self.find.random.is_none() {
            return Ok(HashMap::new());
        }
        let find = Find { limit: SHOWN as u64, ..self.find.clone() };
        let first = self.db.read().find(&OWN, &self.schema, &find)?;
        Ok(first.documents.iter().enumerate().map(|(at, d)| (d.id.clone(), at)).collect())
    }

    fn last_sequence(&self) -> Result<u64, DbError> {
        let find = Find { orders: vec![("$sequence".to_owned(), true)], limit: 1, ..Find::default() };
        Ok(self.db.read().find(&OWN, &self.schema, &find)?.documents.first().map_or(0, |d| d.sequence))
    }

    /// In any order and within any bounds: what is meant is settled first. What is gone when its turn comes is left out.
    fn by_ids(&self) -> Result<Outcome, Failure> {
        let mut outcome = Outcome::default();
        for ids in self.ids()?.chunks(usize::try_from(PORTION).unwrap_or(usize::MAX)) {
            let (ids, work) = (ids.to_vec(), self.work.clone());
            let done: Vec<Document> = self.db.write(move |w| {
                let mut done = Vec::with_capacity(ids.len());
                for id in &ids {
                    match work(w, id) {
                        Ok(document) => done.push(document),
                        Err(DbError::NotFound) => {}
                        Err(e) => return Err(Failure(e)),
                    }
                }
                Ok(done)
            })?;
            done.into_iter().for_each(|d| outcome.add(d));
        }
        Ok(outcome)
    }

    fn ids(&self) -> Result<Vec<String>, DbError> {
        let (reader, mut ids) = (self.db.read(), Vec::new());
        let mut find = Find { select: Some(vec!["$id".to_owned()]), ..self.find.clone() };
        let mut left = self.find.limit;
        while left > 0 {
            find.limit = left.min(IDS);
            let page = reader.find(&OWN, &self.schema, &find)?.documents;
            left -= page.len() as u64;
            let full = page.len() as u64 == find.limit;
            // A page before a cursor is the only one: the next would be the one before it.
            let backwards = find.cursor.as_ref().is_some_and(|c| c.before);
            match page.last() {
                Some(last) if full && !backwards => find.cursor = Some(database::Cursor { id: last.id.clone(), before: false }),
                _ => left = 0,
            }
            find.offset = 0;
            ids.extend(page.iter().map(|d| d.id.clone()));
        }
        Ok(ids)
    }
}
