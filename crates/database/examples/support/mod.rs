//! What the examples share: plain attributes and indexes, and what a process has used so far.
#![allow(dead_code, reason = "each example uses some")]
use std::time::Duration;

use database::{Attribute, Collection, Database, DbError, Index, IndexKind, Kind, NewDocument, Order, Status};
use protocol::Timestamp;
use serde_json::{Map, Value};

/// How examples fail.
pub(crate) type Fail = Box<dyn std::error::Error>;

/// An optional attribute; texts have up to `size` characters.
pub(crate) fn attribute(key: &str, kind: Kind, size: u64) -> Attribute {
    Attribute {
        id: 0,
        key: key.to_owned(),
        kind,
        size,
        required: false,
        array: false,
        default: Value::Null,
        format: String::new(),
        elements: Vec::new(),
        min: Value::Null,
        max: Value::Null,
        encrypt: false,
        options: Value::Null,
        status: Status::Available,
        error: String::new(),
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
    }
}

/// An ascending index on one attribute, named like it.
pub(crate) fn index(key: &str, kind: IndexKind) -> Index {
    let orders = if kind == IndexKind::Fulltext || kind == IndexKind::Spatial { Vec::new() } else { vec![Some(Order::Asc)] };
    Index {
        id: 0,
        key: key.to_owned(),
        kind,
        attributes: vec![key.to_owned()],
        orders,
        lengths: Vec::new(),
        status: Status::Available,
        error: String::new(),
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
    }
}

/// A document named after its number.
pub(crate) fn document(n: u64, permissions: Vec<String>, data: Value) -> NewDocument {
    let at = Timestamp(1_700_000_000_000 + n.cast_signed());
    let data = if let Value::Object(map) = data { map } else { Map::new() };
    NewDocument { id: format!("d{n}"), permissions, data, created_at: at, updated_at: at }
}

/// Makes `count` documents, `batch` in a transaction.
pub(crate) fn fill(db: &Database, coll: &Collection, count: u64, batch: u64, make: fn(u64) -> NewDocument) -> Result<(), DbError> {
    const SYS: access::Access = access::Access::System("bench");
    for from in (0..count).step_by(usize::try_from(batch).unwrap_or(1)) {
        let coll = coll.clone();
        db.write(move |w| (from..(from + batch).min(count)).try_for_each(|n| w.create(&SYS, &coll, make(n)).map(drop)))?;
    }
    Ok(())
}

/// Runs with a folder that goes afterwards.
pub(crate) fn in_folder(name: &str, run: impl FnOnce(&std::path::Path) -> Result<(), Fail>) -> Result<(), Fail> {
    let dir = std::env::temp_dir().join(format!("database-{name}-{}", std::process::id()));
    let result = run(&dir);
    let _ = std::fs::remove_dir_all(&dir);
    result
}

/// CPU time of this process, all threads, user and system.
pub(crate) fn cpu() -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let nanos = tasks.filter_map(|t| std::fs::read_to_string(t.path().join("schedstat")).ok()?.split(' ').next()?.parse::<u64>().ok()).sum();
    Duration::from_nanos(nanos)
}

/// Waits until the engine has put in order what was written: until nothing has used the processor for longer than it waits for a quiet moment.
pub(crate) fn calm() {
    let moment = Duration::from_millis(1_500);
    let mut before = Duration::MAX;
    while before == Duration::MAX || cpu().saturating_sub(before) > moment / 50 {
        before = cpu();
        std::thread::sleep(moment);
    }
}

/// Resident memory, MiB.
pub(crate) fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().split(' ').next().and_then(|n| n.parse::<u64>().ok()).unwrap_or_default() / 1024
}
