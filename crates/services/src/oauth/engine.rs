//! The authorization-code flow with a provider: where its user is sent, how a code becomes tokens, and what tokens tell.
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use kernel::{App, Error, Result};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use protocol::ErrorKind;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::mock;
use super::provider::{Ask, Auth, Email, Provider, Verified};

/// Longest answer of a provider.
const MAX_ANSWER: usize = 512 << 10;

/// A provider's refusal, or none at all.
#[derive(Clone, Debug)]
pub(super) struct Refused {
    /// Its HTTP status; 0 when there was no answer.
    pub(super) status: u16,
    /// What it said.
    pub(super) why: String,
}

impl Refused {
    pub(super) fn new(status: u16, why: impl Into<String>) -> Self {
        Self { status, why: why.into() }
    }

    /// The error that users are told.
    pub(super) fn kind(&self) -> ErrorKind {
        match self.status {
            400 => ErrorKind::UserOauth2BadRequest,
            401 => ErrorKind::UserOauth2Unauthorized,
            _ => ErrorKind::UserOauth2ProviderError,
        }
    }
}

/// What a code was exchanged for.
#[derive(Clone, Debug)]
pub(super) struct Tokens {
    pub(super) access: String,
    pub(super) refresh: String,
    /// Seconds the access token is good for.
    pub(super) seconds: i64,
    /// All that came with them.
    pub(super) told: Value,
}

/// Who it is, by the provider's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) uid: String,
    pub(super) email: String,
    pub(super) verified: bool,
    pub(super) name: String,
}

/// A project's app at a provider.
pub(super) struct Client<'a> {
    app: &'a App,
    pub(super) provider: &'static Provider,
    /// What the templates are filled from.
    values: BTreeMap<String, String>,
}

impl<'a> Client<'a> {
    /// From the id and the stored secret: a plain one, or an object.
    pub(super) fn new(app: &'a App, provider: &'static Provider, id: &str, secret: &str) -> Self {
        let mut values = BTreeMap::from([("client_id".to_owned(), id.to_owned())]);
        let told = super::settings::decoded(provider, secret);
        for (key, value) in &told {
            let text = match value {
                Value::String(s) => s.clone(),
                Value::Array(list) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
                other => other.to_string(),
            };
            values.insert(key.clone(), text);
        }
        let secret = if provider.is_composite() { values.get("clientSecret").cloned().unwrap_or_default() } else { secret.to_owned() };
        values.insert("client_secret".into(), secret);
        let mut client = Self { app, provider, values };
        client.fallback("endpoint", "https://gitlab.com");
        client.fallback("prompt", "consent");
        client.fallback("authorizationServerId", "default");
        if let Some(old) = client.values.get("userInfoEndpoint").cloned() {
            client.fallback("userinfoEndpoint", &old);
        }
        client
    }

    fn fallback(&mut self, key: &str, value: &str) {
        let slot = self.values.entry(key.to_owned()).or_default();
        if slot.is_empty() {
            value.clone_into(slot);
        }
    }

    fn value(&self, key: &str) -> &str {
        self.values.get(key).map_or("", String::as_str)
    }

    /// Looks the provider's addresses up where only its description is known.
    fn discover(&mut self) -> Result<()> {
        if self.provider.id != "oidc" || ["authorizationEndpoint", "tokenEndpoint", "userinfoEndpoint"].iter().all(|k| !self.value(k).is_empty()) {
            return Ok(());
        }
        let url = self.value("wellKnownEndpoint").to_owned();
        if url.is_empty() {
            return Err(Error::internal("the OpenID Connect provider has neither a description nor addresses"));
        }
        let found = self.call(outbound::Request::get(url)).map_err(|e| Error::internal(format!("the description of the provider: {}", e.why)))?;
        for (key, name) in [("authorizationEndpoint", "authorization_endpoint"), ("tokenEndpoint", "token_endpoint"), ("userinfoEndpoint", "userinfo_endpoint")]
        {
            let text = found.get(name).and_then(Value::as_str).unwrap_or_default();
            self.fallback(key, text);
        }
        Ok(())
    }

    /// Where the user is sent.
    pub(super) fn login_url(&mut self, callback: &str, scopes: &[String], state: &str, verifier: &str, origin: &str) -> Result<String> {
        self.discover()?;
        let p = self.provider;
        let address = if mock::is(p) { format!("{origin}/v1/mock/tests/general/oauth2") } else { self.filled(p.authorize, &Value::Null) };
        let mut url = url::Url::parse(&address).map_err(|e| Error::internal(format!("the address of {} is no URL: {e}", p.name)))?;
        let mut all: Vec<&str> = p.scopes.to_vec();
        all.extend(scopes.iter().map(String::as_str).filter(|s| !p.scopes.contains(s)));
        let scope = all.join(p.scope.1);
        let extra: Vec<(&str, String)> = p.login.iter().map(|(k, v)| (*k, self.plain(v))).collect();
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("client_id", self.value("client_id")).append_pair("redirect_uri", callback);
            if !scope.is_empty() {
                query.append_pair(p.scope.0, &scope);
            }
            query.append_pair("state", state).extend_pairs(extra);
            if p.pkce {
                let challenge = URL_SAFE_NO_PAD.encode(crypto::sha256(verifier.as_bytes()));
                query.append_pair("code_challenge", &challenge).append_pair("code_challenge_method", "S256");
            }
        }
        Ok(url.into())
    }

    /// Exchanges a code.
    pub(super) fn exchange(&mut self, code: &str, callback: &str, verifier: &str) -> Result<Tokens, Refused> {
        if mock::is(self.provider) {
            return mock::exchange(self.value("client_id"), self.value("client_secret"), code);
        }
        let mut form = vec![("grant_type", "authorization_code".to_owned()), ("code", code.to_owned()), ("redirect_uri", callback.to_owned())];
        if self.provider.pkce {
            form.push(("code_verifier", verifier.to_owned()));
        }
        self.tokens(self.provider.token, form)
    }

    /// New tokens for a refresh token, which stays when no other comes back.
    pub(super) fn refresh(&mut self, token: &str) -> Result<Tokens, Refused> {
        if mock::is(self.provider) {
            return mock::refresh(self.value("client_id"), self.value("client_secret"), token);
        }
        let mut tokens = self.tokens(self.provider.refresh, vec![("grant_type", "refresh_token".to_owned()), ("refresh_token", token.to_owned())])?;
        if tokens.refresh.is_empty() {
            token.clone_into(&mut tokens.refresh);
        }
        Ok(tokens)
    }

    fn tokens(&mut self, template: &str, mut form: Vec<(&str, String)>) -> Result<Tokens, Refused> {
        self.discover().map_err(|e| Refused::new(0, e.0.message))?;
        let (id, secret) = (self.value("client_id").to_owned(), self.value("client_secret").to_owned());
        let mut header = None;
        match self.provider.auth {
            Auth::Form => form.extend([("client_id", id), ("client_secret", secret)]),
            Auth::Basic | Auth::BasicWithId => {
                header = Some(format!("Basic {}", STANDARD.encode(format!("{id}:{secret}"))));
                if self.provider.auth == Auth::BasicWithId {
                    form.push(("client_id", id));
                }
            }
            Auth::Signed => {
                let signed = self.signed_secret()?;
                form.extend([("client_id", id), ("client_secret", signed)]);
            }
        }
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut request = outbound::Request::post(self.filled(template, &Value::Null), "application/x-www-form-urlencoded", body);
        request.headers.extend(header.map(|h| ("authorization".to_owned(), h)));
        let mut told = self.call(request)?;
        if !self.provider.tokens_under.is_empty() {
            told = told.get_mut(self.provider.tokens_under).map(Value::take).unwrap_or_default();
        }
        let access = text(&told, "/access_token");
        if access.is_empty() {
            // Some say what is wrong with a good status.
            return Err(Refused::new(400, explained(&told).unwrap_or_else(|| "no access token was given".to_owned())));
        }
        let seconds = text(&told, "/expires_in").parse().unwrap_or(0);
        Ok(Tokens { access, refresh: text(&told, "/refresh_token"), seconds, told })
    }

    /// Apple's secret: a token signed with the key of the app's owner, good for five minutes.
    fn signed_secret(&self) -> Result<String, Refused> {
        let now = self.app.now().0 / 1_000;
        let claims = json!({"iss": self.value("teamID"), "iat": now, "exp": now + 300, "aud": "https://appleid.apple.com", "sub": self.value("client_id")});
        let claims = crate::support::object(claims);
        crypto::sign_es256(self.value("p8"), self.value("keyID"), &claims).map_err(|_| Refused::new(0, "the key of the app cannot be used"))
    }

    /// Asks who the tokens belong to.
    pub(super) fn person(&self, tokens: &Tokens) -> Result<Person, Refused> {
        let p = self.provider;
        let user = if mock::is(p) {
            mock::user(p)
        } else if p.asks.is_empty() {
            self.identity_token(&tokens.told)?
        } else {
            let mut user = Value::Null;
            for ask in p.asks {
                let answer = self.ask(ask, tokens)?;
                match user.as_object_mut() {
                    Some(map) if !ask.under.is_empty() => {
                        map.insert(ask.under.to_owned(), answer);
                    }
                    _ => user = answer,
                }
            }
            user
        };
        Ok(read_person(p, &user))
    }

    fn ask(&self, ask: &Ask, tokens: &Tokens) -> Result<Value, Refused> {
        let mut known = tokens.told.clone();
        if let Some(map) = known.as_object_mut() {
            map.insert("token".into(), tokens.access.as_str().into());
            map.insert("token_prefix".into(), tokens.access.split('.').next().unwrap_or_default().into());
        }
        let url = self.filled(ask.url, &known);
        let mut request = if ask.post { outbound::Request::post(url, "application/json", "null") } else { outbound::Request::get(url) };
        if !ask.headers.iter().any(|(name, _)| *name == "authorization") {
            request = request.header("authorization", format!("Bearer {}", tokens.access));
        }
        for (name, value) in ask.headers {
            request = request.header(name, self.plain(value).replace("{token}", &tokens.access));
        }
        self.call(request)
    }

    /// Claims of the identity token. It came straight from the provider over TLS, so its signature says nothing more (OpenID Connect Core 3.1.3.7);
    /// that it was made for this app is looked at.
    fn identity_token(&self, told: &Value) -> Result<Value, Refused> {
        let token = text(told, "/id_token");
        let claims = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok());
        let claims: Option<Value> = claims.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        claims.filter(|c| text(c, "/aud") == self.value("client_id")).ok_or_else(|| Refused::new(0, "no identity token for this app was given"))
    }

    fn call(&self, request: outbound::Request) -> Result<Value, Refused> {
        let request = outbound::Request { max_bytes: MAX_ANSWER, ..request }.header("accept", "application/json").header("user-agent", "Ferrite OAuth2");
        let answer = self.app.runtime.block_on(self.app.outbound.send(request)).map_err(|e| {
            tracing::warn!(provider = self.provider.id, error = %e, "a provider of identities could not be asked");
            Refused::new(0, e.to_string())
        })?;
        let body = parse(&answer.body);
        if answer.status >= 400 {
            let why = explained(&body).unwrap_or_else(|| format!("status {}", answer.status));
            return Err(Refused::new(answer.status, why));
        }
        Ok(body)
    }

    /// A template of an address, values made safe for it unless they are addresses themselves.
    fn filled(&self, template: &str, more: &Value) -> String {
        fill(template, |name| {
            let value = match more.get(name) {
                Some(Value::String(s)) => s.clone(),
                _ => self.value(name).to_owned(),
            };
            let address = name == "endpoint" || name.ends_with("Endpoint") || name.ends_with("Domain");
            if address { value.trim_end_matches('/').to_owned() } else { utf8_percent_encode(&value, NON_ALPHANUMERIC).to_string() }
        })
    }

    /// A template of a parameter or header.
    fn plain(&self, template: &str) -> String {
        fill(template, |name| if name == "token" { "{token}".to_owned() } else { self.value(name).to_owned() })
    }
}

fn fill(template: &str, value: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else { break };
        out.push_str(&value(name));
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// JSON, or a form as some answer.
fn parse(body: &[u8]) -> Value {
    serde_json::from_slice(body)
        .unwrap_or_else(|_| Value::Object(form_urlencoded::parse(body).map(|(k, v)| (k.into_owned(), Value::from(v))).collect::<Map<_, _>>()))
}

/// What is wrong, by the provider's answer: `error: description`.
fn explained(body: &Value) -> Option<String> {
    let known = |places: &[&str], or: &str| places.iter().map(|p| text(body, p)).find(|t| !t.is_empty()).unwrap_or_else(|| or.to_owned());
    body.as_object().filter(|m| !m.is_empty())?;
    if body.pointer("/error").is_some_and(Value::is_object) {
        return Some(format!("{}: {}", known(&["/error/status"], "Unknown error"), known(&["/error/message"], "No description")));
    }
    Some(format!("{}: {}", known(&["/error", "/message"], "Unknown error"), known(&["/error_description", "/errors/0/message"], "No description")))
}

/// A text or number at a place, or empty.
fn text(value: &Value, place: &str) -> String {
    match value.pointer(place) {
        Some(Value::String(s)) => s.clone(),
        Some(Value::Number(n)) => n.to_string(),
        _ => String::new(),
    }
}

fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(b) => *b,
        Value::Number(n) => n.as_i64() != Some(0),
        Value::String(s) => !matches!(s.as_str(), "" | "0" | "false"),
        _ => false,
    }
}

fn read_person(p: &Provider, user: &Value) -> Person {
    let (email, listed) = match p.email {
        Email::At(place) => (text(user, place), false),
        Email::In { list, address, verified, primary, or } => {
            let entries = user.pointer(list).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let good = |e: &&Value| e.get(verified).is_some_and(is_true);
            let first = entries.iter().filter(good).find(|e| e.get(primary).is_some_and(is_true)).or_else(|| entries.iter().find(good));
            match first {
                Some(entry) => (text(entry, &format!("/{address}")), true),
                None => (text(user, or), false),
            }
        }
    };
    let email = email.trim().to_lowercase();
    let verified = !email.is_empty()
        && match p.verified {
            Verified::At(place) => user.pointer(place).is_some_and(is_true),
            Verified::Always => true,
            Verified::Never => false,
            Verified::Listed => listed,
        };
    let mut name = p.names.iter().map(|n| text(user, n)).filter(|n| !n.is_empty()).collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        name = ["/given_name", "/family_name"].iter().map(|n| text(user, n)).filter(|n| !n.is_empty()).collect::<Vec<_>>().join(" ");
    }
    Person { uid: text(user, p.uid), email, verified, name: name.chars().take(128).collect() }
}

#[cfg(test)]
mod tests;
