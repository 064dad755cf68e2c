//! How many buckets and files there are and what they take, over time. Figures are those of what is there now, by when it came: what was deleted
//! leaves no trace.
use std::sync::Arc;

use database::{Cursor, Document, Find, Update};
use kernel::{ActorKind, Cx, Endpoint, Reply, Result, endpoint, schema};
use protocol::{Check, Query, QueryMethod, Timestamp, params};
use serde_json::json;

use super::place::{self, Place};
use crate::support::{OWN, Steps, object};

/// When a preview of a file was last shown.
const TRANSFORMED: &str = "transformedAt";
/// Seconds that a preview counts for.
const MONTH: i64 = 30 * 86_400;
/// How often previews of a file are noted, seconds.
const NOTED_EVERY: i64 = 86_400;
/// Documents read at once.
const PAGE: u64 = 1_000;

params! {
    pub(crate) struct All { range: String = "range", Check::Enum(&["24h", "30d", "90d"]), or Str("30d"); }
}
params! {
    pub(crate) struct Of {
        bucket_id: String = "bucketId", Check::Uid, required;
        range: String = "range", Check::Enum(&["24h", "30d", "90d"]), or Str("30d");
    }
}

endpoint! {
    /// Gets figures about buckets and files.
    ALL: Get "/v1/storage/usage" => 200 "usageStorage" by all(All);
    sdk ["storage.getUsage"] auth [Admin] scope ["files.read"]
}
endpoint! {
    /// Gets figures about the files of a bucket.
    OF: Get "/v1/storage/:bucketId/usage" => 200 "usageBuckets" by of(Of);
    sdk ["storage.getBucketUsage"] auth [Admin] scope ["files.read"]
}

/// How many files there were at the end of each step, and their bytes as stored.
struct Course {
    files: Vec<u64>,
    bytes: Vec<u64>,
}

impl Course {
    fn empty(steps: Steps) -> Self {
        Self { files: vec![0; steps.len()], bytes: vec![0; steps.len()] }
    }

    /// Adds the files of a bucket: from what there is now back to the begin of the range, so that older files are not looked at.
    fn add(&mut self, cx: &Cx<'_>, place: &Place, steps: Steps) -> Result<()> {
        let reader = cx.read();
        let mut files = reader.count(&OWN, &place.files, &[], None)?;
        let mut bytes = u64::try_from(place.bucket.int("totalSize")).unwrap_or(0);
        let mut came = Self::empty(steps);
        let mut find = Find { orders: vec![("$sequence".to_owned(), true)], limit: PAGE, ..Find::default() };
        'pages: loop {
            let page = reader.find(&OWN, &place.files, &find)?.documents;
            for file in &page {
                let Some(at) = steps.at(file.created_at) else { break 'pages };
                if let (Some(n), Some(size)) = (came.files.get_mut(at), came.bytes.get_mut(at)) {
                    *n += 1;
                    *size += u64::try_from(file.int("sizeActual")).unwrap_or(0);
                }
            }
            match page.last() {
                Some(last) if page.len() as u64 == PAGE => find.cursor = Some(Cursor { id: last.id.clone(), before: false }),
                _ => break,
            }
        }
        for at in (0..steps.len()).rev() {
            for (all, left, new) in [(&mut self.files, &mut files, &came.files), (&mut self.bytes, &mut bytes, &came.bytes)] {
                if let (Some(sum), Some(new)) = (all.get_mut(at), new.get(at)) {
                    *sum += *left;
                    *left = left.saturating_sub(*new);
                }
            }
        }
        Ok(())
    }
}

/// Of how many files previews were made in the 30 days before the end of each step, as far as it is known: only the last time is kept.
fn transformed(cx: &Cx<'_>, place: &Place, steps: Steps) -> Result<Vec<u64>> {
    if place.files.attribute(TRANSFORMED).is_none() {
        return Ok(vec![0; steps.len()]);
    }
    let reader = cx.read();
    let bound = |method, at: Timestamp| Query::new(method, TRANSFORMED, vec![at.format().into()]);
    let within = |to: Timestamp| vec![bound(QueryMethod::GreaterThanEqual, to.plus_seconds(-MONTH)), bound(QueryMethod::LessThan, to)];
    steps.bounds().map(|(_, to)| Ok(reader.count(&OWN, &place.files, &within(to), None)?)).collect()
}

/// The same of all buckets.
pub(crate) fn transformations(cx: &Cx<'_>, steps: Steps) -> Result<Vec<u64>> {
    let (reader, collection) = (cx.read(), cx.collection("buckets")?);
    let mut sums = vec![0; steps.len()];
    let mut find = Find { limit: PAGE, ..Find::default() };
    loop {
        let page: Vec<Arc<Document>> = reader.find(&OWN, &collection, &find)?.documents;
        for bucket in &page {
            let of_it = transformed(cx, &place::open(cx, bucket.clone())?, steps)?;
            sums.iter_mut().zip(of_it).for_each(|(sum, n)| *sum += n);
        }
        match page.last() {
            Some(last) if page.len() as u64 == PAGE => find.cursor = Some(Cursor { id: last.id.clone(), before: false }),
            _ => return Ok(sums),
        }
    }
}

/// Notes that a preview of a file was shown, once a day. Administrators who look at it do not count.
pub(super) fn note_preview(cx: &Cx<'_>, place: &Place, file: &Document) -> Result<()> {
    let now = cx.now();
    if cx.actor.kind == ActorKind::Admin || file.time(TRANSFORMED).is_some_and(|last| last > now.plus_seconds(-NOTED_EVERY)) {
        return Ok(());
    }
    let (ns, files, id) = (cx.ns(), place.files.name.clone(), file.id.clone());
    cx.write(move |tx| {
        let Some(mut files) = tx.db.collection(ns, &files)? else { return Ok(()) };
        let Some(file) = tx.db.get(&OWN, &files, &id)? else { return Ok(()) };
        // Buckets of older releases do not have it.
        if files.attribute(TRANSFORMED).is_none()
            && let Some(attribute) = schema::FILES.attributes.iter().find(|a| a.0 == TRANSFORMED)
        {
            files = tx.db.create_attribute(&files, attribute.build(now))?;
            if let Some(index) = schema::FILES.indexes.iter().find(|i| i.key() == "_key_transformedAt") {
                files = tx.db.create_index(&files, index.build(now))?;
            }
        }
        let data = object(json!({TRANSFORMED: now.format()}));
        let update = Update { data, permissions: None, updated_at: file.updated_at, created_at: None, touch: false, unless_newer: None };
        tx.update(&OWN, &files, &id, update)?;
        Ok(())
    })
}

fn last(figures: &[u64]) -> u64 {
    figures.last().copied().unwrap_or(0)
}

fn of(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    let place = place::place(cx, &p.bucket_id)?;
    let steps = Steps::of(&p.range, cx.now());
    let mut course = Course::empty(steps);
    course.add(cx, &place, steps)?;
    let transformed = transformed(cx, &place, steps)?;
    let map = json!({
        "range": p.range,
        "filesTotal": last(&course.files),
        "filesStorageTotal": last(&course.bytes),
        "files": steps.dated(course.files),
        "storage": steps.dated(course.bytes),
        "imageTransformationsTotal": last(&transformed),
        "imageTransformations": steps.dated(transformed),
    });
    Ok(Reply::Model("usageBuckets", object(map)))
}

fn all(cx: &mut Cx<'_>, p: All) -> Result<Reply> {
    let steps = Steps::of(&p.range, cx.now());
    let (reader, collection) = (cx.read(), cx.collection("buckets")?);
    let buckets = steps.until().map(|until| Ok(reader.count(&OWN, &collection, &until, None)?)).collect::<Result<Vec<u64>>>()?;
    let mut course = Course::empty(steps);
    let mut find = Find { limit: PAGE, ..Find::default() };
    loop {
        let page: Vec<Arc<Document>> = reader.find(&OWN, &collection, &find)?.documents;
        for bucket in &page {
            course.add(cx, &place::open(cx, bucket.clone())?, steps)?;
        }
        match page.last() {
            Some(last) if page.len() as u64 == PAGE => find.cursor = Some(Cursor { id: last.id.clone(), before: false }),
            _ => break,
        }
    }
    let map = json!({
        "range": p.range,
        "bucketsTotal": last(&buckets),
        "filesTotal": last(&course.files),
        "filesStorageTotal": last(&course.bytes),
        "buckets": steps.dated(buckets),
        "files": steps.dated(course.files),
        "storage": steps.dated(course.bytes),
    });
    Ok(Reply::Model("usageStorage", object(map)))
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&ALL, &OF];
