//! Sockets and their subscriptions, found by project and channel and by user.
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use access::Roles;
use serde_json::Value;

use crate::channels;
use crate::filter::Filter;
use crate::frame::Frame;
use crate::queue::Queue;
use crate::standing::Credential;

/// Number of a socket.
pub(crate) type Id = u64;

/// One subscription of a socket.
#[derive(Debug)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    pub(crate) channels: Vec<String>,
    pub(crate) filter: Filter,
}

/// One socket.
pub(crate) struct Connection {
    pub(crate) project: Arc<str>,
    pub(crate) queue: Queue,
    pub(crate) roles: Roles,
    /// Signed-in user, or empty.
    pub(crate) user: String,
    /// How the user proved who it is; looked at again from time to time.
    pub(crate) credential: Option<Arc<Credential>>,
    subscriptions: Vec<Arc<Subscription>>,
}

impl Connection {
    pub(crate) fn new(project: &str, queue: Queue, roles: Roles, user: String, credential: Option<Arc<Credential>>) -> Self {
        Self { project: project.into(), queue, roles, user, credential, subscriptions: Vec::new() }
    }
}

type Listeners = HashMap<Id, Vec<Arc<Subscription>>>;

/// See the module.
#[derive(Default)]
pub(crate) struct Index {
    sockets: HashMap<Id, Connection>,
    channels: HashMap<Arc<str>, HashMap<String, Listeners>>,
    users: HashMap<Arc<str>, HashMap<String, HashSet<Id>>>,
}

/// What an event brings to the index.
pub(crate) struct Delivery<'a> {
    pub(crate) project: &'a str,
    pub(crate) channels: &'a [String],
    pub(crate) roles: &'a [String],
    pub(crate) payload: &'a Value,
}

impl Index {
    pub(crate) fn len(&self) -> usize {
        self.sockets.len()
    }

    pub(crate) fn get(&self, id: Id) -> Option<&Connection> {
        self.sockets.get(&id)
    }

    /// Sockets with a signed-in user.
    pub(crate) fn signed_in(&self) -> impl Iterator<Item = (Id, &Connection)> {
        self.sockets.iter().filter(|(_, c)| c.credential.is_some()).map(|(id, c)| (*id, c))
    }

    pub(crate) fn sockets(&self) -> impl Iterator<Item = (Id, &Connection)> {
        self.sockets.iter().map(|(id, c)| (*id, c))
    }

    /// Sockets of one user.
    pub(crate) fn of_user(&self, project: &str, user: &str) -> Vec<Id> {
        self.users.get(project).and_then(|u| u.get(user)).map(|ids| ids.iter().copied().collect()).unwrap_or_default()
    }

    pub(crate) fn insert(&mut self, id: Id, connection: Connection) {
        self.note_user(id, &connection.project, &connection.user);
        self.sockets.insert(id, connection);
    }

    fn note_user(&mut self, id: Id, project: &Arc<str>, user: &str) {
        if !user.is_empty() {
            self.users.entry(project.clone()).or_default().entry(user.to_owned()).or_default().insert(id);
        }
    }

    fn forget_user(&mut self, id: Id, project: &str, user: &str) {
        let Some(users) = self.users.get_mut(project) else { return };
        if let Some(ids) = users.get_mut(user) {
            ids.remove(&id);
            if ids.is_empty() {
                users.remove(user);
            }
        }
        if users.is_empty() {
            self.users.remove(project);
        }
    }

    /// Forgets a socket and everything it subscribed to.
    pub(crate) fn remove(&mut self, id: Id) -> Option<Connection> {
        let connection = self.sockets.remove(&id)?;
        for s in &connection.subscriptions {
            self.unlink(id, &connection.project, s);
        }
        self.forget_user(id, &connection.project, &connection.user);
        Some(connection)
    }

    fn unlink(&mut self, id: Id, project: &str, subscription: &Arc<Subscription>) {
        let Some(channels) = self.channels.get_mut(project) else { return };
        for name in &subscription.channels {
            let Some(listeners) = channels.get_mut(name) else { continue };
            if let Some(subs) = listeners.get_mut(&id) {
                subs.retain(|s| !Arc::ptr_eq(s, subscription));
                if subs.is_empty() {
                    listeners.remove(&id);
                }
            }
            if listeners.is_empty() {
                channels.remove(name);
            }
        }
        if channels.is_empty() {
            self.channels.remove(project);
        }
    }

    fn link(&mut self, id: Id, project: &Arc<str>, subscription: &Arc<Subscription>) {
        let channels = self.channels.entry(project.clone()).or_default();
        for name in &subscription.channels {
            channels.entry(name.clone()).or_default().entry(id).or_default().push(subscription.clone());
        }
    }

    /// How many subscriptions and channels a socket has.
    pub(crate) fn load(&self, id: Id) -> (usize, usize) {
        self.sockets.get(&id).map_or((0, 0), |c| (c.subscriptions.len(), c.subscriptions.iter().map(|s| s.channels.len()).sum()))
    }

    /// Adds a subscription; one of the same id is replaced.
    pub(crate) fn subscribe(&mut self, id: Id, subscription: Subscription) {
        self.unsubscribe(id, &subscription.id);
        let subscription = Arc::new(subscription);
        let Some(connection) = self.sockets.get_mut(&id) else { return };
        connection.subscriptions.push(subscription.clone());
        let project = connection.project.clone();
        self.link(id, &project, &subscription);
    }

    /// Removes a subscription; whether there was one.
    pub(crate) fn unsubscribe(&mut self, id: Id, subscription: &str) -> bool {
        let Some(connection) = self.sockets.get_mut(&id) else { return false };
        let Some(at) = connection.subscriptions.iter().position(|s| s.id == subscription) else { return false };
        let removed = connection.subscriptions.remove(at);
        let project = connection.project.clone();
        self.unlink(id, &project, &removed);
        true
    }

    /// The socket now speaks for another user; its account channels follow.
    pub(crate) fn sign_in(&mut self, id: Id, user: &str, roles: Roles, credential: Arc<Credential>) {
        let Some(mut connection) = self.remove(id) else { return };
        let old = std::mem::replace(&mut connection.user, user.to_owned());
        connection.roles = roles;
        connection.credential = Some(credential);
        let subscriptions = std::mem::take(&mut connection.subscriptions);
        self.insert(id, connection);
        for s in subscriptions {
            let channels = s.channels.iter().map(|c| channels::rebind(c, &old, user)).collect();
            self.subscribe(id, Subscription { id: s.id.clone(), channels, filter: s.filter.clone() });
        }
    }

    pub(crate) fn set_roles(&mut self, id: Id, roles: Roles) {
        if let Some(c) = self.sockets.get_mut(&id) {
            c.roles = roles;
        }
    }

    /// Hands an event to all that may and want to have it; returns the sockets whose queue is full. `head` is made once, and only
    /// when somebody listens.
    pub(crate) fn deliver(&self, d: &Delivery<'_>, head: impl FnOnce() -> Arc<str>) -> Vec<Id> {
        let Some(by_channel) = self.channels.get(d.project) else { return Vec::new() };
        let anyone = d.roles.iter().any(|r| r == "any");
        let mut receivers: BTreeMap<Id, Vec<&Arc<Subscription>>> = BTreeMap::new();
        for listeners in d.channels.iter().filter_map(|c| by_channel.get(c)) {
            for (id, subscriptions) in listeners {
                let Some(connection) = self.sockets.get(id) else { continue };
                if !anyone && !d.roles.iter().any(|r| connection.roles.contains(r)) {
                    continue;
                }
                for s in subscriptions.iter().filter(|s| s.filter.matches(d.payload)) {
                    let matched = receivers.entry(*id).or_default();
                    if !matched.iter().any(|m| Arc::ptr_eq(m, s)) {
                        matched.push(s);
                    }
                }
            }
        }
        if receivers.is_empty() {
            return Vec::new();
        }
        let head = head();
        let mut full = Vec::new();
        for (id, matched) in receivers {
            let ids = Value::Array(matched.iter().map(|s| Value::from(s.id.as_str())).collect()).to_string();
            if self.sockets.get(&id).is_some_and(|c| !c.queue.push(Frame::Event(head.clone(), ids))) {
                full.push(id);
            }
        }
        full
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::Next;
    use serde_json::json;

    fn socket(index: &mut Index, id: Id, roles: &[&str], user: &str) -> Queue {
        let queue = Queue::default();
        index.insert(id, Connection::new("p", queue.clone(), Roles::new(roles.iter().copied()), user.to_owned(), None));
        queue
    }

    fn sub(id: &str, channels: &[&str]) -> Subscription {
        Subscription { id: id.into(), channels: channels.iter().map(|c| (*c).to_owned()).collect(), filter: Filter::all() }
    }

    fn publish(index: &Index, channels: &[&str], roles: &[&str]) -> Vec<Id> {
        let own = |l: &[&str]| l.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let payload = json!({"a": 1});
        let (channels, roles) = (own(channels), own(roles));
        index.deliver(&Delivery { project: "p", channels: &channels, roles: &roles, payload: &payload }, || "".into())
    }

    fn received(q: &Queue) -> Vec<String> {
        std::iter::from_fn(|| match q.try_next() {
            Some(Next::Frame(Frame::Event(_, own))) => Some(own),
            _ => None,
        })
        .collect()
    }

    #[test]
    fn only_readers_get_events() {
        let mut index = Index::default();
        let (a, b) = (socket(&mut index, 1, &["any", "users", "user:a"], "a"), socket(&mut index, 2, &["any", "guests"], ""));
        index.subscribe(1, sub("s1", &["documents", "rows"]));
        index.subscribe(1, sub("s2", &["rows"]));
        index.subscribe(2, sub("s3", &["documents"]));
        publish(&index, &["documents", "rows"], &["user:a"]);
        assert_eq!(received(&a), ["[\"s1\",\"s2\"]"]);
        assert!(received(&b).is_empty());
        publish(&index, &["documents"], &["any"]);
        assert_eq!((received(&a).len(), received(&b).len()), (1, 1));
        publish(&index, &["documents"], &[]);
        assert_eq!((received(&a).len(), received(&b).len()), (0, 0));
    }

    #[test]
    fn nothing_is_left_behind() {
        let mut index = Index::default();
        let a = socket(&mut index, 1, &["any"], "a");
        index.subscribe(1, sub("s1", &["files"]));
        index.subscribe(1, sub("s1", &["rows"]));
        publish(&index, &["files"], &["any"]);
        assert!(received(&a).is_empty(), "the second subscription of an id replaces the first");
        assert!(index.unsubscribe(1, "s1") && !index.unsubscribe(1, "s1"));
        index.subscribe(1, sub("s2", &["files"]));
        index.remove(1);
        assert!(index.sockets.is_empty() && index.channels.is_empty() && index.users.is_empty());
    }

    #[test]
    fn signing_in_moves_account_channels() {
        let mut index = Index::default();
        let a = socket(&mut index, 1, &["any", "guests"], "");
        index.subscribe(1, sub("s1", &["account.update", "files"]));
        index.sign_in(1, "u", Roles::new(["any", "user:u"]), Arc::new(Credential::Session { user: "u".into(), secret: "x".into() }));
        publish(&index, &["account.u.update"], &["user:u"]);
        assert_eq!(received(&a).len(), 1);
        assert_eq!(index.of_user("p", "u"), [1]);
        assert_eq!(index.load(1), (1, 2));
    }

    #[test]
    fn slow_readers_are_named() {
        let mut index = Index::default();
        let _queue = socket(&mut index, 1, &["any"], "");
        index.subscribe(1, sub("s1", &["files"]));
        let full = (0..2_000).find_map(|_| Some(publish(&index, &["files"], &["any"])).filter(|f| !f.is_empty()));
        assert_eq!(full, Some(vec![1]));
    }
}
