//! Transactions whose time is over.
use std::sync::Arc;

use database::{DbError, Find, Namespace};
use kernel::{App, Result};
use protocol::{Query, QueryMethod, Timestamp};

use super::store;
use crate::storage::staged;
use crate::support::OWN;

/// Removes transactions that were neither committed nor rolled back in time, with what they would have done and the files they brought; at most so
/// many. Answers how many.
pub(crate) fn remove_expired(app: &Arc<App>, project: &str, ns: Namespace, now: Timestamp, most: u64) -> Result<u64> {
    let reader = app.db.read();
    let Some(transactions) = reader.collection(ns, store::NAME)? else { return Ok(0) };
    let over = Query::new(QueryMethod::LessThan, "expiresAt", vec![now.format().into()]);
    let found = reader.find(&OWN, &transactions, &Find { filters: vec![over], limit: most, ..Find::default() })?.documents;
    let count = found.len() as u64;
    for transaction in found {
        let (transactions, inner, project) = (transactions.clone(), Arc::clone(app), project.to_owned());
        app.write(move |tx| {
            staged::discard(tx.db, &inner, ns, &project, transaction.sequence)?;
            match store::remove(tx, &OWN, &transactions, &transaction) {
                Ok(()) | Err(DbError::NotFound) => Ok(()),
                Err(e) => Err(e.into()),
            }
        })?;
    }
    Ok(count)
}
