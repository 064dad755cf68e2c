//! The declaration of an endpoint as constant data.
use crate::check::Check;

/// HTTP method of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "names say it")]
pub enum Verb {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Verb {
    /// Upper-case name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Ways to authenticate that an endpoint accepts (documentation and OpenAPI; scopes decide).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "names say it")]
pub enum AuthKind {
    Admin,
    Session,
    Key,
    Jwt,
}

/// Which words a database-family route uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Vocab {
    /// databases, collections, attributes, documents.
    Collections,
    /// tablesDB, tables, columns, rows.
    Tables,
}

/// A rate limit: at most `max` calls in a window of `seconds`, counted under each of `keys`.
#[derive(Debug)]
pub struct Limit {
    /// Calls allowed per window.
    pub max: u32,
    /// Window length.
    pub seconds: u32,
    /// Key templates, e.g. `url:{url},ip:{ip}`.
    pub keys: &'static [&'static str],
    /// Statuses that set the counter back to zero.
    pub reset_on: &'static [u16],
}

/// Groups that add checks before the parameters are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Fails with 501 when this sign-in method is off in the project: `email-password`, `anonymous`, `jwt`, `invites`, …
    AuthMethod(&'static str),
    /// Fails with 401 `user_session_already_exists` when somebody is signed in.
    NoSession,
    /// Reachable before the second factor.
    Mfa,
    /// Needs a second factor used within the last 30 minutes.
    MfaProtected,
    /// Refused on the console project.
    NotConsole,
    /// Called by browsers that somebody sent there: errors are pages.
    Page,
    /// Pages of any origin may send forms here.
    AnyOrigin,
    /// Refused on every project but the console.
    Console,
}

/// What a parameter is when it is absent.
#[derive(Debug)]
#[allow(missing_docs, reason = "names say it")]
pub enum Default {
    None,
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(&'static str),
    EmptyList,
    Strings(&'static [&'static str]),
}

/// One parameter of an endpoint.
#[derive(Debug)]
pub struct Param {
    /// Wire name (collection vocabulary).
    pub name: &'static str,
    /// Wire name in the tables vocabulary, when it differs.
    pub table_name: Option<&'static str>,
    /// Further accepted names.
    pub aliases: &'static [&'static str],
    /// What it must be.
    pub check: Check,
    /// Missing → 400 `Param "x" is not optional.`
    pub required: bool,
    /// An explicit null is taken as it is.
    pub nullable: bool,
    /// Value when absent.
    pub default: Default,
}

impl Param {
    /// The name on the wire in a vocabulary.
    #[must_use]
    pub fn name_in(&self, vocab: Vocab) -> &'static str {
        match vocab {
            Vocab::Tables => self.table_name.unwrap_or(self.name),
            Vocab::Collections => self.name,
        }
    }
}

/// What a successful call answers.
#[derive(Clone, Copy, Debug)]
pub struct ReplySpec {
    /// HTTP status.
    pub status: u16,
    /// Model name of `models`, `none` for no body.
    pub model: &'static str,
}

/// Everything about an endpoint but its code.
#[derive(Debug)]
pub struct Spec {
    /// Method.
    pub verb: Verb,
    /// Canonical path, parameters as `:name`.
    pub path: &'static str,
    /// Old paths that answer alike.
    pub aliases: &'static [&'static str],
    /// SDK names, `service.method`; the first is the canonical one.
    pub sdk: &'static [&'static str],
    /// Accepted authentication.
    pub auth: &'static [AuthKind],
    /// Any of these scopes suffices; empty = public.
    pub scope: &'static [&'static str],
    /// Rate limit.
    pub limit: Option<Limit>,
    /// Event template, e.g. `teams.[teamId].create`.
    pub event: Option<&'static str>,
    /// Extra checks.
    pub groups: &'static [Group],
    /// Words of the database family.
    pub vocab: Vocab,
    /// Parameters in order of checking.
    pub params: &'static [Param],
    /// Success.
    pub reply: ReplySpec,
    /// One line for OpenAPI and documentation.
    pub summary: &'static str,
}

impl Spec {
    /// `databases` of `databases.createDocument`.
    #[must_use]
    pub fn service(&self) -> &'static str {
        self.sdk.first().and_then(|s| s.split_once('.')).map_or("general", |s| s.0)
    }
}
