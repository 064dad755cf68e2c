//! Opening the data folder and putting an [`App`] together.
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;

use kernel::{App, AppParts, SystemClock};

use crate::config::{Config, ConfigError};

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The folder.
    #[error("the data folder {path} cannot be used: {error}")]
    Folder {
        /// Its path.
        path: String,
        /// Why.
        error: String,
    },
    /// The endpoints contradict each other; a programming error.
    #[error("{0}")]
    Registry(String),
    /// Anything below.
    #[error("{0}")]
    Engine(String),
}

/// An open data folder.
pub struct Parts {
    /// The application.
    pub app: Arc<App>,
    /// The store below it.
    pub store: kv::Store,
}

/// Opens (or creates) the data folder and builds the application with all endpoints. `runtime` drives the async parts.
pub fn open(config: &Config, runtime: tokio::runtime::Handle) -> Result<Parts, OpenError> {
    open_with(config, runtime, registry(config)?)
}

/// The endpoints that a server with this configuration has.
pub(crate) fn registry(config: &Config) -> Result<kernel::Registry, OpenError> {
    let mut registry = services::registry().map_err(OpenError::Registry)?;
    if !config.production() {
        services::add_development(&mut registry).map_err(OpenError::Registry)?;
    }
    Ok(registry)
}

/// As [`open`], with other endpoints.
pub fn open_with(config: &Config, runtime: tokio::runtime::Handle, registry: kernel::Registry) -> Result<Parts, OpenError> {
    let data = config.data();
    let folder = |error: String| OpenError::Folder { path: data.display().to_string(), error };
    // Only the owner may look in: it holds keys' wrappers, the admin socket and everything else.
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&data).map_err(|e| folder(explain(&e)))?;
    let (cache, documents) = config.caches()?;
    let (threads, hash_threads) = config.threads()?;
    let settings = config.settings()?;
    config.secrets()?;
    let options = kv::Options { cache_bytes: cache, ..kv::Options::default() };
    let store = kv::Store::open(config.engine()?, &data, options).map_err(|e| folder(e.to_string()))?;
    // The store's lock is held from here on: nobody else changes the keys of the folder.
    let crypto::keyfile::Opened { keyring, changed } = crate::keys::open(config).map_err(OpenError::Engine)?;
    let keyring = Arc::new(keyring);
    let sealer: Arc<dyn database::Sealer> = Arc::new(kernel::AttributeSealer(keyring.clone()));
    let options = database::Options { document_cache_bytes: documents, sealer: Some(sealer), ..database::Options::default() };
    let db = database::Database::open(store.clone(), options).map_err(|e| OpenError::Engine(e.to_string()))?;
    crate::keys::settle(&data, &keyring, changed, &db).map_err(OpenError::Engine)?;
    let (mut blobs, moving_from) = blobs(config, &data, &keyring)?;
    if let Some(from) = &moving_from {
        // What is still on the other device must be found from the first request on.
        blobs.resume_move(from).map_err(|e| folder(e.to_string()))?;
        tracing::warn!("a move of files was broken off; go on with it: ferrite storage move");
    }
    if let Some(limits) = config.previews()? {
        blobs = blobs.with_derived(storage::Derived::open(data.join("previews"), keyring.clone(), limits).map_err(|e| folder(e.to_string()))?);
    }
    let app = App::new(AppParts {
        settings,
        db,
        blobs,
        keyring,
        // Half of the threads at most wait for a hash; the other half goes on with everything else.
        hasher: Arc::new(crypto::password::Hasher::new(hash_threads, threads / 2)),
        registry,
        clock: Arc::new(SystemClock),
        runtime,
        geo: geo(config)?,
        outbound: outbound::Client::new(config.outbound()?).map_err(|e| OpenError::Engine(e.to_string()))?,
    })
    .map_err(|e| OpenError::Engine(e.0.cause.unwrap_or_else(|| e.0.message.into_owned())))?;
    services::register_jobs(&app);
    Ok(Parts { app, store })
}

/// Where files are kept, and the scanner if one is asked for.
fn blobs(config: &Config, data: &Path, keyring: &Arc<crypto::Keyring>) -> Result<(storage::BlobStore, Option<storage::Device>), OpenError> {
    let failed = |error: String| OpenError::Folder { path: data.join("files").display().to_string(), error };
    let chosen = crate::device::choose(config).map_err(failed)?;
    let blobs = storage::BlobStore::open(storage::StorageConfig {
        root: data.join("files"),
        device: chosen.device,
        keyring: keyring.clone(),
        scanner: config.clamd().map(|address| storage::ClamdConfig::new(storage::ClamdAddress::Tcp(address))),
        limits: storage::Limits::default(),
    })
    .map_err(|e| failed(e.to_string()))?;
    Ok((blobs, chosen.from))
}

/// The database of addresses, if one is named. A wrong name is told at once.
fn geo(config: &Config) -> Result<locale::GeoDb, OpenError> {
    let path = config.get("FERRITE_GEO_DB");
    if path.is_empty() {
        return Ok(locale::GeoDb::none());
    }
    locale::GeoDb::open(Path::new(path)).map_err(|e| OpenError::Engine(format!("FERRITE_GEO_DB names {path}, which is no database of addresses: {e}")))
}

/// What to do about an error of the file system.
fn explain(e: &std::io::Error) -> String {
    match e.kind() {
        std::io::ErrorKind::PermissionDenied => format!("{e}; give the user of the server this folder (chown), or choose another with --data"),
        std::io::ErrorKind::ReadOnlyFilesystem => format!("{e}; choose another folder with --data"),
        _ => e.to_string(),
    }
}
