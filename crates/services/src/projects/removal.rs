//! Removing projects. What makes a project reachable goes at once; its documents and files go afterwards, however long it takes.
use kernel::{Cx, Result};

/// Removes a project: from the answer on nobody reaches it, and its id may be given again.
pub(crate) fn remove(cx: &Cx<'_>, id: &str) -> Result<()> {
    cx.app.delete_project(id)
}
