//! The way of a user through a login: sent to the provider, received from it, sent on to the app.
use database::Document;
use kernel::{Cookie, Cx, Endpoint, Error, PendingEvent, RawReply, Reply, ReplyBody, Result, cookies, endpoint, origin};
use protocol::{ApiError, Check, ErrorKind, params};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use super::engine::{Client, Person, Refused, Tokens};
use super::link::{self, Arrival, Outcome};
use super::provider::Provider;
use super::state::{self, State};
use super::{mock, settings, table};
use crate::support::base;

/// Every provider of the API, those of Appwrite's tests included.
pub(crate) const IDS: &[&str] = &[
    "amazon",
    "apple",
    "auth0",
    "authentik",
    "autodesk",
    "bitbucket",
    "bitly",
    "box",
    "dailymotion",
    "discord",
    "disqus",
    "dropbox",
    "etsy",
    "facebook",
    "figma",
    "fusionauth",
    "github",
    "gitlab",
    "google",
    "keycloak",
    "kick",
    "linkedin",
    "microsoft",
    "notion",
    "oidc",
    "okta",
    "paypal",
    "paypalSandbox",
    "podio",
    "salesforce",
    "slack",
    "spotify",
    "stripe",
    "tradeshift",
    "tradeshiftBox",
    "twitch",
    "wordpress",
    "x",
    "yahoo",
    "yammer",
    "yandex",
    "zoho",
    "zoom",
    "mock",
    "mock-unverified",
];
/// Pages for apps that name no page of their own.
pub(super) const SUCCESS: &str = "/console/auth/oauth2/success";
pub(super) const FAILURE: &str = "/console/auth/oauth2/failure";
const SCOPE: Check = Check::Text { min: 1, max: 4096 };

params! {
    pub(crate) struct Begin {
        provider: String = "provider", Check::Enum(IDS), required;
        success: String = "success", Check::Redirect, or Str("");
        failure: String = "failure", Check::Redirect, or Str("");
        scopes: Vec<String> = "scopes", Check::List(&SCOPE, 100), or EmptyList;
    }
}
params! {
    pub(crate) struct Back {
        project: String = "projectId", Check::Text { min: 1, max: 1024 }, required;
        provider: String = "provider", Check::Enum(IDS), required;
        code: String = "code", Check::Text { min: 0, max: 2048 }, or Str("");
        state: String = "state", Check::Text { min: 1, max: 2048 }, or Str("");
        error: String = "error", Check::Text { min: 0, max: 2048 }, or Str("");
        description: String = "error_description", Check::Text { min: 0, max: 2048 }, or Str("");
    }
}
params! {
    pub(crate) struct Arrive {
        provider: String = "provider", Check::Enum(IDS), required;
        code: String = "code", Check::Text { min: 0, max: 2048 }, or Str("");
        state: String = "state", Check::Text { min: 1, max: 2048 }, or Str("");
        error: String = "error", Check::Text { min: 0, max: 2048 }, or Str("");
        description: String = "error_description", Check::Text { min: 0, max: 2048 }, or Str("");
    }
}

endpoint! {
    /// Sends the browser to a provider, to come back with a session.
    SESSION: Get "/v1/account/sessions/oauth2/:provider" => 301 "none" by session(Begin);
    sdk ["account.createOAuth2Session"] auth [Admin, Session, Jwt] scope ["sessions.write"]
    limit 50 per 3600 by ["ip:{ip}"]
    groups [Page]
}
endpoint! {
    /// Sends the browser to a provider, to come back with a token that is exchanged for a session.
    TOKEN: Get "/v1/account/tokens/oauth2/:provider" => 301 "none" by token(Begin);
    sdk ["account.createOAuth2Token"] auth [Admin, Session, Jwt] scope ["sessions.write"]
    limit 50 per 3600 by ["ip:{ip}"]
    groups [Page]
}
endpoint! {
    /// Where providers send the browser back to.
    CALLBACK: Get "/v1/account/sessions/oauth2/callback/:provider/:projectId" => 301 "none" by callback(Back);
    sdk [] auth [] scope []
    groups [Page]
}
endpoint! {
    /// Where providers that send forms send the browser back to.
    CALLBACK_FORM: Post "/v1/account/sessions/oauth2/callback/:provider/:projectId" => 301 "none" by callback(Back);
    sdk [] auth [] scope []
    groups [Page, AnyOrigin]
}
endpoint! {
    /// Signs the user in and sends the browser on to the app.
    ARRIVE: Get "/v1/account/sessions/oauth2/:provider/redirect" => 301 "none" by arrive(Arrive);
    sdk [] auth [] scope []
    limit 50 per 3600 by ["ip:{ip}"]
    event "users.[userId].sessions.[sessionId].create" audit "session.create" on "user/{user.$id}"
    groups [Page]
}

/// A reply that sends the browser elsewhere.
pub(super) fn redirect(to: &str) -> Reply {
    let headers =
        [("cache-control", "no-store, no-cache, must-revalidate, max-age=0"), ("pragma", "no-cache"), ("location", to), ("content-type", "text/html")];
    Reply::Raw(RawReply { status: 301, headers: headers.map(|(k, v)| (k.to_owned(), v.to_owned())).into(), body: ReplyBody::Empty })
}

/// Scheme, host and port by which the caller reached the server.
fn own_address(cx: &Cx<'_>, hostname: &str) -> String {
    let scheme = if cx.https() || cx.app.settings.force_https { "https" } else { "http" };
    let host = cx.request_headers().get("host").unwrap_or_default();
    let port = host.rsplit_once(':').map(|(_, p)| p).filter(|p| p.bytes().all(|b| b.is_ascii_digit()) && !p.is_empty());
    let usual = if scheme == "https" { "443" } else { "80" };
    match port {
        Some(port) if port != usual => format!("{scheme}://{hostname}:{port}"),
        _ => format!("{scheme}://{hostname}"),
    }
}

fn callback_address(cx: &Cx<'_>, provider: &str) -> String {
    format!("{}/v1/account/sessions/oauth2/callback/{provider}/{}", own_address(cx, cx.hostname()), cx.project.id)
}

/// The provider, if this server has it.
fn provider(cx: &Cx<'_>, id: &str) -> Result<&'static Provider> {
    table::find(id, !cx.app.settings.production).ok_or_else(|| ErrorKind::ProjectProviderUnsupported.into())
}

fn session(cx: &mut Cx<'_>, p: Begin) -> Result<Reply> {
    begin(cx, p, false)
}

fn token(cx: &mut Cx<'_>, p: Begin) -> Result<Reply> {
    begin(cx, p, true)
}

fn disabled(what: &str) -> Error {
    Error::with(ErrorKind::ProjectProviderDisabled, format!("This provider is disabled. Please {what} from your Appwrite console to continue."))
}

fn begin(cx: &mut Cx<'_>, p: Begin, token: bool) -> Result<Reply> {
    let kept = settings::kept(cx.app, &cx.project, &p.provider);
    if !kept.enabled {
        return Err(disabled("enable the provider"));
    }
    if kept.client_id.is_empty() || kept.secret.is_empty() {
        return Err(disabled("configure the provider app ID and app secret key"));
    }
    let provider = provider(cx, &p.provider)?;
    let console = own_address(cx, &cx.app.settings.console_domain);
    let or = |url: String, page: &str| if url.is_empty() { format!("{console}{page}") } else { url };
    // A session is for the browser that began. Tokens may be asked for by an app's server, whose browser never was here; the app looks after those.
    let browser = if token || mock::is(provider) { String::new() } else { mark_browser(cx) };
    let state = State {
        success: or(p.success, SUCCESS),
        failure: or(p.failure, FAILURE),
        token,
        user: cx.user_id().to_owned(),
        browser,
        verifier: crypto::random_hex(64),
    };
    let sealed = state::seal(cx, provider.id, &state)?;
    let (callback, origin) = (callback_address(cx, provider.id), own_address(cx, cx.hostname()));
    let mut client = Client::new(cx.app, provider, &kept.client_id, &kept.secret);
    Ok(redirect(&client.login_url(&callback, &p.scopes, &sealed, &state.verifier, &origin)?))
}

fn browser_cookie(cx: &Cx<'_>) -> String {
    format!("a_oauth2_{}", cx.project.id)
}

/// The mark this browser carries.
fn browser_mark<'a>(cx: &'a Cx<'_>) -> Option<&'a str> {
    cookies::from_header(cx.request_headers().get("cookie").unwrap_or_default(), &browser_cookie(cx))
}

/// Marks the browser that begins; one that is marked already keeps its mark, for logins in two windows.
fn mark_browser(cx: &mut Cx<'_>) -> String {
    let known = browser_mark(cx).filter(|m| m.len() == 32 && m.bytes().all(|b| b.is_ascii_hexdigit())).map(str::to_owned);
    let mark = known.unwrap_or_else(|| crypto::random_hex(32));
    let expires = cx.now().plus_seconds(3_600).0 / 1_000;
    cx.cookies.push(Cookie { name: browser_cookie(cx), value: mark.clone(), expires, same_site_none: false });
    mark
}

/// Hands on to the route that knows the project's session cookie.
fn callback(cx: &mut Cx<'_>, p: Back) -> Result<Reply> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("code", &p.code), ("state", &p.state), ("error", &p.error), ("error_description", &p.description)] {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    // Apple tells a name once, with the first login, and beside the tokens.
    if let Some(user) = cx.undeclared.get("user").and_then(Value::as_str).filter(|u| u.len() <= 2_048) {
        query.append_pair("user", user);
    }
    let query = query.append_pair("project", &p.project).finish();
    Ok(redirect(&format!("{}/v1/account/sessions/oauth2/{}/redirect?{query}", own_address(cx, cx.hostname()), p.provider)))
}

fn arrive(cx: &mut Cx<'_>, p: Arrive) -> Result<Reply> {
    let provider = provider(cx, &p.provider)?;
    let unreadable = || Error::with(ErrorKind::UserOauth2BadRequest, "The login has expired or was not begun here. Please try again.");
    let state = state::open(cx, provider.id, &p.state).ok_or_else(unreadable)?;
    let allowed = |url: &str| cx.actor.dev_key.is_some() || origin::redirect_allowed(&cx.app.settings, &cx.project, url);
    if !allowed(&state.success) {
        return Err(ErrorKind::ProjectInvalidSuccessUrl.into());
    }
    if !allowed(&state.failure) {
        return Err(ErrorKind::ProjectInvalidFailureUrl.into());
    }
    let made = finish(cx, provider, &p, &state);
    match made {
        Ok(reply) => Ok(reply),
        Err(e) => failed(cx, &state.failure, e),
    }
}

/// Sends the browser to the app's page for failures, with the error in the query; unexpected ones are not for apps.
fn failed(cx: &mut Cx<'_>, to: &str, e: Error) -> Result<Reply> {
    let status = e.kind().status();
    let Some(mut url) = Url::parse(to).ok().filter(|_| status != 500) else { return Err(e) };
    cx.nothing_done = true;
    let told = json!({"message": e.0.message, "type": e.kind().as_str(), "code": status});
    url.query_pairs_mut().append_pair("error", &told.to_string());
    Ok(redirect(url.as_str()))
}

fn finish(cx: &mut Cx<'_>, provider: &'static Provider, p: &Arrive, state: &State) -> Result<Reply> {
    let kept = settings::kept(cx.app, &cx.project, provider.id);
    if !kept.enabled {
        return Err(disabled("enable the provider"));
    }
    let says = |why: String| Error::with(ErrorKind::UserOauth2ProviderError, why);
    if !p.error.is_empty() {
        let more = if p.description.is_empty() { String::new() } else { format!(": {}", p.description) };
        return Err(says(format!("The {} OAuth2 provider returned an error: {}{more}", provider.name, p.error)));
    }
    if p.code.is_empty() {
        return Err(says("Missing OAuth2 code. Please contact the Appwrite team for additional support.".into()));
    }
    check_caller(cx, state)?;
    let callback = callback_address(cx, provider.id);
    let mut client = Client::new(cx.app, provider, &kept.client_id, &kept.secret);
    let tokens = client
        .exchange(&p.code, &callback, &state.verifier)
        .map_err(|e| Error::with(e.kind(), format!("Failed to obtain access token. The {} OAuth2 provider returned an error: {}", provider.name, e.why)))?;
    let mut person = client.person(&tokens).map_err(|e| not_told(provider, &e))?;
    if person.uid.is_empty() {
        return Err(ErrorKind::UserMissingId.into());
    }
    if person.name.is_empty() {
        person.name = posted_name(cx.undeclared.get("user"));
    }
    sign_in(cx, provider, state, person, tokens)
}

fn not_told(provider: &Provider, e: &Refused) -> Error {
    Error::with(e.kind(), format!("The {} OAuth2 provider returned an error: {}", provider.name, e.why))
}

/// First and last name as Apple sends them with the form.
fn posted_name(user: Option<&Value>) -> String {
    let user: Option<Value> = user.and_then(Value::as_str).and_then(|u| serde_json::from_str(u).ok());
    let part = |place: &str| user.as_ref().and_then(|u| u.pointer(place)).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (first, last) = (part("/name/firstName"), part("/name/lastName"));
    if first.is_empty() || last.is_empty() { String::new() } else { format!("{first} {last}").chars().take(128).collect() }
}

/// Whoever comes back must be who began: the same user, or nobody, in the same browser. Otherwise a stranger's code could be slipped to a user, whose
/// account would then open to the stranger, or who would work in the stranger's account without noticing.
fn check_caller(cx: &Cx<'_>, state: &State) -> Result<()> {
    let other = || Error::with(ErrorKind::UserOauth2BadRequest, "The login was begun by somebody else. Please try again.");
    if cx.user_id() != state.user {
        return Err(other());
    }
    let marked = || browser_mark(cx).is_some_and(|m| crypto::constant_time_eq(m.as_bytes(), state.browser.as_bytes()));
    if !state.browser.is_empty() && !marked() {
        return Err(other());
    }
    Ok(())
}

fn sign_in(cx: &mut Cx<'_>, provider: &'static Provider, state: &State, person: Person, tokens: Tokens) -> Result<Reply> {
    let arrival = Arrival { provider: provider.id, person, tokens, token: state.token };
    let done = link::arrive(cx, arrival)?;
    let mut url = Url::parse(&state.success).map_err(|_| Error::from(ErrorKind::ProjectInvalidSuccessUrl))?;
    cx.event_value("userId", done.user.id.as_str());
    match &done.outcome {
        Outcome::Token { document, secret } => {
            url.query_pairs_mut().append_pair("secret", secret).append_pair("userId", &done.user.id);
            token_made(cx, &done.user, document);
        }
        Outcome::Session(made) => {
            cx.set_session_cookies(&made.value, made.expires);
            if url.path() == SUCCESS {
                // Apps on phones are told the session by the page, over a link of their own.
                let (project, key) = (cx.project.id.clone(), cookies::session_name(&cx.project.id));
                let domain = origin::registrable(cx.hostname()).map(|_| format!(".{}", cx.hostname()));
                let mut query = url.query_pairs_mut();
                query.append_pair("project", &project);
                if let Some(domain) = &domain {
                    query.append_pair("domain", domain);
                }
                query.append_pair("key", &key).append_pair("secret", &made.value);
            }
            cx.event_value("sessionId", made.document.id.as_str());
            let payload = crate::users::model::session(cx, &made.document, false);
            cx.event_payload("session", payload);
        }
    }
    cx.audit_user = Some(done.user);
    Ok(redirect(url.as_str()))
}

fn token_made(cx: &mut Cx<'_>, user: &Document, document: &Document) {
    cx.emit(PendingEvent {
        template: "users.[userId].tokens.[tokenId].create",
        values: vec![("userId", user.id.clone()), ("tokenId", document.id.clone())],
        model: "token",
        payload: base(document),
        roles: vec![format!("user:{}", user.id)],
    });
}

/// The error of a failed refresh.
pub(super) fn refresh_failed(provider: &Provider, e: &Refused) -> Error {
    Error(ApiError::with(e.kind(), format!("Failed to obtain access token. The {} OAuth2 provider returned an error: {}", provider.name, e.why)))
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&SESSION, &TOKEN, &CALLBACK, &CALLBACK_FORM, &ARRIVE];
