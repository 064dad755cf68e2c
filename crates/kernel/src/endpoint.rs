//! Endpoints and their registry.
use std::collections::HashMap;

use protocol::Values;
use protocol::spec::{Spec, Verb};

use crate::{Cx, Reply, Result};

/// Erased call of a handler.
pub type Run = fn(&mut Cx<'_>, Values) -> Result<Reply>;

/// A declaration and its code.
pub struct Endpoint {
    /// The declaration.
    pub spec: &'static Spec,
    /// The code.
    pub run: Run,
    /// Audit entry: event and resource template.
    pub audit: Option<(&'static str, &'static str)>,
}

/// Declares an endpoint beside its handler: a `static` of plain data plus one erased call.
/// ```ignore
/// endpoint! {
///     /// Creates a team.
///     CREATE: Post "/v1/teams" => 201 "team" by create(Create);
///     sdk ["teams.create"] auth [Admin, Session, Key, Jwt] scope ["teams.write"]
///     event "teams.[teamId].create" audit "team.create" on "team/{response.$id}"
/// }
/// ```
/// Optional parts, in this order: `old [paths]`, `vocab Tables` before `sdk`; after `scope`: `limit 10 per 3600 by ["url:{url},ip:{ip}"] reset [201]`,
/// `event`, `audit … on …`, `groups [NoSession, AuthMethod("x")]`. `scope []` means public.
#[macro_export]
macro_rules! endpoint {
    ( $(#[doc = $doc:expr])+ $name:ident : $verb:ident $path:literal => $status:literal $model:literal by $handler:ident ( $params:ty ) ;
      $(old [$($old:literal),* $(,)?])? $(vocab $vocab:ident)?
      sdk [$($sdk:literal),* $(,)?] auth [$($auth:ident),* $(,)?] scope [$($scope:literal),* $(,)?]
      $(limit $max:literal per $secs:literal by [$($key:literal),+] $(reset [$($reset:literal),+])?)?
      $(event $event:literal)? $(audit $audit:literal on $resource:literal)? $(groups [$($group:expr),* $(,)?])?
    ) => {
        $(#[doc = $doc])+
        pub static $name: $crate::Endpoint = $crate::Endpoint {
            spec: &$crate::__private::Spec {
                verb: $crate::__private::spec::Verb::$verb,
                path: $path,
                aliases: &[$($($old),*)?],
                sdk: &[$($sdk),*],
                auth: &[$($crate::__private::spec::AuthKind::$auth),*],
                scope: &[$($scope),*],
                limit: $crate::__private::opt!($( $crate::__private::spec::Limit { max: $max, seconds: $secs, keys: &[$($key),+], reset_on: &[$($($reset),+)?] } )?),
                event: $crate::__private::opt!($($event)?),
                groups: { #[allow(unused_imports, reason = "short names in declarations")] use $crate::__private::spec::Group::*; &[$($($group),*)?] },
                vocab: $crate::__vocab!($($vocab)?),
                params: <$params as $crate::__private::Params>::PARAMS,
                reply: $crate::__private::spec::ReplySpec { status: $status, model: $model },
                summary: concat!($($doc),+),
            },
            run: |cx, values| $handler(cx, <$params as $crate::__private::Params>::from_values(values)),
            audit: $crate::__private::opt!($(($audit, $resource))?),
        };
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __vocab {
    () => {
        $crate::__private::spec::Vocab::Collections
    };
    ($v:ident) => {
        $crate::__private::spec::Vocab::$v
    };
}

/// Every endpoint, found by method and path.
#[derive(Default)]
pub struct Registry {
    endpoints: Vec<&'static Endpoint>,
    routers: HashMap<Verb, matchit::Router<&'static Endpoint>>,
}

/// A matched route: the endpoint and its path values, percent-decoded.
pub struct Matched {
    /// The endpoint.
    pub endpoint: &'static Endpoint,
    /// Path parameters by wire name.
    pub path: Vec<(String, String)>,
    /// The template that matched (an alias or the canonical path).
    pub template: &'static str,
}

impl Registry {
    /// Adds endpoints; two that clash are a programming error, reported by name.
    pub fn add(&mut self, endpoints: &[&'static Endpoint]) -> std::result::Result<(), String> {
        for e in endpoints {
            for path in std::iter::once(&e.spec.path).chain(e.spec.aliases) {
                self.routers.entry(e.spec.verb).or_default().insert(braces(path), *e).map_err(|err| format!("{} {path}: {err}", e.spec.verb.as_str()))?;
            }
            self.endpoints.push(e);
        }
        Ok(())
    }

    /// All endpoints in order of registration.
    #[must_use]
    pub fn endpoints(&self) -> &[&'static Endpoint] {
        &self.endpoints
    }

    /// Finds the endpoint of a path; one trailing slash is ignored.
    #[must_use]
    pub fn find(&self, verb: Verb, path: &str) -> Option<Matched> {
        let path = path.strip_suffix('/').filter(|p| !p.is_empty()).unwrap_or(path);
        let m = self.routers.get(&verb)?.at(path).ok()?;
        let path_values = m.params.iter().map(|(k, v)| (k.to_owned(), percent_encoding::percent_decode_str(v).decode_utf8_lossy().into_owned())).collect();
        Some(Matched { endpoint: m.value, path: path_values, template: m.value.spec.path })
    }
}

/// `/v1/teams/:teamId` → `/v1/teams/{teamId}`.
fn braces(path: &str) -> String {
    path.split('/').map(|s| s.strip_prefix(':').map_or_else(|| s.to_owned(), |p| format!("{{{p}}}"))).collect::<Vec<_>>().join("/")
}
