//! One request from start to end, as a straight line of steps in the reference's order (contract, behaviours §1):
//! route, project, format, origin, caller, gates, rate limit, groups, parameters, handler, effects, answer.
mod access_times;
mod effects;
mod gates;
mod inner;
mod params;
mod rate;

use std::sync::Arc;

use access::Access;
use database::Namespace;
use protocol::format::Format;
use protocol::spec::Group;
use protocol::{ApiError, ErrorKind};
use serde_json::{Value, json};

use crate::actor::{self, Actor, Stance};
use crate::app::App;
use crate::cx::Cx;
use crate::endpoint::{Endpoint, Matched};
use crate::error::{Error, Result};
use crate::meter::Metric;
use crate::project::{CONSOLE, Project};
use crate::reply::{Body, Cookie, RawReply};
use crate::request::Request;
use crate::{origin, shaping};

/// Headers and cookies collected on the way, whatever the outcome.
#[derive(Default)]
struct Extras {
    headers: Vec<(String, String)>,
    cookies: Vec<Cookie>,
}

impl App {
    /// Answers one request. Never panics on bad input; a panic of a handler is the adapter's to catch.
    pub fn handle(self: &Arc<Self>, req: Request) -> RawReply {
        match self.registry.find(req.verb, &req.path) {
            Some(matched) => self.answer(req, &matched),
            None => self.no_route(&req),
        }
    }

    fn answer(self: &Arc<Self>, mut req: Request, matched: &Matched) -> RawReply {
        let mut extras = Extras::default();
        let result = self.run(&mut req, matched, &mut extras);
        let page = matched.endpoint.spec.groups.contains(&Group::Page);
        let mut reply = result.unwrap_or_else(|e| {
            extras.headers.extend(no_store());
            error_reply(&e.0, &req, page)
        });
        extras.headers.push(("x-content-type-options".into(), "nosniff".into()));
        reply.headers.splice(0..0, extras.headers);
        for cookie in extras.cookies {
            reply.headers.push(("set-cookie".into(), cookie_header(&cookie, &req, self.now())));
        }
        if req.head {
            reply.body = Body::Empty;
        }
        reply
    }

    /// A CORS preflight: any origin may ask.
    #[must_use]
    pub fn preflight(origin_header: Option<&str>) -> RawReply {
        let mut headers = vec![("x-debug-fallback".to_owned(), "true".to_owned()), ("content-type".into(), "text/html".into())];
        headers.extend(cors_headers(origin_header));
        RawReply { status: 204, headers, body: Body::Empty }
    }

    fn no_route(&self, req: &Request) -> RawReply {
        let mut headers = vec![("x-debug-fallback".to_owned(), "true".to_owned())];
        if protocol::routes::known(req.verb, &req.path) {
            headers.extend(cors_headers(req.headers.get("origin")));
            headers.extend(no_store());
            let unbuilt = "This route is part of the API but not served by this version of Ferrite yet.";
            let error = self.closed(req).err().unwrap_or_else(|| Error::with(ErrorKind::GeneralNotImplemented, unbuilt));
            let mut reply = error_reply(&error.0, req, false);
            reply.headers.splice(0..0, headers);
            return reply;
        }
        headers.push(("content-type".into(), "text/html".into()));
        RawReply { status: 404, headers, body: Body::Bytes(bytes::Bytes::from_static(b"Not Found")) }
    }

    /// Whether the project that a request for an unbuilt route names has switched its service or the whole API off: that is told first.
    fn closed(&self, req: &Request) -> Result<()> {
        let Some(project) = req.headers.get("x-appwrite-project").map(|id| self.project(id)).transpose()?.flatten() else { return Ok(()) };
        let privileged = req.headers.get("x-appwrite-key").is_some() || req.headers.get("x-appwrite-mode") == Some("admin");
        let service = req.path.split('/').nth(2).unwrap_or_default();
        match (privileged || project.service_enabled(service), privileged || project.api_enabled("rest")) {
            (false, _) => Err(ErrorKind::GeneralServiceDisabled.into()),
            (_, false) => Err(ErrorKind::GeneralApiDisabled.into()),
            _ => Ok(()),
        }
    }

    fn run(self: &Arc<Self>, req: &mut Request, matched: &Matched, extras: &mut Extras) -> Result<RawReply> {
        let endpoint = matched.endpoint;
        extras.headers.extend(cors_headers(None));
        extras.headers.push(("x-debug-fallback".into(), "true".into()));
        let raw = params::RawParams::read_early(self, req, endpoint);
        let project = self.resolve_project(req, matched, &raw)?;
        let stance = self.stance(req, matched, &raw, &project)?;
        let format = self.format(req);
        if format.is_newer_than_server() {
            extras.headers.push(("x-appwrite-warning".into(), format!("The current SDK is built for Appwrite {}. However, the current Appwrite server version is {}. Please downgrade your SDK to match the Appwrite version: https://appwrite.io/docs/sdks", format.as_str(), protocol::VERSION)));
        }
        self.check_https(req)?;
        let origin_header = req.headers.get("origin").map(str::to_owned);
        let any_origin = endpoint.spec.groups.contains(&Group::AnyOrigin);
        let origin_ok = any_origin || origin_header.as_deref().is_none_or(|o| origin::allowed(&self.settings, &project, o));
        if let Some(o) = origin_header.as_deref().filter(|_| origin_ok) {
            extras.headers.push(("access-control-allow-origin".into(), o.to_lowercase()));
        }
        let actor = actor::resolve(self, req, &project, &stance);
        // The origin is judged before a bad key or token is.
        let dev_key = actor.as_ref().is_ok_and(|a| a.dev_key.is_some());
        if let Some(o) = origin_header.as_deref().filter(|_| dev_key && !origin_ok) {
            extras.headers.push(("access-control-allow-origin".into(), o.to_lowercase()));
        }
        if let Some(o) = origin_header.filter(|_| !origin_ok && !dev_key && req.headers.get("x-appwrite-key").is_none()) {
            return Err(Error::with(ErrorKind::GeneralUnknownOrigin, origin::refusal(&o)));
        }
        let mut actor = actor?;
        if !actor.fallback
            && let Some(h) = extras.headers.iter_mut().find(|(n, _)| n == "x-debug-fallback")
        {
            h.1 = "false".into();
        }
        let locale = self.locale(req, &raw);
        let ip = self.client_ip(req);
        let mut files = Vec::new();
        let req_ref: &mut Request = req;
        access_times::note(self, req_ref, &project, &mut actor);
        gates::check(&project, &actor, endpoint, req_ref.inner.is_some())?;
        // Limits name parameters, so the body is read here; its checks come later.
        let mut raw = raw.complete(self, req_ref, endpoint, &mut files)?;
        let keys = rate::check(self, &project, &actor, endpoint, &raw, req_ref, &ip, &mut extras.headers)?;
        gates::groups(&project, &actor, endpoint, self.now(), req_ref.headers.get("x-appwrite-project").is_some())?;
        let values = params::validate(self, &project, &actor, endpoint, matched, &mut raw, &format)?;
        let mut cx = Cx {
            app: self,
            project,
            actor,
            spec: endpoint.spec,
            status: endpoint.spec.reply.status,
            cookies: Vec::new(),
            headers: Vec::new(),
            files,
            undeclared: raw.rest(),
            locale,
            format,
            event_values: Vec::new(),
            events: Vec::new(),
            sequels: Vec::new(),
            in_tables_database: false,
            events_set: false,
            nothing_done: false,
            payload: None,
            show_sensitive: false,
            roles_changed: Vec::new(),
            made_users: parking_lot::Mutex::default(),
            selection: None,
            audit_user: None,
            req: req_ref,
            ip,
        };
        let wire = values.0.clone();
        let outcome = (endpoint.run)(&mut cx, values);
        extras.headers.append(&mut cx.headers);
        extras.cookies.append(&mut cx.cookies);
        let reply = outcome?;
        if !cx.nothing_done {
            effects::after(&mut cx, endpoint, &wire, &reply);
        }
        if endpoint.spec.limit.as_ref().is_some_and(|l| l.reset_on.contains(&cx.status)) {
            keys.iter().for_each(|k| self.limits.reset(k));
        }
        let sensitive = cx.privileged() || cx.show_sensitive;
        let selection = cx.selection.take().filter(|s| !s.iter().any(|key| key == "*"));
        let reply = shaping::render(reply, cx.status, &cx.format, sensitive, selection.as_deref());
        count(&cx, &reply);
        Ok(reply)
    }

    fn resolve_project(&self, req: &Request, matched: &Matched, raw: &params::RawParams) -> Result<Arc<Project>> {
        let sent = matched.template_project().unwrap_or_else(|| sent_project(req, raw));
        let id = if sent.is_empty() { CONSOLE } else { sent.as_str() };
        self.project(id)?.ok_or_else(|| ErrorKind::ProjectNotFound.into())
    }

    /// In what part the caller acts: as an administrator when they say so or when the path names another project than they do, as a member
    /// of an organization on the console's routes about projects.
    fn stance(&self, req: &Request, matched: &Matched, raw: &params::RawParams, project: &Project) -> Result<Stance> {
        let mode = raw.text("mode").or_else(|| req.headers.get("x-appwrite-mode").map(str::to_owned));
        let mut admin = mode.as_deref() == Some("admin");
        if admin && project.is_console() {
            return Err(Error::with(ErrorKind::GeneralBadRequest, "Admin mode is not allowed for console project"));
        }
        let sent = sent_project(req, raw);
        admin |= !sent.is_empty() && sent != project.id;
        let organization = if project.is_console() { self.organization(req, matched, raw)? } else { None };
        Ok(Stance { admin, organization })
    }

    /// The organization a call to the console is about, when it exists, with the one project it is about.
    fn organization(&self, req: &Request, matched: &Matched, raw: &params::RawParams) -> Result<Option<(String, String)>> {
        let (team, project) = match matched.template {
            "/v1/projects" => (raw.text("teamId"), String::new()),
            path if path.starts_with("/v1/projects/:projectId") => {
                let id = matched.path.iter().find(|(k, _)| k == "projectId").map(|(_, v)| v.clone()).unwrap_or_default();
                (self.project(&id)?.map(|p| p.team_id().to_owned()), id)
            }
            path if path.starts_with("/v1/organization/") => (req.headers.get("x-appwrite-organization").map(str::to_owned), String::new()),
            _ => return Ok(None),
        };
        let Some(team) = team.filter(|t| !t.is_empty()) else { return Ok(None) };
        let teams = self.collection(Namespace(0), "teams")?;
        let exists = self.db.read().get(&Access::system("whose projects are managed"), &teams, &team)?.is_some();
        Ok(exists.then_some((team, project)))
    }

    fn format(&self, req: &Request) -> Format {
        let header = |name| req.headers.get(name);
        let text = header("x-appwrite-response-format").unwrap_or(&self.settings.response_format);
        Format::of_client(text, header("x-sdk-name").unwrap_or_default(), header("x-sdk-version").unwrap_or_default())
    }

    fn check_https(&self, req: &Request) -> Result<()> {
        if self.settings.force_https && !req.https {
            return Err(Error::with(ErrorKind::GeneralProtocolUnsupported, "Method unsupported over HTTP. Please use HTTPS instead."));
        }
        Ok(())
    }

    fn locale(&self, req: &Request, raw: &params::RawParams) -> String {
        let asked = raw.text("locale").or_else(|| req.headers.get("x-appwrite-locale").map(str::to_owned));
        asked.filter(|l| locale::is_known(l)).unwrap_or_else(|| self.settings.locale.clone())
    }

    /// Address of the client: the first one of a trusted header, else the peer.
    #[must_use]
    pub fn client_ip(&self, req: &Request) -> String {
        let forwarded = self.settings.trusted_headers.iter().find_map(|h| {
            let first = req.headers.get(h)?.split(',').next()?.trim();
            first.parse::<std::net::IpAddr>().ok()
        });
        forwarded.unwrap_or(req.peer).to_string()
    }
}

impl Matched {
    /// Project id in the path of a `/v1/projects/{id}/…` alias of a `/v1/project/…` route.
    fn template_project(&self) -> Option<String> {
        let spec = self.endpoint.spec;
        let alias = !spec.path.contains(":projectId") && spec.aliases.iter().any(|a| a.contains("/projects/:projectId"));
        alias.then(|| self.path.iter().find(|(k, _)| k == "projectId").map(|(_, v)| v.clone())).flatten()
    }
}

/// Figures of use: requests of apps, not those of administrators.
fn count(cx: &Cx<'_>, reply: &RawReply) {
    // What a request calls within itself is part of it.
    if cx.project.is_console() || cx.actor.kind == actor::ActorKind::Admin || cx.req.inner.is_some() {
        return;
    }
    let sent = cx.req.headers.get("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
    let answered = match &reply.body {
        Body::Empty => 0,
        Body::Bytes(bytes) => bytes.len() as u64,
        Body::Stream(length, _) => *length,
    };
    let (meter, ns) = (&cx.app.meter, cx.ns());
    for (metric, n) in [(Metric::Requests, 1), (Metric::Inbound, sent), (Metric::Outbound, answered)] {
        meter.add(ns, metric, n);
    }
}

/// The project a request names outside of its path.
fn sent_project(req: &Request, raw: &params::RawParams) -> String {
    raw.text("project")
        .or_else(|| req.headers.get("x-appwrite-project").map(str::to_owned))
        .or_else(|| crate::body::query_value(&req.query, "project"))
        .unwrap_or_default()
}

fn cors_headers(origin: Option<&str>) -> Vec<(String, String)> {
    let mut h: Vec<(String, String)> = vec![
        ("access-control-allow-methods".into(), origin::ALLOW_METHODS.into()),
        ("access-control-allow-headers".into(), origin::ALLOW_HEADERS.into()),
        ("access-control-expose-headers".into(), origin::EXPOSE_HEADERS.into()),
        ("access-control-allow-credentials".into(), "true".into()),
        ("access-control-max-age".into(), "86400".into()),
    ];
    if let Some(o) = origin {
        h.push(("access-control-allow-origin".into(), o.to_lowercase()));
    }
    h
}

fn no_store() -> [(String, String); 3] {
    [("cache-control", "no-cache, no-store, must-revalidate"), ("expires", "0"), ("pragma", "no-cache")].map(|(k, v)| (k.to_owned(), v.to_owned()))
}

/// The error body; the cause of a 500 goes to the log only.
fn error_reply(e: &ApiError, req: &Request, page: bool) -> RawReply {
    let status = match e.kind.status() {
        // What is declared but not built yet says so, whatever the table has for this type.
        _ if e.kind == ErrorKind::GeneralNotImplemented => 501,
        s @ (400..=405 | 408..=410 | 412 | 413 | 416 | 422 | 429 | 451 | 501 | 503) => s,
        _ => 500,
    };
    if status == 500 {
        tracing::error!(method = req.verb.as_str(), path = %req.path, kind = e.kind.as_str(), cause = e.cause.as_deref().unwrap_or(&e.message), "request failed");
    }
    let message = if status == 500 { Value::from("Server Error") } else { Value::from(e.message.as_ref()) };
    if page {
        let text = message.as_str().unwrap_or_default();
        let body = crate::page::html(&format!("Error {status}"), text, &format!("<p><code>{}</code></p>", e.kind.as_str()));
        let headers = [("content-type", "text/html; charset=UTF-8"), ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'")];
        let headers = headers.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        return RawReply { status, headers, body: Body::Bytes(body.into()) };
    }
    shaping::json(status, &json!({"message": message, "code": status, "type": e.kind.as_str(), "version": protocol::VERSION}))
}

fn cookie_header(c: &Cookie, req: &Request, now: protocol::Timestamp) -> String {
    // Without a value it ends; clients look for this word and time.
    let (value, expires) = if c.value.is_empty() { ("deleted", 1) } else { (c.value.as_str(), c.expires) };
    let at = protocol::Timestamp(expires * 1000).format_cookie();
    let mut out = format!("{}={value}; expires={at}", c.name);
    let age = if c.value.is_empty() { 0 } else { (c.expires - now.0 / 1000).max(0) };
    out.push_str(&format!("; Max-Age={age}; path=/"));
    if origin::registrable(&req.hostname).is_some() {
        // The host itself with a leading dot, so that its subdomains share the session.
        out.push_str("; domain=.");
        out.push_str(&req.hostname);
    }
    if req.https {
        out.push_str("; secure");
    }
    out.push_str("; HttpOnly");
    if c.same_site_none {
        out.push_str("; SameSite=None");
    }
    out
}

/// Used by [`gates`] and tests.
pub(crate) fn missing_scope(actor: &Actor, endpoint: &Endpoint) -> Error {
    let wanted = serde_json::to_string(endpoint.spec.scope).unwrap_or_default();
    Error::with(ErrorKind::GeneralUnauthorizedScope, format!("{} (role: {}) missing scopes ({wanted})", actor.display, actor.role))
}
