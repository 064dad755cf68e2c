//! The providers that Appwrite's own tests sign in with, and the pages they send the browser through. There in development only.
use kernel::{Cx, Endpoint, Error, RawReply, Reply, ReplyBody, Result, endpoint};
use protocol::{Check, ErrorKind, params};
use serde_json::{Value, json};

use super::engine::{Refused, Tokens};
use super::provider::Provider;

const CODE: &str = "abcdef";
const ACCESS: &str = "123456";
const REFRESH: &str = "tuvwxyz";

/// Whether a provider is one of these.
pub(super) fn is(p: &Provider) -> bool {
    p.id.starts_with("mock")
}

pub(super) fn exchange(client: &str, secret: &str, code: &str) -> Result<Tokens, Refused> {
    tokens(client, secret, if code == CODE { Ok(()) } else { Err("Invalid token") })
}

pub(super) fn refresh(client: &str, secret: &str, token: &str) -> Result<Tokens, Refused> {
    tokens(client, secret, if token == REFRESH { Ok(()) } else { Err("Invalid refresh token") })
}

fn tokens(client: &str, secret: &str, known: Result<(), &str>) -> Result<Tokens, Refused> {
    let refused = |why: &str| Refused::new(400, why);
    if client != "1" {
        return Err(refused("Invalid client ID"));
    }
    if secret != "123456" {
        return Err(refused("Invalid client secret"));
    }
    known.map_err(refused)?;
    Ok(Tokens { access: ACCESS.into(), refresh: REFRESH.into(), seconds: 14_400, told: Value::Null })
}

/// Who signs in.
pub(super) fn user(p: &Provider) -> Value {
    if p.id == "mock" {
        json!({"id": 1, "name": "User Name", "email": "useroauth@localhost.test", "verified": true})
    } else {
        json!({"id": 2, "name": "User Name Unverified", "email": "useroauthunverified@localhost.test", "verified": false})
    }
}

params! {
    pub(crate) struct Login {
        client_id: String = "client_id", Check::Text { min: 1, max: 100 }, required;
        redirect_uri: String = "redirect_uri", Check::Redirect, or Str("");
        scope: String = "scope", Check::Text { min: 1, max: 100 }, required;
        state: String = "state", Check::Text { min: 1, max: 2048 }, required;
    }
}
params! {
    pub(crate) struct Exchange {
        client_id: String = "client_id", Check::Text { min: 1, max: 100 }, required;
        client_secret: String = "client_secret", Check::Text { min: 1, max: 100 }, required;
        grant_type: String = "grant_type", Check::Enum(&["refresh_token", "authorization_code"]), or Str("authorization_code");
        redirect_uri: String = "redirect_uri", Check::Redirect, or Str("");
        code: String = "code", Check::Text { min: 1, max: 100 }, or Str("");
        refresh_token: String = "refresh_token", Check::Text { min: 1, max: 100 }, or Str("");
    }
}
params! {
    pub(crate) struct Token { token: String = "token", Check::Text { min: 1, max: 100 }, required; }
}

endpoint! {
    /// Signs in at once.
    LOGIN: Get "/v1/mock/tests/general/oauth2" => 301 "none" by login(Login);
    sdk [] auth [] scope []
}
endpoint! {
    /// Exchanges the code.
    TOKEN: Get "/v1/mock/tests/general/oauth2/token" => 200 "none" by token(Exchange);
    sdk [] auth [] scope []
}
endpoint! {
    /// Tells who it is.
    USER: Get "/v1/mock/tests/general/oauth2/user" => 200 "none" by verified(Token);
    sdk [] auth [] scope []
}
endpoint! {
    /// Tells who it is, without a verified address.
    UNVERIFIED: Get "/v1/mock/tests/general/oauth2/user-unverified" => 200 "none" by unverified(Token);
    sdk [] auth [] scope []
}
endpoint! {
    /// Where apps send the browser after a login.
    SUCCESS: Get "/v1/mock/tests/general/oauth2/success" => 200 "none" by success(());
    sdk [] auth [] scope []
}
endpoint! {
    /// Where apps send the browser when a login failed.
    FAILURE: Get "/v1/mock/tests/general/oauth2/failure" => 400 "none" by failure(());
    sdk [] auth [] scope []
}

fn login(_: &mut Cx<'_>, p: Login) -> Result<Reply> {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("code", CODE).append_pair("state", &p.state).finish();
    Ok(super::flow::redirect(&format!("{}?{query}", p.redirect_uri)))
}

fn token(_: &mut Cx<'_>, p: Exchange) -> Result<Reply> {
    let made = if p.grant_type == "refresh_token" {
        refresh(&p.client_id, &p.client_secret, &p.refresh_token)
    } else {
        exchange(&p.client_id, &p.client_secret, &p.code)
    };
    let t = made.map_err(|e| Error::with(ErrorKind::GeneralMock, e.why))?;
    Ok(json_reply(200, &json!({"access_token": t.access, "refresh_token": t.refresh, "expires_in": t.seconds})))
}

fn verified(_: &mut Cx<'_>, p: Token) -> Result<Reply> {
    person("mock", &p.token)
}

fn unverified(_: &mut Cx<'_>, p: Token) -> Result<Reply> {
    person("mock-unverified", &p.token)
}

fn person(provider: &str, token: &str) -> Result<Reply> {
    let provider = super::table::find(provider, true).filter(|_| token == ACCESS);
    let provider = provider.ok_or_else(|| Error::with(ErrorKind::GeneralMock, "Invalid token"))?;
    Ok(json_reply(200, &user(provider)))
}

fn success(_: &mut Cx<'_>, (): ()) -> Result<Reply> {
    Ok(json_reply(200, &json!({"result": "success"})))
}

fn failure(_: &mut Cx<'_>, (): ()) -> Result<Reply> {
    Ok(json_reply(400, &json!({"result": "failure"})))
}

fn json_reply(status: u16, body: &Value) -> Reply {
    let headers = vec![("content-type".to_owned(), "application/json; charset=UTF-8".to_owned())];
    Reply::Raw(RawReply { status, headers, body: ReplyBody::Bytes(body.to_string().into()) })
}

/// The routes of a development server.
pub(crate) const ENDPOINTS: &[&Endpoint] = &[&LOGIN, &TOKEN, &USER, &UNVERIFIED, &SUCCESS, &FAILURE];
