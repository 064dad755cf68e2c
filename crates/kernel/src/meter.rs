//! Figures of use that must be counted as they happen: reads and writes of databases, requests and bytes. Counted in memory and added to the store in
//! batches, so that a request costs a map entry and no write; what a crash loses is the last seconds.
use std::collections::HashMap;

use access::Access;
use database::{Collection, DbError, Document, Namespace, NewDocument, Reader, Update};
use parking_lot::Mutex;
use protocol::Timestamp;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::error::Result;
use crate::tx::Tx;

const WHY: Access = Access::System("figures of use");
/// Name of the collection of figures.
pub const TABLE: &str = "stats";

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Metric {
    /// Documents read: of a database by its sequence, or of all.
    Reads(Option<u64>),
    /// Documents written: of a database by its sequence, or of all.
    Writes(Option<u64>),
    /// Requests.
    Requests,
    /// Bytes of requests' bodies.
    Inbound,
    /// Bytes of answers.
    Outbound,
}

impl Metric {
    /// Its name in the store.
    #[must_use]
    fn name(self) -> String {
        match self {
            Self::Reads(None) => "databases.operations.reads".into(),
            Self::Reads(Some(database)) => format!("{database}.databases.operations.reads"),
            Self::Writes(None) => "databases.operations.writes".into(),
            Self::Writes(Some(database)) => format!("{database}.databases.operations.writes"),
            Self::Requests => "network.requests".into(),
            Self::Inbound => "network.inbound".into(),
            Self::Outbound => "network.outbound".into(),
        }
    }

    /// What it adds up to.
    fn whole(self) -> Option<Self> {
        match self {
            Self::Reads(Some(_)) => Some(Self::Reads(None)),
            Self::Writes(Some(_)) => Some(Self::Writes(None)),
            _ => None,
        }
    }
}

/// Steps of time figures are kept by, in milliseconds.
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// One figure: since ever, or of an hour or day.
struct Slot {
    id: String,
    period: &'static str,
    from: Option<Timestamp>,
}

impl Slot {
    fn ever(metric: &str) -> Self {
        Self { id: format!("{metric}.inf"), period: "inf", from: None }
    }

    /// The step of this length that a moment is in.
    fn at(metric: &str, length: i64, at: Timestamp) -> Self {
        let (period, mark) = if length == HOUR { ("1h", 'h') } else { ("1d", 'd') };
        let step = at.0.div_euclid(length);
        Self { id: format!("{metric}.{mark}{step}"), period, from: Some(Timestamp(step * length)) }
    }
}

/// What was counted and is not stored yet.
#[derive(Default)]
pub struct Meter(Mutex<HashMap<(Namespace, Metric), u64>>);

impl Meter {
    /// Counts.
    pub fn add(&self, ns: Namespace, metric: Metric, n: u64) {
        let mut counts = self.0.lock();
        for metric in [Some(metric), metric.whole()].into_iter().flatten() {
            let count = counts.entry((ns, metric)).or_default();
            *count = count.saturating_add(n);
        }
    }

    fn drain(&self) -> HashMap<(Namespace, Metric), u64> {
        std::mem::take(&mut *self.0.lock())
    }
}

/// Adds what was counted to the store. Called every few seconds, before figures are read, and at shutdown.
pub fn flush(app: &App) {
    let counts = app.meter.drain();
    if counts.is_empty() {
        return;
    }
    let now = app.now();
    let result = app.write(move |tx| {
        for ((ns, metric), n) in counts {
            let Some(coll) = tx.db.collection(ns, TABLE)? else { continue };
            let name = metric.name();
            for slot in [Slot::ever(&name), Slot::at(&name, HOUR, now), Slot::at(&name, DAY, now)] {
                add(tx, &coll, &name, slot, n, now)?;
            }
        }
        Ok(())
    });
    if let Err(e) = result {
        tracing::error!(error = ?e, "figures of use could not be written");
    }
}

fn add(tx: &mut Tx<'_, '_, '_>, coll: &Collection, metric: &str, slot: Slot, n: u64, now: Timestamp) -> Result<(), DbError> {
    let n = i64::try_from(n).unwrap_or(i64::MAX);
    match tx.db.get(&WHY, coll, &slot.id)? {
        Some(old) => {
            let data = Map::from_iter([("value".to_owned(), Value::from(old.int("value").saturating_add(n)))]);
            let update = Update { data, permissions: None, updated_at: now, created_at: None, touch: false, unless_newer: None };
            tx.update(&WHY, coll, &slot.id, update).map(drop)
        }
        None => {
            let from = slot.from.map_or(Value::Null, |t| t.format().into());
            let data = match json!({"metric": metric, "period": slot.period, "time": from, "value": n}) {
                Value::Object(map) => map,
                _ => Map::new(),
            };
            tx.create(&WHY, coll, NewDocument { id: slot.id, permissions: Vec::new(), data, created_at: now, updated_at: now }).map(drop)
        }
    }
}

/// Figures as stored; [`flush`] first.
pub struct Figures<'a> {
    reader: &'a Reader,
    table: std::sync::Arc<Collection>,
}

impl<'a> Figures<'a> {
    /// Those of a project.
    pub fn of(app: &App, reader: &'a Reader, ns: Namespace) -> Result<Self> {
        Ok(Self { reader, table: app.collection(ns, TABLE)? })
    }

    fn value(&self, slot: &Slot) -> Result<u64> {
        let found = self.reader.get(&WHY, &self.table, &slot.id)?;
        Ok(found.map_or(0, |d: std::sync::Arc<Document>| u64::try_from(d.int("value")).unwrap_or(0)))
    }

    /// Since ever.
    pub fn total(&self, metric: Metric) -> Result<u64> {
        self.value(&Slot::ever(&metric.name()))
    }

    /// Of each step; steps are hours or days.
    pub fn steps(&self, metric: Metric, steps: impl Iterator<Item = (Timestamp, Timestamp)>) -> Result<Vec<u64>> {
        let name = metric.name();
        steps.map(|(from, to)| self.value(&Slot::at(&name, if to.0 - from.0 == HOUR { HOUR } else { DAY }, from))).collect()
    }
}
