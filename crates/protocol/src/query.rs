//! Queries: `{"method":"equal","attribute":"name","values":["x"]}`; the string form of 1.4-era SDKs is in [`legacy`](crate::legacy).
use serde_json::{Map, Value};

/// Deepest nesting of `and`, `or`, `elemMatch`.
pub const MAX_DEPTH: usize = 60;
/// Longest text of one query, in bytes. Parameter checks are stricter (4,096 characters) where they apply.
pub const MAX_TEXT: usize = 1 << 20;

/// Declares [`Method`] from one table.
macro_rules! methods {
    ($($name:ident = $wire:literal,)*) => {
        /// What a query does. Names as on the wire (camelCase).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "names are the documentation; meanings in the contract")]
        pub enum Method { $($name,)* }
        impl Method {
            /// All methods in table order.
            pub const ALL: &[Self] = &[$(Self::$name,)*];
            /// The name on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $wire,)* }
            }
            /// The method of a wire name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($wire => Some(Self::$name),)* _ => None }
            }
        }
    };
}

methods! {
    Equal = "equal",
    NotEqual = "notEqual",
    LessThan = "lessThan",
    LessThanEqual = "lessThanEqual",
    GreaterThan = "greaterThan",
    GreaterThanEqual = "greaterThanEqual",
    Contains = "contains",
    ContainsAny = "containsAny",
    ContainsAll = "containsAll",
    NotContains = "notContains",
    Search = "search",
    NotSearch = "notSearch",
    IsNull = "isNull",
    IsNotNull = "isNotNull",
    Between = "between",
    NotBetween = "notBetween",
    StartsWith = "startsWith",
    NotStartsWith = "notStartsWith",
    EndsWith = "endsWith",
    NotEndsWith = "notEndsWith",
    Select = "select",
    OrderAsc = "orderAsc",
    OrderDesc = "orderDesc",
    OrderRandom = "orderRandom",
    Limit = "limit",
    Offset = "offset",
    CursorAfter = "cursorAfter",
    CursorBefore = "cursorBefore",
    And = "and",
    Or = "or",
    Exists = "exists",
    NotExists = "notExists",
    ElemMatch = "elemMatch",
    Crosses = "crosses",
    NotCrosses = "notCrosses",
    DistanceEqual = "distanceEqual",
    DistanceNotEqual = "distanceNotEqual",
    DistanceGreaterThan = "distanceGreaterThan",
    DistanceLessThan = "distanceLessThan",
    Intersects = "intersects",
    NotIntersects = "notIntersects",
    Overlaps = "overlaps",
    NotOverlaps = "notOverlaps",
    Touches = "touches",
    NotTouches = "notTouches",
}

impl std::str::FromStr for Method {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        Self::from_name(s).ok_or_else(|| format!("Invalid query method: {s}"))
    }
}

impl std::fmt::Display for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Method {
    /// Has children instead of values.
    #[must_use]
    pub fn is_nested(self) -> bool {
        matches!(self, Self::And | Self::Or | Self::ElemMatch)
    }
    /// Sorts.
    #[must_use]
    pub fn is_order(self) -> bool {
        matches!(self, Self::OrderAsc | Self::OrderDesc | Self::OrderRandom)
    }
    /// Names the item a page starts or ends at.
    #[must_use]
    pub fn is_cursor(self) -> bool {
        matches!(self, Self::CursorAfter | Self::CursorBefore)
    }
    /// Chooses rows, logical queries included; the rest select, order or page.
    #[must_use]
    pub fn is_filter(self) -> bool {
        !self.is_order() && !self.is_cursor() && !matches!(self, Self::Select | Self::Limit | Self::Offset)
    }
    /// Works on points, lines and polygons only.
    #[must_use]
    pub fn is_spatial(self) -> bool {
        self.is_distance()
            || matches!(
                self,
                Self::Crosses
                    | Self::NotCrosses
                    | Self::Intersects
                    | Self::NotIntersects
                    | Self::Overlaps
                    | Self::NotOverlaps
                    | Self::Touches
                    | Self::NotTouches
            )
    }
    /// Compares a distance.
    #[must_use]
    pub fn is_distance(self) -> bool {
        matches!(self, Self::DistanceEqual | Self::DistanceNotEqual | Self::DistanceGreaterThan | Self::DistanceLessThan)
    }
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
    /// A query about one attribute. An order without attribute is one by `$sequence`.
    #[must_use]
    pub fn new(method: Method, attribute: &str, values: Vec<Value>) -> Self {
        let attribute = match (method, attribute) {
            (Method::OrderAsc | Method::OrderDesc, "") => "$sequence",
            _ => attribute,
        };
        Self { method, attribute: attribute.to_owned(), values, nested: Vec::new() }
    }

    /// `equal` on one value.
    pub fn equal(attribute: &str, value: impl Into<Value>) -> Self {
        Self::new(Method::Equal, attribute, vec![value.into()])
    }

    /// `and`, `or` or `elemMatch` of children.
    #[must_use]
    pub fn nested(method: Method, attribute: &str, nested: Vec<Self>) -> Self {
        Self { method, attribute: attribute.to_owned(), values: Vec::new(), nested }
    }

    /// At most `n` results.
    #[must_use]
    pub fn limit(n: u64) -> Self {
        Self::new(Method::Limit, "", vec![n.into()])
    }

    /// Parses the JSON form. The error is the text of 400 `general_query_invalid`, worded as the reference words it.
    ///
    /// # Errors
    /// Bad JSON, an unknown method, parts of the wrong type, or nesting deeper than [`MAX_DEPTH`].
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MAX_TEXT {
            return Err("Invalid query: Text is too long".to_owned());
        }
        let value: Value = serde_json::from_str(text).map_err(|e| {
            let why = if e.to_string().starts_with("recursion limit") { "Maximum stack depth exceeded" } else { "Syntax error" };
            format!("Invalid query: {why}")
        })?;
        Self::from_value(value)
    }

    /// Several texts; the first error ends it.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_all<S: AsRef<str>>(texts: &[S]) -> Result<Vec<Self>, String> {
        texts.iter().map(|t| Self::parse(t.as_ref())).collect()
    }

    /// From an already decoded query.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn from_value(value: Value) -> Result<Self, String> {
        Self::build(value, 0)
    }

    fn build(value: Value, depth: usize) -> Result<Self, String> {
        if depth > MAX_DEPTH {
            return Err("Invalid query: Maximum stack depth exceeded".to_owned());
        }
        let mut map = match value {
            Value::Object(map) => map,
            Value::Array(_) => Map::new(),
            other => return Err(format!("Invalid query. Must be an array, got {}", php_type(&other))),
        };
        let mut part = |name: &str| map.get_mut(name).map(Value::take).filter(|v| !v.is_null());
        let method = match part("method") {
            None => String::new(),
            Some(Value::String(s)) => s,
            Some(v) => return Err(format!("Invalid query method. Must be a string, got {}", php_type(&v))),
        };
        let method: Method = method.parse()?;
        let attribute = match part("attribute") {
            None => String::new(),
            Some(Value::String(s)) => s,
            Some(v) => return Err(format!("Invalid query attribute. Must be a string, got {}", php_type(&v))),
        };
        let values = match part("values") {
            None => Vec::new(),
            Some(Value::Array(list)) => list,
            Some(Value::Object(map)) => map.into_iter().map(|(_, v)| v).collect(),
            Some(v) => return Err(format!("Invalid query values. Must be an array, got {}", php_type(&v))),
        };
        if !method.is_nested() {
            return Ok(Self::new(method, &attribute, values));
        }
        let nested = values.into_iter().map(|v| Self::build(v, depth + 1)).collect::<Result<_, _>>()?;
        Ok(Self::nested(method, &attribute, nested))
    }

    /// The decoded JSON form; attribute and values are left out when empty, as SDKs do.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut map = Map::new();
        map.insert("method".to_owned(), self.method.as_str().into());
        if !self.attribute.is_empty() {
            map.insert("attribute".to_owned(), self.attribute.as_str().into());
        }
        let values: Vec<Value> = if self.method.is_nested() { self.nested.iter().map(Self::to_value).collect() } else { self.values.clone() };
        if !values.is_empty() {
            map.insert("values".to_owned(), Value::Array(values));
        }
        Value::Object(map)
    }

    /// The JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.to_value().to_string()
    }

    /// First value.
    #[must_use]
    pub fn value(&self) -> Option<&Value> {
        self.values.first()
    }

    /// First value when it is a text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.value().and_then(Value::as_str)
    }

    /// First value as a count: what `limit` and `offset` carry. Numeric texts count.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        match self.value()? {
            Value::Number(n) => n.as_u64(),
            Value::String(s) => s.parse().ok(),
            _ => None,
        }
    }

    /// See [`Method::is_filter`].
    #[must_use]
    pub fn is_filter(&self) -> bool {
        self.method.is_filter()
    }

    /// Calls `f` for this query and all below it.
    pub fn walk<'a>(&'a self, f: &mut impl FnMut(&'a Self)) {
        f(self);
        for child in &self.nested {
            child.walk(f);
        }
    }
}

/// How the reference names a JSON value's type in messages.
#[must_use]
pub fn php_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "NULL",
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_f64() => "double",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) | Value::Object(_) => "array",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn reads_the_json_form() {
        let q = Query::parse(r#"{"method":"equal","attribute":"name","values":["x",1,null]}"#).unwrap();
        assert_eq!(q, Query::new(Method::Equal, "name", vec!["x".into(), 1.into(), Value::Null]));
        let q = Query::parse(r#"{"method":"orderAsc"}"#).unwrap();
        assert_eq!(q.attribute, "$sequence");
        let q = Query::parse(r#"{"method":"or","values":[{"method":"isNull","attribute":"a"},{"method":"limit","values":[3]}]}"#).unwrap();
        assert_eq!(q.nested.len(), 2);
        assert!(q.nested[0].is_filter() && !q.nested[1].is_filter());
        assert_eq!(q.nested[1].count(), Some(3));
    }

    #[test]
    fn messages_are_the_references() {
        for (text, message) in [
            ("equal(\"email\",\"x\")", "Invalid query: Syntax error"),
            ("", "Invalid query: Syntax error"),
            ("5", "Invalid query. Must be an array, got integer"),
            ("null", "Invalid query. Must be an array, got NULL"),
            ("[]", "Invalid query method: "),
            ("{\"method\":\"zzz\"}", "Invalid query method: zzz"),
            ("{\"method\":\"regex\"}", "Invalid query method: regex"),
            ("{\"method\":1.5}", "Invalid query method. Must be a string, got double"),
            ("{\"method\":\"equal\",\"attribute\":[]}", "Invalid query attribute. Must be a string, got array"),
            ("{\"method\":\"equal\",\"attribute\":\"a\",\"values\":\"x\"}", "Invalid query values. Must be an array, got string"),
            ("{\"method\":\"or\",\"values\":[true]}", "Invalid query. Must be an array, got boolean"),
        ] {
            assert_eq!(Query::parse(text).unwrap_err(), message, "{text}");
        }
    }

    #[test]
    fn hostile_nesting_is_an_error() {
        let deep = |n: usize| format!("{}{{\"method\":\"isNull\",\"attribute\":\"a\"}}{}", "{\"method\":\"or\",\"values\":[".repeat(n), "]}".repeat(n));
        assert!(Query::parse(&deep(50)).is_ok());
        assert_eq!(Query::parse(&deep(100)).unwrap_err(), "Invalid query: Maximum stack depth exceeded");
        assert!(Query::parse(&deep(40_000)).is_err());
        assert!(Query::parse(&"[".repeat(900_000)).is_err());
    }

    #[test]
    fn names_round_trip() {
        for m in Method::ALL {
            assert_eq!(Method::from_name(m.as_str()), Some(*m));
        }
    }

    fn scalar() -> impl Strategy<Value = Value> {
        prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), any::<i64>().prop_map(Value::from), "\\PC{0,12}".prop_map(Value::from)]
    }

    fn query() -> impl Strategy<Value = Query> {
        let flat: Vec<Method> = Method::ALL.iter().copied().filter(|m| !m.is_nested()).collect();
        let leaf = (proptest::sample::select(flat), "[a-zA-Z$.]{1,12}", proptest::collection::vec(scalar(), 0..4)).prop_map(|(m, a, v)| Query::new(m, &a, v));
        leaf.prop_recursive(4, 24, 4, |inner| {
            (proptest::sample::select(vec![Method::And, Method::Or, Method::ElemMatch]), proptest::collection::vec(inner, 0..4))
                .prop_map(|(m, n)| Query::nested(m, "", n))
        })
    }

    proptest! {
        #[test]
        fn parse_undoes_print(q in query()) {
            prop_assert_eq!(Query::parse(&q.to_json()).unwrap(), q);
        }

        #[test]
        fn never_panics(text in "\\PC{0,64}", near in "[\\[\\]{}\":,a-z0-9]{0,64}") {
            let _ = Query::parse(&text);
            let _ = Query::parse(&near);
        }
    }

    #[test]
    fn printing_leaves_empty_parts_out() {
        assert_eq!(Query::limit(5).to_value(), json!({"method": "limit", "values": [5]}));
    }
}
