//! Tokens that let whoever has them read one file, made by servers to be put into links.
//!
//! What a client gets is a signed token that names the record; the record decides, so that deleting it or moving its end takes effect at once.
use std::sync::Arc;

use access::Action;
use database::{DbError, Document, NewDocument, Update};
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, Query, QueryMethod, Timestamp, lists, params};
use serde_json::{Map, Value, json};

use super::place::{self, Place};
use crate::support::{Listing, OWN, base, find, object, page};

/// The only kind of resource there are tokens for.
const FILES: &str = "files";
/// How often a use is noted, seconds.
const NOTED_EVERY: i64 = 86_400;

params! {
    pub(crate) struct Create {
        bucket_id: String = "bucketId", Check::Uid, required;
        file_id: String = "fileId", Check::Uid, required;
        expire: Option<String> = "expire", Check::Nullable(&Check::DatetimeFuture), optional;
    }
}
params! {
    pub(crate) struct List {
        bucket_id: String = "bucketId", Check::Uid, required;
        file_id: String = "fileId", Check::Uid, required;
        queries: Vec<String> = "queries", Check::Queries(&lists::FILE_TOKENS), or EmptyList;
        total: bool = "total", Check::Bool, or Bool(true);
    }
}
params! {
    pub(crate) struct Of { token_id: String = "tokenId", Check::Uid, required; }
}
params! {
    pub(crate) struct Change {
        token_id: String = "tokenId", Check::Uid, required;
        expire: Option<String> = "expire", Check::Nullable(&Check::DatetimeFuture), optional;
    }
}

endpoint! {
    /// Creates a token for a file. It is sent as the parameter `token` with the file's view or download.
    CREATE: Post "/v1/tokens/buckets/:bucketId/files/:fileId" => 201 "resourceToken" by create(Create);
    sdk ["tokens.createFileToken"] auth [Admin, Key] scope ["tokens.write"]
    limit 60 per 60 by ["ip:{ip},method:{method},url:{url},userId:{userId}"]
    event "tokens.[tokenId].create" audit "token.create" on "token/{response.$id}"
}
endpoint! {
    /// Lists the tokens of a file.
    LIST: Get "/v1/tokens/buckets/:bucketId/files/:fileId" => 200 "resourceTokenList" by list(List);
    sdk ["tokens.list"] auth [Admin, Key] scope ["tokens.read"]
}
endpoint! {
    /// Gets a token.
    GET: Get "/v1/tokens/:tokenId" => 200 "resourceToken" by get(Of);
    sdk ["tokens.get"] auth [Admin, Key] scope ["tokens.read"]
}
endpoint! {
    /// Changes when a token ends.
    UPDATE: Patch "/v1/tokens/:tokenId" => 200 "resourceToken" by update(Change);
    sdk ["tokens.update"] auth [Admin, Key] scope ["tokens.write"]
    limit 60 per 60 by ["ip:{ip},method:{method},url:{url},userId:{userId}"]
    event "tokens.[tokenId].update" audit "tokens.update" on "tokens/{response.$id}"
}
endpoint! {
    /// Deletes a token; links with it end at once.
    DELETE: Delete "/v1/tokens/:tokenId" => 204 "none" by delete(Of);
    sdk ["tokens.delete"] auth [Admin, Key] scope ["tokens.write"]
    limit 60 per 60 by ["ip:{ip},method:{method},url:{url},userId:{userId}"]
    event "tokens.[tokenId].delete" audit "tokens.delete" on "token/{request.tokenId}"
}

/// What a token opens: a file by sequence, as another may come to have its id.
pub(super) struct Grant {
    bucket: u64,
    file: u64,
}

impl Grant {
    /// Whether its file is in this bucket.
    pub(super) fn opens(&self, bucket: &Document) -> bool {
        bucket.sequence == self.bucket
    }

    /// Whether this is its file.
    pub(super) fn is_of(&self, file: &Document) -> bool {
        file.sequence == self.file
    }
}

/// What a token opens. One that is forged, over or deleted counts as none.
pub(super) fn grant(cx: &Cx<'_>, token: &str) -> Result<Option<Grant>> {
    let now = cx.now();
    let Some(claims) = Some(token).filter(|t| !t.is_empty()).and_then(|t| cx.app.keyring.verify_jwt(t, now.0 / 1_000).ok()) else { return Ok(None) };
    // Other tokens that this server signs name no record of this kind.
    let Some(id) = claims.get("tokenId").and_then(Value::as_str) else { return Ok(None) };
    let Some(record) = cx.read().get(&OWN, &*cx.collection("resourceTokens")?, id)? else { return Ok(None) };
    if time(&record, "expire").is_some_and(|end| end < now) {
        return Ok(None);
    }
    if record.str("resourceType") != FILES {
        return Err(ErrorKind::TokenResourceTypeInvalid.into());
    }
    let ids = record.str("resourceInternalId").split_once(':').and_then(|(bucket, file)| Some((bucket.parse().ok()?, file.parse().ok()?)));
    let Some((bucket, file)) = ids else { return Ok(None) };
    if time(&record, "accessedAt").is_none_or(|last| last < now.plus_seconds(-NOTED_EVERY)) {
        note(cx, &record, now)?;
    }
    Ok(Some(Grant { bucket, file }))
}

fn time(record: &Document, key: &str) -> Option<Timestamp> {
    Timestamp::parse(record.str(key))
}

/// Notes the use of a token that may be gone by now.
fn note(cx: &Cx<'_>, record: &Document, now: Timestamp) -> Result<()> {
    let update =
        Update { data: object(json!({"accessedAt": now.format()})), permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None };
    match change(cx, &record.id, update) {
        Err(e) if e.kind() != ErrorKind::TokenNotFound => Err(e),
        _ => Ok(()),
    }
}

/// Fields of a token. The secret is signed anew each time and always the same while the end is.
fn view(cx: &Cx<'_>, record: &Document) -> Result<Map<String, Value>> {
    let mut claims = object(json!({
        "tokenId": record.id,
        "resourceId": record.str("resourceId"),
        "resourceType": record.str("resourceType"),
        "resourceInternalId": record.str("resourceInternalId"),
        "iat": record.created_at.0.div_euclid(1_000),
    }));
    if let Some(end) = time(record, "expire") {
        claims.insert("exp".into(), end.0.div_euclid(1_000).into());
    }
    let mut map = base(record);
    map.insert("secret".into(), cx.app.keyring.sign_jwt(&claims).map_err(Error::internal)?.into());
    Ok(map)
}

fn date(text: Option<String>) -> Value {
    text.and_then(|t| Timestamp::parse(&t)).map_or(Value::Null, |t| t.format().into())
}

/// A file the caller may read, with its bucket.
fn file(cx: &Cx<'_>, bucket: &str, file: &str) -> Result<(Place, Arc<Document>)> {
    let place = place::place(cx, bucket)?;
    let file = place.readable(cx, file)?;
    Ok((place, file))
}

fn internal_id(place: &Place, file: &Document) -> String {
    format!("{}:{}", place.bucket.sequence, file.sequence)
}

fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
    let (place, file) = file(cx, &p.bucket_id, &p.file_id)?;
    place.require_of(cx, &file, Action::Update)?;
    let data = object(json!({
        "resourceId": format!("{}:{}", place.bucket.id, file.id),
        "resourceInternalId": internal_id(&place, &file),
        "resourceType": FILES,
        "expire": date(p.expire),
        "accessedAt": null,
    }));
    let (ns, now, id) = (cx.ns(), cx.now(), cx.new_id());
    let record = cx.write(move |tx| {
        let collection = tx.collection(ns, "resourceTokens")?;
        Ok(tx.create(&OWN, &collection, NewDocument { id, permissions: Vec::new(), data, created_at: now, updated_at: now })?)
    })?;
    cx.event_value("tokenId", record.id.clone());
    Ok(Reply::Model("resourceToken", view(cx, &record)?))
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let (place, file) = file(cx, &p.bucket_id, &p.file_id)?;
    let equal = |key: &str, value: String| Query::new(QueryMethod::Equal, key, vec![value.into()]);
    let own = vec![equal("resourceInternalId", internal_id(&place, &file)), equal("resourceType", FILES.to_owned())];
    let request = find(cx, Listing::new(p.queries, p.total), own)?;
    let found = page(cx, &OWN, &*cx.collection("resourceTokens")?, &request, "File token")?;
    let items = found.documents.iter().map(|d| view(cx, d)).collect::<Result<_>>()?;
    Ok(Reply::list("resourceTokenList", "tokens", "resourceToken", items, found.total))
}

fn get(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    let record = cx.read().get(&OWN, &*cx.collection("resourceTokens")?, &p.token_id)?;
    let record = record.ok_or_else(|| Error::from(ErrorKind::TokenNotFound))?;
    Ok(Reply::Model("resourceToken", view(cx, &record)?))
}

fn update(cx: &mut Cx<'_>, p: Change) -> Result<Reply> {
    let data = object(json!({"expire": date(p.expire)}));
    let update = Update { data, permissions: None, updated_at: cx.now(), created_at: None, touch: true, unless_newer: None };
    let record = change(cx, &p.token_id, update)?;
    Ok(Reply::Model("resourceToken", view(cx, &record)?))
}

fn change(cx: &Cx<'_>, id: &str, update: Update) -> Result<Document> {
    let (ns, id) = (cx.ns(), id.to_owned());
    cx.write(move |tx| {
        let collection = tx.collection(ns, "resourceTokens")?;
        Ok(tx.update(&OWN, &collection, &id, update).map_err(gone)?.document)
    })
}

fn delete(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    let (ns, id) = (cx.ns(), p.token_id);
    let record = cx.write(move |tx| {
        let collection = tx.collection(ns, "resourceTokens")?;
        tx.delete(&OWN, &collection, &id, None).map_err(gone)
    })?;
    let payload = view(cx, &record)?;
    cx.event_payload("resourceToken", payload);
    Ok(Reply::Empty)
}

fn gone(e: DbError) -> Error {
    match e {
        DbError::NotFound => ErrorKind::TokenNotFound.into(),
        e => e.into(),
    }
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&CREATE, &LIST, &GET, &UPDATE, &DELETE];
