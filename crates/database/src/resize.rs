//! Whether what is stored fits the new size of a text attribute. Everything stored must be looked at, which takes long for a large collection: it is done
//! on a snapshot, without keeping writers waiting, while a watch notes what they write in the meantime.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use kv::Read;
use parking_lot::Mutex;

use crate::engine::{Database, Sealer, Shared, Writer};
use crate::record::{Raw, View, damaged};
use crate::scan::{Sequences, documents};
use crate::{Attribute, Collection, DbError};

/// A size that a text attribute is about to get.
#[derive(Debug)]
struct Watch {
    collection: u32,
    attribute: u16,
    most: usize,
    /// A longer text was written since.
    exceeded: AtomicBool,
}

/// Sizes that are watched right now: few, and mostly none.
#[derive(Default)]
pub(crate) struct Watches {
    count: AtomicUsize,
    list: Mutex<Vec<Arc<Watch>>>,
}

impl Watches {
    fn add(&self, watch: &Arc<Watch>) {
        let mut list = self.list.lock();
        list.push(watch.clone());
        self.count.store(list.len(), Ordering::SeqCst);
    }

    fn remove(&self, watch: &Arc<Watch>) {
        let mut list = self.list.lock();
        list.retain(|w| !Arc::ptr_eq(w, watch));
        self.count.store(list.len(), Ordering::SeqCst);
    }

    /// Those of a collection.
    fn of(&self, collection: u32) -> Vec<Arc<Watch>> {
        if self.count.load(Ordering::SeqCst) == 0 {
            return Vec::new();
        }
        self.list.lock().iter().filter(|w| w.collection == collection).cloned().collect()
    }
}

/// What is stored fits a smaller size, and stays watched until this is dropped: keep it until the size is changed.
pub struct Measured {
    shared: Arc<Shared>,
    watch: Arc<Watch>,
}

impl Drop for Measured {
    fn drop(&mut self) {
        self.shared.watches.remove(&self.watch);
    }
}

impl Database {
    /// Looks whether all stored texts of an attribute fit a smaller size, before it gets that; needs no writer to wait.
    ///
    /// # Errors
    /// [`DbError::TooLong`] when one does not.
    pub fn measure(&self, coll: &Collection, key: &str, size: u64) -> Result<Option<Measured>, DbError> {
        let Some(attribute) = coll.attribute(key).filter(|a| a.kind.is_text() && size < a.size) else { return Ok(None) };
        let watch = Arc::new(Watch { collection: coll.id, attribute: attribute.id, most: length(size), exceeded: AtomicBool::new(false) });
        let measured = Measured { shared: self.shared().clone(), watch: watch.clone() };
        // From within a transaction: what those before it wrote is in the snapshot, those after it meet the watch.
        self.write(move |w| -> Result<(), DbError> {
            w.shared.watches.add(&watch);
            Ok(())
        })?;
        let snapshot = self.store().read();
        check(&snapshot, self.shared().sealer(), coll.id, attribute.id, measured.watch.most)?;
        Ok(Some(measured))
    }
}

impl Writer<'_, '_> {
    /// Refuses a smaller size when a stored text is longer. Looks at every document, unless that was done by [`Database::measure`].
    pub(crate) fn check_stored_sizes(&self, collection: u32, old: &Attribute, new: &Attribute) -> Result<(), DbError> {
        if !old.kind.is_text() || new.size >= old.size {
            return Ok(());
        }
        let most = length(new.size);
        let watches = self.shared.watches.of(collection);
        match watches.iter().find(|w| w.attribute == old.id && w.most <= most) {
            Some(watch) if watch.exceeded.load(Ordering::SeqCst) => Err(DbError::TooLong),
            Some(_) => Ok(()),
            None => check(&*self.tx, self.shared.sealer(), collection, old.id, most),
        }
    }

    /// Notes texts that are longer than a size which is about to be set.
    pub(crate) fn watch_sizes(&self, collection: u32, view: &View<'_>) -> Result<(), DbError> {
        for watch in self.shared.watches.of(collection) {
            let raw = view.attribute(watch.attribute)?;
            if raw.map(|r| is_longer(r, self.shared.sealer(), watch.most)).transpose()? == Some(true) {
                watch.exceeded.store(true, Ordering::SeqCst);
            }
        }
        Ok(())
    }
}

fn length(size: u64) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
}

fn check(kv: &dyn Read, sealer: Option<&dyn Sealer>, collection: u32, attribute: u16, most: usize) -> Result<(), DbError> {
    for row in documents(kv, collection, Sequences::ALL, false) {
        let row = row?;
        let record = row.record.ok_or_else(|| damaged("document"))?;
        let Some(raw) = View::new(row.sequence, &record)?.attribute(attribute)? else { continue };
        if is_longer(raw, sealer, most)? {
            return Err(DbError::TooLong);
        }
    }
    Ok(())
}

fn is_longer(raw: Raw<'_>, sealer: Option<&dyn Sealer>, most: usize) -> Result<bool, DbError> {
    let beyond = |s: &str| s.len() > most && s.chars().nth(most).is_some();
    if let Raw::Sealed(_) = raw {
        let value = raw.value(sealer)?;
        let items = value.as_array().map_or(std::slice::from_ref(&value), Vec::as_slice);
        return Ok(items.iter().filter_map(|v| v.as_str()).any(beyond));
    }
    for item in raw.items() {
        if matches!(item?, Raw::Text(s) if beyond(s)) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use access::Access;
    use serde_json::json;

    use crate::tests::{attribute, change, new, open};
    use crate::{Attribute, CollectionSpec, DbError, Kind, Namespace};

    const SYS: Access = Access::System("test");

    #[test]
    fn what_is_written_between_the_look_and_the_change_counts() {
        let (db, _dir) = open(5_000);
        let spec = CollectionSpec {
            name: "c".into(),
            permissions: vec![],
            document_security: false,
            attributes: vec![attribute("s", Kind::String, false)],
            indexes: vec![],
        };
        let c = db.write(move |w| w.create_collection(Namespace(1), spec)).unwrap();
        let put = |id: &str, s: &str| {
            let (c, d) = (c.clone(), new(id, 0, &[], json!({"s": s})));
            db.write(move |w| w.create(&SYS, &c, d)).unwrap();
        };
        let set = |size: u64| {
            let (c, a) = (c.clone(), Attribute { size, ..attribute("s", Kind::String, false) });
            db.write(move |w| w.update_attribute(&c, "s", a)).map(|c| c.attribute("s").unwrap().size)
        };
        put("a", "12345678");
        assert!(matches!(db.measure(&c, "s", 7), Err(DbError::TooLong)));
        assert!(db.measure(&c, "s", 64).unwrap().is_none(), "no smaller than it was");
        // Written while it is watched: by making a document and by changing one.
        let watched = db.measure(&c, "s", 8).unwrap();
        put("b", "123456789");
        assert!(matches!(set(8), Err(DbError::TooLong)));
        drop(watched);
        let watched = db.measure(&c, "s", 9).unwrap();
        let c2 = c.clone();
        db.write(move |w| w.update(&SYS, &c2, "a", change(1, json!({"s": "1234567890"})))).unwrap();
        assert!(matches!(set(9), Err(DbError::TooLong)));
        drop(watched);
        let watched = db.measure(&c, "s", 10).unwrap();
        put("c", "1234567890");
        assert_eq!(set(10).unwrap(), 10);
        drop(watched);
        // Without a look before it, the change looks itself.
        assert!(matches!(set(9), Err(DbError::TooLong)));
    }
}
