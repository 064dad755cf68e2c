//! The devices that hold blobs, as settings describe them, and the object stores made of them.
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};

use crate::error::{Result, StorageError};
use crate::local;

/// Longest single call to a remote device: a part of 64 MiB over a slow line.
const CALL: Duration = Duration::from_secs(180);
/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// Calls that fail for a moment are made again so often, and within so long.
const RETRIES: usize = 6;
const RETRIED_FOR: Duration = Duration::from_secs(60);

/// Where blobs live.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Device {
    /// The folder `blobs` below the root.
    #[default]
    Local,
    /// A bucket of a server that speaks the S3 protocol.
    S3(S3),
    /// A bucket of Google Cloud Storage.
    Gcs(Gcs),
    /// A container of Azure Blob Storage.
    Azure(Azure),
}

/// A bucket of a server that speaks the S3 protocol.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct S3 {
    /// Its bucket.
    pub bucket: String,
    /// Region, e.g. `us-east-1`.
    pub region: String,
    /// URL of the server, then asked in path style; empty for Amazon's.
    pub endpoint: String,
    /// Access key; empty takes what the machine is given (instance role, web identity).
    pub access_key: String,
    /// Its secret.
    pub secret: String,
    /// Put before all names.
    pub prefix: String,
}

/// A bucket of Google Cloud Storage.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Gcs {
    /// Its bucket.
    pub bucket: String,
    /// Key of a service account, JSON; empty takes what the machine is given.
    pub service_account: String,
    /// URL of the server; empty for Google's.
    pub endpoint: String,
    /// Put before all names.
    pub prefix: String,
}

/// A container of Azure Blob Storage.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Azure {
    /// Storage account.
    pub account: String,
    /// Its key; empty takes what the machine is given.
    pub access_key: String,
    /// Its container.
    pub container: String,
    /// URL of the server; empty for Azure's.
    pub endpoint: String,
    /// Put before all names.
    pub prefix: String,
}

impl fmt::Debug for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3").field("bucket", &self.bucket).field("region", &self.region).field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl fmt::Debug for Gcs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gcs").field("bucket", &self.bucket).field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl fmt::Debug for Azure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Azure").field("account", &self.account).field("container", &self.container).field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl fmt::Display for Device {
    /// Where it is, without secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = |endpoint: &str| if endpoint.is_empty() { String::new() } else { format!(" at {endpoint}") };
        match self {
            Self::Local => f.write_str("the data folder"),
            Self::S3(s) => write!(f, "S3 bucket {}{} ({})", s.bucket, at(&s.endpoint), s.region),
            Self::Gcs(g) => write!(f, "Google Cloud Storage bucket {}{}", g.bucket, at(&g.endpoint)),
            Self::Azure(a) => write!(f, "Azure container {} of {}{}", a.container, a.account, at(&a.endpoint)),
        }
    }
}

impl Device {
    /// Whether it is beyond a network.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        *self != Self::Local
    }

    /// The object store, `folder` being the one of the local device.
    pub(crate) fn open(&self, folder: &Path) -> Result<Arc<dyn ObjectStore>> {
        match self {
            Self::Local => {
                local::private_folder(folder)?;
                local::object_store(folder)
            }
            Self::S3(s) => Ok(below(&s.prefix, s3(s)?)),
            Self::Gcs(g) => Ok(below(&g.prefix, gcs(g)?)),
            Self::Azure(a) => Ok(below(&a.prefix, azure(a)?)),
        }
    }
}

/// All names of `store` below a prefix.
fn below<S: ObjectStore>(prefix: &str, store: S) -> Arc<dyn ObjectStore> {
    let prefix = prefix.trim_matches('/');
    if prefix.is_empty() { Arc::new(store) } else { Arc::new(PrefixStore::new(store, prefix)) }
}

fn retry() -> RetryConfig {
    let backoff = BackoffConfig { init_backoff: Duration::from_millis(100), max_backoff: Duration::from_secs(10), base: 2.0 };
    RetryConfig { backoff, max_retries: RETRIES, retry_timeout: RETRIED_FOR }
}

fn client(endpoint: &str) -> ClientOptions {
    // One TLS stack for the process; when another part of it was first, that one is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    ClientOptions::new().with_timeout(CALL).with_connect_timeout(CONNECT).with_allow_http(endpoint.starts_with("http://"))
}

/// A URL of what may be a bare host.
fn url(endpoint: &str) -> String {
    let endpoint = endpoint.trim().trim_end_matches('/');
    if endpoint.contains("://") { endpoint.to_owned() } else { format!("https://{endpoint}") }
}

fn wrong(e: object_store::Error) -> StorageError {
    StorageError::Io { source: Box::new(e), retryable: false }
}

fn s3(s: &S3) -> Result<object_store::aws::AmazonS3> {
    let mut builder = AmazonS3Builder::new().with_bucket_name(&s.bucket).with_region(&s.region).with_retry(retry()).with_client_options(client(&s.endpoint));
    if s.endpoint.is_empty() {
        builder = builder.with_virtual_hosted_style_request(true);
    } else {
        builder = builder.with_endpoint(url(&s.endpoint)).with_virtual_hosted_style_request(false);
    }
    if !s.access_key.is_empty() {
        builder = builder.with_access_key_id(&s.access_key).with_secret_access_key(&s.secret);
    }
    builder.build().map_err(wrong)
}

fn gcs(g: &Gcs) -> Result<object_store::gcp::GoogleCloudStorage> {
    let mut builder = GoogleCloudStorageBuilder::new().with_bucket_name(&g.bucket).with_retry(retry()).with_client_options(client(&g.endpoint));
    if !g.endpoint.is_empty() {
        builder = builder.with_base_url(&url(&g.endpoint));
    }
    if !g.service_account.is_empty() {
        builder = builder.with_service_account_key(&g.service_account);
    }
    builder.build().map_err(wrong)
}

fn azure(a: &Azure) -> Result<object_store::azure::MicrosoftAzure> {
    let mut builder =
        MicrosoftAzureBuilder::new().with_account(&a.account).with_container_name(&a.container).with_retry(retry()).with_client_options(client(&a.endpoint));
    if !a.endpoint.is_empty() {
        builder = builder.with_allow_http(a.endpoint.starts_with("http://")).with_endpoint(url(&a.endpoint));
    }
    if !a.access_key.is_empty() {
        builder = builder.with_access_key(&a.access_key);
    }
    builder.build().map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let hidden = "hush".to_owned();
        for device in [
            Device::S3(S3 { access_key: hidden.clone(), secret: hidden.clone(), bucket: "b".into(), ..S3::default() }),
            Device::Gcs(Gcs { service_account: hidden.clone(), ..Gcs::default() }),
            Device::Azure(Azure { access_key: hidden.clone(), ..Azure::default() }),
        ] {
            assert!(!format!("{device:?} {device}").contains("hush"));
        }
    }

    #[test]
    fn all_can_be_made_without_a_call() {
        let folder = Path::new("/nowhere");
        let s3 = S3 { bucket: "b".into(), region: "eu-1".into(), access_key: "a".into(), secret: "s".into(), prefix: "p/".into(), ..S3::default() };
        for endpoint in ["", "http://127.0.0.1:9000", "s3.example.org"] {
            assert!(Device::S3(S3 { endpoint: endpoint.into(), ..s3.clone() }).open(folder).is_ok());
        }
        assert!(Device::Gcs(Gcs { bucket: "b".into(), endpoint: "http://127.0.0.1:1".into(), ..Gcs::default() }).open(folder).is_ok());
        let azure = Azure { account: "a".into(), access_key: "a2V5".into(), container: "c".into(), ..Azure::default() };
        assert!(Device::Azure(azure.clone()).open(folder).is_ok());
        assert!(Device::Azure(Azure { access_key: "not base64!".into(), ..azure }).open(folder).is_err());
    }
}
