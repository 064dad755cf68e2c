//! Points in time as the API prints them: `2020-10-15T06:38:00.000+00:00`, always UTC, millisecond precision.
//!
//! Reading follows the forms PHP's date parser takes that clients send in practice: ISO 8601 with or without time and
//! zone, a space instead of `T`, slashes, day-first with dots, month names and RFC 2822. A four-digit year is required.

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;
/// Longest text that is looked at, in bytes.
const MAX_TEXT: usize = 64;

impl Timestamp {
    /// Earliest instant the API prints: 0000-01-01T00:00:00.000.
    pub const MIN: Self = Self(-62_167_219_200_000);
    /// Latest instant the API prints: 9999-12-31T23:59:59.999.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// Wire form, e.g. `2020-10-15T06:38:00.000+00:00`. Instants outside [`MIN`](Self::MIN)..[`MAX`](Self::MAX) print
    /// as the nearer bound.
    #[must_use]
    pub fn format(self) -> String {
        let ms = self.0.clamp(Self::MIN.0, Self::MAX.0);
        let (year, month, day) = civil_from_days(ms.div_euclid(DAY));
        let rest = ms.rem_euclid(DAY);
        let mut out = String::with_capacity(29);
        digits(&mut out, year, 4);
        out.push('-');
        digits(&mut out, month, 2);
        out.push('-');
        digits(&mut out, day, 2);
        out.push('T');
        digits(&mut out, rest / 3_600_000, 2);
        out.push(':');
        digits(&mut out, rest / 60_000 % 60, 2);
        out.push(':');
        digits(&mut out, rest / 1000 % 60, 2);
        out.push('.');
        digits(&mut out, rest % 1000, 3);
        out.push_str("+00:00");
        out
    }

    /// The form of a cookie's `Expires`: `Mon, 22-Nov-2027 23:30:01 GMT`.
    #[must_use]
    pub fn format_cookie(self) -> String {
        let ms = self.0.clamp(Self::MIN.0, Self::MAX.0);
        let days = ms.div_euclid(DAY);
        let (year, month, day) = civil_from_days(days);
        let rest = ms.rem_euclid(DAY);
        // 1970-01-01 was a Thursday, the fourth day of the list.
        let weekday = name_at(&WEEKDAYS, (days + 3).rem_euclid(7));
        let month = name_at(&MONTHS, month - 1);
        format!("{weekday}, {day:02}-{month}-{year:04} {:02}:{:02}:{:02} GMT", rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60)
    }

    /// Reads any date form the reference accepts (see `Check::Datetime`); other zones are converted, no zone means UTC.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_TEXT || !has_year(text) {
            return None;
        }
        let mut r = Reader { rest: text.trim_ascii() };
        let days = r.date()?;
        let time = r.time()?;
        let zone = r.zone(days.checked_mul(DAY)?.checked_add(time)?)?;
        if !r.rest.is_empty() {
            return None;
        }
        Some(Self(days.checked_mul(DAY)?.checked_add(time)?.checked_sub(zone)?))
    }

    /// As [`parse`](Self::parse), and nothing at all for `now`, and the words `now`, `today`, `midnight`, `noon`, `yesterday` and `tomorrow`.
    #[must_use]
    pub fn parse_at(text: &str, now: Self) -> Option<Self> {
        let midnight = now.0.div_euclid(DAY) * DAY;
        match text.trim_ascii().to_ascii_lowercase().as_str() {
            "" | "now" => Some(now),
            "today" | "midnight" => Some(Self(midnight)),
            "noon" => Some(Self(midnight + DAY / 2)),
            "yesterday" => Some(Self(midnight - DAY)),
            "tomorrow" => Some(Self(midnight + DAY)),
            _ => Self::parse(text),
        }
    }

    /// Later by whole seconds.
    #[must_use]
    pub fn plus_seconds(self, s: i64) -> Self {
        Self(self.0.saturating_add(s.saturating_mul(1000)))
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.format())
    }
}

/// The name at a place of a list of lower-case names, with a capital.
fn name_at(names: &[&str], at: i64) -> String {
    let name = usize::try_from(at).ok().and_then(|at| names.get(at)).copied().unwrap_or_default();
    let mut chars = name.chars();
    chars.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(chars).collect()
}

fn digits(out: &mut String, value: i64, width: u32) {
    for place in (0..width).rev() {
        // A single decimal digit always fits.
        out.push(char::from(b'0' + (value / 10_i64.pow(place) % 10) as u8));
    }
}

/// Days since 1970-01-01 of a proleptic Gregorian date (Hinnant's algorithm); days past the month's end roll over.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), month, doy - (153 * mp + 2) / 5 + 1)
}

/// Whether the text holds a run of exactly four digits.
fn has_year(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() == 4)
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const FULL_MONTHS: [&str; 12] = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
const WEEKDAYS: [&str; 14] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Cuts one part after the other off the front.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn take(&mut self, pred: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !pred(c)).unwrap_or(self.rest.len());
        let (head, tail) = self.rest.split_at(end);
        self.rest = tail;
        head
    }

    fn eat(&mut self, c: char) -> bool {
        match self.rest.strip_prefix(c) {
            Some(tail) => {
                self.rest = tail;
                true
            }
            None => false,
        }
    }

    fn spaces(&mut self) {
        self.take(|c| c == ' ' || c == '\t');
    }

    /// A number of `min` to `max` digits.
    fn number(&mut self, min: usize, max: usize) -> Option<(i64, usize)> {
        let run = self.take(|c| c.is_ascii_digit());
        if run.len() < min || run.len() > max {
            return None;
        }
        Some((run.parse().ok()?, run.len()))
    }

    fn word(&mut self) -> String {
        self.take(|c| c.is_ascii_alphabetic()).to_ascii_lowercase()
    }

    /// Days since 1970 of the date at the front.
    fn date(&mut self) -> Option<i64> {
        if self.rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return self.date_by_word();
        }
        let (first, width) = self.number(1, 4)?;
        match self.rest.chars().next() {
            Some(sep @ ('-' | '/' | '.')) if width == 4 => {
                self.eat(sep);
                let (month, _) = self.number(1, 2)?;
                let day = if self.eat(sep) { self.number(1, 2)?.0 } else { 1 };
                civil(first, month, day)
            }
            Some(sep @ ('-' | '.')) if width <= 2 => {
                self.eat(sep);
                let (month, _) = self.number(1, 2)?;
                self.eat(sep).then_some(())?;
                let (year, _) = self.number(4, 4)?;
                civil(year, month, first)
            }
            Some('/') if width <= 2 => {
                self.eat('/');
                let (day, _) = self.number(1, 2)?;
                self.eat('/').then_some(())?;
                let (year, _) = self.number(4, 4)?;
                civil(year, first, day)
            }
            Some(' ') if width <= 2 => {
                self.spaces();
                let month = month_of(&self.word())?;
                self.spaces();
                let (year, _) = self.number(4, 4)?;
                civil(year, month, first)
            }
            _ => None,
        }
    }

    /// `Thu, 15 Oct 2020`, `October 15, 2020`.
    fn date_by_word(&mut self) -> Option<i64> {
        let mut word = self.word();
        if WEEKDAYS.contains(&word.as_str()) {
            self.eat(',');
            self.spaces();
            if self.rest.starts_with(|c: char| c.is_ascii_digit()) {
                return self.date();
            }
            word = self.word();
        }
        let month = month_of(&word)?;
        self.spaces();
        let (day, _) = self.number(1, 2)?;
        self.eat(',');
        self.spaces();
        let (year, _) = self.number(4, 4)?;
        civil(year, month, day)
    }

    /// Milliseconds into the day; 0 when no time is given.
    fn time(&mut self) -> Option<i64> {
        let marked = self.eat('T') || self.eat('t');
        self.spaces();
        if !self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            return (!marked).then_some(0);
        }
        let (hour, _) = self.number(1, 2)?;
        self.eat(':').then_some(())?;
        let (minute, _) = self.number(2, 2)?;
        let second = if self.eat(':') { self.number(2, 2)?.0 } else { 0 };
        let milli = if self.eat('.') || self.eat(',') { fraction(self.take(|c| c.is_ascii_digit()))? } else { 0 };
        if hour > 24 || minute > 59 || second > 60 {
            return None;
        }
        Some(((hour * 60 + minute) * 60 + second) * 1000 + milli)
    }

    /// Milliseconds the zone is ahead of UTC; a place's depends on the local time.
    fn zone(&mut self, local: i64) -> Option<i64> {
        self.spaces();
        if self.rest.contains('/') {
            return named_zone(std::mem::take(&mut self.rest), local);
        }
        match self.word().as_str() {
            "" | "utc" | "gmt" | "z" => {}
            _ => return None,
        }
        let sign = match self.rest.chars().next() {
            None => return Some(0),
            Some('+') => 1,
            Some('-') => -1,
            Some(_) => return None,
        };
        self.rest = self.rest.get(1..).unwrap_or_default();
        let (value, width) = self.number(1, 4)?;
        let (hours, minutes) = match width {
            1 | 2 if self.eat(':') => (value, self.number(2, 2)?.0),
            1 | 2 => (value, 0),
            _ => (value / 100, value % 100),
        };
        (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes) * 60_000)
    }
}

/// Milliseconds that the clocks of a place, such as `America/New_York`, are ahead of UTC when they show a time. Of a time they show twice the first
/// counts; one they skip is that much later.
fn named_zone(name: &str, local: i64) -> Option<i64> {
    let zone = jiff::tz::TimeZone::get(name).ok()?;
    let shown = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::from_millisecond(local).ok()?);
    let meant = zone.to_zoned(shown).ok()?.timestamp().as_millisecond();
    Some(local - meant)
}

/// Milliseconds of decimals; further digits are cut off.
fn fraction(digits: &str) -> Option<i64> {
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    digits.bytes().chain(*b"00").take(3).try_fold(0_i64, |n, b| Some(n * 10 + i64::from(b.checked_sub(b'0')?)))
}

fn month_of(word: &str) -> Option<i64> {
    let at = MONTHS.iter().position(|m| *m == word).or_else(|| FULL_MONTHS.iter().position(|m| *m == word))?;
    i64::try_from(at + 1).ok()
}

/// The 31st of a short month rolls over into the next, as in the reference.
fn civil(year: i64, month: i64, day: i64) -> Option<i64> {
    ((1..=12).contains(&month) && (1..=31).contains(&day)).then(|| days_from_civil(year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn prints_the_wire_form() {
        assert_eq!(Timestamp(0).format(), "1970-01-01T00:00:00.000+00:00");
        assert_eq!(Timestamp(1_602_743_880_000).format(), "2020-10-15T06:38:00.000+00:00");
        assert_eq!(Timestamp(-1).format(), "1969-12-31T23:59:59.999+00:00");
        assert_eq!(Timestamp(i64::MAX).format(), "9999-12-31T23:59:59.999+00:00");
        assert_eq!(Timestamp(i64::MIN).format(), "0000-01-01T00:00:00.000+00:00");
    }

    #[test]
    fn prints_the_cookie_form() {
        let at = Timestamp::parse("2027-11-22T23:30:01Z").unwrap();
        assert_eq!(at.format_cookie(), "Mon, 22-Nov-2027 23:30:01 GMT");
        assert_eq!(Timestamp(0).format_cookie(), "Thu, 01-Jan-1970 00:00:00 GMT");
        assert_eq!(Timestamp(-1).format_cookie(), "Wed, 31-Dec-1969 23:59:59 GMT");
    }

    #[test]
    fn reads_what_clients_send() {
        for text in [
            "2020-10-15T06:38:00.000+00:00",
            "2020-10-15T06:38:00Z",
            "2020-10-15T06:38:00.000Z",
            "2020-10-15T06:38:00",
            "2020-10-15 06:38:00",
            "2020-10-15 06:38",
            "2020-10-15T08:38:00+02:00",
            "2020-10-15T08:38:00+0200",
            "2020-10-15 01:38:00 -05",
            "2020/10/15 06:38:00 UTC",
            "10/15/2020 06:38",
            "15.10.2020 06:38",
            "Thu, 15 Oct 2020 06:38:00 GMT",
            "October 15, 2020 06:38",
            "Thu Oct 15 2020 06:38:00 GMT+0000",
        ] {
            assert_eq!(Timestamp::parse(text), Some(Timestamp(1_602_743_880_000)), "{text}");
        }
        assert_eq!(Timestamp::parse("2020-10-15").map(Timestamp::format).as_deref(), Some("2020-10-15T00:00:00.000+00:00"));
        assert_eq!(Timestamp::parse("2021-02-30").map(Timestamp::format).as_deref(), Some("2021-03-02T00:00:00.000+00:00"));
        assert_eq!(Timestamp::parse("2020-10-15T06:38:00.1234567Z").map(|t| t.0), Some(1_602_743_880_123));
        for (text, utc) in [
            ("1975-06-12 14:12:55 America/New_York", "1975-06-12T18:12:55.000+00:00"),
            ("2026-01-15T12:00:00 Europe/Berlin", "2026-01-15T11:00:00.000+00:00"),
            ("2026-07-15 12:00 Asia/Kolkata", "2026-07-15T06:30:00.000+00:00"),
            // Shown twice: the first; never shown: an hour later.
            ("2026-11-01 01:30:00 America/New_York", "2026-11-01T05:30:00.000+00:00"),
            ("2026-03-08 02:30:00 America/New_York", "2026-03-08T07:30:00.000+00:00"),
        ] {
            assert_eq!(Timestamp::parse(text).map(Timestamp::format).as_deref(), Some(utc), "{text}");
        }
        assert_eq!(Timestamp::parse("2026-01-15 12:00 Europe/Nowhere"), None);
        assert_eq!(Timestamp::parse("2026-01-15 12:00 ../../etc/passwd"), None);
        for bad in
            ["", "nope", "20-10-15", "2020-13-01", "2020-01-32", "2020-10-15T", "2020-10-15T25:00:00", "2020-10-15x", "@1602743880", "12020-10-15", "yesterday"]
        {
            assert_eq!(Timestamp::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn reads_words_when_told_the_time() {
        let now = Timestamp(1_602_743_880_000);
        assert_eq!(Timestamp::parse_at("yesterday", now).map(Timestamp::format).as_deref(), Some("2020-10-14T00:00:00.000+00:00"));
        assert_eq!(Timestamp::parse_at("Now", now), Some(now));
        assert_eq!(Timestamp::parse_at("soon", now), None);
    }

    proptest! {
        #[test]
        fn parse_undoes_format(ms in Timestamp::MIN.0..=Timestamp::MAX.0) {
            prop_assert_eq!(Timestamp::parse(&Timestamp(ms).format()), Some(Timestamp(ms)));
        }

        #[test]
        fn agrees_with_jiff(ms in Timestamp::MIN.0..=Timestamp::MAX.0) {
            let theirs = jiff::Timestamp::from_millisecond(ms).unwrap();
            prop_assert_eq!(Timestamp(ms).format(), theirs.strftime("%Y-%m-%dT%H:%M:%S.%3f+00:00").to_string());
        }

        #[test]
        fn never_panics(text in "\\PC{0,80}", near in "[0-9TZ:. +/-]{0,40}") {
            let _ = Timestamp::parse(&text);
            let _ = Timestamp::parse(&near);
        }
    }
}
