//! Which device the files of a data folder are on: what the settings say, and what the folder remembers.
//!
//! `files/device.json` names the device that holds the blobs. It keeps a changed setting from making all files vanish, and a move to another
//! device from being forgotten by a crash.
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use storage::{Azure, Device, Gcs, S3};

use crate::config::{Config, ConfigError};

/// Name of the file in the folder of files.
const FILE: &str = "device.json";
/// What `_APP_STORAGE_DEVICE` may be.
pub(crate) const NAMES: &str = "local, s3, dospaces, backblaze, linode, wasabi, gcs or azure";

/// What a data folder remembers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remembered {
    /// Device that is written to.
    pub(crate) device: String,
    /// Device that files are being moved from.
    pub(crate) moving_from: Option<String>,
    /// Device of the last move that is done: a setting that still names it is out of date, not wrong.
    pub(crate) moved_from: Option<String>,
}

/// The devices to open.
pub(crate) struct Chosen {
    pub(crate) device: Device,
    /// A move that was broken off.
    pub(crate) from: Option<Device>,
}

fn path(data: &Path) -> PathBuf {
    data.join("files").join(FILE)
}

/// What the folder remembers; nothing when it is new, or from before there were other devices.
pub(crate) fn remembered(data: &Path) -> Result<Option<Remembered>, String> {
    let path = path(data);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(format!("{}: {e}", path.display())),
    };
    let read = || -> Option<Remembered> {
        let value: Value = serde_json::from_str(&text).ok()?;
        let name = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        Some(Remembered { device: name("device")?, moving_from: name("movingFrom"), moved_from: name("movedFrom") })
    };
    read().map(Some).ok_or_else(|| format!("{} cannot be read as what this server wrote", path.display()))
}

/// Writes what the folder remembers; durable when it returns.
pub(crate) fn remember(data: &Path, what: &Remembered) -> Result<(), String> {
    let path = path(data);
    let value = json!({"device": what.device, "movingFrom": what.moving_from, "movedFrom": what.moved_from});
    let written = std::fs::create_dir_all(data.join("files")).and_then(|()| crate::durable::replace(&path, value.to_string().as_bytes()));
    written.map_err(|e| format!("{}: {e}", path.display()))
}

/// Whether there are blobs on the local device.
fn has_local(data: &Path) -> bool {
    std::fs::read_dir(data.join("files/blobs")).is_ok_and(|mut entries| entries.next().is_some())
}

/// The devices of a data folder: as set, unless its files are elsewhere.
pub(crate) fn choose(config: &Config) -> Result<Chosen, String> {
    let data = config.data();
    let wanted = config.device_name().map_err(|e| e.to_string())?;
    let known = match remembered(&data)? {
        Some(known) => known,
        None => {
            let device = if has_local(&data) { "local".to_owned() } else { wanted.clone() };
            let known = Remembered { device, moving_from: None, moved_from: None };
            if known.device == wanted {
                remember(&data, &known)?;
            }
            known
        }
    };
    if known.device != wanted {
        if known.moved_from.as_ref() != Some(&wanted) && known.moving_from.as_ref() != Some(&wanted) {
            return Err(format!(
                "the files of this folder are on the device {:?}, but _APP_STORAGE_DEVICE is {wanted:?}. Set it back, or move them: ferrite storage move --to {wanted}",
                known.device
            ));
        }
        tracing::warn!("files were moved: they are on the device {:?}; set _APP_STORAGE_DEVICE to it", known.device);
    }
    let open = |name: &str| config.device(name).map_err(|e| e.to_string());
    Ok(Chosen { device: open(&known.device)?, from: known.moving_from.as_deref().map(open).transpose()? })
}

impl Config {
    /// Name of the device that is set. A DSN wins over the name.
    pub(crate) fn device_name(&self) -> Result<String, ConfigError> {
        let dsn = self.get("_APP_CONNECTIONS_STORAGE");
        if let Some((scheme, _)) = dsn.split_once("://") {
            return Ok(scheme.to_lowercase());
        }
        Ok(self.get("_APP_STORAGE_DEVICE").to_lowercase())
    }

    /// The device of a name, with what is set for it.
    pub(crate) fn device(&self, name: &str) -> Result<Device, ConfigError> {
        let prefix = self.get("FERRITE_STORAGE_PREFIX").to_owned();
        if let Some(device) = self.of_dsn(name, &prefix)? {
            return Ok(device);
        }
        // Host of the service in a region; Amazon's own is found by the library.
        let host: fn(&str) -> String = match name {
            "local" => return Ok(Device::Local),
            "gcs" => return self.gcs(prefix),
            "azure" => return self.azure(prefix),
            "s3" => |_| String::new(),
            "dospaces" => |region| format!("https://{region}.digitaloceanspaces.com"),
            "backblaze" => |region| format!("https://s3.{region}.backblazeb2.com"),
            "linode" => |region| format!("https://{region}.linodeobjects.com"),
            "wasabi" => |region| format!("https://s3.{region}.wasabisys.com"),
            _ => return Err(ConfigError::Invalid { name: "_APP_STORAGE_DEVICE", value: name.to_owned(), want: NAMES }),
        };
        let [access_key, secret, region, bucket] = match name {
            "s3" => ["_APP_STORAGE_S3_ACCESS_KEY", "_APP_STORAGE_S3_SECRET", "_APP_STORAGE_S3_REGION", "_APP_STORAGE_S3_BUCKET"],
            "dospaces" => {
                ["_APP_STORAGE_DO_SPACES_ACCESS_KEY", "_APP_STORAGE_DO_SPACES_SECRET", "_APP_STORAGE_DO_SPACES_REGION", "_APP_STORAGE_DO_SPACES_BUCKET"]
            }
            "backblaze" => {
                ["_APP_STORAGE_BACKBLAZE_ACCESS_KEY", "_APP_STORAGE_BACKBLAZE_SECRET", "_APP_STORAGE_BACKBLAZE_REGION", "_APP_STORAGE_BACKBLAZE_BUCKET"]
            }
            "linode" => ["_APP_STORAGE_LINODE_ACCESS_KEY", "_APP_STORAGE_LINODE_SECRET", "_APP_STORAGE_LINODE_REGION", "_APP_STORAGE_LINODE_BUCKET"],
            _ => ["_APP_STORAGE_WASABI_ACCESS_KEY", "_APP_STORAGE_WASABI_SECRET", "_APP_STORAGE_WASABI_REGION", "_APP_STORAGE_WASABI_BUCKET"],
        };
        let endpoint = match self.get("_APP_STORAGE_S3_ENDPOINT") {
            endpoint if name == "s3" => endpoint.to_owned(),
            _ => host(self.get(region)),
        };
        Ok(Device::S3(S3 {
            bucket: self.needed(bucket)?,
            region: self.get(region).to_owned(),
            endpoint,
            access_key: self.get(access_key).to_owned(),
            secret: self.get(secret).to_owned(),
            prefix,
        }))
    }

    fn needed(&self, name: &'static str) -> Result<String, ConfigError> {
        match self.get(name) {
            "" => Err(ConfigError::Invalid { name, value: String::new(), want: "set for this device" }),
            value => Ok(value.to_owned()),
        }
    }

    fn gcs(&self, prefix: String) -> Result<Device, ConfigError> {
        let bucket = self.needed("FERRITE_STORAGE_GCS_BUCKET")?;
        let text = |name: &str| self.get(name).to_owned();
        Ok(Device::Gcs(Gcs { bucket, service_account: text("FERRITE_STORAGE_GCS_SERVICE_ACCOUNT"), endpoint: text("FERRITE_STORAGE_GCS_ENDPOINT"), prefix }))
    }

    fn azure(&self, prefix: String) -> Result<Device, ConfigError> {
        let (account, container) = (self.needed("FERRITE_STORAGE_AZURE_ACCOUNT")?, self.needed("FERRITE_STORAGE_AZURE_CONTAINER")?);
        let text = |name: &str| self.get(name).to_owned();
        Ok(Device::Azure(Azure {
            account,
            access_key: text("FERRITE_STORAGE_AZURE_ACCESS_KEY"),
            container,
            endpoint: text("FERRITE_STORAGE_AZURE_ENDPOINT"),
            prefix,
        }))
    }

    /// `scheme://key:secret@host/bucket?region=…`, when its scheme is the name asked for.
    fn of_dsn(&self, name: &str, prefix: &str) -> Result<Option<Device>, ConfigError> {
        let dsn = self.get("_APP_CONNECTIONS_STORAGE");
        if !dsn.to_lowercase().starts_with(&format!("{name}://")) || name == "local" {
            return Ok(None);
        }
        // The value holds a secret and is not repeated.
        let wrong = || ConfigError::Invalid { name: "_APP_CONNECTIONS_STORAGE", value: "…".into(), want: "scheme://key:secret@host/bucket?region=…" };
        let (_, rest) = dsn.split_once("://").ok_or_else(wrong)?;
        let (credentials, place) = rest.rsplit_once('@').ok_or_else(wrong)?;
        let (key, secret) = credentials.split_once(':').ok_or_else(wrong)?;
        let (place, query) = place.split_once('?').unwrap_or((place, ""));
        let (host, bucket) = place.split_once('/').ok_or_else(wrong)?;
        let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        let option = |name: &str| query.split('&').find_map(|pair| pair.split_once('=').filter(|(k, _)| *k == name)).map(|(_, v)| decode(v));
        if bucket.is_empty() {
            return Err(wrong());
        }
        let plain = option("insecure").is_some_and(|v| v == "true");
        let endpoint =
            if host.is_empty() || host.ends_with(".amazonaws.com") { String::new() } else { format!("{}://{host}", if plain { "http" } else { "https" }) };
        Ok(Some(Device::S3(S3 {
            bucket: bucket.to_owned(),
            region: option("region").unwrap_or_else(|| "us-east-1".to_owned()),
            endpoint,
            access_key: decode(key),
            secret: decode(secret),
            prefix: prefix.to_owned(),
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(vars: &[(&str, &str)]) -> Config {
        Config::from_vars(vars.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))).unwrap()
    }

    #[test]
    fn the_six_names_of_the_reference_and_ours() {
        let vars = [
            ("_APP_STORAGE_S3_BUCKET", "b"),
            ("_APP_STORAGE_S3_ENDPOINT", "http://minio:9000"),
            ("_APP_STORAGE_DO_SPACES_BUCKET", "b"),
            ("_APP_STORAGE_DO_SPACES_REGION", "fra1"),
            ("_APP_STORAGE_BACKBLAZE_BUCKET", "b"),
            ("_APP_STORAGE_LINODE_BUCKET", "b"),
            ("_APP_STORAGE_WASABI_BUCKET", "b"),
            ("FERRITE_STORAGE_GCS_BUCKET", "b"),
            ("FERRITE_STORAGE_AZURE_ACCOUNT", "a"),
            ("FERRITE_STORAGE_AZURE_CONTAINER", "c"),
        ];
        let config = config(&vars);
        for name in ["s3", "dospaces", "backblaze", "linode", "wasabi", "gcs", "azure"] {
            assert!(config.device(name).unwrap().is_remote(), "{name}");
        }
        assert_eq!(config.device("local").unwrap(), Device::Local);
        let Device::S3(s3) = config.device("dospaces").unwrap() else { panic!("an S3 device") };
        assert_eq!((s3.endpoint.as_str(), s3.region.as_str()), ("https://fra1.digitaloceanspaces.com", "fra1"));
        assert!(config.device("floppy").is_err());
        assert!(self::config(&[]).device("s3").is_err(), "a bucket is needed");
    }

    #[test]
    fn a_dsn_wins_and_is_not_shown() {
        let config = config(&[("_APP_CONNECTIONS_STORAGE", "s3://key:se%2Fcret@minio:9000/files?region=eu&insecure=true"), ("_APP_STORAGE_DEVICE", "local")]);
        assert_eq!(config.device_name().unwrap(), "s3");
        let Device::S3(s3) = config.device("s3").unwrap() else { panic!("an S3 device") };
        assert_eq!((s3.endpoint.as_str(), s3.bucket.as_str(), s3.region.as_str(), s3.secret.as_str()), ("http://minio:9000", "files", "eu", "se/cret"));
        let broken = self::config(&[("_APP_CONNECTIONS_STORAGE", "s3://hush@minio")]);
        assert!(!broken.device("s3").unwrap_err().to_string().contains("hush"));
    }

    #[test]
    fn a_changed_setting_does_not_make_files_vanish() {
        let dir = tempfile::tempdir().unwrap();
        let with = |device: &str| config(&[("FERRITE_DATA", dir.path().to_str().unwrap()), ("_APP_STORAGE_DEVICE", device), ("_APP_STORAGE_S3_BUCKET", "b")]);
        assert_eq!(choose(&with("local")).unwrap().device, Device::Local);
        let refused = choose(&with("s3")).err().unwrap();
        assert!(refused.contains("ferrite storage move --to s3"), "{refused}");
        let moving = Remembered { device: "s3".into(), moving_from: Some("local".into()), moved_from: None };
        remember(dir.path(), &moving).unwrap();
        assert_eq!(remembered(dir.path()).unwrap(), Some(moving));
        for setting in ["local", "s3"] {
            let chosen = choose(&with(setting)).unwrap();
            assert!(chosen.device.is_remote() && chosen.from == Some(Device::Local));
        }
        remember(dir.path(), &Remembered { device: "s3".into(), moving_from: None, moved_from: Some("local".into()) }).unwrap();
        assert!(choose(&with("local")).unwrap().device.is_remote(), "the move counts");
    }
}
