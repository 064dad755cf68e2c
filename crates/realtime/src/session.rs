//! One open socket: its messages and what they do.
use std::sync::Arc;

use kernel::{App, cookies};
use parking_lot::Mutex;
use serde_json::json;

use crate::channels;
use crate::filter::Filter;
use crate::frame::{BAD_MESSAGE, Frame, POLICY, TOO_MANY};
use crate::hub::Hub;
use crate::index::{Id, Subscription};
use crate::messages::{self, Message, SubscribeItem};
use crate::open;
use crate::queue::Queue;
use crate::standing::{Credential, blocked};

/// Messages per minute and socket.
const MAX_MESSAGES: u32 = 32;
/// Most subscriptions of a socket.
const MAX_SUBSCRIPTIONS: usize = 1_000;
/// Most channels of all subscriptions of a socket.
const MAX_CHANNELS: usize = 5_000;

/// An error frame to be sent; 1008 closes.
type Failure = (u16, String);

/// An open socket. Dropping it forgets the socket.
pub struct Session {
    hub: Arc<Hub>,
    id: Id,
    project: String,
    queue: Queue,
    /// Start of the current minute and messages in it.
    window: Mutex<(i64, u32)>,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.hub.index.write().remove(self.id);
    }
}

impl Session {
    pub(crate) fn new(hub: Arc<Hub>, id: Id, project: String, queue: Queue) -> Self {
        Self { hub, id, project, queue, window: Mutex::new((0, 0)) }
    }

    /// Acts on a message; the answer goes into the queue. Reads the database: to be called on a pool thread, one message at a time.
    pub fn message(&self, text: &str) {
        let Some(app) = self.hub.app() else { return };
        let result = self.count(&app).and_then(|()| messages::parse(text).map_err(|m| (BAD_MESSAGE, m))).and_then(|m| self.act(&app, m));
        match result {
            Ok(Some(frame)) => {
                self.queue.push(frame);
            }
            Ok(None) => {}
            Err((code, message)) => {
                self.queue.push(Frame::error(code, &open::masked(&app, code, &message, false)));
                if code == POLICY {
                    self.queue.push(Frame::Close(POLICY));
                }
            }
        }
    }

    /// A message that could not be taken because the server is busy.
    pub fn busy(&self) {
        self.queue.push(Frame::error(TOO_MANY, "The server is busy. Please try again."));
    }

    fn count(&self, app: &App) -> Result<(), Failure> {
        let minute = app.now().0.div_euclid(60_000);
        let mut window = self.window.lock();
        if window.0 != minute {
            *window = (minute, 0);
        }
        window.1 = window.1.saturating_add(1);
        if app.settings.abuse && window.1 > MAX_MESSAGES { Err((TOO_MANY, "Too many messages.".into())) } else { Ok(()) }
    }

    fn act(&self, app: &Arc<App>, message: Message) -> Result<Option<Frame>, Failure> {
        match message {
            Message::Ping => Ok(Some(Frame::pong())),
            Message::Authentication(session) => self.authenticate(app, &session).map(Some),
            Message::Subscribe(items) => self.subscribe(app, items).map(|()| None),
            Message::Unsubscribe(ids) => Ok(Some(self.unsubscribe(&ids))),
        }
    }

    fn authenticate(&self, app: &Arc<App>, session: &str) -> Result<Frame, Failure> {
        let failed = |e: kernel::Error| {
            tracing::error!(error = ?e.0, "a socket could not be authenticated");
            (500, e.0.message.into_owned())
        };
        let invalid = || (BAD_MESSAGE, "Session is not valid.".to_owned());
        let project = app.project(&self.project).map_err(failed)?.ok_or((POLICY, "Missing project context. Reconnect to the project first.".to_owned()))?;
        let (user, secret) = cookies::decode_session(session).ok_or_else(invalid)?;
        let credential = Credential::Session { user: user.clone(), secret: secret.clone() };
        let identity = credential.identity(app, &project).map_err(failed)?.ok_or_else(invalid)?;
        if blocked(&identity) {
            return Err((POLICY, protocol::ErrorKind::UserBlocked.message().to_owned()));
        }
        self.hub.index.write().sign_in(self.id, &user, identity.role_set.clone(), Arc::new(credential));
        let account = open::account_of_session(app, &project, &user, &secret);
        Ok(Frame::response(json!({"to": "authentication", "success": true, "user": account})))
    }

    /// All or nothing: one bad query and no subscription is made.
    fn subscribe(&self, app: &App, items: Vec<SubscribeItem>) -> Result<(), Failure> {
        let user = self.hub.index.read().get(self.id).map(|c| c.user.clone()).unwrap_or_default();
        let mut made = Vec::with_capacity(items.len());
        let mut shown = Vec::with_capacity(items.len());
        for item in items {
            let (filter, queries) = Filter::parse(&item.queries).map_err(|e| (BAD_MESSAGE, format!("Invalid query: {e}")))?;
            let channels = channels::convert(&item.channels, &user);
            // `unique()` is taken as it is, like any other id of the client's.
            let id = item.id.unwrap_or_else(|| app.new_id());
            shown.push(json!({"subscriptionId": id, "channels": channels, "queries": queries}));
            made.push(Subscription { id, channels, filter });
        }
        let mut index = self.hub.index.write();
        let (subscriptions, channels) = index.load(self.id);
        if subscriptions + made.len() > MAX_SUBSCRIPTIONS || channels + made.iter().map(|s| s.channels.len()).sum::<usize>() > MAX_CHANNELS {
            return Err((BAD_MESSAGE, format!("A connection cannot have more than {MAX_SUBSCRIPTIONS} subscriptions or {MAX_CHANNELS} channels")));
        }
        for s in made {
            index.subscribe(self.id, s);
        }
        // Still under the lock, so that no event overtakes the answer.
        self.queue.push(Frame::response(json!({"to": "subscribe", "success": true, "subscriptions": shown})));
        Ok(())
    }

    fn unsubscribe(&self, ids: &[String]) -> Frame {
        let mut index = self.hub.index.write();
        let results: Vec<_> = ids.iter().map(|id| json!({"subscriptionId": id, "removed": index.unsubscribe(self.id, id)})).collect();
        Frame::response(json!({"to": "unsubscribe", "success": true, "subscriptions": results}))
    }
}
