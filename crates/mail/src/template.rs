//! Filling in templates. A value is text and never markup, wherever it comes from; the templates themselves are the operator's.
use std::collections::BTreeMap;

/// Values of the placeholders by name.
pub type Values = BTreeMap<&'static str, String>;

/// What placeholders become.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Into {
    Html,
    Text,
}

fn escaped(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#039;"),
            c => out.push(c),
        }
    }
}

/// Replaces `{{name}}`; names that are not known stay as they are. One pass: what a value says is never read as a placeholder.
fn fill(template: &str, values: &Values, into: Into) -> String {
    let mut out = String::with_capacity(template.len() + 512);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((name, tail)) = after.split_once("}}") else {
            out.push_str("{{");
            rest = after;
            continue;
        };
        match (name, values.get(name)) {
            ("b", _) => out.push_str(if into == Into::Html { "<strong>" } else { "" }),
            ("/b", _) => out.push_str(if into == Into::Html { "</strong>" } else { "" }),
            // Encoded by `link`; `&` stays as it is, which is what readers of links expect.
            ("redirect", Some(url)) => out.push_str(url),
            (_, Some(value)) if into == Into::Html => escaped(value, &mut out),
            (_, Some(value)) => out.push_str(value),
            (name, None) => {
                out.push_str("{{");
                out.push_str(name);
                out.push_str("}}");
            }
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// Placeholders of a line of plain text, a subject, replaced.
#[must_use]
pub fn fill_text(template: &str, values: &Values) -> String {
    fill(template, values, Into::Text)
}

/// A link as it may stand in an attribute: characters that end one, or begin markup, are percent-encoded.
#[must_use]
pub fn link(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for c in url.chars() {
        match c {
            '"' | '\'' | '<' | '>' | '`' | '\\' | ' ' => out.push_str(&format!("%{:02X}", u32::from(c))),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// HTML and plain text of a template's body, in the frame of all mails.
#[must_use]
pub fn render(body: &str, preview: &str, direction: &str, values: &Values) -> (String, String) {
    let preview = fill(preview, values, Into::Text);
    let inner = fill(body, values, Into::Html);
    let mut shown = String::new();
    escaped(&preview, &mut shown);
    let html = FRAME.replace("{{direction}}", if direction == "rtl" { "rtl" } else { "ltr" });
    // The body last, so that nothing in it is taken for a part of the frame.
    let html = html.replacen("{{preview}}", &shown, 1).replacen("{{body}}", &inner, 1);
    // Made of the HTML, so that custom templates have one, too.
    let text = plain(&inner);
    (html, if preview.is_empty() { text } else { format!("{preview}\n\n{text}") })
}

/// The words of a piece of HTML: tags gone, links written out, entities as their characters.
fn plain(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        push_words(&mut out, before);
        let Some((tag, tail)) = after.split_once('>') else { break };
        let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
        match name.as_str() {
            "p" | "br" | "hr" | "li" | "ol" | "ul" | "tr" | "table" | "div" | "h1" | "h2" | "h3" => line(&mut out),
            "a" if !tag.starts_with('/') => {
                if let Some(href) = tag.split_once("href=\"").and_then(|(_, t)| t.split_once('"')).map(|(url, _)| url) {
                    line(&mut out);
                    push_words(&mut out, href);
                    line(&mut out);
                }
            }
            "style" | "script" if !tag.starts_with('/') => {
                rest = tail.split_once("</").map_or("", |(_, t)| t.split_once('>').map_or("", |(_, t)| t));
                continue;
            }
            _ => {}
        }
        rest = tail;
    }
    push_words(&mut out, rest);
    out.trim().to_owned()
}

fn line(out: &mut String) {
    while out.ends_with(' ') {
        out.pop();
    }
    if !out.is_empty() && !out.ends_with("\n\n") {
        out.push('\n');
    }
}

fn push_words(out: &mut String, html: &str) {
    let text = html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#039;", "'").replace("&nbsp;", " ").replace("&amp;", "&");
    for (i, word) in text.split_whitespace().enumerate() {
        let gap = i > 0 || text.starts_with(char::is_whitespace);
        if gap && !out.is_empty() && !out.ends_with(['\n', ' ']) {
            out.push(' ');
        }
        out.push_str(word);
    }
    if text.ends_with(char::is_whitespace) && !out.is_empty() && !out.ends_with(['\n', ' ']) {
        out.push(' ');
    }
}

/// What is around the body of every mail.
const FRAME: &str = include_str!("../locales/frame.html");

#[cfg(test)]
mod tests {
    use super::*;

    fn values(list: &[(&'static str, &str)]) -> Values {
        list.iter().map(|(k, v)| (*k, (*v).to_owned())).collect()
    }

    #[test]
    fn values_are_text_and_nothing_else() {
        let v = values(&[("user", "<script>{{otp}}</script>"), ("otp", "123456"), ("project", "A & B")]);
        let (html, text) = render("<p>Hello {{user}},</p><p>{{b}}{{project}}{{/b}} {{nothing}}</p>", "For {{project}}", "ltr", &v);
        assert!(html.contains("Hello &lt;script&gt;{{otp}}&lt;/script&gt;,"), "{html}");
        assert!(html.contains("<strong>A &amp; B</strong> {{nothing}}") && html.contains("For A &amp; B"));
        assert!(!html.contains("123456"));
        assert_eq!(text, "For A & B\n\nHello <script>{{otp}}</script>,\n\nA & B {{nothing}}");
    }

    #[test]
    fn links_stay_links() {
        let url = link("http://localhost:5000/join\\\"></a><h1>x</h1>?a=1&secret=2#t");
        assert_eq!(url, "http://localhost:5000/join%5C%22%3E%3C/a%3E%3Ch1%3Ex%3C/h1%3E?a=1&secret=2#t");
        let (html, text) = render("<p><a href=\"{{redirect}}\">Go</a></p>", "", "rtl", &values(&[("redirect", &url)]));
        assert!(html.contains(&format!("href=\"{url}\"")) && html.contains("direction: rtl"), "{html}");
        assert_eq!(text, format!("{url}\nGo"));
    }
}
