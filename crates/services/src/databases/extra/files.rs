//! Attributes that name files: declaring one, so that a file goes with the last document that names it.
use std::sync::Arc;

use database::Attribute;
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, params};
use serde_json::{Map, Value, json};

use crate::databases::attributes::change::find;
use crate::databases::place;
use crate::storage::declared::{self, Declared};
use crate::support::object;

params! {
    pub(crate) struct Declare {
        database_id: String = "databaseId", Check::Uid, required;
        collection_id: String = "collectionId", Check::Uid, required;
        key: String = "key", Check::Key { max: 36 }, required;
        bucket_id: String = "bucketId", Check::Uid, required;
        release: String = "release", Check::Enum(&["delete", "keep"]), or Str("delete");
    }
}
params! {
    pub(crate) struct Of {
        database_id: String = "databaseId", Check::Uid, required;
        collection_id: String = "collectionId", Check::Uid, required;
        key: String = "key", Check::Key { max: 36 }, required;
    }
}

endpoint! {
    /// Declares that a text attribute (column), or a list of texts, names files of a bucket by id. From then on it takes only ids of files that the
    /// caller may delete, and a file goes, in the same transaction, with the last document that names it; with `release: "keep"` it stays.
    DECLARE: Put "/v1/ferrite/databases/:databaseId/collections/:collectionId/attributes/:key/file" => 200 "any" by declare(Declare);
    sdk ["databases.declareFile"] auth [Admin, Key] scope ["collections.write", "tables.write"] groups [NotConsole]
}
endpoint! {
    /// Tells of which bucket an attribute names files.
    GET: Get "/v1/ferrite/databases/:databaseId/collections/:collectionId/attributes/:key/file" => 200 "any" by get(Of);
    sdk ["databases.getFileDeclaration"] auth [Admin, Key] scope ["collections.read", "tables.read"] groups [NotConsole]
}
endpoint! {
    /// Takes a declaration back. Documents and files stay as they are.
    WITHDRAW: Delete "/v1/ferrite/databases/:databaseId/collections/:collectionId/attributes/:key/file" => 204 "none" by withdraw(Of);
    sdk ["databases.withdrawFile"] auth [Admin, Key] scope ["collections.write", "tables.write"] groups [NotConsole]
}

fn view(key: &str, declared: &Declared) -> Map<String, Value> {
    object(json!({
        "key": key, "bucketId": declared.bucket_id, "release": if declared.release { "delete" } else { "keep" },
        "status": if declared.filling.is_some() { "processing" } else { "available" },
    }))
}

fn undeclared(key: &str) -> Error {
    Error::with(ErrorKind::AttributeNotFound, format!("Attribute \"{key}\" is not declared to name files"))
}

/// The attribute as it is inside of a transaction; it may have gone or been declared meanwhile.
fn current(tx: &kernel::Tx<'_, '_, '_>, ns: database::Namespace, store: &str, id: u16) -> Result<(Arc<database::Collection>, Attribute)> {
    let collection = tx.collection(ns, store)?;
    let attribute = collection.attributes.iter().find(|a| a.id == id).cloned().ok_or_else(|| Error::from(ErrorKind::AttributeNotFound))?;
    Ok((collection, attribute))
}

fn declare(cx: &mut Cx<'_>, p: Declare) -> Result<Reply> {
    let place = place::place(cx, &p.database_id, &p.collection_id)?;
    let attribute = find(cx, &place, &p.key)?;
    if !attribute.kind.is_text() {
        return Err(Error::with(ErrorKind::AttributeTypeInvalid, format!("Attribute \"{}\" is no text", p.key)));
    }
    let bucket = crate::storage::bucket(cx, &p.bucket_id)?;
    let wanted = Declared {
        bucket: i64::try_from(bucket.sequence).map_err(Error::internal)?,
        bucket_id: bucket.id.clone(),
        release: p.release == "delete",
        filling: None,
    };
    let (ns, store, id, mark, app) = (cx.ns(), place.schema.name.clone(), attribute.id, cx.new_id(), Arc::clone(cx.app));
    let declared = cx.write(move |tx| {
        let (collection, attribute) = current(tx, ns, &store, id)?;
        match Declared::of(&attribute) {
            Some(same) if same.bucket == wanted.bucket && same.release == wanted.release => Ok(same),
            Some(_) => {
                let text = format!("Attribute \"{}\" is declared in another way: take that back first", attribute.key);
                Err(Error::with(ErrorKind::AttributeAlreadyExists, text))
            }
            None => Ok(declared::declare(tx.db, &app, &collection, &attribute, wanted, mark)?),
        }
    })?;
    Ok(Reply::Model("any", view(&p.key, &declared)))
}

fn get(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    let place = place::place(cx, &p.database_id, &p.collection_id)?;
    let declared = Declared::of(find(cx, &place, &p.key)?).ok_or_else(|| undeclared(&p.key))?;
    Ok(Reply::Model("any", view(&p.key, &declared)))
}

fn withdraw(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    let place = place::place(cx, &p.database_id, &p.collection_id)?;
    let (ns, store, id, app) = (cx.ns(), place.schema.name.clone(), find(cx, &place, &p.key)?.id, Arc::clone(cx.app));
    cx.write(move |tx| {
        let (collection, attribute) = current(tx, ns, &store, id)?;
        if Declared::of(&attribute).is_none() {
            return Err(undeclared(&attribute.key));
        }
        Ok(declared::withdraw(tx.db, &app, &collection, &attribute)?)
    })?;
    Ok(Reply::Empty)
}

pub(in crate::databases) const ENDPOINTS: &[&Endpoint] = &[&DECLARE, &GET, &WITHDRAW];
