//! Models of the contract: which fields a reply has, and its JSON text.
//!
//! One file per family holds the models as constant tables (see [`models!`] for the notation); [`shape`] brings a map
//! into the form of its model and [`write_json`] prints it as the reference does.
mod account;
mod attributes;
mod columns;
mod compute;
mod databases;
mod general;
mod health;
mod json;
mod locale;
mod messaging;
mod oauth2;
mod project;
mod shape;
mod storage;
mod table;
mod teams;
mod usage;

pub use json::{write_json, write_text};
pub(crate) use shape::RAW_PROJECT;
pub use shape::{choose, shape};
pub use table::{Fallback, Field, Kind, Model};

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};

const FAMILIES: [&[&Model]; 14] = [
    general::MODELS,
    locale::MODELS,
    health::MODELS,
    attributes::MODELS,
    columns::MODELS,
    databases::MODELS,
    account::MODELS,
    teams::MODELS,
    storage::MODELS,
    usage::MODELS,
    oauth2::MODELS,
    project::MODELS,
    messaging::MODELS,
    compute::MODELS,
];

static BY_NAME: LazyLock<HashMap<&'static str, &'static Model>> = LazyLock::new(|| all().map(|m| (m.name, m)).collect());

/// Every model, by family.
pub fn all() -> impl Iterator<Item = &'static Model> {
    FAMILIES.into_iter().flatten().copied()
}

/// The model of a name such as `documentList`.
#[must_use]
pub fn find(name: &str) -> Option<&'static Model> {
    BY_NAME.get(name).copied()
}

/// The model of one item of a list that has several kinds, by what the item says: `attributeEmail` for an attribute of
/// `attributeList` with the format `email`.
#[must_use]
pub fn item_name(list: &str, item: &Map<String, Value>) -> Option<&'static str> {
    let kinds = find(list)?.fields.iter().find_map(|field| match field.kind {
        Kind::Of(kinds) if field.list => Some(kinds),
        _ => None,
    });
    choose(kinds?, item).map(|model| model.name)
}

#[cfg(test)]
mod tests;
