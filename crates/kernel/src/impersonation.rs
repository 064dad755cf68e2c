//! Acting as another user: somebody who is marked as an impersonator names the other in a header, or in the query of an address that takes none.
use std::sync::Arc;

use access::Access;
use database::Namespace;
use protocol::Query;

use crate::actor::{Actor, ActorKind, Scopes, load_identity};
use crate::app::App;
use crate::body::query_value;
use crate::error::Result;
use crate::request::Request;

const WHY: Access = Access::System("authentication reads its own records");

/// Header, names in the query, attribute of the user.
const WAYS: [(&str, [&str; 2], &str); 3] = [
    ("x-appwrite-impersonate-user-id", ["impersonateuserid", "impersonateUserId"], "$id"),
    ("x-appwrite-impersonate-user-email", ["impersonateemail", "impersonateEmail"], "email"),
    ("x-appwrite-impersonate-user-phone", ["impersonatephone", "impersonatePhone"], "phone"),
];

/// The caller as whom they want to be. An impersonator may look users up, so that they can choose one.
pub(crate) fn apply(app: &App, req: &Request, ns: Namespace, mut actor: Actor) -> Result<Actor> {
    let Some(own) = actor.identity.clone().filter(|_| actor.kind == ActorKind::User) else { return Ok(actor) };
    if !own.user.bool("impersonator") {
        return Ok(actor);
    }
    let mut scopes = match &actor.scopes {
        Scopes::Role(list) => list.iter().map(|s| (*s).to_owned()).collect(),
        Scopes::Own(list) => list.clone(),
    };
    scopes.push("users.read".to_owned());
    actor.scopes = Scopes::Own(scopes);
    // Who is stopped as themselves is not let through as somebody else.
    if own.user.value("status").as_bool() == Some(false) || own.user.bool("reset") || own.lacks_factors() {
        return Ok(actor);
    }
    let Some((attribute, value)) = wanted(req) else { return Ok(actor) };
    let reader = app.db.read();
    let users = app.collection(ns, "users")?;
    let target = if attribute == "$id" {
        reader.get(&WHY, &users, &value)?
    } else {
        let value = if attribute == "email" { value.to_lowercase() } else { value };
        reader.find_one(&WHY, &users, vec![Query::equal(attribute, value)])?
    };
    let Some(target) = target else { return Ok(actor) };
    let Some(mut identity) = load_identity(app, &reader, ns, &target.id, None)? else { return Ok(actor) };
    identity.impersonator = Some(own.user.clone());
    Ok(actor.turned_into(Arc::new(identity)))
}

/// Attribute and value by which the other is named.
fn wanted(req: &Request) -> Option<(&'static str, String)> {
    WAYS.iter().find_map(|(header, names, attribute)| {
        let sent = req.headers.get(header).map(str::to_owned).or_else(|| names.iter().find_map(|n| query_value(&req.query, n)));
        sent.filter(|v| !v.is_empty()).map(|v| (*attribute, v))
    })
}
