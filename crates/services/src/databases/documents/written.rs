//! Documents written as JSON text right from what the engine read: the maps that replies are otherwise shaped in are most of what a list costs.
//!
//! Only where next to nothing is to be shaped: the collection has no relationships. Of all older formats clients ask for, documents know one difference: `$sequence`
//! was a number.
use std::sync::Arc;

use database::Document;
use kernel::Cx;
use protocol::models::{write_json, write_text};
use protocol::spec::Vocab;

use crate::databases::place::Place;

/// What a document of half a kilobyte comes to.
const USUAL: usize = 1_024;

/// How documents are written.
#[derive(Clone, Copy)]
pub(super) struct Style {
    vocab: Vocab,
    /// `$sequence` is a number.
    numeric: bool,
}

/// How documents of a collection may be written for this caller, if they may.
pub(super) fn style(cx: &Cx<'_>, place: &Place) -> Option<Style> {
    let alone = place.schema.relations().next().is_none();
    alone.then(|| Style { vocab: cx.vocab(), numeric: cx.format.numbers_documents() })
}

/// The whole text of a list.
pub(super) fn list(style: Style, place: &Place, documents: &[Arc<Document>], total: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 + documents.len() * USUAL);
    let key = if style.vocab == Vocab::Tables { "rows" } else { "documents" };
    out.extend_from_slice(format!("{{\"total\":{total},\"{key}\":[").as_bytes());
    let place = Written::new(style, place);
    for (at, document) in documents.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        place.document(document, &mut out);
    }
    out.extend_from_slice(b"]}");
    out
}

/// The text of one document.
pub(super) fn one(style: Style, place: &Place, document: &Document) -> Vec<u8> {
    let mut out = Vec::with_capacity(USUAL);
    Written::new(style, place).document(document, &mut out);
    out
}

struct Written<'p> {
    place: &'p Place,
    /// What stands around a `$sequence`.
    quote: &'static [u8],
    /// What stands between `$sequence` and `$createdAt` of all documents of the collection.
    belongs: Vec<u8>,
}

impl<'p> Written<'p> {
    fn new(style: Style, place: &'p Place) -> Self {
        let parent = if style.vocab == Vocab::Tables { "$tableId" } else { "$collectionId" };
        let mut belongs = format!(",\"{parent}\":").into_bytes();
        write_text(&place.collection.id, &mut belongs);
        belongs.extend_from_slice(b",\"$databaseId\":");
        write_text(&place.database.id, &mut belongs);
        belongs.extend_from_slice(b",\"$createdAt\":\"");
        Self { place, quote: if style.numeric { b"" } else { b"\"" }, belongs }
    }

    /// The fields of [`super::model::view`], in its order.
    fn document(&self, doc: &Document, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"$id\":");
        write_text(&doc.id, out);
        out.extend_from_slice(b",\"$sequence\":");
        out.extend_from_slice(self.quote);
        out.extend_from_slice(doc.sequence.to_string().as_bytes());
        out.extend_from_slice(self.quote);
        out.extend_from_slice(&self.belongs);
        out.extend_from_slice(doc.created_at.format().as_bytes());
        out.extend_from_slice(b"\",\"$updatedAt\":\"");
        out.extend_from_slice(doc.updated_at.format().as_bytes());
        out.extend_from_slice(b"\",\"$permissions\":[");
        for (at, permission) in doc.permissions.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            write_text(permission, out);
        }
        out.push(b']');
        for (key, value) in &doc.data {
            out.push(b',');
            write_text(key, out);
            out.push(b':');
            // A list that was never set is empty.
            if value.is_null() && self.place.schema.attribute(key).is_some_and(|a| a.array) {
                out.extend_from_slice(b"[]");
            } else {
                write_json(value, out);
            }
        }
        out.push(b'}');
    }
}
