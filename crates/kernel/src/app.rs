//! The running server's state, shared by all requests. Two `App`s may live in one process.
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use database::{Collection, CollectionSpec, Database, Document, Namespace, Writer};
use parking_lot::{Mutex, MutexGuard};
use protocol::Timestamp;

use crate::actor::Identity;
use crate::audit::Audit;
use crate::error::{Error, Result};
use crate::events::Bus;
use crate::gate::Gate;
use crate::jobs::Jobs;
use crate::limits::Limits;
use crate::meter::Meter;
use crate::project::Project;
use crate::schema::{self, Table};
use crate::tx::{Touched, Tx};
use crate::{Registry, Settings};

/// Where the time comes from; tests inject their own.
pub trait Clock: Send + Sync {
    /// Microseconds since 1970.
    fn micros(&self) -> u64;
}

/// The machine's clock.
#[derive(Debug, Default)]
pub struct SystemClock;
impl Clock for SystemClock {
    fn micros(&self) -> u64 {
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| u64::try_from(d.as_micros()).unwrap_or(u64::MAX))
    }
}

/// What an [`App`] is made of.
pub struct AppParts {
    /// Settings.
    pub settings: Settings,
    /// Document engine.
    pub db: Database,
    /// File bytes.
    pub blobs: storage::BlobStore,
    /// Keys.
    pub keyring: Arc<crypto::Keyring>,
    /// Password hashing with its bound.
    pub hasher: Arc<crypto::password::Hasher>,
    /// Endpoints.
    pub registry: Registry,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// For the async parts (blobs) called from pool threads.
    pub runtime: tokio::runtime::Handle,
    /// IP → country.
    pub geo: locale::GeoDb,
    /// Requests the server sends.
    pub outbound: outbound::Client,
}

const EPOCH_SLOTS: usize = 4096;
/// Locks of [`App::turn`].
const TURN_SLOTS: usize = 256;
const IDENTITY_CACHE: usize = 20_000;

/// The running server.
pub struct App {
    /// Settings.
    pub settings: Settings,
    /// Document engine.
    pub db: Database,
    /// File bytes.
    pub blobs: storage::BlobStore,
    /// Keys.
    pub keyring: Arc<crypto::Keyring>,
    /// Password hashing with its bound.
    pub hasher: Arc<crypto::password::Hasher>,
    /// Endpoints.
    pub registry: Registry,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// For the async parts called from pool threads.
    pub runtime: tokio::runtime::Handle,
    /// IP → country.
    pub geo: locale::GeoDb,
    /// Requests the server sends.
    pub outbound: outbound::Client,
    /// Work on pictures, which takes much memory and all of a processor.
    pub pictures: Gate,
    /// Rate limit counters.
    pub limits: Limits,
    /// Events to realtime and others.
    pub bus: Bus,
    /// Audit log.
    pub audit: Audit,
    /// Figures of use.
    pub meter: Meter,
    /// Work done after the answer.
    pub jobs: Jobs,
    user_epochs: Box<[AtomicU64]>,
    project_epoch: AtomicU64,
    identities: quick_cache::sync::Cache<(u32, String), (u64, Arc<Identity>)>,
    projects: quick_cache::sync::Cache<String, (u64, Arc<Project>)>,
    last_id: Mutex<u64>,
    /// What a request is noting the use of right now.
    pub(crate) noting: Mutex<HashSet<String>>,
    turns: Box<[Mutex<()>]>,
}

impl App {
    /// Puts the parts together and makes sure that the console's collections exist.
    pub fn new(parts: AppParts) -> Result<Arc<Self>> {
        let app = Arc::new(Self {
            pictures: Gate::new(parts.settings.picture_threads),
            settings: parts.settings,
            db: parts.db,
            blobs: parts.blobs,
            keyring: parts.keyring,
            hasher: parts.hasher,
            registry: parts.registry,
            clock: parts.clock,
            runtime: parts.runtime,
            geo: parts.geo,
            outbound: parts.outbound,
            limits: Limits::default(),
            bus: Bus::default(),
            audit: Audit::default(),
            meter: Meter::default(),
            jobs: Jobs::default(),
            user_epochs: (0..EPOCH_SLOTS).map(|_| AtomicU64::new(0)).collect(),
            project_epoch: AtomicU64::new(0),
            identities: quick_cache::sync::Cache::new(IDENTITY_CACHE),
            projects: quick_cache::sync::Cache::new(1_000),
            last_id: Mutex::new(0),
            noting: Mutex::default(),
            turns: (0..TURN_SLOTS).map(|_| Mutex::new(())).collect(),
        });
        app.ensure_tables(Namespace(0), &[schema::PROJECT, schema::CONSOLE])?;
        Ok(app)
    }

    /// Now, in milliseconds.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp(i64::try_from(self.clock.micros() / 1000).unwrap_or(i64::MAX))
    }

    /// A new id; ids of one process ascend.
    #[must_use]
    pub fn new_id(&self) -> String {
        let micros = {
            let mut last = self.last_id.lock();
            *last = self.clock.micros().max(*last + 1);
            *last
        };
        let bytes = crypto::random_bytes::<4>();
        protocol::id::unique(micros, u32::from_be_bytes(bytes))
    }

    /// Runs a transaction; what it touched is forgotten by the caches before it is acknowledged.
    pub fn write<R, F>(&self, f: F) -> Result<R>
    where
        F: FnOnce(&mut Tx<'_, '_, '_>) -> Result<R> + Send + 'static,
        R: Send + 'static,
    {
        self.write_noting(f).map(|(result, _)| result)
    }

    /// As [`write`](Self::write), and gives the accounts that were made.
    pub(crate) fn write_noting<R, F>(&self, f: F) -> Result<(R, Vec<Document>)>
    where
        F: FnOnce(&mut Tx<'_, '_, '_>) -> Result<R> + Send + 'static,
        R: Send + 'static,
    {
        let (result, touched) = self.db.write(move |w: &mut Writer<'_, '_>| -> Result<(R, Touched)> {
            let mut tx = Tx::new(w);
            let result = f(&mut tx)?;
            Ok((result, tx.touched))
        })?;
        for (ns, user) in &touched.users {
            self.epoch(*ns, user).fetch_add(1, Ordering::SeqCst);
        }
        if touched.projects {
            self.project_epoch.fetch_add(1, Ordering::SeqCst);
        }
        if touched.jobs {
            self.jobs.ring();
        }
        Ok((result, touched.made_users))
    }

    /// Waits until nobody else works on `what`; for work outside of transactions that must not be done twice at once. Held until dropped, and never
    /// taken while another is held: two names may share one lock.
    pub fn turn(&self, what: impl Hash) -> MutexGuard<'_, ()> {
        let mut h = DefaultHasher::new();
        what.hash(&mut h);
        let slot = usize::try_from(h.finish() % TURN_SLOTS as u64).unwrap_or(0);
        #[expect(clippy::indexing_slicing, reason = "slot is below the length by construction")]
        self.turns[slot].lock()
    }

    fn epoch(&self, ns: Namespace, user_id: &str) -> &AtomicU64 {
        let mut h = DefaultHasher::new();
        (ns.0, user_id).hash(&mut h);
        let slot = usize::try_from(h.finish() % EPOCH_SLOTS as u64).unwrap_or(0);
        #[expect(clippy::indexing_slicing, reason = "slot is below the length by construction")]
        &self.user_epochs[slot]
    }

    /// A cached identity, loaded by `load` when absent or out of date.
    pub(crate) fn identity(&self, ns: Namespace, user_id: &str, key: String, load: impl FnOnce() -> Result<Option<Identity>>) -> Result<Option<Arc<Identity>>> {
        let epoch = self.epoch(ns, user_id).load(Ordering::SeqCst);
        let key = (ns.0, key);
        if let Some((at, identity)) = self.identities.get(&key)
            && at == epoch
        {
            return Ok(Some(identity));
        }
        let Some(identity) = load()?.map(Arc::new) else { return Ok(None) };
        self.identities.insert(key, (epoch, identity.clone()));
        Ok(Some(identity))
    }

    /// A project by id; `None` when unknown.
    pub fn project(&self, id: &str) -> Result<Option<Arc<Project>>> {
        let epoch = self.project_epoch.load(Ordering::SeqCst);
        if let Some((at, p)) = self.projects.get(id)
            && at == epoch
        {
            return Ok(Some(p));
        }
        let Some(project) = self.load_project(id)?.map(Arc::new) else { return Ok(None) };
        self.ensure_tables(project.namespace, &[schema::PROJECT])?;
        self.projects.insert(id.to_owned(), (epoch, project.clone()));
        Ok(Some(project))
    }

    /// A collection of a namespace; a 500 when the server's own collection is missing.
    pub fn collection(&self, ns: Namespace, name: &str) -> Result<Arc<Collection>> {
        self.db.read().collection(ns, name)?.ok_or_else(|| Error::internal(format!("collection {name} is missing")))
    }

    /// Creates missing tables, and attributes and indexes that a newer release added.
    fn ensure_tables(&self, ns: Namespace, groups: &[&'static [Table]]) -> Result<()> {
        let now = self.now();
        let reader = self.db.read();
        let mut create: Vec<CollectionSpec> = Vec::new();
        let mut complete: Vec<(Arc<Collection>, &'static Table)> = Vec::new();
        for table in groups.iter().flat_map(|g| g.iter()) {
            match reader.collection(ns, table.name)? {
                None => create.push(table.spec(now)),
                Some(c) => {
                    let lacks = table.attributes.iter().any(|a| c.attribute(a.0).is_none()) || table.indexes.iter().any(|i| c.index(i.key()).is_none());
                    if lacks {
                        complete.push((c, table));
                    }
                }
            }
        }
        if create.is_empty() && complete.is_empty() {
            return Ok(());
        }
        self.db.write(move |w: &mut Writer<'_, '_>| -> Result<()> {
            for spec in create {
                if w.collection(ns, &spec.name)?.is_none() {
                    w.create_collection(ns, spec)?;
                }
            }
            for (mut coll, table) in complete {
                for a in table.attributes.iter().filter(|a| coll.attribute(a.0).is_none()).collect::<Vec<_>>() {
                    coll = w.create_attribute(&coll, a.build(now))?;
                }
                for i in table.indexes.iter().filter(|i| coll.index(i.key()).is_none()).collect::<Vec<_>>() {
                    coll = w.create_index(&coll, i.build(now))?;
                }
            }
            Ok(())
        })
    }
}
