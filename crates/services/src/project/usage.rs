//! What the project holds, and how that came about. Figures are those of what is there now, by when it came.
use database::{Collection, Cursor, Find};
use kernel::meter::{Figures, Metric};
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, Timestamp, params};
use serde_json::{Value, json};

use crate::support::{OWN, Steps, object};

/// Documents read at once.
const PAGE: u64 = 1_000;
/// Most steps of an answer.
const MOST: i64 = 5_000;
const DAY: i64 = 86_400;

params! {
    pub(crate) struct Range {
        start: String = "startDate", Check::Datetime, required;
        end: String = "endDate", Check::Datetime, required;
        period: String = "period", Check::Enum(&["1h", "1d"]), or Str("1d");
    }
}

endpoint! {
    /// Gets figures about the project.
    GET: Get "/v1/project/usage" => 200 "usageProject" by get(Range);
    sdk ["project.getUsage"] auth [Admin] scope ["projects.read"]
}

/// Steps of the range asked for, ending with now.
fn steps(p: &Range, now: Timestamp) -> Steps {
    let time = |text: &str| Timestamp::parse(text).map_or(0, |t| t.0);
    let days = (time(&p.end) - time(&p.start)).abs() / (DAY * 1_000);
    let (count, seconds) = if p.period == "1h" { (days.saturating_mul(24), DAY / 24) } else { (days, DAY) };
    Steps::ending(usize::try_from(count.min(MOST)).unwrap_or(1), seconds, now)
}

/// How many documents there were at the end of each step: from what there is now back to the begin, so that older ones are not looked at.
fn course(cx: &Cx<'_>, collection: &Collection, steps: Steps) -> Result<Vec<u64>> {
    let reader = cx.read();
    let mut left = reader.count(&OWN, collection, &[], None)?;
    let mut came = vec![0_u64; steps.len()];
    let mut find = Find { orders: vec![("$sequence".to_owned(), true)], limit: PAGE, ..Find::default() };
    'pages: loop {
        let page = reader.find(&OWN, collection, &find)?.documents;
        for document in &page {
            let Some(at) = steps.at(document.created_at) else { break 'pages };
            if let Some(n) = came.get_mut(at) {
                *n += 1;
            }
        }
        match page.last() {
            Some(last) if page.len() as u64 == PAGE => find.cursor = Some(Cursor { id: last.id.clone(), before: false }),
            _ => break,
        }
    }
    for n in came.iter_mut().rev() {
        let new = std::mem::replace(n, left);
        left = left.saturating_sub(new);
    }
    Ok(came)
}

/// Buckets with what their files take, and the sum.
fn buckets(cx: &Cx<'_>) -> Result<(Vec<Value>, i64)> {
    let (reader, coll) = (cx.read(), cx.collection("buckets")?);
    let (mut parts, mut sum) = (Vec::new(), 0);
    let mut find = Find { limit: PAGE, ..Find::default() };
    loop {
        let page = reader.find(&OWN, &coll, &find)?.documents;
        for bucket in &page {
            sum += bucket.int("totalSize");
            parts.push(json!({"resourceId": bucket.id, "name": bucket.str("name"), "value": bucket.int("totalSize")}));
        }
        match page.last() {
            Some(last) if page.len() as u64 == PAGE => find.cursor = Some(Cursor { id: last.id.clone(), before: false }),
            _ => return Ok((parts, sum)),
        }
    }
}

/// Documents of all collections that apps made.
fn documents(cx: &Cx<'_>) -> Result<u64> {
    let reader = cx.read();
    let own = reader.collections(cx.ns())?.into_iter().filter(|c| crate::databases::is_own(&c.name));
    own.map(|c| Ok(reader.count(&OWN, &c, &[], None)?)).sum()
}

fn get(cx: &mut Cx<'_>, p: Range) -> Result<Reply> {
    let steps = steps(&p, cx.now());
    let (users, databases) = (course(cx, &*cx.collection("users")?, steps)?, cx.read().count(&OWN, &*cx.collection("databases")?, &[], None)?);
    let ((parts, files), documents) = (buckets(cx)?, documents(cx)?);
    kernel::meter::flush(cx.app);
    let reader = cx.read();
    let figures = Figures::of(cx.app, &reader, cx.ns())?;
    let mut map = object(json!({
        "usersTotal": users.last().copied().unwrap_or(0), "users": steps.dated(users), "databasesTotal": databases, "documentsTotal": documents,
        "rowsTotal": documents, "bucketsTotal": parts.len(), "filesStorageTotal": files, "bucketsBreakdown": parts,
    }));
    let counted = |metric| figures.steps(metric, steps.bounds());
    let network = counted(Metric::Inbound)?.into_iter().zip(counted(Metric::Outbound)?).map(|(i, o)| i.saturating_add(o));
    map.insert("network".into(), steps.dated(network).into());
    for (key, metric) in [("requests", Metric::Requests), ("databasesReads", Metric::Reads(None)), ("databasesWrites", Metric::Writes(None))] {
        map.insert(key.into(), steps.dated(counted(metric)?).into());
    }
    for (key, metric) in [("databasesReadsTotal", Metric::Reads(None)), ("databasesWritesTotal", Metric::Writes(None))] {
        map.insert(key.into(), figures.total(metric)?.into());
    }
    let transformed = crate::storage::transformations(cx, steps)?;
    map.insert("imageTransformationsTotal".into(), transformed.last().copied().unwrap_or(0).into());
    map.insert("imageTransformations".into(), steps.dated(transformed).into());
    // Functions are not served by this release.
    map.insert("executions".into(), steps.dated(vec![0; steps.len()]).into());
    for key in ["embeddingsText", "embeddingsTextTokens", "embeddingsTextDuration", "embeddingsTextErrors"] {
        map.insert(key.into(), Value::Array(Vec::new()));
    }
    Ok(Reply::Model("usageProject", map))
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&GET];
