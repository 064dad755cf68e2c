//! Pages outside of the API.
use bytes::Bytes;
use kernel::{Cx, Endpoint, RawReply, Reply, ReplyBody, Result, endpoint};
use serde_json::Value;

/// SDKs that belong to this version of the API.
const SDKS: [(&str, &str); 20] = [
    ("client-web", "22.4.0"),
    ("client-flutter", "21.4.0"),
    ("client-apple", "14.3.0"),
    ("client-android", "12.2.0"),
    ("client-react-native", "0.24.0"),
    ("client-graphql", "October 2021"),
    ("client-rest", ""),
    ("console-web", "22.4.0"),
    ("console-cli", "13.5.0"),
    ("server-nodejs", "22.0.1"),
    ("server-php", "20.0.1"),
    ("server-python", "15.1.0"),
    ("server-ruby", "21.0.1"),
    ("server-go", "v0.16.1"),
    ("server-dotnet", "0.26.0"),
    ("server-dart", "21.0.1"),
    ("server-kotlin", "14.0.1"),
    ("server-swift", "15.1.0"),
    ("server-graphql", "October 2021"),
    ("server-rest", ""),
];

endpoint! {
    /// Tells crawlers that there is nothing here for them in particular.
    ROBOTS: Get "/robots.txt" => 200 "none" by robots(());
    sdk [] auth [] scope []
}
endpoint! {
    /// Tells people who made this.
    HUMANS: Get "/humans.txt" => 200 "none" by humans(());
    sdk [] auth [] scope []
}
endpoint! {
    /// Leads to the console.
    ROOT: Get "/" => 301 "none" by root(());
    sdk [] auth [] scope []
}
endpoint! {
    /// Leads to the console's page of the same name.
    CONSOLE: Get "/invite" => 301 "none" by console(());
    old ["/login", "/mfa", "/recover", "/register", "/register/:page", "/auth/:page", "/auth/:page/:state"]
    sdk [] auth [] scope []
}
endpoint! {
    /// Tells the versions of the API and of what speaks it.
    VERSIONS: Get "/versions" => 200 "any" by versions(());
    sdk [] auth [] scope []
}

fn robots(_: &mut Cx<'_>, (): ()) -> Result<Reply> {
    Ok(Reply::Bytes("text/plain; charset=UTF-8", Bytes::from_static(b"# robotstxt.org/\n\nUser-agent: *")))
}

fn humans(_: &mut Cx<'_>, (): ()) -> Result<Reply> {
    Ok(Reply::Bytes("text/plain; charset=UTF-8", Bytes::from_static(b"# humanstxt.org/\n\nFerrite")))
}

fn root(_: &mut Cx<'_>, (): ()) -> Result<Reply> {
    Ok(moved("/console/".to_owned()))
}

/// Links of older mails and bookmarks.
fn console(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let (path, query) = cx.target();
    Ok(moved(format!("/console{path}{}{query}", if query.is_empty() { "" } else { "?" })))
}

fn moved(location: String) -> Reply {
    let headers = vec![("location".to_owned(), location), ("content-type".to_owned(), "text/html".to_owned())];
    Reply::Raw(RawReply { status: 301, headers, body: ReplyBody::Empty })
}

fn versions(_: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let sdks = SDKS.iter().map(|(name, version)| ((*name).to_owned(), Value::from(*version)));
    Ok(Reply::Model("any", std::iter::once(("server".to_owned(), protocol::VERSION.into())).chain(sdks).collect()))
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&ROBOTS, &HUMANS, &ROOT, &CONSOLE, &VERSIONS];
