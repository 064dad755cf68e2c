//! Opening a socket: project, limits, origin, caller, channels – in the reference's order.
use std::sync::Arc;

use kernel::actor::{self, Actor};
use kernel::body::query_value;
use kernel::{ActorKind, App, Headers, NoBody, Project, Request, cookies, origin};
use protocol::ErrorKind;
use protocol::spec::Verb;
use serde_json::Value;

use crate::frame::{Frame, POLICY, TOO_MANY};
use crate::hub::Hub;
use crate::index::{Connection, Subscription};
use crate::queue::Queue;
use crate::session::Session;
use crate::standing::{Credential, blocked};
use crate::url;

/// Path of the endpoint, also the name of its limit.
const PATH: &str = "/v1/realtime";
/// Connections per minute and address.
const MAX_CONNECTS: u32 = 128;

/// A socket that was opened, or refused: then there is no session and the queue holds the reason and the close.
pub struct Opening {
    /// Frames to send.
    pub queue: Queue,
    /// Takes the client's messages; dropping it forgets the socket.
    pub session: Option<Session>,
}

/// Why a socket is refused.
struct Refusal {
    code: u16,
    message: String,
}

impl Refusal {
    fn policy(message: impl Into<String>) -> Self {
        Self { code: POLICY, message: message.into() }
    }
}

impl From<kernel::Error> for Refusal {
    fn from(e: kernel::Error) -> Self {
        if let Some(cause) = &e.0.cause {
            tracing::error!(cause, "a realtime connection failed");
        }
        Self { code: e.0.kind.status(), message: e.0.message.into_owned() }
    }
}

/// The message as clients may see it: in production codes from 500 on are masked, except policy violations when connecting.
pub(crate) fn masked(app: &App, code: u16, message: &str, connecting: bool) -> String {
    if app.settings.production && code >= 500 && !(connecting && code == POLICY) { "Error: Server Error".into() } else { message.to_owned() }
}

impl Hub {
    /// Opens a socket for an upgrade request. Reads the database: to be called on a pool thread.
    pub fn open(self: &Arc<Self>, request: &Request) -> Opening {
        let queue = Queue::default();
        let Some(app) = self.app() else {
            queue.push(Frame::Close(crate::frame::GOING_AWAY));
            return Opening { queue, session: None };
        };
        match self.try_open(&app, request, &queue) {
            Ok(session) => Opening { queue, session: Some(session) },
            Err(refusal) => {
                queue.push(Frame::error(refusal.code, &masked(&app, refusal.code, &refusal.message, true)));
                queue.push(Frame::Close(if refusal.code == TOO_MANY { TOO_MANY } else { POLICY }));
                Opening { queue, session: None }
            }
        }
    }

    fn try_open(self: &Arc<Self>, app: &Arc<App>, request: &Request, queue: &Queue) -> Result<Session, Refusal> {
        let project = project(app, request)?;
        // The console's administrators are nobody in a project: its documents go to its own users.
        let actor = actor::resolve(app, request, &project, &actor::Stance::default())?;
        if !api_enabled(&project) && !actor.privileged() {
            return Err(kernel::Error::from(ErrorKind::GeneralApiDisabled).into());
        }
        if app.settings.abuse {
            let now = u64::try_from(app.now().0 / 1000).unwrap_or(0);
            let window = app.limits.hit(&format!("url:{PATH},ip:{}", app.client_ip(request)), MAX_CONNECTS, 60, now);
            if window.used >= MAX_CONNECTS {
                return Err(Refusal { code: TOO_MANY, message: "Too many requests".into() });
            }
        }
        if let Some(o) = request.headers.get("origin")
            && !project.is_console()
            && actor.dev_key.is_none()
            && !origin::allowed(&app.settings, &project, o)
        {
            return Err(Refusal::policy(origin::refusal(o)));
        }
        let credential = credential(&actor);
        if actor.identity.as_deref().is_some_and(blocked) {
            return Err(Refusal::policy(ErrorKind::UserBlocked.message()));
        }
        let user = actor.identity.as_ref().filter(|_| credential.is_some()).map_or("", |i| i.user.id.as_str()).to_owned();
        let asked = url::parse(&request.query, &user).map_err(Refusal::policy)?;
        let account = if user.is_empty() { Value::Null } else { account(app, &project, request.headers.clone()) };

        let id = self.next_id();
        let connection = Connection::new(&project.id, queue.clone(), actor.roles().clone(), user, credential.map(Arc::new));
        // Under one lock, so that no event overtakes the frame that names its subscription.
        let mut index = self.index.write();
        index.insert(id, connection);
        let mut ids = Vec::with_capacity(asked.slots.len());
        for slot in asked.slots {
            let subscription = Subscription { id: app.new_id(), channels: slot.channels, filter: slot.filter };
            ids.push((slot.key, subscription.id.clone()));
            index.subscribe(id, subscription);
        }
        queue.push(Frame::connected(&asked.channels, url::mapping(ids), account));
        drop(index);
        Ok(Session::new(self.clone(), id, project.id.clone(), queue.clone()))
    }
}

fn project(app: &App, request: &Request) -> Result<Arc<Project>, Refusal> {
    let sent = query_value(&request.query, "project").or_else(|| request.headers.get("x-appwrite-project").map(str::to_owned));
    let id = sent.unwrap_or_else(|| "console".into());
    app.project(&id)?.ok_or_else(|| Refusal::policy("Missing or unknown project ID"))
}

/// `realtime` is the older name of the switch.
fn api_enabled(project: &Project) -> bool {
    let switch = |name: &str| project.setting("apis", name).as_bool();
    switch("websocket").or_else(|| switch("realtime")).unwrap_or(true)
}

/// How the caller signed in, so that it can be looked at again later.
fn credential(actor: &Actor) -> Option<Credential> {
    let identity = actor.identity.as_ref().filter(|_| actor.kind == ActorKind::User)?;
    let user = identity.user.id.clone();
    if actor.by_session {
        return Some(Credential::Session { user, secret: actor.secret.clone() });
    }
    Some(Credential::Jwt { user, session: identity.session.as_ref().map(|s| s.id.clone()).unwrap_or_default() })
}

/// The signed-in user's account as the API shows it: asked of the API itself, so that there is one way to show an account.
pub(crate) fn account(app: &Arc<App>, project: &Project, headers: Headers) -> Value {
    // Only what says who is calling; a page's origin or another format has no say here.
    let who = ["cookie", "x-appwrite-session", "x-fallback-cookies", "x-appwrite-jwt"];
    let mut headers: Vec<(String, String)> = headers.0.into_iter().filter(|(n, _)| who.contains(&n.as_str())).collect();
    headers.push(("x-appwrite-project".into(), project.id.clone()));
    let reply = app.handle(Request {
        verb: Verb::Get,
        head: false,
        path: "/v1/account".into(),
        query: String::new(),
        headers: Headers(headers),
        peer: std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
        https: true,
        hostname: app.settings.domain.clone(),
        body: Box::new(NoBody),
        inner: None,
    });
    match reply.body {
        kernel::ReplyBody::Bytes(bytes) if reply.status == 200 => serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        _ => Value::Null,
    }
}

/// The account of the user of a session value sent by message.
pub(crate) fn account_of_session(app: &Arc<App>, project: &Project, user: &str, secret: &str) -> Value {
    account(app, project, Headers(vec![("x-appwrite-session".into(), cookies::encode_session(user, secret))]))
}
