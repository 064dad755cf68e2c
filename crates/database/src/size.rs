//! About how much a collection takes.
use crate::reading::Context;
use crate::scan::{Sequences, documents};
use crate::{Collection, DbError};

/// Records looked at from either end.
const SAMPLE: usize = 200;

impl Context<'_> {
    /// Bytes of the documents as stored: exact for few, for many what the oldest and newest make likely.
    pub(crate) fn stored_bytes(&self, collection: &Collection) -> Result<u64, DbError> {
        let count = self.stats(collection.id)?.count;
        let ends: &[bool] = if count <= SAMPLE as u64 { &[false] } else { &[false, true] };
        let (mut bytes, mut seen) = (0_u64, 0_u64);
        for reverse in ends {
            for row in documents(self.kv, collection.id, Sequences::ALL, *reverse).take(SAMPLE) {
                bytes += row?.record.map_or(0, |r| r.len() as u64);
                seen += 1;
            }
        }
        let all = u128::from(bytes) * u128::from(count) / u128::from(seen.max(1));
        Ok(u64::try_from(all).unwrap_or(u64::MAX))
    }
}
