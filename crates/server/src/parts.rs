//! Opening the data folder and putting an [`App`] together.
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

/// Opens (or creates) the data folder and builds the application. `runtime` drives the async parts.
pub fn open(config: &Config, runtime: tokio::runtime::Handle) -> Result<Parts, OpenError> {
    let data = config.data();
    let folder = |error: String| OpenError::Folder { path: data.display().to_string(), error };
    std::fs::create_dir_all(&data).map_err(|e| folder(e.to_string()))?;
    let (cache, documents) = config.caches()?;
    let (_, hash_threads) = config.threads()?;
    let settings = config.settings()?;
    let keyring = Arc::new(crypto::Keyring::new(&config.secrets()?).map_err(|e| OpenError::Engine(e.to_string()))?);
    let store = kv::Store::open(config.engine()?, &data.join("store"), kv::Options { cache_bytes: cache, ..kv::Options::default() }).map_err(|e| folder(e.to_string()))?;
    let db = database::Database::open(store.clone(), database::Options { document_cache_bytes: documents }).map_err(|e| OpenError::Engine(e.to_string()))?;
    let blobs = crate::parts::blobs(config, &data, &keyring)?;
    let app = App::new(AppParts {
        settings,
        db,
        blobs,
        keyring,
        hasher: Arc::new(crypto::password::Hasher::new(hash_threads)),
        registry: services::registry().map_err(OpenError::Registry)?,
        clock: Arc::new(SystemClock),
        runtime,
        geo: locale::GeoDb::none(),
    })
    .map_err(|e| OpenError::Engine(format!("{:?}", e.0)))?;
    Ok(Parts { app, store })
}
