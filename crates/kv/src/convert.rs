//! Copying a store from one engine to another.
use std::ops::Bound;
use std::path::Path;

use crate::{EngineKind, KvError, Options, Read, Store};

/// Pairs per transaction.
const BATCH: usize = 1_000;
/// Bytes per transaction.
const BATCH_BYTES: usize = 4 << 20;

/// What was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Converted {
    /// Pairs of key and value.
    pub pairs: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Copies everything of the store in `from` into a new store in `to`, and compares. `progress` is told how far it is. The source is only read; on an error
/// remove what is in `to`.
///
/// # Errors
/// [`KvError::Unusable`] when `from` holds no store or `to` holds one; otherwise what the engines say.
pub fn convert(from: &Path, to: &Path, kind: EngineKind, options: &Options, mut progress: impl FnMut(Converted)) -> Result<Converted, KvError> {
    let Some(old) = crate::engine_of(from)? else { return Err(KvError::Unusable(format!("there is no store in {}", from.display()))) };
    if crate::engine_of(to)?.is_some() {
        return Err(KvError::Unusable(format!("there is a store in {} already", to.display())));
    }
    let source = Store::open(old, from, options.clone())?;
    let target = Store::open(kind, to, options.clone())?;
    let mut done = Converted::default();
    let mut batch = Vec::new();
    let mut size = 0;
    let view = source.read();
    for item in view.scan(Bound::Unbounded, Bound::Unbounded, false) {
        let (key, value) = item?;
        size += key.len() + value.len();
        done.pairs += 1;
        done.bytes += (key.len() + value.len()) as u64;
        batch.push((key.to_vec(), value));
        if batch.len() >= BATCH || size >= BATCH_BYTES {
            flush(&target, std::mem::take(&mut batch))?;
            size = 0;
            progress(done);
        }
    }
    flush(&target, batch)?;
    compare(&source, &target)?;
    progress(done);
    target.close();
    Ok(done)
}

fn flush(target: &Store, batch: Vec<(Vec<u8>, crate::Bytes)>) -> Result<(), KvError> {
    target.write(move |tx| {
        for (key, value) in batch {
            tx.put_bytes(key, value);
        }
        Ok(())
    })
}

fn compare(source: &Store, target: &Store) -> Result<(), KvError> {
    let (a, b) = (source.read(), target.read());
    let mut left = a.scan(Bound::Unbounded, Bound::Unbounded, false);
    let mut right = b.scan(Bound::Unbounded, Bound::Unbounded, false);
    loop {
        match (left.next().transpose()?, right.next().transpose()?) {
            (None, None) => return Ok(()),
            (a, b) if a == b => {}
            _ => return Err(KvError::Corrupt("the copy differs from the original".into())),
        }
    }
}
