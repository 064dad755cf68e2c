//! The icon of a website.
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use pictures::{Limits, Output, Preview};
use protocol::{Check, ErrorKind, params};
use url::Url;

use super::cached;
use super::remote::{QUALITY, fetched};
use crate::support::busy;

params! {
    pub(crate) struct Favicon {
        url: String = "url", Check::HttpUrl, required;
    }
}

endpoint! {
    /// Gets the icon of a website.
    FAVICON: Get "/v1/avatars/favicon" => 200 "none" by favicon(Favicon);
    sdk ["avatars.getFavicon"] auth [Admin, Session, Key, Jwt] scope ["avatars.read"]
}

/// Sides of an icon.
const SIDE: u32 = 56;
/// Longest page that is read for its icon, and longest icon, bytes.
const PAGE: usize = 4 << 20;
const REDIRECTS: u8 = 5;

fn favicon(cx: &mut Cx<'_>, p: Favicon) -> Result<Reply> {
    let page = fetched(cx, &p.url, REDIRECTS, PAGE)?;
    let base = Url::parse(&page.url).or_else(|_| Url::parse(&p.url)).map_err(|_| ErrorKind::AvatarRemoteUrlFailed)?;
    let icon = best(&String::from_utf8_lossy(&page.body), &base).or_else(|| base.join("/favicon.ico").ok().map(|u| (u, Form::Ico)));
    let (url, form) = icon.ok_or(ErrorKind::AvatarIconNotFound)?;
    let icon = fetched(cx, url.as_str(), REDIRECTS, PAGE)?;
    if icon.status != 200 || icon.body.is_empty() {
        return Err(ErrorKind::AvatarIconNotFound.into());
    }
    let Some(_place) = cx.app.pictures.enter() else { return Ok(busy()) };
    match form {
        Form::Ico => {
            // Given as it is, if it is one: the icon's own form, or a picture under its name.
            let is_icon = icon.body.starts_with(b"\0\0\x01\0") || pictures::kind(&icon.body).is_some_and(|k| k != pictures::Kind::Svg);
            if !is_icon {
                return Err(Error::with(ErrorKind::AvatarIconNotFound, "Favicon not found"));
            }
            Ok(cached(icon.body, "image/x-icon"))
        }
        Form::Svg => {
            let clean = pictures::sanitized(&icon.body, &Limits::default()).map_err(|_| ErrorKind::AvatarSvgSanitizationFailed)?;
            Ok(cached(clean, "image/svg+xml"))
        }
        Form::Picture => {
            let preview = Preview::sized(SIDE, SIDE, Some(QUALITY), Output::Png);
            let made = pictures::kind(&icon.body).and_then(|kind| pictures::render(&icon.body, kind, &preview, &Limits::default()).ok());
            let made = made.ok_or_else(|| Error::with(ErrorKind::AvatarIconNotFound, "Favicon not found"))?;
            Ok(cached(made.bytes, made.mime))
        }
    }
}

/// Forms of icons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Svg,
    Ico,
    Picture,
}

/// The best icon a page names: a drawing, else the largest, of equals the last.
fn best(page: &str, base: &Url) -> Option<(Url, Form)> {
    let mut found: Option<(u64, Url, Form)> = None;
    for tag in links(page) {
        let rel = attribute(tag, "rel").unwrap_or_default().to_ascii_lowercase();
        if rel != "icon" && rel != "shortcut icon" {
            continue;
        }
        let Some(url) = attribute(tag, "href").and_then(|h| base.join(&h).ok()).filter(|u| matches!(u.scheme(), "http" | "https")) else { continue };
        let form = match url.path().rsplit_once('.').map(|(_, e)| e) {
            Some("svg") => Form::Svg,
            Some("ico") => Form::Ico,
            Some("png" | "jpg" | "jpeg") => Form::Picture,
            _ => continue,
        };
        let space = if form == Form::Svg { u64::MAX } else { space(&attribute(tag, "sizes").unwrap_or_default()) };
        if found.as_ref().is_none_or(|f| space >= f.0) {
            found = Some((space, url, form));
        }
    }
    found.map(|(_, url, form)| (url, form))
}

/// Pixels of `16x16`.
fn space(sizes: &str) -> u64 {
    let lower = sizes.to_ascii_lowercase();
    let mut sides = lower.split('x').map(|s| s.trim().parse::<u32>().unwrap_or(0));
    u64::from(sides.next().unwrap_or(0)) * u64::from(sides.next().unwrap_or(0))
}

/// What stands between `<link` and `>`, for each such tag of a page.
fn links(page: &str) -> impl Iterator<Item = &str> {
    page.split('<').filter_map(|tag| {
        let rest = tag.get(..4).filter(|n| n.eq_ignore_ascii_case("link")).and_then(|_| tag.get(4..))?;
        rest.starts_with(|c: char| c.is_ascii_whitespace()).then(|| rest.split('>').next().unwrap_or_default())
    })
}

/// The value of an attribute of a tag: quoted in either way, or bare.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let mut rest = tag;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        let end = rest.find(|c: char| c == '=' || c.is_ascii_whitespace())?;
        let (key, after) = rest.split_at(end);
        let after = after.trim_start();
        let Some(value) = after.strip_prefix('=') else {
            rest = after;
            continue;
        };
        let value = value.trim_start();
        let (value, next) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value.get(1..)?.split_once(quote)?,
            _ => value.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((value, "")),
        };
        if key.eq_ignore_ascii_case(name) {
            return Some(value.replace("&amp;", "&"));
        }
        rest = next;
    }
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&FAVICON];

#[cfg(test)]
mod tests {
    use super::*;

    fn found(page: &str) -> Option<(String, Form)> {
        best(page, &Url::parse("https://example.com/a/b").unwrap()).map(|(u, f)| (u.to_string(), f))
    }

    #[test]
    fn the_best_icon_is_chosen() {
        let page = "<html><head><link rel=stylesheet href=x.css><LINK REL='icon' sizes=\"16x16\" href=\"/small.png\"><link href=big.png rel=\"shortcut icon\" sizes=64X64 /></head>";
        assert_eq!(found(page), Some(("https://example.com/a/big.png".into(), Form::Picture)));
        let page = format!("{page}<link rel=icon href='//cdn.example.com/i.svg?a=1&amp;b=2'><link rel=icon sizes=512x512 href=/huge.png>");
        assert_eq!(found(&page), Some(("https://cdn.example.com/i.svg?a=1&b=2".into(), Form::Svg)));
        assert_eq!(found("<link rel=icon href=/f.ico>"), Some(("https://example.com/f.ico".into(), Form::Ico)));
        for none in [
            "",
            "<link rel=icon href=javascript:x.png>",
            "<link rel=icon href=/x.exe>",
            "<link rel=mask-icon href=/x.svg>",
            "<linkx rel=icon href=/x.png>",
            "<link rel=icon href='",
        ] {
            assert_eq!(found(none), None, "{none}");
        }
    }
}
