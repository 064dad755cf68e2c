//! Lists of the server's own records: queries, search, cursor, total.
use access::Access;
use database::{Collection, DbError, Find, Page, Total};
use kernel::{Cx, Error, Result};
use protocol::{ErrorKind, Query, QueryMethod};

/// Totals are counted up to this.
const COUNT_CAP: u64 = 5_000;

/// How far totals are counted.
fn count_cap(total: bool) -> Total {
    if total { Total::Capped(COUNT_CAP) } else { Total::None }
}

/// What a list endpoint got.
#[derive(Debug)]
pub(crate) struct Listing {
    /// Queries in their JSON form, already checked.
    pub(crate) queries: Vec<String>,
    /// Words to look for; empty for none.
    pub(crate) search: String,
    /// Whether to count.
    pub(crate) total: bool,
}

impl Listing {
    pub(crate) fn new(queries: Vec<String>, total: bool) -> Self {
        Self { queries, search: String::new(), total }
    }

    pub(crate) fn with_search(queries: Vec<String>, search: String, total: bool) -> Self {
        Self { queries, search, total }
    }
}

/// The engine's form of a listing; `also` are conditions of the endpoint itself.
pub(crate) fn find(cx: &Cx<'_>, listing: Listing, also: Vec<Query>) -> Result<Find> {
    let mut queries = Query::parse_all(&listing.queries).map_err(|why| Error::with(ErrorKind::GeneralQueryInvalid, why))?;
    if !listing.search.is_empty() {
        queries.push(Query::new(QueryMethod::Search, "search", vec![listing.search.into()]));
    }
    let mut find = Find::from_queries(queries, u64::try_from(cx.now().0).unwrap_or_default())?;
    find.filters.splice(0..0, also);
    find.total = count_cap(listing.total);
    Ok(find)
}

/// Runs a listing; `label` names the items in the message about a cursor that is not there.
pub(crate) fn page(cx: &Cx<'_>, access: &Access, collection: &Collection, find: &Find, label: &str) -> Result<Page> {
    cx.read().find(access, collection, find).map_err(|e| match (e, &find.cursor) {
        (DbError::CursorNotFound, Some(cursor)) => {
            Error::with(ErrorKind::GeneralCursorNotFound, format!("{label} '{}' for the 'cursor' value not found.", cursor.id))
        }
        (e, _) => e.into(),
    })
}

/// The page of a list that is held in a setting; only limit and offset are asked for there.
pub(crate) fn slice<T>(cx: &Cx<'_>, listing: Listing, all: Vec<T>) -> Result<Vec<T>> {
    let limited = listing.queries.iter().any(|q| Query::parse(q).is_ok_and(|q| q.method == QueryMethod::Limit));
    let find = find(cx, listing, Vec::new())?;
    let (offset, limit) = (usize::try_from(find.offset).unwrap_or(usize::MAX), usize::try_from(find.limit).unwrap_or(usize::MAX));
    Ok(all.into_iter().skip(offset).take(if limited { limit } else { usize::MAX }).collect())
}
