//! What a certificate says of itself, read from its DER form: only the fields that are told, and nothing is taken on trust.

/// Fields of a certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    /// The subject in one line, as in `/C=US/O=Example/CN=example.com`.
    pub name: String,
    /// The subject's common name.
    pub common_name: String,
    /// Organization of who signed it.
    pub issuer_organisation: String,
    /// From when it holds, seconds of Unix time.
    pub valid_from: i64,
    /// Until when it holds, seconds of Unix time.
    pub valid_to: i64,
    /// How it is signed, by its short name.
    pub signature: String,
}

const SEQUENCE: u8 = 0x30;
const OBJECT_ID: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const TIME: u8 = 0x18;
const WIDE_TEXT: u8 = 0x1e;
const VERSION: u8 = 0xa0;

/// Parts of names by their object ids, in the short form.
const NAMES: &[(&[u8], &str)] = &[
    (&[0x55, 4, 3], "CN"),
    (&[0x55, 4, 4], "SN"),
    (&[0x55, 4, 5], "serialNumber"),
    (&[0x55, 4, 6], "C"),
    (&[0x55, 4, 7], "L"),
    (&[0x55, 4, 8], "ST"),
    (&[0x55, 4, 9], "street"),
    (&[0x55, 4, 10], "O"),
    (&[0x55, 4, 11], "OU"),
    (&[0x55, 4, 12], "title"),
    (&[0x55, 4, 15], "businessCategory"),
    (&[0x55, 4, 17], "postalCode"),
    (&[0x55, 4, 42], "GN"),
    (&[0x55, 4, 97], "organizationIdentifier"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1], "emailAddress"),
    (&[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25], "DC"),
    (&[0x2b, 6, 1, 4, 1, 0x82, 0x37, 0x3c, 2, 1, 2], "jurisdictionST"),
    (&[0x2b, 6, 1, 4, 1, 0x82, 0x37, 0x3c, 2, 1, 3], "jurisdictionC"),
];
/// Signatures by their object ids.
const SIGNATURES: &[(&[u8], &str)] = &[
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5], "RSA-SHA1"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10], "RSASSA-PSS"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11], "RSA-SHA256"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12], "RSA-SHA384"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13], "RSA-SHA512"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2], "ecdsa-with-SHA256"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3], "ecdsa-with-SHA384"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4], "ecdsa-with-SHA512"),
    (&[0x2b, 0x65, 0x70], "ED25519"),
];

impl Certificate {
    /// Reads a certificate; `None` when it is none.
    #[must_use]
    pub fn parse(der: &[u8]) -> Option<Self> {
        let mut whole = Der(Der(der).inside(SEQUENCE)?);
        let mut fields = Der(whole.inside(SEQUENCE)?);
        if fields.0.first() == Some(&VERSION) {
            fields.next()?;
        }
        fields.next()?;
        let signature = Der(fields.inside(SEQUENCE)?).inside(OBJECT_ID)?;
        let issuer = parts(fields.inside(SEQUENCE)?)?;
        let mut validity = Der(fields.inside(SEQUENCE)?);
        let (valid_from, valid_to) = (time(validity.next()?)?, time(validity.next()?)?);
        let subject = parts(fields.inside(SEQUENCE)?)?;
        let find = |name: &[(String, String)], key: &str| name.iter().rev().find(|(k, _)| k == key).map(|(_, v)| v.clone()).unwrap_or_default();
        Some(Self {
            name: subject.iter().map(|(key, value)| format!("/{key}={value}")).collect(),
            common_name: find(&subject, "CN"),
            issuer_organisation: find(&issuer, "O"),
            valid_from,
            valid_to,
            signature: known(SIGNATURES, signature),
        })
    }
}

/// The rest of a piece of DER.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// Tag and content of the next value.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, mut rest) = rest.split_first()?;
        let mut length = usize::from(first);
        if first & 0x80 != 0 {
            let digits = usize::from(first & 0x7f);
            if digits == 0 || digits > 4 {
                return None;
            }
            let (bytes, after) = rest.split_at_checked(digits)?;
            length = bytes.iter().fold(0, |n, b| n << 8 | usize::from(*b));
            rest = after;
        }
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }

    /// Content of the next value, which has this tag.
    fn inside(&mut self, wanted: u8) -> Option<&'a [u8]> {
        self.next().filter(|(tag, _)| *tag == wanted).map(|(_, content)| content)
    }
}

/// Parts of a name, in their order.
fn parts(name: &[u8]) -> Option<Vec<(String, String)>> {
    let (mut sets, mut found) = (Der(name), Vec::new());
    while !sets.0.is_empty() {
        let mut set = Der(sets.next()?.1);
        while !set.0.is_empty() {
            let mut part = Der(set.inside(SEQUENCE)?);
            let key = known(NAMES, part.inside(OBJECT_ID)?);
            let (tag, value) = part.next()?;
            found.push((key, text(tag, value)));
        }
    }
    Some(found)
}

fn text(tag: u8, value: &[u8]) -> String {
    if tag != WIDE_TEXT {
        return String::from_utf8_lossy(value).into_owned();
    }
    let units: Vec<u16> = value.chunks_exact(2).map(|pair| pair.iter().fold(0, |n, b| n << 8 | u16::from(*b))).collect();
    String::from_utf16_lossy(&units)
}

/// The name of an object id, else its numbers.
fn known(table: &[(&[u8], &str)], id: &[u8]) -> String {
    table.iter().find(|(known, _)| *known == id).map_or_else(|| dotted(id), |(_, name)| (*name).to_owned())
}

fn dotted(id: &[u8]) -> String {
    let mut numbers = Vec::new();
    let mut number = 0_u64;
    for byte in id {
        number = (number & (u64::MAX >> 8)) << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            // The first holds two.
            if numbers.is_empty() {
                numbers.push((number / 40).min(2));
                number -= 40 * (number / 40).min(2);
            }
            numbers.push(number);
            number = 0;
        }
    }
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

/// A time of either form as seconds of Unix time.
fn time((tag, value): (u8, &[u8])) -> Option<i64> {
    let digits = std::str::from_utf8(value).ok()?.strip_suffix('Z')?;
    let (year, rest) = match tag {
        UTC_TIME => {
            let (two, rest) = digits.split_at_checked(2)?;
            let short: i64 = two.parse().ok()?;
            (if short < 50 { 2000 + short } else { 1900 + short }, rest)
        }
        TIME => {
            let (four, rest) = digits.split_at_checked(4)?;
            (four.parse().ok()?, rest)
        }
        _ => return None,
    };
    let number = |at: usize| rest.get(at..at + 2)?.parse::<i64>().ok();
    let (month, day, hour, minute, second) = (number(0)?, number(2)?, number(4)?, number(6)?, number(8)?);
    if rest.len() != 10 || !(1..=12).contains(&month) {
        return None;
    }
    // Days since 1970 by the calendar that begins in March.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + (153 * m + 2) / 5 + day - 1 - 719_468;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_root_of_trust_is_read() {
        let mut organisations = 0;
        for der in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
            let read = Certificate::parse(der.as_ref()).unwrap();
            assert!(read.name.starts_with('/') && !read.signature.contains('.'), "{read:?}");
            assert!(read.valid_from > 631_152_000 && read.valid_to > 1_760_000_000 && read.valid_to < 2_600_000_000, "{read:?}");
            organisations += usize::from(!read.issuer_organisation.is_empty());
        }
        assert!(organisations > 100);
        let all: Vec<Certificate> = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().filter_map(|d| Certificate::parse(d.as_ref())).collect();
        let isrg = all.iter().find(|c| c.common_name == "ISRG Root X1").unwrap();
        assert_eq!((isrg.valid_from, isrg.valid_to), (1_433_415_878, 2_064_567_878));
        assert_eq!((isrg.name.as_str(), isrg.signature.as_str()), ("/C=US/O=Internet Security Research Group/CN=ISRG Root X1", "RSA-SHA256"));
    }

    #[test]
    fn what_is_none_is_refused() {
        let whole: &[u8] = webpki_root_certs::TLS_SERVER_ROOT_CERTS[0].as_ref();
        for cut in 0..whole.len().min(400) {
            assert_eq!(Certificate::parse(&whole[..cut]), None, "{cut}");
        }
        for bad in [&b""[..], b"\x30", b"\x30\x80", b"\x30\x85\x01\x01\x01\x01\x01", b"\x30\x84\xff\xff\xff\xff"] {
            assert_eq!(Certificate::parse(bad), None);
        }
        assert_eq!(dotted(&[0x55, 4, 3]), "2.5.4.3");
        assert_eq!(dotted(&[0x2a, 0x86, 0x48]), "1.2.840");
        assert_eq!((time((UTC_TIME, b"991231235959Z")), time((TIME, b"20000301000000Z"))), (Some(946_684_799), Some(951_868_800)));
        assert_eq!((time((UTC_TIME, b"9912312359Z")), time((TIME, b"20001301000000Z"))), (None, None));
    }
}
