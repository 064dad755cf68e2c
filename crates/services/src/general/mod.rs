//! What belongs to no service: a sign of life, and the few pages outside of the API.
mod pages;

use bytes::Bytes;
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::ErrorKind;
use serde_json::json;

use crate::project::store;
use crate::support::{OWN, object};

endpoint! {
    /// Answers `Pong!` to whoever names a project: what a new app calls to see that it reaches its server.
    PING: Get "/v1/ping" => 200 "any" by ping(());
    sdk ["ping.get"] auth [Admin, Session, Key, Jwt] scope ["global"]
    event "projects.[projectId].ping"
}

fn ping(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    if cx.project.is_console() {
        return Err(ErrorKind::ProjectNotFound.into());
    }
    cx.event_value("projectId", cx.project.id.clone());
    let (id, now) = (cx.project.id.clone(), cx.now());
    let pinged = cx.write(move |tx| {
        let projects = tx.collection(store::CONSOLE, "projects")?;
        let project = tx.db.get(&OWN, &projects, &id)?.ok_or(Error::from(ErrorKind::ProjectNotFound))?;
        let data = object(json!({"pingCount": project.int("pingCount") + 1, "pingedAt": now.format()}));
        Ok(tx.update(&OWN, &projects, &id, store::update(data, None, now))?.document)
    })?;
    let told = json!({"$id": pinged.id, "name": pinged.str("name"), "pingCount": pinged.int("pingCount"), "pingedAt": now.format()});
    cx.event_payload("any", object(told));
    Ok(Reply::Bytes("text/plain; charset=UTF-8", Bytes::from_static(b"Pong!")))
}

/// The endpoints.
pub(crate) const ENDPOINTS: &[&[&Endpoint]] = &[&[&PING], pages::ENDPOINTS];
