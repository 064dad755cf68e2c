//! How wide a row would be in the reference's own store. Ferrite has no such limit; the count is shown by the API and
//! keeps schemas portable.
use crate::structure::is_wide;
use crate::{Attribute, Collection, Kind};

/// Bytes a row must stay below.
pub const MAX_WIDTH: u64 = 65_535;
/// What every row has: sequence, id, tenant, times, permissions.
const OWN: u64 = 1_067;
/// Texts longer than this lie outside the row, as lists and JSON do, which leaves a pointer in it.
const MAX_INLINE: u64 = 16_381;
const POINTER: u64 = 20;

/// Bytes of a row of this collection.
#[must_use]
pub fn row_width(collection: &Collection) -> u64 {
    collection.attributes.iter().map(of).fold(OWN, u64::saturating_add)
}

/// Bytes of one attribute.
pub(super) fn of(a: &Attribute) -> u64 {
    if a.array {
        return POINTER;
    }
    match a.kind {
        Kind::String if a.size > MAX_INLINE => POINTER,
        Kind::String | Kind::Varchar => a.size.saturating_mul(4).saturating_add(if a.size > 255 { 2 } else { 1 }),
        Kind::Text | Kind::Mediumtext | Kind::Longtext | Kind::Json | Kind::Linestring | Kind::Polygon => POINTER,
        Kind::Integer if !is_wide(a) => 4,
        Kind::Integer | Kind::Bigint | Kind::Double => 8,
        Kind::Boolean => 1,
        Kind::Datetime => 7,
        Kind::Relationship => 255 * 4 + 1,
        Kind::Point => 25,
    }
}
