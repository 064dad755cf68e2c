//! Pages kept for callers who say that an older one will do – which none of them ever is: a write to the collection ends what was kept of it.
//!
//! As with documents (see [`crate::cache`]), a writer marks a collection before it commits; from then on nothing that was kept before counts, and
//! nothing is kept until it is over. What may be seen depends on roles, so they are part of the key unless the collection lets everything be read.
use access::{Access, Action};
use parking_lot::Mutex;
use protocol::{Query, Timestamp};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde_json::Value;

use crate::engine::Reader;
use crate::{Collection, DbError, Find, Page, Total};

/// Bytes of pages kept.
const MAX_BYTES: u64 = 8 << 20;
/// Marks; collections that share one end each other's pages.
const SLOTS: usize = 1_024;
/// Longest request that is kept.
const MAX_KEY: usize = 16 << 10;

#[derive(Clone)]
struct Kept {
    epoch: u64,
    at: Timestamp,
    /// Whether its total was counted.
    counted: bool,
    page: Page,
}

#[derive(Clone)]
struct Bytes;
impl Weighter<String, Kept> for Bytes {
    fn weight(&self, key: &String, kept: &Kept) -> u64 {
        let document = |d: &std::sync::Arc<crate::Document>| {
            let data: usize = d.data.iter().map(|(k, v)| k.len() + size(v)).sum();
            256 + data + d.permissions.iter().map(|p| p.len() + 24).sum::<usize>()
        };
        (key.len() + 128 + kept.page.documents.iter().map(document).sum::<usize>()) as u64
    }
}

fn size(v: &Value) -> usize {
    match v {
        Value::String(s) => 64 + s.len(),
        Value::Array(a) => 64 + a.iter().map(size).sum::<usize>(),
        Value::Object(m) => 64 + m.iter().map(|(k, v)| k.len() + size(v)).sum::<usize>(),
        _ => 64,
    }
}

/// What writers are doing to the collections of a slot.
#[derive(Clone, Copy, Default)]
struct Slot {
    writers: u32,
    /// Grows with every transaction.
    epoch: u64,
    /// Number of a commit that has everything which transactions that are over have written.
    settled: u64,
}

/// The pages.
pub(crate) struct Lists {
    pages: Cache<String, Kept, Bytes>,
    slots: Mutex<Vec<Slot>>,
}

impl Lists {
    pub(crate) fn new() -> Self {
        Self { pages: Cache::with_weighter(1_024, MAX_BYTES, Bytes), slots: Mutex::new(vec![Slot::default(); SLOTS]) }
    }

    fn slot<R>(&self, collection: u32, f: impl FnOnce(&mut Slot) -> R) -> Option<R> {
        self.slots.lock().get_mut(collection as usize % SLOTS).map(f)
    }

    /// A transaction is about to change documents of a collection.
    pub(crate) fn begin(&self, collection: u32) {
        self.slot(collection, |s| {
            s.writers += 1;
            s.epoch += 1;
        });
    }

    /// It is over, well or not; `newest` is the number of the last commit.
    pub(crate) fn end(&self, collection: u32, newest: u64) {
        self.slot(collection, |s| {
            s.writers = s.writers.saturating_sub(1);
            s.settled = s.settled.max(newest);
        });
    }

    fn get(&self, collection: u32, key: &str, since: Timestamp) -> Option<Kept> {
        let epoch = self.slot(collection, |s| s.epoch)?;
        self.pages.get(key).filter(|kept| kept.epoch == epoch && kept.at > since)
    }

    /// Keeps what was read at the commit `version`, when nobody is writing to the collection nor has written since.
    fn put(&self, collection: u32, key: String, version: u64, kept: Kept) {
        let epoch = self.slot(collection, |s| (s.writers == 0 && version >= s.settled).then_some(s.epoch)).flatten();
        if let Some(epoch) = epoch {
            self.pages.insert(key, Kept { epoch, ..kept });
        }
    }
}

impl Reader {
    /// [`Reader::find`] that may answer with a page of up to `ttl` seconds ago if nothing was written to the collection since; whether it did.
    /// Lists that differ in nothing but their total share their documents.
    pub fn find_kept(&self, access: &Access, coll: &Collection, find: &Find, now: Timestamp, ttl: i64) -> Result<(Page, bool), DbError> {
        let lists = &self.shared().lists;
        let roles = match access.roles() {
            Some(roles) if !access.allows(&coll.permissions, Action::Read) => Some(roles.iter().collect::<Vec<_>>()),
            _ => None,
        };
        let uncounted = Find { total: Total::None, ..find.clone() };
        let key = format!("{}/{}/{roles:?}/{uncounted:?}", coll.id, coll.version);
        // What is asked of related documents may change without a write to this collection.
        let asks_related = find.filters.iter().any(|q| asks_related(coll, q));
        if key.len() > MAX_KEY || asks_related {
            return Ok((self.find(access, coll, find)?, false));
        }
        let (counts, counted) = (find.total != Total::None, |total: Total| if let Total::Capped(n) = total { Some(n) } else { None });
        if let Some(kept) = lists.get(coll.id, &key, now.plus_seconds(-ttl)) {
            let total = match find.total {
                Total::None => 0,
                _ if kept.counted => kept.page.total,
                total => self.count(access, coll, &find.filters, counted(total))?,
            };
            return Ok((Page { total, ..kept.page }, true));
        }
        let page = self.find(access, coll, find)?;
        lists.put(coll.id, key, self.version(), Kept { epoch: 0, at: now, counted: counts, page: page.clone() });
        Ok((page, false))
    }
}

/// Whether a filter is about related documents.
fn asks_related(coll: &Collection, filter: &Query) -> bool {
    let first = filter.attribute.split('.').next().unwrap_or_default();
    coll.relations().any(|r| r.key == first) || filter.nested.iter().any(|q| asks_related(coll, q))
}

#[cfg(test)]
mod tests {
    use access::Roles;
    use serde_json::json;

    use super::*;
    use crate::tests::{attribute, change, new, open};
    use crate::{CollectionSpec, Kind, Namespace};

    const SYS: Access = Access::System("test");

    #[test]
    fn a_kept_page_is_never_stale_and_never_another_callers() {
        let (db, _dir) = open(5_000);
        let spec = CollectionSpec {
            name: "c".into(),
            permissions: vec![],
            document_security: true,
            attributes: vec![attribute("n", Kind::Integer, false)],
            indexes: vec![],
        };
        let c = db.write(move |w| w.create_collection(Namespace(1), spec)).unwrap();
        let put = |id: &str, role: &str| {
            let (c, d) = (c.clone(), new(id, 0, &[&format!("read(\"{role}\")")], json!({"n": 1})));
            db.write(move |w| w.create(&SYS, &c, d)).unwrap();
        };
        put("a", "user:a");
        put("b", "user:b");
        let (a, b) = (Access::of(Roles::new(["user:a"])), Access::of(Roles::new(["user:b"])));
        let counted = Find { total: Total::Capped(5_000), ..Find::default() };
        let ask = |who: &Access, find: &Find, at: i64, ttl: i64| {
            let (page, hit) = db.read().find_kept(who, &c, find, Timestamp(at * 1_000), ttl).unwrap();
            (page.documents.iter().map(|d| d.id.clone()).collect::<Vec<_>>().join(","), page.total, hit)
        };
        assert_eq!(ask(&a, &counted, 0, 30), ("a".into(), 1, false));
        assert_eq!(ask(&a, &counted, 1, 30), ("a".into(), 1, true));
        assert_eq!(ask(&a, &Find::default(), 1, 30), ("a".into(), 0, true), "the total does not matter");
        assert_eq!(ask(&b, &counted, 1, 30), ("b".into(), 1, false), "roles do");
        assert!(!ask(&SYS, &Find::default(), 1, 30).2);
        assert_eq!(ask(&SYS, &counted, 1, 30), ("a,b".into(), 2, true), "counted when it was not");
        assert_eq!(ask(&a, &counted, 10, 10), ("a".into(), 1, false), "too old for this caller");
        put("a2", "user:a");
        assert_eq!(ask(&a, &counted, 10, 30), ("a,a2".into(), 2, false), "written in the meantime");
        // Read before a write, kept after it: not kept.
        let old = db.read();
        let c2 = c.clone();
        db.write(move |w| w.update(&SYS, &c2, "a", change(5, json!({"n": 7})))).unwrap();
        assert!(!old.find_kept(&a, &c, &counted, Timestamp(11_000), 30).unwrap().1);
        assert!(!ask(&a, &counted, 11, 30).2 && ask(&a, &counted, 11, 30).2);
        // While somebody writes, what was kept does not count.
        let (db2, c2) = (db.clone(), c.clone());
        db.write(move |w| -> Result<(), DbError> {
            w.update(&SYS, &c2, "a", change(6, json!({"n": 8})))?;
            assert!(!db2.read().find_kept(&Access::of(Roles::new(["user:a"])), &c2, &Find::default(), Timestamp(11_000), 30)?.1);
            Ok(())
        })
        .unwrap();
        assert!(!ask(&a, &counted, 11, 30).2);
    }
}
