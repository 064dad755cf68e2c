//! Queries of a subscription, compiled once and judged against the payload of every event of its channels.
use protocol::Query;
use protocol::query::Method;
use serde_json::{Map, Value};

/// In the order of the reference's message.
const ALLOWED: [Method; 11] = [
    Method::Equal,
    Method::NotEqual,
    Method::LessThan,
    Method::LessThanEqual,
    Method::GreaterThan,
    Method::GreaterThanEqual,
    Method::IsNull,
    Method::IsNotNull,
    Method::And,
    Method::Or,
    Method::Select,
];
/// Most queries of one subscription, nested ones included.
const MAX_QUERIES: usize = 200;

/// What a payload must be like; all queries must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Filter(Option<Vec<Query>>);

impl Filter {
    /// Lets everything through.
    pub(crate) fn all() -> Self {
        Self(None)
    }

    /// Compiles the texts of a subscription; also returns them as the reference prints them.
    pub(crate) fn parse(texts: &[Value]) -> Result<(Self, Vec<String>), String> {
        let mut queries = Vec::with_capacity(texts.len());
        let mut printed = Vec::with_capacity(texts.len());
        let mut count = 0;
        for text in texts {
            let query = match text {
                Value::String(s) => Query::parse(s)?,
                other => Query::from_value(other.clone())?,
            };
            check(&query, &mut count)?;
            printed.push(query.to_json());
            queries.push(query);
        }
        let everything = queries.is_empty() || queries.iter().any(is_select_all);
        Ok((Self((!everything).then_some(queries)), printed))
    }

    /// Whether an event with this payload is wanted.
    pub(crate) fn matches(&self, payload: &Value) -> bool {
        let Some(queries) = &self.0 else { return true };
        let empty = Map::new();
        let payload = payload.as_object().unwrap_or(&empty);
        queries.iter().all(|q| holds(q, payload))
    }
}

fn is_select_all(q: &Query) -> bool {
    q.method == Method::Select && matches!(q.values.as_slice(), [Value::String(s)] if s == "*")
}

fn check(query: &Query, count: &mut usize) -> Result<(), String> {
    *count += 1;
    if *count > MAX_QUERIES {
        return Err(format!("A subscription cannot have more than {MAX_QUERIES} queries"));
    }
    if !ALLOWED.contains(&query.method) {
        let allowed = ALLOWED.map(Method::as_str).join(", ");
        return Err(format!("Query method '{}' is not supported in Realtime queries. Allowed: {allowed}", query.method));
    }
    if query.method == Method::Select && !is_select_all(query) {
        return Err("Only select(\"*\") is allowed in Realtime queries. select(\"*\") means \"listen to all events\".".to_owned());
    }
    query.nested.iter().try_for_each(|q| check(q, count))
}

/// An attribute that the payload lacks fulfils nothing, not even `isNull`.
fn holds(q: &Query, payload: &Map<String, Value>) -> bool {
    match q.method {
        Method::And => return q.nested.iter().all(|n| holds(n, payload)),
        Method::Or => return q.nested.iter().any(|n| holds(n, payload)),
        Method::Select => return true,
        _ => {}
    }
    let Some(value) = payload.get(&q.attribute) else { return false };
    let any = |f: fn(std::cmp::Ordering) -> bool| q.values.iter().any(|t| compare(value, t).is_some_and(f));
    match q.method {
        Method::Equal => q.values.contains(value),
        Method::NotEqual => !q.values.contains(value),
        Method::LessThan => any(std::cmp::Ordering::is_lt),
        Method::LessThanEqual => any(std::cmp::Ordering::is_le),
        Method::GreaterThan => any(std::cmp::Ordering::is_gt),
        Method::GreaterThanEqual => any(std::cmp::Ordering::is_ge),
        Method::IsNull => value.is_null(),
        Method::IsNotNull => !value.is_null(),
        _ => false,
    }
}

/// Values of different kinds are neither less nor greater.
fn compare(a: &Value, b: &Value) -> Option<std::cmp::Ordering> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
        },
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn matches(queries: Value, payload: Value) -> bool {
        Filter::parse(queries.as_array().unwrap()).unwrap().0.matches(&payload)
    }

    #[test]
    fn all_must_hold_and_types_count() {
        let payload = json!({"title": "yes", "n": 3, "none": null});
        assert!(matches(json!([]), payload.clone()));
        assert!(matches(json!([r#"{"method":"equal","attribute":"title","values":["no","yes"]}"#]), payload.clone()));
        assert!(!matches(json!([r#"{"method":"equal","attribute":"n","values":["3"]}"#]), payload.clone()));
        assert!(!matches(json!([r#"{"method":"equal","attribute":"n","values":[3.0]}"#]), payload.clone()));
        assert!(matches(json!([r#"{"method":"lessThan","attribute":"n","values":[3.5]}"#]), payload.clone()));
        assert!(!matches(json!([r#"{"method":"notEqual","attribute":"missing","values":[1]}"#]), payload.clone()));
        assert!(!matches(json!([r#"{"method":"isNull","attribute":"missing"}"#]), payload.clone()));
        assert!(matches(json!([r#"{"method":"isNull","attribute":"none"}"#]), payload.clone()));
        let two = json!([r#"{"method":"equal","attribute":"n","values":[3]}"#, r#"{"method":"equal","attribute":"title","values":["no"]}"#]);
        assert!(!matches(two, payload.clone()));
        let or = json!([r#"{"method":"or","values":[{"method":"equal","attribute":"n","values":[4]},{"method":"isNotNull","attribute":"title"}]}"#]);
        assert!(matches(or, payload.clone()));
        assert!(matches(json!([r#"{"method":"select","values":["*"]}"#, r#"{"method":"equal","attribute":"n","values":[9]}"#]), payload));
    }

    #[test]
    fn other_methods_are_refused() {
        let refused = |q: &str| Filter::parse(&[json!(q)]).unwrap_err();
        assert!(
            refused(r#"{"method":"limit","values":[1]}"#).starts_with("Query method 'limit' is not supported in Realtime queries. Allowed: equal, notEqual,")
        );
        assert!(refused(r#"{"method":"or","values":[{"method":"search","attribute":"a","values":["x"]}]}"#).contains("'search'"));
        assert!(refused(r#"{"method":"select","values":["title"]}"#).starts_with("Only select"));
        assert_eq!(refused("{bad"), "Invalid query: Syntax error");
        let many = vec![json!(r#"{"method":"isNull","attribute":"a"}"#); MAX_QUERIES + 1];
        assert!(Filter::parse(&many).is_err());
    }
}
