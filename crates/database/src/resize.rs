//! Whether what is stored fits the new size of a text attribute.
use crate::engine::Writer;
use crate::record::{Raw, View, damaged};
use crate::scan::{Sequences, documents};
use crate::{Attribute, DbError};

impl Writer<'_, '_> {
    /// Refuses a smaller size when a stored text is longer. Looks at every document, as the reference's store does.
    pub(crate) fn check_stored_sizes(&self, collection: u32, old: &Attribute, new: &Attribute) -> Result<(), DbError> {
        if !old.kind.is_text() || new.size >= old.size {
            return Ok(());
        }
        let most = usize::try_from(new.size).unwrap_or(usize::MAX);
        for row in documents(&*self.tx, collection, Sequences::ALL, false) {
            let row = row?;
            let record = row.record.ok_or_else(|| damaged("document"))?;
            let Some(raw) = View::new(row.sequence, &record)?.attribute(old.id)? else { continue };
            if self.is_longer(raw, most)? {
                return Err(DbError::TooLong);
            }
        }
        Ok(())
    }

    fn is_longer(&self, raw: Raw<'_>, most: usize) -> Result<bool, DbError> {
        let beyond = |s: &str| s.len() > most && s.chars().nth(most).is_some();
        if let Raw::Sealed(_) = raw {
            let value = raw.value(self.shared.sealer())?;
            let items = value.as_array().map_or(std::slice::from_ref(&value), Vec::as_slice);
            return Ok(items.iter().filter_map(|v| v.as_str()).any(beyond));
        }
        for item in raw.items() {
            if matches!(item?, Raw::Text(s) if beyond(s)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
