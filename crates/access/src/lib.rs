//! Who may do what: roles, permissions and their evaluation. Pure: no I/O, no clock, no other crate.
//!
//! A [`Role`] names a set of callers (`user:ID`, `team:ID/owner`, `label:beta` …), a [`Permission`] gives one
//! [`Action`] to one role (`read("any")`). The caller's own roles are a [`Roles`] set; every function of the data layer
//! demands an [`Access`], made either from roles or, with a reason that can be searched for, for the system itself.
mod access;
mod permission;
mod role;

pub use access::{Access, Roles};
pub use permission::{Action, Permission, PermissionError, expand, unheld, validate_permissions};
pub use role::{Role, RoleError, validate_roles};
