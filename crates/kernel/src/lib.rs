//! Everything a request needs between HTTP and the domain, without HTTP types: context, resolution of project and caller, gates,
//! limits, events, audit, the registry of endpoints, and the pipeline that runs one request from start to end.
//!
//! All of it is synchronous and runs on the server's bounded thread pool (see `docs/adr/0001-synchronous-kernel.md`).
pub mod actor;
mod app;
pub mod audit;
pub mod body;
pub mod cookies;
mod cx;
mod endpoint;
mod error;
pub mod events;
mod gate;
mod impersonation;
pub mod jobs;
pub mod limits;
pub mod meter;
pub mod origin;
pub mod page;
mod pipeline;
mod project;
mod projects;
mod removal;
mod reply;
mod request;
pub mod schema;
mod sealing;
mod settings;
mod shaping;
mod tx;
pub mod useragent;
pub mod webhooks;

pub use actor::{Actor, ActorKind, Identity, Scopes, load_identity};
pub use app::{App, AppParts, Clock, SystemClock};
pub use cx::{Cx, PendingEvent};
pub use endpoint::{Endpoint, Registry, Run};
pub use error::{Error, Result, db_error};
pub use gate::{Gate, Permit};
pub use jobs::NewJob;
pub use project::{PasswordStrength, Project};
pub use projects::{NewKey, NewProject, project_permissions};
pub use reply::{Body as ReplyBody, Cookie, RawReply, Reply};
pub use request::{Body, FileContent, FilePart, Headers, Inner, Kept, Multipart, NoBody, Request, SpooledFile};
pub use sealing::AttributeSealer;
pub use settings::{Advertised, Console, Graphql, MailSettings, Settings, Sms};
pub use tx::Tx;

/// What [`endpoint!`] expands to; not for direct use.
#[doc(hidden)]
pub mod __private {
    pub use protocol::__opt as opt;
    pub use protocol::Spec;
    pub use protocol::params::Params;
    pub use protocol::spec;
}
