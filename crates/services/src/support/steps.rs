//! The steps of time that figures of use are told by.
use protocol::{Query, QueryMethod, Timestamp};
use serde_json::{Value, json};

/// A range cut into equal steps, the last of which is going on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steps {
    /// Begin of the first.
    start: i64,
    /// Length of each, milliseconds.
    length: i64,
    /// How many.
    count: usize,
}

impl Steps {
    /// Of a range by its name: `24h`, `30d` or `90d`.
    pub(crate) fn of(range: &str, now: Timestamp) -> Self {
        let (count, seconds) = match range {
            "24h" => (24_u16, 3_600),
            "90d" => (90, 86_400),
            _ => (30, 86_400),
        };
        Self::ending(count.into(), seconds, now)
    }

    /// So many steps of `seconds` each, the last of which is going on.
    pub(crate) fn ending(count: usize, seconds: i64, now: Timestamp) -> Self {
        let (count, length) = (count.max(1), seconds * 1_000);
        let end = now.0.div_euclid(length) * length + length;
        Self { start: end - i64::try_from(count).unwrap_or(i64::MAX / length).saturating_mul(length), length, count }
    }

    /// How many steps.
    pub(crate) fn len(self) -> usize {
        self.count
    }

    /// The step something happened in; `None` before the first. What comes from a clock that was ahead belongs to the last.
    pub(crate) fn at(self, time: Timestamp) -> Option<usize> {
        let step = usize::try_from((time.0 - self.start).div_euclid(self.length)).ok()?;
        Some(step.min(self.count - 1))
    }

    /// Begin and end of each step.
    pub(crate) fn bounds(self) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        (0..self.count).map(move |n| {
            let from = self.start + self.length * i64::try_from(n).unwrap_or(0);
            (Timestamp(from), Timestamp(from + self.length))
        })
    }

    /// For each step the condition of what was there at its end.
    pub(crate) fn until(self) -> impl Iterator<Item = Vec<Query>> {
        self.bounds().map(|(_, to)| vec![Query::new(QueryMethod::LessThan, "$createdAt", vec![to.format().into()])])
    }

    /// Figures with the dates of their steps.
    pub(crate) fn dated(self, figures: impl IntoIterator<Item = u64>) -> Vec<Value> {
        self.bounds().zip(figures).map(|((from, _), value)| json!({"value": value, "date": from.format()})).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_end_with_the_one_that_goes_on() {
        let now = Timestamp::parse("2026-11-22T23:28:45.100+00:00").unwrap();
        let dates = |range: &str| -> Vec<String> {
            let steps = Steps::of(range, now);
            steps.dated(vec![0; steps.len()]).iter().map(|v| v["date"].as_str().unwrap().to_owned()).collect()
        };
        let (hours, days) = (dates("24h"), dates("30d"));
        assert_eq!(
            (hours.len(), hours.first().unwrap().as_str(), hours.last().unwrap().as_str()),
            (24, "2026-11-22T00:00:00.000+00:00", "2026-11-22T23:00:00.000+00:00")
        );
        assert_eq!(
            (days.len(), days.first().unwrap().as_str(), days.last().unwrap().as_str()),
            (30, "2026-10-24T00:00:00.000+00:00", "2026-11-22T00:00:00.000+00:00")
        );
        assert_eq!(dates("90d").len(), 90);
    }

    #[test]
    fn every_time_has_its_step() {
        let now = Timestamp::parse("2026-11-22T23:28:45.100+00:00").unwrap();
        let steps = Steps::of("30d", now);
        let at = |text: &str| steps.at(Timestamp::parse(text).unwrap());
        assert_eq!(at("2026-11-22T00:00:00.000+00:00"), Some(29));
        assert_eq!(at("2026-11-21T23:59:59.999+00:00"), Some(28));
        assert_eq!(at("2026-10-24T00:00:00.000+00:00"), Some(0));
        assert_eq!(at("2026-10-23T23:59:59.999+00:00"), None);
        assert_eq!(at("2027-01-01T00:00:00.000+00:00"), Some(29));
    }
}
