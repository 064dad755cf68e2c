//! What a list asks for, and what it gets.
use std::sync::Arc;

use protocol::Query;
use protocol::query::Method;

use crate::Document;

/// Whether and how far matches are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    /// Not at all.
    None,
    /// Up to this many.
    Capped(u64),
    /// All.
    Exact,
}

/// Where a page starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Id of the document to start after (or end before).
    pub id: String,
    /// The page before it, given in the requested order.
    pub before: bool,
}

/// A list request: filters, order, page.
#[derive(Clone, Debug)]
pub struct Find {
    /// Filters, all of which must hold.
    pub filters: Vec<Query>,
    /// Attributes with `true` for descending; empty = by sequence, ascending.
    pub orders: Vec<(String, bool)>,
    /// Random order (`orderRandom`).
    pub random: Option<u64>,
    /// Page size.
    pub limit: u64,
    /// Documents left out first.
    pub offset: u64,
    /// Keyset position.
    pub cursor: Option<Cursor>,
    /// Attribute keys to return (`*` = all); `None` = all.
    pub select: Option<Vec<String>>,
    /// Counting.
    pub total: Total,
}

impl Default for Find {
    fn default() -> Self {
        Self { filters: Vec::new(), orders: Vec::new(), random: None, limit: 25, offset: 0, cursor: None, select: None, total: Total::None }
    }
}

impl Find {
    /// Splits parsed queries into filters, orders, limit, offset, cursor and selection; the error is the text of 400
    /// `general_query_invalid`. `random_seed` is used by `orderRandom`. Of several limits, offsets or cursors the first counts.
    pub fn from_queries(queries: Vec<Query>, random_seed: u64) -> Result<Self, crate::DbError> {
        let mut find = Self::default();
        let (mut limit, mut offset) = (None, None);
        for q in queries {
            match q.method {
                Method::Limit => limit = limit.or(Some(count(&q)?)),
                Method::Offset => offset = offset.or(Some(count(&q)?)),
                Method::CursorAfter | Method::CursorBefore => {
                    let id = q.text().ok_or_else(|| crate::DbError::Query("Invalid query: Cursor must be a string".to_owned()))?;
                    let cursor = Cursor { id: id.to_owned(), before: q.method == Method::CursorBefore };
                    find.cursor.get_or_insert(cursor);
                }
                Method::OrderAsc | Method::OrderDesc => find.orders.push((q.attribute, q.method == Method::OrderDesc)),
                Method::OrderRandom => find.random = Some(random_seed),
                Method::Select => find.select.get_or_insert_default().extend(q.values.iter().filter_map(|v| v.as_str().map(str::to_owned))),
                _ => find.filters.push(q),
            }
        }
        find.limit = limit.unwrap_or(find.limit);
        find.offset = offset.unwrap_or(0);
        Ok(find)
    }
}

fn count(q: &Query) -> Result<u64, crate::DbError> {
    q.count().ok_or_else(|| crate::DbError::Query(format!("Invalid query: {} must be a number", q.method)))
}

/// What a list found.
#[derive(Clone, Debug)]
pub struct Page {
    /// Documents in order.
    pub documents: Vec<Arc<Document>>,
    /// Matches, as far as counted; 0 when not counted.
    pub total: u64,
}
