//! One-time tokens and JWTs that a server makes for a user.
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, params};

use super::store;
use crate::account::{jwts, token};

params! {
    pub(crate) struct Create {
        user_id: String = "userId", Check::Uid, required;
        length: i64 = "length", Check::Int { min: 4, max: 128 }, or Int(6);
        expire: i64 = "expire", Check::Int { min: 60, max: 31_536_000 }, or Int(900);
    }
}
params! {
    pub(crate) struct Jwt {
        user_id: String = "userId", Check::Uid, required;
        session_id: String = "sessionId", Check::Uid, or Str("");
        duration: i64 = "duration", Check::Int { min: 0, max: 3600 }, or Int(900);
    }
}

endpoint! {
    /// Creates a token that is exchanged for a session once.
    CREATE: Post "/v1/users/:userId/tokens" => 201 "token" by create(Create);
    sdk ["users.createToken"] auth [Admin, Key] scope ["users.write"]
    event "users.[userId].tokens.[tokenId].create" audit "tokens.create" on "user/{request.userId}"
}
endpoint! {
    /// Creates a JWT for a user, bound to one of the user's sessions or to none.
    JWT: Post "/v1/users/:userId/jwts" => 201 "jwt" by jwt(Jwt);
    sdk ["users.createJWT"] auth [Admin, Key] scope ["users.write"]
}

fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
    let user = store::get(cx, &p.user_id)?;
    let length = usize::try_from(p.length).unwrap_or(6);
    let secret = crypto::random_hex(length);
    let made = token::create(cx, &user.id, token::Kind::Generic, &secret, cx.now().plus_seconds(p.expire))?;
    Ok(Reply::Model("token", token::model(&made, &secret, "")))
}

fn jwt(cx: &mut Cx<'_>, p: Jwt) -> Result<Reply> {
    let user = store::get(cx, &p.user_id)?;
    let session = if p.session_id == "recent" {
        crate::account::session::all(cx, &user.id)?.last().map(|s| s.id.clone()).unwrap_or_default()
    } else {
        crate::account::session::all(cx, &user.id)?.iter().find(|s| s.id == p.session_id).map(|s| s.id.clone()).unwrap_or_default()
    };
    jwts::sign(cx, &user.id, &session, p.duration)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&CREATE, &JWT];
