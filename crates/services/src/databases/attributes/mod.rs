//! Attributes and columns.
pub(super) mod change;
pub(super) mod inline;
pub(super) mod model;
mod read;
mod relationship;
mod types;
pub(super) mod wanted;

use kernel::Endpoint;

macro_rules! of_types {
    ($($module:ident),*) => { &[$(&types::$module::CREATE, &types::$module::UPDATE, &types::$module::CREATE_COLUMN, &types::$module::UPDATE_COLUMN),*] };
}

/// Routes of the types.
pub(super) const TYPES: &[&Endpoint] =
    of_types!(string, varchar, text, mediumtext, longtext, integer, bigint, float, boolean, datetime, email, enumeration, ip, url, point, line, polygon);

/// Routes of relationships.
pub(super) const RELATIONSHIP: &[&Endpoint] = relationship::ENDPOINTS;

/// Routes that all types share.
pub(super) const READ: &[&Endpoint] = read::ENDPOINTS;
