//! The engine's handle, readers and writers.
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use access::Access;
use kv::Snapshot;
use parking_lot::Mutex;
use protocol::Query;

use crate::cache::{Documents, Key};
use crate::catalog::Cache;
use crate::explain::Plan;
use crate::jobs::Jobs;
use crate::lists::Lists;
use crate::reading::Context;
use crate::resize::Watches;
use crate::watch::{Change, Watcher};
use crate::{Aggregate, Collection, DbError, Document, Find, Group, Namespace, Page, Relation, Selection, Tree, catalog, keys, postings, record, waiting};

/// Seals values of encrypted attributes; made by who holds the keys.
pub trait Sealer: Send + Sync {
    /// Seals; every call gives other bytes.
    fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, String>;
    /// Opens what [`Sealer::seal`] made; an error when it was changed.
    fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, String>;
}

/// Bounds and helpers of the engine.
#[derive(Clone)]
pub struct Options {
    /// Documents kept in memory, decoded and as stored, in bytes.
    pub document_cache_bytes: u64,
    /// For encrypted attributes; without it they can be neither written nor read.
    pub sealer: Option<Arc<dyn Sealer>>,
    /// Indexes over more documents than this are built in the background; collections with more keys are removed there.
    pub inline_rows: u64,
    /// Documents whose words wait until they are entered into a full-text index together; a search reads all that wait.
    pub waiting_documents: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { document_cache_bytes: 16 << 20, sealer: None, inline_rows: 5_000, waiting_documents: waiting::MOST }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("document_cache_bytes", &self.document_cache_bytes)
            .field("sealer", &self.sealer.is_some())
            .field("inline_rows", &self.inline_rows)
            .field("waiting_documents", &self.waiting_documents)
            .finish()
    }
}

/// What all readers and writers share.
pub(crate) struct Shared {
    pub(crate) store: kv::Store,
    pub(crate) catalog: Cache,
    pub(crate) documents: Documents,
    pub(crate) lists: Lists,
    pub(crate) waiting: waiting::Counts,
    pub(crate) tails: postings::Tails,
    pub(crate) watches: Watches,
    pub(crate) options: Options,
    pub(crate) watcher: OnceLock<Arc<dyn Watcher>>,
}

impl Shared {
    pub(crate) fn sealer(&self) -> Option<&dyn Sealer> {
        self.options.sealer.as_deref()
    }

    /// One transaction; see [`Database::write`].
    pub(crate) fn write<R, E, F>(self: &Arc<Self>, f: F) -> Result<R, E>
    where
        F: FnOnce(&mut Writer<'_, '_>) -> Result<R, E> + Send + 'static,
        R: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let touched = Arc::new(Mutex::new(Touched::default()));
        let (shared, marks) = (self.clone(), touched.clone());
        let result =
            self.store.write(move |tx| f(&mut Writer { tx, shared, touched: marks, jobs: false, removed: 0, watched: Vec::new() }).map_err(Failure::Closure));
        let touched = touched.lock();
        self.documents.end(&touched.documents);
        if !touched.collections.is_empty() {
            let newest = self.store.read().version();
            touched.collections.iter().for_each(|c| self.lists.end(*c, newest));
        }
        self.catalog.end(touched.schemas);
        result.map_err(|e| match e {
            Failure::Closure(e) => e,
            Failure::Store(e) => DbError::from(e).into(),
        })
    }
}

/// What a transaction has marked as changing in the caches.
#[derive(Default)]
struct Touched {
    documents: Vec<Key>,
    collections: BTreeSet<u32>,
    schemas: u32,
}

/// Why a transaction failed.
enum Failure<E> {
    Closure(E),
    Store(kv::KvError),
}
impl<E> From<kv::KvError> for Failure<E> {
    fn from(e: kv::KvError) -> Self {
        Self::Store(e)
    }
}

/// The engine; clone is cheap.
#[derive(Clone)]
pub struct Database {
    shared: Arc<Shared>,
    jobs: Arc<Jobs>,
}

impl Database {
    /// Opens the engine on a store; migrates older layouts, refuses newer ones. Goes on with background work left over.
    pub fn open(store: kv::Store, options: Options) -> Result<Self, DbError> {
        let layout = catalog::number(&store.read(), &keys::meta("layout"))?;
        if layout > keys::LAYOUT {
            return Err(record::damaged(&format!("layout {layout} is of a newer version; this one knows {}", keys::LAYOUT)));
        }
        if layout < keys::LAYOUT {
            store.write(|tx| -> Result<(), kv::KvError> {
                tx.put(keys::meta("layout"), keys::LAYOUT.to_be_bytes().to_vec());
                Ok(())
            })?;
        }
        let documents = Documents::new(options.document_cache_bytes);
        let (waiting, tails, watches) = (waiting::Counts::default(), postings::Tails::new(), Watches::default());
        let lists = Lists::new();
        let shared = Arc::new(Shared { store, catalog: Cache::default(), documents, lists, waiting, tails, watches, options, watcher: OnceLock::new() });
        let jobs = Arc::new(Jobs::start(&shared)?);
        Ok(Self { shared, jobs })
    }

    /// The last committed state.
    pub fn read(&self) -> Reader {
        Reader { snapshot: self.shared.store.read(), shared: self.shared.clone(), deadline: None }
    }

    /// One transaction, see [`kv::Store::write`]: all or nothing, durable when it returns.
    pub fn write<R, E, F>(&self, f: F) -> Result<R, E>
    where
        F: FnOnce(&mut Writer<'_, '_>) -> Result<R, E> + Send + 'static,
        R: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let jobs = self.jobs.clone();
        self.shared.write(move |w| {
            let result = f(w)?;
            w.tell_watcher()?;
            // Only wakes the background thread when something was left for it.
            w.wake(&jobs);
            Ok(result)
        })
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Says who hears of watched values; the first one stays.
    pub fn set_watcher(&self, watcher: Arc<dyn Watcher>) {
        let _ = self.shared.watcher.set(watcher);
    }

    /// The store below.
    pub fn store(&self) -> &kv::Store {
        &self.shared.store
    }

    /// Waits until background work is done; for tests and tools.
    pub fn settle(&self) {
        self.jobs.settle();
    }
}

/// A consistent view.
pub struct Reader {
    snapshot: Snapshot,
    shared: Arc<Shared>,
    deadline: Option<Instant>,
}

impl Reader {
    /// Lists, counts and figures that are not done by then end with [`DbError::Timeout`].
    #[must_use]
    pub fn until(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }

    fn context(&self) -> Context<'_> {
        let mut context = Context::new(&self.snapshot, &self.shared, Some(self.snapshot.version()));
        context.deadline = self.deadline;
        context
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(crate) fn version(&self) -> u64 {
        self.snapshot.version()
    }
}

/// A transaction in progress: everything a reader can, seeing its own writes, and changes.
pub struct Writer<'a, 'tx> {
    pub(crate) tx: &'a mut kv::WriteTx<'tx>,
    pub(crate) shared: Arc<Shared>,
    touched: Arc<Mutex<Touched>>,
    /// Whether work was left for the background thread.
    pub(crate) jobs: bool,
    /// Keys of dropped things removed so far.
    pub(crate) removed: u64,
    /// What happened to watched values and was not told yet.
    pub(crate) watched: Vec<Change>,
}

impl Writer<'_, '_> {
    pub(crate) fn context(&self) -> Context<'_> {
        Context::new(&*self.tx, &self.shared, None)
    }

    /// Notes that a document changes.
    pub(crate) fn touch(&mut self, key: Key) {
        self.shared.documents.begin(key);
        let mut touched = self.touched.lock();
        touched.documents.push(key);
        if touched.collections.insert(key.0) {
            self.shared.lists.begin(key.0);
        }
    }

    /// Notes that schemas change.
    pub(crate) fn change_catalog(&mut self) {
        self.shared.catalog.begin();
        self.touched.lock().schemas += 1;
    }

    fn wake(&mut self, jobs: &Arc<Jobs>) {
        if self.jobs {
            let jobs = jobs.clone();
            self.tx.on_commit(Box::new(move |_| jobs.wake()));
        }
    }
}

macro_rules! reading { ($($t:ty),*) => { $( impl $t {
    /// A collection by name.
    pub fn collection(&self, ns: Namespace, name: &str) -> Result<Option<Arc<Collection>>, DbError> {
        Ok(self.context().by_name(ns, name)?.map(|s| s.collection.clone()))
    }
    /// All collections of a namespace, by name.
    pub fn collections(&self, ns: Namespace) -> Result<Vec<Arc<Collection>>, DbError> {
        self.context().collections(ns)
    }
    /// A document the access may read (collection read, or document read when document security is on); `None` otherwise.
    pub fn get(&self, access: &Access, coll: &Collection, id: &str) -> Result<Option<Arc<Document>>, DbError> {
        self.context().get(access, coll, id)
    }
    /// Documents that match and may be read. Unauthorized when neither the collection nor (with document security) documents can be read.
    pub fn find(&self, access: &Access, coll: &Collection, find: &Find) -> Result<Page, DbError> {
        self.context().find(access, coll, find)
    }
    /// How many match and may be read, counted up to `cap`.
    pub fn count(&self, access: &Access, coll: &Collection, filters: &[Query], cap: Option<u64>) -> Result<u64, DbError> {
        self.context().count(access, coll, filters, cap)
    }
    /// The first match, for internal look-ups by indexed attributes.
    pub fn find_one(&self, access: &Access, coll: &Collection, filters: Vec<Query>) -> Result<Option<Arc<Document>>, DbError> {
        let page = self.context().find(access, coll, &Find { filters, limit: 1, ..Find::default() })?;
        Ok(page.documents.into_iter().next())
    }
    /// The collection on the other side of a relationship.
    pub fn related(&self, relation: &Relation) -> Result<Arc<Collection>, DbError> {
        Ok(self.context().other(relation)?.collection.clone())
    }
    /// Documents with the related ones that the caller may read: those selected or, without a selection, all. Each level is fetched at once.
    pub fn expand(&self, access: &Access, coll: &Collection, documents: Vec<Arc<Document>>, selection: Option<&Selection>) -> Result<Vec<Tree>, DbError> {
        self.context().expand(access, coll, documents, selection)
    }
    /// Names that select all related documents, theirs too, without coming back to a collection on the way.
    pub fn all_related(&self, coll: &Collection) -> Result<Vec<String>, DbError> {
        self.context().all_related(coll)
    }
    /// About how many bytes the documents of a collection take as stored.
    pub fn stored_bytes(&self, coll: &Collection) -> Result<u64, DbError> {
        self.context().stored_bytes(coll)
    }
    /// Figures about what matches and may be read.
    pub fn aggregate(&self, access: &Access, coll: &Collection, asked: &Aggregate) -> Result<Vec<Group>, DbError> {
        self.context().aggregate(access, coll, asked)
    }
    /// How a list is answered: runs it and tells the way taken and what was read.
    pub fn explain(&self, access: &Access, coll: &Collection, find: &Find) -> Result<Plan, DbError> {
        self.context().explain(access, coll, find)
    }
} )* } }
reading!(Reader, Writer<'_, '_>);

const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<Database>();
    shared::<Reader>();
};
