//! Moving all blobs to another device while they are in use.
//!
//! From the begin on new blobs are written to the new device and old ones are found on either. Every object is copied and read back before
//! it counts; the old device keeps its copies. Broken off at any point, the move can be begun again: what was copied is compared, not copied.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt as _;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt as _};

use crate::device::Device;
use crate::error::{Result, StorageError};
use crate::layered::Layered;
use crate::name;
use crate::sink::Sink;
use crate::store::{BlobStore, REMOTE_PART, Shelf};

/// How long uploads that began before the move are waited for at a time.
const PAUSE: Duration = Duration::from_millis(50);

/// What was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Blobs copied and read back.
    pub copied: u64,
    /// Bytes of those.
    pub bytes: u64,
    /// Blobs that were there already, compared with their originals.
    pub compared: u64,
}

/// The devices of a move.
#[derive(Clone)]
pub(crate) struct Moving {
    old: Arc<Shelf>,
    new: Arc<dyn ObjectStore>,
}

impl Moving {
    /// Both as one.
    fn shelf(self, part: usize) -> Shelf {
        let both = Layered { new: Arc::clone(&self.new), old: Arc::clone(&self.old.store) };
        Shelf { store: Arc::new(both), part, moving: Some(self) }
    }
}

/// A move that has begun.
pub struct Move {
    store: BlobStore,
    old: Arc<Shelf>,
    new: Arc<dyn ObjectStore>,
}

impl BlobStore {
    /// From now on blobs are written to `device`; [`moving`](Self::moving) does the rest.
    ///
    /// # Errors
    /// `Io` when the device does not take an object and give it back; then nothing has changed.
    pub async fn begin_move(&self, device: &Device) -> Result<()> {
        let new = Shelf::on(device, &self.blobs_folder())?;
        crate::store::probe(&new.store).await?;
        self.put_on(Moving { old: self.shelf(), new: new.store }.shelf(new.part));
        Ok(())
    }

    /// Takes up a move to this store's device that was broken off: what is still on `device` is found, too.
    ///
    /// # Errors
    /// `Io` when a folder cannot be made.
    pub fn resume_move(&self, device: &Device) -> Result<()> {
        let old = Arc::new(Shelf::on(device, &self.blobs_folder())?);
        let now = self.shelf();
        self.put_on(Moving { old, new: Arc::clone(&now.store) }.shelf(now.part));
        Ok(())
    }

    /// The move that is under way.
    #[must_use]
    pub fn moving(&self) -> Option<Move> {
        let Moving { old, new } = self.shelf().moving.clone()?;
        Some(Move { store: self.clone(), old, new })
    }
}

impl Move {
    /// Copies what is on the old device and not on the new one, and compares all of it. Answers `None` when `stop` was set before the end.
    ///
    /// # Errors
    /// `Io`; `Corrupt` when what was read back is not what was written, or when both devices hold different bytes under a name.
    pub async fn copy(&self, stop: &AtomicBool, mut told: impl FnMut(Moved)) -> Result<Option<Moved>> {
        let mut done = Moved::default();
        if !self.pass(stop, &mut done, &mut told).await? {
            return Ok(None);
        }
        // Uploads that began before the move end on the old device. Besides them only this and the shelf of both hold it.
        while Arc::strong_count(&self.old) > 2 {
            if stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            tokio::time::sleep(PAUSE).await;
        }
        let mut last = Moved::default();
        let ended = self.pass(stop, &mut last, &mut |_| {}).await?;
        done.copied += last.copied;
        done.bytes += last.bytes;
        Ok(ended.then_some(done))
    }

    async fn pass(&self, stop: &AtomicBool, done: &mut Moved, told: &mut impl FnMut(Moved)) -> Result<bool> {
        let mut objects = self.old.store.list(None);
        while let Some(object) = objects.try_next().await? {
            if stop.load(Ordering::Relaxed) {
                return Ok(false);
            }
            // What else is in the folder or bucket is none of our business.
            if !name::is_blob(object.location.as_ref()) {
                continue;
            }
            match self.one(&object).await {
                Ok(true) => {
                    done.copied += 1;
                    done.bytes += object.size;
                }
                Ok(false) => done.compared += 1,
                // Removed while the move was on.
                Err(StorageError::NotFound) => {}
                Err(e) => return Err(e),
            }
            told(*done);
        }
        Ok(true)
    }

    /// Makes sure that one object is on the new device; whether it had to be copied.
    async fn one(&self, object: &ObjectMeta) -> Result<bool> {
        let path = &object.location;
        match self.new.head(path).await {
            Ok(there) if there.size == object.size => {
                let same = digest(&self.old.store, path).await? == digest(&self.new, path).await?;
                if same {
                    return Ok(false);
                }
            }
            Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
            Err(e) => return Err(e.into()),
        }
        let written = self.transfer(path).await?;
        if digest(&self.new, path).await? != written {
            return Err(StorageError::corrupt(path.as_ref(), "read back after the copy, it is another"));
        }
        // Removed while it was copied: then the copy goes, too.
        if matches!(self.old.store.head(path).await, Err(object_store::Error::NotFound { .. })) {
            let _ = self.new.delete(path).await;
            return Err(StorageError::NotFound);
        }
        Ok(true)
    }

    async fn transfer(&self, path: &Path) -> Result<[u8; 32]> {
        let mut sink = Sink::new(Arc::clone(&self.new), path.clone());
        match self.pour(&mut sink, path).await {
            Ok(digest) => Ok(digest),
            Err(e) => {
                sink.abort().await;
                Err(e)
            }
        }
    }

    async fn pour(&self, sink: &mut Sink, path: &Path) -> Result<[u8; 32]> {
        let mut pieces = self.old.store.get(path).await?.into_stream();
        let (mut digests, mut part) = (crypto::Digests::sha256_alone(), BytesMut::new());
        while let Some(piece) = pieces.try_next().await? {
            digests.update(&piece);
            part.extend_from_slice(&piece);
            while part.len() > REMOTE_PART {
                sink.part(part.split_to(REMOTE_PART).freeze()).await?;
            }
        }
        sink.finish(part.freeze()).await?;
        Ok(digests.finish().1)
    }

    /// The old device is used no more; what it holds stays there.
    pub fn finish(self) {
        let part = self.store.shelf().part;
        self.store.put_on(Shelf { store: self.new, part, moving: None });
    }
}

async fn digest(store: &Arc<dyn ObjectStore>, path: &Path) -> Result<[u8; 32]> {
    let mut pieces = store.get(path).await?.into_stream();
    let mut digests = crypto::Digests::sha256_alone();
    while let Some(piece) = pieces.try_next().await? {
        let piece: Bytes = piece;
        digests.update(&piece);
    }
    Ok(digests.finish().1)
}
