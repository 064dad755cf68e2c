//! The context of one request: who, where, when, and what is sent besides the body.
use std::sync::Arc;
use std::time::{Duration, Instant};

use access::{Access, Roles};
use database::{Collection, Document, Namespace, Reader};
use parking_lot::Mutex;
use protocol::spec::{Spec, Vocab};
use protocol::{ErrorKind, Timestamp};
use serde_json::{Map, Value, json};

use crate::actor::{Actor, ActorKind, Identity};
use crate::app::App;
use crate::error::{Error, Result};
use crate::project::Project;
use crate::reply::Cookie;
use crate::request::{FilePart, Headers, Request};
use crate::tx::Tx;

/// The longest a list is read.
const LONGEST_READ: Duration = Duration::from_secs(15);

/// What a handler gets.
pub struct Cx<'r> {
    /// The server.
    pub app: &'r Arc<App>,
    /// The project.
    pub project: Arc<Project>,
    /// The caller.
    pub actor: Actor,
    /// The endpoint's declaration.
    pub spec: &'static Spec,
    /// Status of the reply, preset from the declaration.
    pub status: u16,
    /// Cookies to set.
    pub cookies: Vec<Cookie>,
    /// Headers to add.
    pub headers: Vec<(String, String)>,
    /// Uploaded files of a multipart body.
    pub files: Vec<FilePart>,
    /// What was sent beyond the declared parameters.
    pub undeclared: Map<String, Value>,
    /// Locale of the request.
    pub locale: String,
    /// Response format asked for.
    pub format: protocol::format::Format,
    /// Values for the event template beyond parameters and the reply's `$id`, e.g. `userId`.
    pub event_values: Vec<(&'static str, String)>,
    /// Events published by the handler itself; an empty list suppresses the declared one when `events_set`.
    pub events: Vec<PendingEvent>,
    /// What follows from the request, told to sockets after its own events.
    pub sequels: Vec<PendingEvent>,
    /// What happens is in a database made as one of tables: its events have names of their own, which those of both vocabularies follow.
    pub in_tables_database: bool,
    /// The handler has taken over publishing.
    pub events_set: bool,
    /// Nothing came of the request although it is answered in order: neither audit entry nor event.
    pub nothing_done: bool,
    /// Payload of the declared event where the reply is none, with the name of its model.
    pub payload: Option<(&'static str, Map<String, Value>)>,
    /// Show sensitive fields of the reply although the caller is neither key nor administrator.
    pub show_sensitive: bool,
    /// Users whose roles this request changed.
    pub roles_changed: Vec<String>,
    /// Accounts this request made, for the event that each of them is.
    pub(crate) made_users: Mutex<Vec<Document>>,
    /// Fields of a list's items that were asked for; `None` = all.
    pub selection: Option<Vec<String>>,
    /// User the audit entry is about, when it is not the caller (sign-up, sign-in).
    pub audit_user: Option<Arc<Document>>,
    pub(crate) req: &'r Request,
    pub(crate) ip: String,
}

/// An event of a handler, completed and published after the reply is made.
#[derive(Clone, Debug)]
pub struct PendingEvent {
    /// Template, e.g. `databases.[databaseId].collections.[collectionId].documents.[documentId].create`.
    pub template: &'static str,
    /// Values of the placeholders.
    pub values: Vec<(&'static str, String)>,
    /// Model for shaping the payload.
    pub model: &'static str,
    /// The object.
    pub payload: Map<String, Value>,
    /// Roles that may receive it.
    pub roles: Vec<String>,
}

impl Cx<'_> {
    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.app.now()
    }
    /// A new unique id.
    #[must_use]
    pub fn new_id(&self) -> String {
        self.app.new_id()
    }
    /// `unique()` becomes a new id, anything else is taken as it is.
    #[must_use]
    pub fn custom_id(&self, id: &str) -> String {
        if id == "unique()" { self.new_id() } else { id.to_owned() }
    }
    /// Namespace of the project.
    #[must_use]
    pub fn ns(&self) -> Namespace {
        self.project.namespace
    }
    /// The last committed state.
    #[must_use]
    pub fn read(&self) -> Reader {
        self.app.db.read()
    }
    /// The last committed state, for reading that may take long: it ends when the client wants no more (`X-Appwrite-Timeout`, milliseconds), after fifteen
    /// seconds in any case, as in the original.
    #[must_use]
    pub fn read_in_time(&self) -> Reader {
        let wanted = self.request_headers().get("x-appwrite-timeout").and_then(|ms| ms.trim().parse().ok()).filter(|ms| *ms > 0);
        let limit = Duration::from_millis(wanted.unwrap_or(u64::MAX)).min(LONGEST_READ);
        self.read().until(Instant::now() + limit)
    }
    /// One of the project's own collections.
    pub fn collection(&self, name: &str) -> Result<Arc<Collection>> {
        self.app.collection(self.ns(), name)
    }
    /// Runs a transaction.
    pub fn write<R, F>(&self, f: F) -> Result<R>
    where
        F: FnOnce(&mut Tx<'_, '_, '_>) -> Result<R> + Send + 'static,
        R: Send + 'static,
    {
        let (result, made) = self.app.write_noting(f)?;
        self.made_users.lock().extend(made);
        Ok(result)
    }
    /// Access of the caller.
    #[must_use]
    pub fn access(&self) -> Access {
        self.actor.access()
    }
    /// Roles of the caller.
    #[must_use]
    pub fn roles(&self) -> &Roles {
        self.actor.roles()
    }
    /// API key or administrator.
    #[must_use]
    pub fn privileged(&self) -> bool {
        self.actor.privileged()
    }
    /// Whether an API key is calling.
    #[must_use]
    pub fn is_key(&self) -> bool {
        self.actor.kind == ActorKind::Key
    }
    /// The signed-in user of this project; `None` for guests, keys and administrators.
    #[must_use]
    pub fn identity(&self) -> Option<&Arc<Identity>> {
        self.actor.identity.as_ref().filter(|_| self.actor.kind == ActorKind::User)
    }
    /// The signed-in user, or 401.
    pub fn user(&self) -> Result<Arc<Document>> {
        self.identity().map(|i| i.user.clone()).ok_or_else(|| ErrorKind::UserUnauthorized.into())
    }
    /// Id of the signed-in user, or empty.
    #[must_use]
    pub fn user_id(&self) -> &str {
        self.identity().map_or("", |i| i.user.id.as_str())
    }
    /// Words of the route.
    #[must_use]
    pub fn vocab(&self) -> Vocab {
        self.spec.vocab
    }
    /// Request headers.
    #[must_use]
    pub fn request_headers(&self) -> &Headers {
        &self.req.headers
    }
    /// The raw path of the request.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.req.path
    }
    /// Host the request was sent to, without port.
    #[must_use]
    pub fn hostname(&self) -> &str {
        &self.req.hostname
    }
    /// Path and query of the request as they were sent.
    #[must_use]
    pub fn target(&self) -> (&str, &str) {
        (&self.req.path, &self.req.query)
    }
    /// Whether the client used TLS.
    #[must_use]
    pub fn https(&self) -> bool {
        self.req.https
    }
    /// Address of the client.
    #[must_use]
    pub fn ip(&self) -> &str {
        &self.ip
    }
    /// `User-Agent` of the client; `UNKNOWN` when absent. A server may tell that of the client it acts for.
    #[must_use]
    pub fn user_agent(&self) -> &str {
        let forwarded = self.req.headers.get("x-forwarded-user-agent").filter(|a| !a.is_empty() && self.actor.kind == ActorKind::Key);
        forwarded.or_else(|| self.req.headers.get("user-agent")).unwrap_or("UNKNOWN")
    }
    /// `X-Appwrite-Timestamp`, when sent.
    ///
    /// # Errors
    /// One that is no time: who asks not to overwrite what is newer must not do so unawares.
    pub fn request_timestamp(&self) -> Result<Option<Timestamp>> {
        let Some(text) = self.req.headers.get("x-appwrite-timestamp").filter(|text| !text.is_empty()) else { return Ok(None) };
        let read = Timestamp::parse_at(text, self.now());
        read.map(Some).ok_or_else(|| Error::with(ErrorKind::GeneralArgumentInvalid, "Invalid X-Appwrite-Timestamp header value"))
    }
    /// Adds a response header.
    pub fn header(&mut self, name: &str, value: impl Into<String>) {
        self.headers.push((name.to_owned(), value.into()));
    }
    /// Sets the two session cookies and, where browsers would drop them, the fallback header.
    pub fn set_session_cookies(&mut self, value: &str, expires: Timestamp) {
        let name = crate::cookies::session_name(&self.project.id);
        if !self.cookie_domain_verified() {
            self.header("X-Fallback-Cookies", json!({ name.as_str(): value }).to_string());
        }
        let expires = expires.0 / 1000;
        self.cookies.push(Cookie { name: format!("{name}_legacy"), value: value.to_owned(), expires, same_site_none: false });
        self.cookies.push(Cookie { name, value: value.to_owned(), expires, same_site_none: true });
    }
    /// Removes the session cookies.
    pub fn clear_session_cookies(&mut self) {
        if !self.cookie_domain_verified() {
            self.header("X-Fallback-Cookies", "[]");
        }
        let name = crate::cookies::session_name(&self.project.id);
        for (name, same_site_none) in [(format!("{name}_legacy"), false), (name, true)] {
            self.cookies.push(Cookie { name, value: String::new(), expires: 0, same_site_none });
        }
    }
    /// Whether the page and the API share a registrable domain, so that first-party cookies arrive.
    fn cookie_domain_verified(&self) -> bool {
        let origin = self.req.headers.get("origin").or_else(|| self.req.headers.get("referer")).unwrap_or("");
        let (_, host) = crate::origin::parse(origin);
        match (crate::origin::registrable(&host), crate::origin::registrable(&self.req.hostname)) {
            (Some(a), Some(b)) => a == b,
            _ => false,
        }
    }
    /// Runs an async operation (blobs) to its end on this pool thread.
    pub fn block_on<F: Future>(&self, f: F) -> F::Output {
        self.app.runtime.block_on(f)
    }
    /// Refuses permissions that name roles the caller does not hold; keys and administrators may name any.
    pub fn check_own_roles(&self, permissions: &[String]) -> Result<()> {
        if self.privileged() || access::unheld(permissions, self.roles()).is_none() {
            return Ok(());
        }
        Err(Error::with(ErrorKind::UserUnauthorized, format!("Permissions must be one of: ({})", self.actor.ordered_roles().join(", "))))
    }
    /// Whether events of this request would reach nobody, so that they need not be made.
    #[must_use]
    pub fn nobody_listens(&self) -> bool {
        self.app.bus.is_idle() && self.project.webhooks.is_empty()
    }
    /// Publishes an event of the handler's own in place of the declared one.
    pub fn emit(&mut self, event: PendingEvent) {
        self.events_set = true;
        self.events.push(event);
    }
    /// Tells sockets, after the request's own events, what followed from it; webhooks do not hear of it.
    pub fn tell_sequel(&mut self, event: PendingEvent) {
        self.sequels.push(event);
    }
    /// What the declared event tells, for replies without a body.
    pub fn event_payload(&mut self, model: &'static str, payload: Map<String, Value>) {
        self.payload = Some((model, payload));
    }
    /// Suppresses the declared event.
    pub fn no_event(&mut self) {
        self.events_set = true;
    }
    /// Adds a value for the event template.
    pub fn event_value(&mut self, name: &'static str, value: impl Into<String>) {
        self.event_values.push((name, value.into()));
    }
}
