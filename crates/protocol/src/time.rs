//! Points in time as the API prints them: `2020-10-15T06:38:00.000+00:00`, always UTC, millisecond precision.

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Wire form, e.g. `2020-10-15T06:38:00.000+00:00`.
    #[must_use]
    pub fn format(self) -> String {
        todo!("helper")
    }
    /// Reads any date form the reference accepts (see `Check::Datetime`); other zones are converted.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let _ = text;
        todo!("helper")
    }
    /// Later by whole seconds.
    #[must_use]
    pub fn plus_seconds(self, s: i64) -> Self {
        Self(self.0.saturating_add(s.saturating_mul(1000)))
    }
}
