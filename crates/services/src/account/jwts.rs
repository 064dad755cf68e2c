//! JWTs of a session.
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, params};
use serde_json::json;

use super::session;
use crate::support::object;

params! {
    pub(crate) struct Create { duration: i64 = "duration", Check::Int { min: 0, max: 3600 }, or Int(900); }
}

endpoint! {
    /// Creates a JWT for the session of this request; it ends with the session.
    CREATE: Post "/v1/account/jwts" => 201 "jwt" by create(Create);
    old ["/v1/account/jwt"]
    sdk ["account.createJWT"] auth [Admin, Session, Jwt] scope ["account"]
    limit 120 per 60 by ["url:{url},userId:{userId}"]
    groups [AuthMethod("JWT")]
}

fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
    let id = session::current_id(cx).ok_or(Error::from(ErrorKind::UserSessionNotFound))?.to_owned();
    let user_id = cx.user_id().to_owned();
    sign(cx, &user_id, &id, p.duration)
}

/// A signed JWT; an empty session id makes one that lives as long as the user.
pub(crate) fn sign(cx: &Cx<'_>, user_id: &str, session_id: &str, seconds: i64) -> Result<Reply> {
    let issued = cx.now().0 / 1_000;
    let claims = object(json!({"userId": user_id, "sessionId": session_id, "projectId": cx.project.id, "iat": issued, "exp": issued + seconds}));
    let jwt = cx.app.keyring.sign_jwt(&claims).map_err(Error::internal)?;
    Ok(Reply::Model("jwt", object(json!({"jwt": jwt}))))
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&CREATE];
