//! Making, changing and removing documents.
use std::collections::BTreeSet;

use access::{Access, Action};
use kv::{Bytes, Read};
use protocol::Timestamp;

use crate::catalog::{self, Schema};
use crate::engine::Writer;
use crate::index::{self, Entry};
use crate::record::{self, View};
use crate::relations::{self, Level, Owner, Preset};
use crate::visibility::denied;
use crate::{Collection, DbError, Document, IndexKind, NewDocument, Update, Updated, checks, keys, operators};

impl Writer<'_, '_> {
    /// Makes a document; needs the collection's create permission. Related documents in its data are made, changed and linked with it.
    pub fn create(&mut self, access: &Access, coll: &Collection, new: NewDocument) -> Result<Document, DbError> {
        self.create_at(access, coll, new, Level::TOP, None)
    }

    pub(crate) fn create_at(&mut self, access: &Access, coll: &Collection, mut new: NewDocument, level: Level, preset: Preset) -> Result<Document, DbError> {
        let schema = self.context().schema(coll)?;
        let coll = &schema.collection;
        if !access.allows(&coll.permissions, Action::Create) {
            return Err(denied(access, Action::Create, &coll.permissions, &[]));
        }
        let mut given = relations::take(&schema, &mut new.data)?;
        let mut data = checks::create(coll, new.data, new.updated_at)?;
        let owner = Owner { access, id: &new.id, permissions: &new.permissions, at: new.updated_at, level, is_new: true, unless_newer: None };
        data.extend(self.resolve(&schema, &owner, &mut given, None)?);
        data.extend(preset.map(|(key, id)| (key, id.into())));
        if self.context().sequence(coll.id, &new.id)?.is_some() {
            return Err(DbError::Duplicate);
        }
        let mut stats = self.context().stats(coll.id)?;
        let document = Document {
            id: new.id.clone(),
            sequence: stats.next,
            created_at: new.created_at,
            updated_at: new.updated_at,
            permissions: new.permissions.clone(),
            data,
        };
        let bytes = record::encode(coll, &document, self.shared.sealer())?;
        let view = View::new(document.sequence, &bytes)?;
        let entries = index::entries(&schema.indexes, coll.id, &view)?;
        self.check_unique(&schema, &view, entries.iter())?;
        let document = view.document(coll, None, self.shared.sealer())?;
        self.touch((coll.id, document.sequence));
        for entry in entries {
            let value = entry.value(document.sequence);
            self.tx.put(entry.key, value);
        }
        self.change_words(&schema, None, Some(&view))?;
        self.change_readers(coll.id, document.sequence, &[], &document.permissions)?;
        self.tx.put(keys::id(coll.id, &document.id), document.sequence.to_be_bytes().to_vec());
        self.tx.put(keys::document(coll.id, document.sequence), bytes);
        stats.next += 1;
        stats.count += 1;
        self.tx.put(keys::base(keys::table::STATS, coll.id), stats.bytes());
        self.watch(&schema, access, None, Some(&document));
        if given.is_empty() {
            return Ok(document);
        }
        self.relate(&schema, &owner, document.sequence, given)?;
        self.document_at(&schema, document.sequence)
    }

    /// Changes a document; needs update (collection or, with document security, document); without a real change read suffices.
    pub fn update(&mut self, access: &Access, coll: &Collection, id: &str, update: Update) -> Result<Updated, DbError> {
        self.update_at(access, coll, id, update, Level::TOP, None)
    }

    pub(crate) fn update_at(
        &mut self,
        access: &Access,
        coll: &Collection,
        id: &str,
        mut update: Update,
        level: Level,
        preset: Preset,
    ) -> Result<Updated, DbError> {
        let schema = self.context().schema(coll)?;
        let coll = &schema.collection;
        let (sequence, mut before) = self.stored(coll, id)?;
        let mut old = View::new(sequence, &before)?.document(coll, None, self.shared.sealer())?;
        let mut given = relations::take(&schema, &mut update.data)?;
        let relinks = !level.is_last() && self.relinks(&schema, &given, &old)?;
        // An operator counts as a change whatever comes out.
        let operates = coll.is_app_data() && operators::has_operators(coll, &update.data);
        // What is wrong with the values is told after what is wrong with the caller; wrong values are a change, too.
        let data = checks::update(coll, &old, update.data, update.updated_at).map(|mut data| {
            data.extend(preset.map(|(key, id)| (key, id.into())));
            data
        });
        let new_permissions = update.permissions.filter(|p| !same_set(p, &old.permissions));
        let changed = operates
            || relinks
            || new_permissions.is_some()
            || update.created_at.is_some_and(|t| t != old.created_at)
            || data.as_ref().map_or(true, |d| d.iter().any(|(k, v)| old.value(k) != v));
        let action = if changed || update.touch { Action::Update } else { Action::Read };
        self.permit(access, coll, action, &old.permissions)?;
        check_conflict(&old, update.unless_newer)?;
        let mut data = data?;
        if !given.is_empty() {
            let permissions = new_permissions.as_ref().unwrap_or(&old.permissions).clone();
            let unless_newer = update.unless_newer;
            let owner = Owner { access, id, permissions: &permissions, at: update.updated_at, level, is_new: false, unless_newer };
            data.extend(self.resolve(&schema, &owner, &mut given, Some(&old))?);
            self.relate(&schema, &owner, sequence, given)?;
            // It may be related to itself.
            before = self.stored(coll, id)?.1;
            old = View::new(sequence, &before)?.document(coll, None, self.shared.sealer())?;
        }
        if !changed && !update.touch {
            return Ok(Updated { document: old, changed });
        }
        let mut document = Document { updated_at: update.updated_at, created_at: update.created_at.unwrap_or(old.created_at), ..old.clone() };
        if let Some(permissions) = new_permissions {
            document.permissions = permissions;
        }
        for (key, value) in data {
            document.data.insert(key, value);
        }
        let document = self.replace(&schema, &before, &old, &document)?;
        self.watch(&schema, access, Some(&old), Some(&document));
        Ok(Updated { document, changed })
    }

    /// Removes a document and returns its last state; needs delete.
    pub fn delete(&mut self, access: &Access, coll: &Collection, id: &str, unless_newer: Option<Timestamp>) -> Result<Document, DbError> {
        self.delete_at(access, coll, id, unless_newer, None)
    }

    /// As [`delete`](Self::delete), with the time at which related documents change that named the one removed.
    pub fn delete_at(
        &mut self,
        access: &Access,
        coll: &Collection,
        id: &str,
        unless_newer: Option<Timestamp>,
        at: Option<Timestamp>,
    ) -> Result<Document, DbError> {
        let schema = self.context().schema(coll)?;
        let coll = &schema.collection;
        let (sequence, before) = self.stored(coll, id)?;
        let view = View::new(sequence, &before)?;
        let old = view.document(coll, None, self.shared.sealer())?;
        self.permit(access, coll, Action::Delete, &old.permissions)?;
        check_conflict(&old, unless_newer)?;
        if schema.relations.is_empty() {
            self.remove(&schema, sequence)?;
        } else {
            self.delete_related(access, &schema, sequence, at)?;
        }
        Ok(old)
    }

    /// Takes a document out of the store, with everything that leads to it.
    pub(crate) fn remove(&mut self, schema: &Schema, sequence: u64) -> Result<(), DbError> {
        let coll = schema.collection.id;
        let Some(bytes) = self.context().record(coll, sequence)? else { return Ok(()) };
        let view = View::new(sequence, &bytes)?;
        let entries = index::entries(&schema.indexes, coll, &view)?;
        let permissions: Vec<String> = view.permissions().map(str::to_owned).collect();
        if !schema.watched.is_empty() {
            let gone = view.document(&schema.collection, None, self.shared.sealer())?;
            self.watch(schema, &Access::System("what goes needs no rights to go"), Some(&gone), None);
        }
        self.touch((coll, sequence));
        for entry in entries {
            self.tx.delete(entry.key);
        }
        self.change_words(schema, Some(&view), None)?;
        self.change_readers(coll, sequence, &permissions, &[])?;
        self.tx.delete(keys::id(coll, view.id));
        self.tx.delete(keys::document(coll, sequence));
        let mut stats = self.context().stats(coll)?;
        stats.count = stats.count.saturating_sub(1);
        self.tx.put(keys::base(keys::table::STATS, coll), stats.bytes());
        Ok(())
    }

    /// Sequence and record of an id.
    fn stored(&self, coll: &Collection, id: &str) -> Result<(u64, Bytes), DbError> {
        let cx = self.context();
        let sequence = cx.sequence(coll.id, id)?.ok_or(DbError::NotFound)?;
        let bytes = cx.record(coll.id, sequence)?.ok_or(DbError::NotFound)?;
        Ok((sequence, bytes))
    }

    pub(crate) fn permit(&self, access: &Access, coll: &Collection, action: Action, document: &[String]) -> Result<(), DbError> {
        let own = if coll.document_security { document } else { &[] };
        if access.allows(&coll.permissions, action) || access.allows(own, action) {
            return Ok(());
        }
        Err(denied(access, action, &coll.permissions, own))
    }

    /// Writes the new state of a document and what differs in its index entries.
    pub(crate) fn replace(&mut self, schema: &Schema, before: &Bytes, old: &Document, new: &Document) -> Result<Document, DbError> {
        let coll = &schema.collection;
        let sequence = old.sequence;
        let bytes = record::encode(coll, new, self.shared.sealer())?;
        let view = View::new(sequence, &bytes)?;
        let before = View::new(sequence, before)?;
        let had = index::entries(&schema.indexes, coll.id, &before)?;
        let has = index::entries(&schema.indexes, coll.id, &view)?;
        self.check_unique(schema, &view, has.difference(&had))?;
        let document = view.document(coll, None, self.shared.sealer())?;
        self.touch((coll.id, sequence));
        for gone in had.difference(&has) {
            self.tx.delete(gone.key.clone());
        }
        for entry in has.difference(&had) {
            self.tx.put(entry.key.clone(), entry.value(sequence));
        }
        self.change_words(schema, Some(&before), Some(&view))?;
        if old.permissions != document.permissions {
            self.change_readers(coll.id, sequence, &old.permissions, &document.permissions)?;
        }
        self.tx.put(keys::document(coll.id, sequence), bytes);
        Ok(document)
    }

    /// Refuses entries of unique indexes that another document has.
    pub(crate) fn check_unique<'e>(&self, schema: &Schema, view: &View<'_>, entries: impl Iterator<Item = &'e Entry>) -> Result<(), DbError> {
        for entry in entries {
            let taken = if entry.unique {
                self.tx.get(&entry.key)?.and_then(|v| keys::number(&v)).is_some_and(|s| s != view.sequence)
            } else {
                self.long_value_taken(schema, view, entry)?
            };
            if taken {
                return Err(DbError::Unique(index::owner(&schema.indexes, entry).map(|i| i.name.clone()).unwrap_or_default()));
            }
        }
        Ok(())
    }

    /// Unique values too long for a key share an entry's parts with others that only start alike: compare them whole.
    fn long_value_taken(&self, schema: &Schema, view: &View<'_>, entry: &Entry) -> Result<bool, DbError> {
        let Some(index) = index::owner(&schema.indexes, entry).filter(|i| i.kind == IndexKind::Unique && !i.has_array()) else { return Ok(false) };
        let values = |v: &View<'_>| index.pieces.iter().map(|p| p.source.raw(v).map(|raw| raw.map(|r| format!("{r:?}")))).collect::<Result<Vec<_>, _>>();
        let mine = values(view)?;
        if mine.iter().any(Option::is_none) {
            return Ok(false);
        }
        let parts = entry.key.get(..entry.key.len() - 8).unwrap_or_default();
        for item in self.tx.prefix(parts, false) {
            let (key, value) = item?;
            let (_, sequence) = index::split(&key, &value)?;
            let Some(bytes) = self.tx.get(&keys::document(schema.collection.id, sequence))? else { continue };
            if sequence != view.sequence && values(&View::new(sequence, &bytes)?)? == mine {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Keeps the postings of roles and their counts.
    fn change_readers(&mut self, coll: u32, sequence: u64, old: &[String], new: &[String]) -> Result<(), DbError> {
        let had: BTreeSet<&str> = index::readers(old.iter().map(String::as_str));
        let has: BTreeSet<&str> = index::readers(new.iter().map(String::as_str));
        for role in had.difference(&has) {
            self.tx.delete(keys::with_sequence(keys::role(coll, role), sequence));
            self.count_role(coll, role, false)?;
        }
        for role in has.difference(&had) {
            self.tx.put(keys::with_sequence(keys::role(coll, role), sequence), Vec::new());
            self.count_role(coll, role, true)?;
        }
        Ok(())
    }

    fn count_role(&mut self, coll: u32, role: &str, more: bool) -> Result<(), DbError> {
        let key = keys::role_count(coll, role);
        let count = catalog::number(&*self.tx, &key)?;
        match if more { count + 1 } else { count.saturating_sub(1) } {
            0 => self.tx.delete(key),
            n => self.tx.put(key, n.to_be_bytes().to_vec()),
        }
        Ok(())
    }
}

fn same_set(a: &[String], b: &[String]) -> bool {
    let (mut a, mut b): (Vec<_>, Vec<_>) = (a.iter().collect(), b.iter().collect());
    a.sort_unstable();
    b.sort_unstable();
    a == b
}

fn check_conflict(old: &Document, unless_newer: Option<Timestamp>) -> Result<(), DbError> {
    match unless_newer {
        Some(t) if old.updated_at > t => Err(DbError::Conflict),
        _ => Ok(()),
    }
}
