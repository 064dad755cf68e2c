//! 1.8 for clients of 1.7: related documents came along without being selected.
use serde_json::{Map, Value};

use super::{ALL_RELATED, Params, Step};
use crate::{Query, QueryMethod};

pub(super) static STEP: Step = Step { before: "1.8.0", request, response };

fn request(method: &str, params: &mut Params) -> Result<(), String> {
    if !matches!(method, "databases.getDocument" | "databases.listDocuments") {
        return Ok(());
    }
    let mut texts: Vec<Value> = match params.remove("queries") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items,
        Some(Value::Object(items)) => items.into_iter().map(|(_, v)| v).collect(),
        Some(other) => {
            params.insert("queries".into(), other);
            return Ok(());
        }
    };
    texts.retain(|text| !is_blank(text));
    let everything = add_related(&mut texts)?;
    texts.extend(everything);
    params.insert("queries".into(), Value::Array(texts));
    Ok(())
}

fn is_blank(text: &Value) -> bool {
    match text {
        Value::String(s) => s.trim().is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Null => true,
        _ => false,
    }
}

/// Unless only certain attributes are selected, removes what is selected and gives the query that selects everything.
fn add_related(texts: &mut Vec<Value>) -> Result<Option<Value>, String> {
    let mut queries = Vec::with_capacity(texts.len());
    for text in texts.iter() {
        // What is no text is refused by the check of the parameter.
        let Some(text) = text.as_str() else { return Ok(None) };
        queries.push(Query::parse(text)?);
    }
    let selects = || queries.iter().filter(|q| q.method == QueryMethod::Select);
    let certain = selects().next().is_some() && !selects().any(|q| q.values.iter().any(|v| v == "*"));
    if certain {
        return Ok(None);
    }
    let mut others = queries.iter().map(|q| q.method != QueryMethod::Select);
    texts.retain(|_| others.next().unwrap_or(true));
    Ok(Some(Query::new(QueryMethod::Select, "", vec!["*".into(), ALL_RELATED.into()]).to_json().into()))
}

fn response(_: &str, _: &mut Map<String, Value>) {}
