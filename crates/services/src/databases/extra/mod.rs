//! What Ferrite adds to the API, under `/v1/ferrite`, where no client of the original looks: figures, plans, transactions in one request, files that go with documents.
mod aggregate;
mod commit;
mod explain;
mod files;

use database::Find;
use kernel::{Cx, Error, Result};
use protocol::{ErrorKind, Query};

pub(super) use aggregate::ENDPOINTS as AGGREGATE;
pub(super) use commit::ENDPOINTS as COMMIT;
pub(super) use explain::ENDPOINTS as EXPLAIN;
pub(super) use files::ENDPOINTS as FILES;

/// Queries that may only filter.
fn filters(cx: &Cx<'_>, texts: &[String]) -> Result<Vec<Query>> {
    let queries = super::documents::read::parse(texts)?;
    if let Some(other) = queries.iter().find(|q| !q.is_filter()) {
        return Err(Error::with(ErrorKind::GeneralQueryInvalid, format!("Invalid query method: {}", other.method)));
    }
    Ok(Find::from_queries(queries, 0).map_err(|e| super::words::engine(cx, e))?.filters)
}
