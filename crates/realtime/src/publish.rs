//! From events to frames.
use std::sync::Arc;

use kernel::events::{Event, Subscriber};

use serde_json::json;

use crate::frame::Frame;
use crate::hub::Hub;
use crate::index::Delivery;

/// Channel of events for the console.
const CONSOLE: &str = "console";

/// Whether only the console hears of an event: it has no channel of the project then, and belongs to the project's team.
fn is_for_console(event: &Event) -> bool {
    event.channels.iter().all(|c| c == CONSOLE || c.starts_with("projects."))
}

impl Subscriber for Hub {
    fn listening(&self) -> bool {
        self.connections() > 0
    }

    fn on_event(&self, event: &Arc<Event>) {
        let subject = subject(event);
        // A new member hears of its own membership, a former one does not any more. Of what happens to themselves people hear before it takes effect.
        for user in event.roles_changed.iter().filter(|user| Some(user.as_str()) != subject) {
            self.review_user(&event.project_id, user);
        }
        self.deliver(event);
        // Whatever happened to a user may have changed its roles, blocked it or ended its session.
        if let Some(user) = subject {
            self.review_user(&event.project_id, user);
        }
    }
}

/// The user an event is about.
fn subject(event: &Event) -> Option<&str> {
    event.names.first()?.strip_prefix("users.")?.split('.').next()
}

impl Hub {
    /// What guests of the console hear on the channel `tests`, every few seconds: the SDKs' own tests listen for it.
    pub fn sound(&self) {
        let Some(app) = self.app().filter(|_| self.connections() > 0) else { return };
        self.deliver(&Event {
            project_id: CONSOLE.to_owned(),
            names: vec!["test.event".to_owned()],
            channels: vec!["tests".to_owned()],
            roles: vec!["guests".to_owned()],
            payload: json!({"response": "WS:/v1/realtime:passed"}),
            at: app.now(),
            roles_changed: Vec::new(),
        });
    }

    fn deliver(&self, event: &Event) {
        if event.channels.is_empty() {
            return;
        }
        let team;
        let (project, roles) = if is_for_console(event) {
            let project = self.app().and_then(|a| a.project(&event.project_id).ok().flatten());
            team = project.map(|p| vec![format!("team:{}", p.team_id())]).unwrap_or_default();
            (CONSOLE, team.as_slice())
        } else {
            (event.project_id.as_str(), event.roles.as_slice())
        };
        if roles.is_empty() {
            return;
        }
        let delivery = Delivery { project, channels: &event.channels, roles, payload: &event.payload };
        let full = self.index.read().deliver(&delivery, || Frame::event_head(&event.names, &event.channels, &event.at.format(), &event.payload));
        for id in full {
            // The queue itself tells the socket; here it only stops costing.
            self.index.write().remove(id);
            tracing::debug!(socket = id, "a socket reads too slowly and is closed");
        }
    }
}
