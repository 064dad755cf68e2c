//! The records of webhooks. The password and the key of the signature are sealed.
use std::sync::Arc;

use database::{DbError, Document, Update};
use kernel::{App, Cx, Error, Result};
use protocol::ErrorKind;
use serde_json::{Map, Value};

use crate::support::{OWN, base};

/// What the secrets are sealed for.
const PURPOSE: &str = "webhook";
/// Bytes of a key that is made up.
const KEY_DIGITS: usize = 128;

pub(super) fn seal(app: &App, text: &str) -> Result<String> {
    if text.is_empty() { Ok(String::new()) } else { app.keyring.seal_text(PURPOSE, text).map_err(Error::internal) }
}

pub(super) fn open(app: &App, sealed: &str) -> String {
    if sealed.is_empty() { String::new() } else { app.keyring.open_text(PURPOSE, sealed).unwrap_or_default() }
}

/// The key of the signature: as wished, or made up.
pub(super) fn signature_key(wished: Option<String>) -> String {
    wished.unwrap_or_else(|| crypto::random_hex(KEY_DIGITS))
}

/// A webhook of the project, or 404.
pub(super) fn get(cx: &Cx<'_>, id: &str) -> Result<Arc<Document>> {
    let coll = cx.collection("webhooks")?;
    cx.read().get(&OWN, &coll, id)?.ok_or_else(|| ErrorKind::WebhookNotFound.into())
}

/// Changes a webhook.
pub(super) fn update(cx: &Cx<'_>, id: &str, data: Map<String, Value>) -> Result<Document> {
    let (ns, now, id) = (cx.ns(), cx.now(), id.to_owned());
    cx.write(move |tx| {
        let coll = tx.collection(ns, "webhooks")?;
        let update = Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None };
        match tx.update(&OWN, &coll, &id, update) {
            Ok(done) => Ok(done.document),
            Err(DbError::NotFound) => Err(ErrorKind::WebhookNotFound.into()),
            Err(e) => Err(e.into()),
        }
    })
}

/// Fields of `webhook`; the key of the signature is told once, when it is made or changed.
pub(crate) fn model(cx: &Cx<'_>, doc: &Document, with_key: bool) -> Map<String, Value> {
    let mut map = base(doc);
    map.insert("httpPass".into(), open(cx.app, doc.str("httpPass")).into());
    let key = if with_key { open(cx.app, doc.str("signatureKey")) } else { String::new() };
    map.insert("signatureKey".into(), key.into());
    map
}
