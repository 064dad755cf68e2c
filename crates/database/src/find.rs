//! What a list asks for, and what it gets.
use std::sync::Arc;

use protocol::Query;
use protocol::query::Method;

use crate::{Document, queries};

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
    /// Splits parsed queries into filters, orders, limit, offset, cursor and selection. Of several limits, offsets or
    /// cursors the first counts. `random_seed` is used by `orderRandom`.
    ///
    /// # Errors
    /// [`DbError::Query`](crate::DbError::Query) for bad cursors, limits, offsets and selections; what depends on the
    /// collection is judged when the list is read.
    pub fn from_queries(parsed: Vec<Query>, random_seed: u64) -> Result<Self, crate::DbError> {
        let mut find = Self::default();
        let (mut limit, mut offset) = (None, None);
        // A bad cursor is told before anything else.
        parsed.iter().filter(|q| q.method.is_cursor()).take(1).try_for_each(queries::cursor)?;
        for q in parsed {
            match q.method {
                Method::Limit => limit = limit.or(Some(queries::count(&q)?)),
                Method::Offset => offset = offset.or(Some(queries::count(&q)?)),
                Method::CursorAfter | Method::CursorBefore => {
                    let cursor = Cursor { id: q.text().unwrap_or_default().to_owned(), before: q.method == Method::CursorBefore };
                    find.cursor.get_or_insert(cursor);
                }
                Method::OrderAsc | Method::OrderDesc => find.orders.push((q.attribute, q.method == Method::OrderDesc)),
                Method::OrderRandom => find.random = Some(random_seed),
                Method::Select => find.select.get_or_insert_default().extend(queries::selection(&q)?),
                _ => find.filters.push(q),
            }
        }
        find.limit = limit.unwrap_or(find.limit);
        find.offset = offset.unwrap_or(0);
        Ok(find)
    }
}

/// What a list found.
#[derive(Clone, Debug)]
pub struct Page {
    /// Documents in order.
    pub documents: Vec<Arc<Document>>,
    /// Matches, as far as counted; 0 when not counted.
    pub total: u64,
}
