//! Links that mails carry: the page of the app with what it needs to come back.
use url::form_urlencoded;

/// The address with values added to its query; those it has under the same names are replaced.
pub(crate) fn with(address: &str, values: &[(&str, &str)]) -> String {
    let (rest, fragment) = match address.split_once('#') {
        Some((rest, fragment)) => (rest, Some(fragment)),
        None => (address, None),
    };
    let (page, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if !values.iter().any(|(n, _)| *n == name) {
            pairs.append_pair(&name, &value);
        }
    }
    pairs.extend_pairs(values);
    let mut out = format!("{page}?{}", pairs.finish());
    if let Some(fragment) = fragment {
        out.push('#');
        out.push_str(fragment);
    }
    mail::link(&out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_added_and_replaced() {
        assert_eq!(with("http://localhost/cb", &[("userId", "u"), ("secret", "a b")]), "http://localhost/cb?userId=u&secret=a+b");
        assert_eq!(
            with("app://x?secret=mine&x=1#top", &[("secret", "s"), ("expire", "2026-11-23T00:30:06.134+00:00")]),
            "app://x?x=1&secret=s&expire=2026-11-23T00%3A30%3A06.134%2B00%3A00#top"
        );
        assert!(!with("http://localhost/\"><b>", &[]).contains(['"', '<', '>']));
    }
}
