//! Queries: `{"method":"equal","attribute":"name","values":["x"]}`, and the string form `equal("name", ["x"])` of 1.4-era SDKs.
use serde_json::Value;

/// What a query does. Names as on the wire (camelCase).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "names are the documentation; meanings in the contract")]
pub enum Method {
    Equal, NotEqual, LessThan, LessThanEqual, GreaterThan, GreaterThanEqual, Contains, ContainsAny, ContainsAll, NotContains, Search, NotSearch,
    IsNull, IsNotNull, Between, NotBetween, StartsWith, NotStartsWith, EndsWith, NotEndsWith, Select, OrderAsc, OrderDesc, OrderRandom,
    Limit, Offset, CursorAfter, CursorBefore, And, Or, Exists, NotExists, ElemMatch,
    Crosses, NotCrosses, DistanceEqual, DistanceNotEqual, DistanceGreaterThan, DistanceLessThan, Intersects, NotIntersects, Overlaps, NotOverlaps, Touches, NotTouches,
}

/// One parsed query; `nested` holds the children of `and`, `or`, `elemMatch`.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// What it does.
    pub method: Method,
    /// The attribute it is about; empty for limit, offset, cursors, select, and, or.
    pub attribute: String,
    /// Its values.
    pub values: Vec<Value>,
    /// Children of logical queries.
    pub nested: Vec<Query>,
}

impl Query {
    /// A query about one attribute.
    pub fn new(method: Method, attribute: &str, values: Vec<Value>) -> Self {
        Self { method, attribute: attribute.to_owned(), values, nested: Vec::new() }
    }
    /// `equal` on one value.
    pub fn equal(attribute: &str, value: impl Into<Value>) -> Self {
        Self::new(Method::Equal, attribute, vec![value.into()])
    }
    /// Parses the JSON form. The error is the text of 400 `general_query_invalid`, worded as the reference words it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let _ = text;
        todo!("helper")
    }
}
