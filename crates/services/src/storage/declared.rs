//! Declaring that an attribute names files, and filling in the references of documents that are there.
use std::sync::Arc;

use database::{Attribute, Collection, DbError, Find, WATCHED, Writer, watched_texts};
use kernel::App;
use kernel::jobs::{Job, Outcome, Policy};
use protocol::{Query, QueryMethod};
use serde_json::{Value, json};

use super::additions;
use super::references::{self, At, Gone, Loose};
use crate::support::OWN;

/// Kind of the job that fills in references.
pub(crate) const KIND: &str = "files.references";
/// It goes on where it stopped.
pub(crate) const POLICY: Policy = Policy { attempts: 50, first_wait: 2, longest_wait: 600, at_once: 1 };
/// Documents looked at in one transaction.
const PORTION: u64 = 500;
/// Portions that are done at once, before the answer.
const AT_ONCE: u64 = 10;

/// What an attribute says about the files it names.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    /// Sequence of the bucket.
    pub(crate) bucket: i64,
    pub(crate) bucket_id: String,
    /// Whether a file goes with the last document that names it.
    pub(crate) release: bool,
    /// Mark of the declaration whose references are still being filled in.
    pub(crate) filling: Option<String>,
}

impl Declared {
    /// Of an attribute that was declared.
    pub(crate) fn of(attribute: &Attribute) -> Option<Self> {
        let kept = attribute.watched()?;
        Some(Self {
            bucket: kept.get("bucket")?.as_i64()?,
            bucket_id: kept.get("bucketId")?.as_str()?.to_owned(),
            release: kept.get("release")?.as_bool()?,
            filling: kept.get("filling").and_then(Value::as_str).map(str::to_owned),
        })
    }

    /// Name of the collection of the bucket's files.
    pub(super) fn shelf(&self) -> String {
        format!("bucket_{}", self.bucket)
    }

    fn options(&self) -> Value {
        json!({WATCHED: {"bucket": self.bucket, "bucketId": self.bucket_id, "release": self.release, "filling": self.filling}})
    }

    /// The error for a value that names no file, or none that the caller may hand over; which of them is not told.
    pub(super) fn unknown(&self, key: &str) -> DbError {
        let right = if self.release { "delete" } else { "read" };
        DbError::Structure(format!("Invalid document structure: Attribute \"{key}\" must name a file of bucket \"{}\" that you may {right}", self.bucket_id))
    }
}

/// Writes what an attribute is declared to be; the rest of its definition stays.
fn define(db: &mut Writer<'_, '_>, collection: &Collection, attribute: &Attribute, options: Value) -> Result<Arc<Collection>, DbError> {
    db.update_attribute(collection, &attribute.key, Attribute { options, ..attribute.clone() })
}

/// Declares an attribute, and fills in the references of the documents that are there: at once when they are few, else by a job. `mark` is a new id.
pub(crate) fn declare(
    db: &mut Writer<'_, '_>,
    app: &App,
    collection: &Collection,
    attribute: &Attribute,
    declared: Declared,
    mark: String,
) -> Result<Declared, DbError> {
    let filling = Declared { filling: Some(mark.clone()), ..declared };
    let collection = define(db, collection, attribute, filling.options())?;
    additions::count_filling(db, collection.namespace, filling.bucket, 1)?;
    let mut fill =
        Fill { collection: collection.name.clone(), namespace: collection.namespace.0, attribute: attribute.id, bucket: filling.bucket, mark, after: 0 };
    for _ in 0..AT_ONCE {
        if !fill.some(db, app)? {
            return Ok(Declared { filling: None, ..filling });
        }
    }
    app.job(KIND, "", &fill.payload()).map_err(|e| DbError::internal(e.0.message))?.about(&fill.collection).queue(db)?;
    Ok(filling)
}

/// Takes a declaration back: documents keep what they say, files stay.
pub(crate) fn withdraw(db: &mut Writer<'_, '_>, app: &App, collection: &Collection, attribute: &Attribute) -> Result<(), DbError> {
    define(db, collection, attribute, json!({}))?;
    let gone = Gone { namespace: collection.namespace, collection: collection.id, attribute: attribute.id, release: false };
    gone.some_or_later(db, app, &mut Loose::new())
}

/// References that are being filled in.
struct Fill {
    namespace: u32,
    collection: String,
    attribute: u16,
    bucket: i64,
    mark: String,
    /// Sequence of the last document that was looked at.
    after: u64,
}

impl Fill {
    fn payload(&self) -> Value {
        json!({
            "namespace": self.namespace, "collection": self.collection, "attribute": self.attribute, "bucket": self.bucket, "mark": self.mark, "after": self.after,
        })
    }

    fn of(payload: &Value) -> Option<Self> {
        let number = |key: &str| payload.get(key).and_then(Value::as_u64);
        let text = |key: &str| payload.get(key).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            namespace: u32::try_from(number("namespace")?).ok()?,
            collection: text("collection")?,
            attribute: u16::try_from(number("attribute")?).ok()?,
            bucket: i64::try_from(number("bucket")?).ok()?,
            mark: text("mark")?,
            after: number("after")?,
        })
    }

    /// Looks at a portion of the documents; whether there are more. The last one makes the declaration complete. Documents that came or changed since
    /// it was made are kept track of by themselves.
    fn some(&mut self, db: &mut Writer<'_, '_>, app: &App) -> Result<bool, DbError> {
        let ns = database::Namespace(self.namespace);
        let current = db.collection(ns, &self.collection)?.and_then(|c| {
            let attribute = c.attributes.iter().find(|a| a.id == self.attribute)?.clone();
            let declared = Declared::of(&attribute).filter(|d| d.filling.as_ref() == Some(&self.mark))?;
            Some((c, attribute, declared))
        });
        let Some((collection, attribute, declared)) = current else {
            // Dropped, or taken back.
            additions::count_filling(db, ns, self.bucket, -1)?;
            return Ok(false);
        };
        let filters = vec![Query::new(QueryMethod::GreaterThanEqual, "$sequence", vec![(self.after + 1).to_string().into()])];
        let find = Find { filters, orders: vec![("$sequence".to_owned(), false)], limit: PORTION, ..Find::default() };
        let found = db.find(&OWN, &collection, &find)?.documents;
        for document in &found {
            let at = At { collection: &collection, attribute: attribute.id, sequence: document.sequence };
            for id in watched_texts(document.value(&attribute.key)) {
                if let Some(file) = references::nameable(db, &collection, &declared, &id, &OWN)? {
                    references::note(db, app, &at, &declared, &file)?;
                }
            }
        }
        if let Some(last) = found.last().filter(|_| found.len() as u64 == PORTION) {
            self.after = last.sequence;
            return Ok(true);
        }
        define(db, &collection, &attribute, Declared { filling: None, ..declared }.options())?;
        additions::count_filling(db, ns, self.bucket, -1)?;
        Ok(false)
    }
}

/// Fills in the references of a large collection.
pub(crate) fn run(app: &Arc<App>, job: &Job) -> Outcome {
    let Some(mut fill) = Fill::of(&job.payload) else { return Outcome::GiveUp("the job says nothing".into()) };
    loop {
        let inner = Arc::clone(app);
        let done = app.write(move |tx| {
            let more = fill.some(tx.db, &inner)?;
            Ok((more, fill))
        });
        match done {
            Ok((true, rest)) => fill = rest,
            Ok((false, _)) => return Outcome::Done,
            Err(e) => return Outcome::Retry(e.0.cause.unwrap_or_else(|| e.0.message.into_owned())),
        }
    }
}
