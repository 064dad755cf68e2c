//! All sockets of the server.
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use kernel::App;
use parking_lot::RwLock;
use protocol::ErrorKind;

use crate::frame::{Frame, GOING_AWAY, NORMAL, POLICY};
use crate::index::{Id, Index};
use crate::standing::{Credential, Standing};

/// All sockets and their subscriptions; receives the events of the application.
pub struct Hub {
    // Weak: the application's bus holds the hub.
    app: Weak<App>,
    pub(crate) index: RwLock<Index>,
    next: AtomicU64,
}

impl Hub {
    /// Makes a hub and subscribes it to the application's events.
    #[must_use]
    pub fn new(app: &Arc<App>) -> Arc<Self> {
        let hub = Arc::new(Self { app: Arc::downgrade(app), index: RwLock::default(), next: AtomicU64::new(1) });
        app.bus.subscribe(hub.clone());
        hub
    }

    /// Open sockets.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.index.read().len()
    }

    pub(crate) fn app(&self) -> Option<Arc<App>> {
        self.app.upgrade()
    }

    pub(crate) fn next_id(&self) -> Id {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Takes a socket out and tells it why.
    pub(crate) fn close(&self, id: Id, code: u16, error: Option<&str>) {
        let Some(connection) = self.index.write().remove(id) else { return };
        if let Some(message) = error {
            connection.queue.push(Frame::error(code, message));
        }
        connection.queue.push(Frame::Close(code));
    }

    /// Closes all sockets because the server stops; clients come back by themselves.
    pub fn close_all(&self) {
        let ids: Vec<Id> = self.index.read().sockets().map(|(id, _)| id).collect();
        for id in ids {
            self.close(id, GOING_AWAY, None);
        }
    }

    /// Looks at all signed-in sockets again: roles that changed count from now on, sockets of blocked or deleted users and of ended
    /// sessions are closed. To be called every two seconds or so.
    pub fn tick(&self) {
        let all: Vec<Id> = self.index.read().signed_in().map(|(id, _)| id).collect();
        self.review(&all);
        self.drop_deleted_projects();
    }

    /// Looks at the sockets of one user again.
    pub(crate) fn review_user(&self, project: &str, user: &str) {
        let ids = self.index.read().of_user(project, user);
        if !ids.is_empty() {
            self.review(&ids);
        }
    }

    fn review(&self, ids: &[Id]) {
        let Some(app) = self.app() else { return };
        for id in ids {
            let Some((project, credential)) = self.facts(*id) else { continue };
            let standing = match app.project(&project) {
                Ok(Some(p)) => credential.standing(&app, &p),
                Ok(None) => Ok(Standing::Barred(ErrorKind::ProjectNotFound.message())),
                Err(e) => Err(e),
            };
            match standing {
                Ok(Standing::Good(roles)) => {
                    let changed = self.index.read().get(*id).is_some_and(|c| c.roles != roles);
                    if changed {
                        self.index.write().set_roles(*id, roles);
                    }
                }
                Ok(Standing::Over) => self.close(*id, NORMAL, None),
                Ok(Standing::Barred(why)) => self.close(*id, POLICY, Some(why)),
                // Better deaf than heard by the wrong one would close on every hiccup of the disk; the next look decides.
                Err(e) => tracing::warn!(error = ?e.0, "a socket's user could not be looked up"),
            }
        }
    }

    fn facts(&self, id: Id) -> Option<(Arc<str>, Arc<Credential>)> {
        let index = self.index.read();
        let c = index.get(id)?;
        Some((c.project.clone(), c.credential.clone()?))
    }

    fn drop_deleted_projects(&self) {
        let Some(app) = self.app() else { return };
        let mut projects: Vec<(Arc<str>, Id)> = self.index.read().sockets().map(|(id, c)| (c.project.clone(), id)).collect();
        projects.sort_unstable();
        for same in projects.chunk_by(|a, b| a.0 == b.0) {
            let gone = same.first().is_some_and(|(p, _)| matches!(app.project(p), Ok(None)));
            for (_, id) in same.iter().filter(|_| gone) {
                self.close(*id, POLICY, Some(ErrorKind::ProjectNotFound.message()));
            }
        }
    }
}
