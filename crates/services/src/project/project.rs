//! The project itself.
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, params};
use serde_json::json;

use super::store;
use crate::projects::removal;
use crate::support::object;

params! {
    pub(crate) struct Labels { labels: Vec<String> = "labels", Check::List(&Check::AlphaNumeric { max: 36 }, 1000), required; }
}

endpoint! {
    /// Gets the project.
    GET: Get "/v1/project" => 200 "project" by get(());
    old ["/v1/projects/:projectId"]
    sdk ["project.get"] auth [Admin, Key] scope ["project.read"] groups [NotConsole]
}
endpoint! {
    /// Deletes the project with all that is in it.
    DELETE: Delete "/v1/project" => 204 "none" by delete(());
    old ["/v1/projects/:projectId"]
    sdk ["project.delete"] auth [Admin, Key] scope ["project.write"]
    audit "project.delete" on "project/{project.$id}" groups [NotConsole]
}
endpoint! {
    /// Replaces the project's labels.
    LABELS: Put "/v1/project/labels" => 200 "project" by labels(Labels);
    old ["/v1/projects/:projectId/labels"]
    sdk ["project.updateLabels"] auth [Admin, Key] scope ["project.write"]
    audit "project.labels.update" on "project.labels/{response.$id}" groups [NotConsole]
}

fn get(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    store::shown(cx, &cx.project.id)
}

fn delete(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    removal::remove(cx, &cx.project.id)?;
    Ok(Reply::Empty)
}

fn labels(cx: &mut Cx<'_>, p: Labels) -> Result<Reply> {
    let mut labels: Vec<String> = Vec::with_capacity(p.labels.len());
    for label in p.labels {
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    store::set(cx, &cx.project.id, object(json!({"labels": labels})), None)?;
    store::shown(cx, &cx.project.id)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&GET, &DELETE, &LABELS];
