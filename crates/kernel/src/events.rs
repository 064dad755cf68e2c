//! Events: what happened, published after it is durable.
use std::sync::Arc;

use parking_lot::RwLock;
use protocol::Timestamp;
use serde_json::Value;

/// One published event.
#[derive(Clone, Debug)]
pub struct Event {
    /// Project it belongs to.
    pub project_id: String,
    /// All names, the concrete one first.
    pub names: Vec<String>,
    /// Realtime channels.
    pub channels: Vec<String>,
    /// Roles that may receive it.
    pub roles: Vec<String>,
    /// The shaped model, newest format.
    pub payload: Value,
    /// When.
    pub at: Timestamp,
    /// Users whose roles changed (memberships): their sockets re-evaluate.
    pub roles_changed: Vec<String>,
}

/// Receives events; must not block.
pub trait Subscriber: Send + Sync {
    /// Called for every event, on the thread of the request that caused it.
    fn on_event(&self, event: &Arc<Event>);
    /// Whether events matter to it right now; when to nobody, they are not even made.
    fn listening(&self) -> bool {
        true
    }
}

/// Distributes events to subscribers.
#[derive(Default)]
pub struct Bus(RwLock<Vec<Arc<dyn Subscriber>>>);

impl Bus {
    /// Adds a subscriber for the life of the server.
    pub fn subscribe(&self, s: Arc<dyn Subscriber>) {
        self.0.write().push(s);
    }

    /// Whether anybody listens.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        !self.0.read().iter().any(|s| s.listening())
    }

    /// Hands an event to all.
    pub fn publish(&self, event: Event) {
        let event = Arc::new(event);
        for s in self.0.read().iter() {
            s.on_event(&event);
        }
    }
}
