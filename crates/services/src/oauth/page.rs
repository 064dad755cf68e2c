//! The pages for apps that name none of their own. A session goes on to the app on the phone over the link it has registered for; errors are shown.
//! The official Console has pages of the same addresses; behind one proxy they come first.
use kernel::{Cx, Endpoint, RawReply, Reply, ReplyBody, Result, endpoint};
use protocol::{Check, params};
use url::form_urlencoded;

params! {
    pub(crate) struct Success {
        project: String = "project", Check::ProjectId, or Str("");
        domain: String = "domain", Check::Text { min: 0, max: 256 }, or Str("");
        key: String = "key", Check::Text { min: 0, max: 256 }, or Str("");
        secret: String = "secret", Check::Text { min: 0, max: 4096 }, or Str("");
        user: String = "userId", Check::Text { min: 0, max: 36 }, or Str("");
    }
}
params! {
    pub(crate) struct Failure { error: String = "error", Check::Text { min: 0, max: 4096 }, or Str(""); }
}

endpoint! {
    /// Hands a session on to an app.
    SUCCESS: Get "/console/auth/oauth2/success" => 200 "none" by success(Success);
    sdk [] auth [] scope []
}
endpoint! {
    /// Tells that a login failed.
    FAILURE: Get "/console/auth/oauth2/failure" => 200 "none" by failure(Failure);
    sdk [] auth [] scope []
}

fn success(_: &mut Cx<'_>, p: Success) -> Result<Reply> {
    if p.project.is_empty() || p.secret.is_empty() {
        return Ok(html("Signed in", "You are signed in. You can close this window.", None));
    }
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("domain", &p.domain), ("key", &p.key), ("secret", &p.secret), ("userId", &p.user)] {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    let link = format!("appwrite-callback-{}://?{}", p.project, query.append_pair("project", &p.project).finish());
    Ok(html("Signed in", "You are signed in and can go on in the app.", Some(&link)))
}

fn failure(_: &mut Cx<'_>, p: Failure) -> Result<Reply> {
    let told: Option<serde_json::Value> = serde_json::from_str(&p.error).ok();
    let message = told.as_ref().and_then(|t| t.get("message")).and_then(serde_json::Value::as_str).unwrap_or("Please try again.");
    Ok(html("The login failed", message, None))
}

fn html(title: &str, text: &str, link: Option<&str>) -> Reply {
    let next = link
        .map(kernel::page::escape)
        .map_or_else(String::new, |l| format!("<p><a href=\"{l}\">Back to the app</a></p><meta http-equiv=\"refresh\" content=\"0;url={l}\">"));
    let body = kernel::page::html(title, text, &next);
    let headers = [
        ("content-type", "text/html; charset=UTF-8"),
        // The address holds a session.
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'"),
    ];
    Reply::Raw(RawReply { status: 200, headers: headers.map(|(k, v)| (k.to_owned(), v.to_owned())).into(), body: ReplyBody::Bytes(body.into()) })
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&SUCCESS, &FAILURE];
