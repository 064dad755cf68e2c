//! Steps 4 and 8: where parameters come from, and checking them in declared order.
use protocol::format::Format;
use protocol::spec::{Default as ParamDefault, Param, Verb, Vocab};
use protocol::{ApiError, Check, ErrorKind, Values};
use serde_json::{Map, Value};

use crate::actor::Actor;
use crate::app::App;
use crate::body;
use crate::endpoint::{Endpoint, Matched};
use crate::error::{Error, Result};
use crate::project::Project;
use crate::request::{FilePart, Request};

/// Largest number of text fields of a multipart form.
const MAX_FIELDS: usize = 500;
/// Room for headers and fields of a multipart body beyond the file.
const MULTIPART_SLACK: u64 = 1 << 20;

/// Parameters as sent, before any check.
pub(super) struct RawParams {
    map: Map<String, Value>,
    /// The body has not been read yet.
    pending: bool,
}

impl RawParams {
    /// Query parameters of a GET; for other methods the body waits until the caller is known to be allowed, unless the
    /// project is named nowhere else.
    pub(super) fn read_early(app: &App, req: &mut Request, endpoint: &Endpoint) -> Self {
        if let Some(inner) = &mut req.inner {
            return Self { map: std::mem::take(&mut inner.params), pending: false };
        }
        if req.verb == Verb::Get {
            return Self { map: body::parse_pairs(&req.query), pending: false };
        }
        // Whose projects the caller may make depends on the organization named in the body.
        let wanted = endpoint.spec.path == "/v1/projects";
        let named = req.headers.get("x-appwrite-project").is_some() || body::query_value(&req.query, "project").is_some();
        if (named && !wanted) || kind(req) == Kind::Multipart {
            return Self { map: Map::new(), pending: true };
        }
        match read_text_body(app, req) {
            Ok(map) => Self { map, pending: false },
            // Refused again, and told, once the caller is known.
            Err(_) => Self { map: Map::new(), pending: true },
        }
    }

    /// The body, when it was not read before; files of a multipart body go to `files`.
    pub(super) fn complete(mut self, app: &App, req: &mut Request, _endpoint: &Endpoint, files: &mut Vec<FilePart>) -> Result<Self> {
        if let Some(inner) = &mut req.inner {
            files.append(&mut inner.files);
        }
        if !self.pending {
            return Ok(self);
        }
        self.pending = false;
        self.map = if kind(req) == Kind::Multipart {
            let form = req.body.multipart(MAX_FIELDS, app.settings.storage_limit.saturating_add(MULTIPART_SLACK))?;
            files.extend(form.files);
            body::from_fields(form.fields)
        } else {
            read_text_body(app, req)?
        };
        Ok(self)
    }

    /// A text parameter, when sent and not empty.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.map.get(name).and_then(Value::as_str).filter(|s| !s.is_empty()).map(str::to_owned)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.map.get(name)
    }

    /// What no parameter took.
    pub(super) fn rest(self) -> Map<String, Value> {
        self.map
    }
}

#[derive(PartialEq, Eq)]
enum Kind {
    Json,
    Form,
    Multipart,
    Graphql,
    Other,
}

fn kind(req: &Request) -> Kind {
    let header = req.headers.get("content-type").unwrap_or("").to_lowercase();
    match header.split(';').next().unwrap_or("").trim() {
        "application/json" => Kind::Json,
        "application/x-www-form-urlencoded" => Kind::Form,
        "multipart/form-data" => Kind::Multipart,
        "application/graphql" => Kind::Graphql,
        _ => Kind::Other,
    }
}

fn read_text_body(app: &App, req: &mut Request) -> Result<Map<String, Value>> {
    let kind = kind(req);
    let bytes = req.body.bytes(app.settings.body_limit)?;
    Ok(match kind {
        Kind::Json => body::parse_json(&bytes),
        Kind::Form => body::parse_pairs(&String::from_utf8_lossy(&bytes)),
        // The whole of it is the document.
        Kind::Graphql => [("query".to_owned(), Value::from(String::from_utf8_lossy(&bytes)))].into_iter().collect(),
        Kind::Multipart | Kind::Other => Map::new(),
    })
}

fn wire_name(p: &Param, vocab: Vocab) -> &'static str {
    match vocab {
        Vocab::Tables => p.table_name.unwrap_or(p.name),
        Vocab::Collections => p.name,
    }
}

/// Request filters of the response format, then each parameter in declared order; the first failure answers.
/// Whoever has a development key may be sent back to anywhere.
pub(super) fn validate(
    app: &App,
    project: &Project,
    actor: &Actor,
    endpoint: &Endpoint,
    matched: &Matched,
    raw: &mut RawParams,
    format: &Format,
) -> Result<Values> {
    let spec = endpoint.spec;
    if !format.is_current() {
        let method = protocol::format::method_key(spec, &raw.map);
        format.request(&method, &mut raw.map).map_err(|why| Error(ApiError::query(why)))?;
    }
    let mut out = Map::new();
    for p in spec.params {
        let name = wire_name(p, spec.vocab);
        let path = matched.path.iter().find(|(k, _)| k == name || p.aliases.contains(&k.as_str())).map(|(_, v)| Value::String(v.clone()));
        let sent = path.or_else(|| raw.map.remove(name)).or_else(|| p.aliases.iter().find_map(|a| raw.map.remove(*a)));
        let value = match sent {
            None if p.required => return Err(missing(name)),
            None => default(&p.default),
            Some(Value::Null) if p.required && p.nullable => Value::Null,
            // An explicit null of a required parameter is a wrong value, not a missing one.
            Some(Value::Null) if !p.required => default(&p.default),
            Some(v) => check(app, project, actor.dev_key.is_some(), &p.check, v)
                .map_err(|why| Error::with(ErrorKind::GeneralArgumentInvalid, format!("Invalid `{name}` param: {why}")))?,
        };
        out.insert(p.name.to_owned(), value);
    }
    Ok(Values(out))
}

fn missing(name: &str) -> Error {
    Error::with(ErrorKind::GeneralArgumentInvalid, format!("Param \"{name}\" is not optional."))
}

/// Checks that need the time or the project are completed here.
fn check(app: &App, project: &Project, anywhere: bool, check: &Check, value: Value) -> std::result::Result<Value, String> {
    let value = check.apply_at(value, app.now())?;
    if let (Check::Redirect, Value::String(url)) = (check, &value)
        && !anywhere
        && !crate::origin::redirect_allowed(&app.settings, project, url)
    {
        return Err(crate::origin::redirect_refusal(url));
    }
    Ok(value)
}

fn default(d: &ParamDefault) -> Value {
    match d {
        ParamDefault::None | ParamDefault::Null => Value::Null,
        ParamDefault::Bool(b) => Value::Bool(*b),
        ParamDefault::Int(i) => Value::from(*i),
        ParamDefault::Float(f) => Value::from(*f),
        ParamDefault::Str(s) => Value::from(*s),
        ParamDefault::EmptyList => Value::Array(Vec::new()),
        ParamDefault::Strings(list) => Value::Array(list.iter().map(|s| Value::from(*s)).collect()),
    }
}
