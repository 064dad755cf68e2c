//! Checks of parameter values, as constant data: the message, the OpenAPI schema and the coercion come from one definition.
use serde_json::Value;

/// What a parameter value must be. Used in statics: `Check::Text { min: 1, max: 128 }`.
#[derive(Debug)]
#[allow(missing_docs, reason = "variant names are those of the contract's validator column")]
pub enum Check {
    /// UID36: an existing id.
    Uid,
    /// `unique()` or an own id.
    CustomId,
    /// `unique()` or a project id (lower case).
    ProjectId,
    /// Key of at most `max` characters (attribute keys 36, roles 81).
    Key { max: usize },
    Text { min: usize, max: usize },
    /// Text of 1..max characters out of letters and digits.
    AlphaNumeric { max: usize },
    Email,
    /// E-mail or the empty string.
    EmailOrEmpty,
    Phone,
    PhoneOrEmpty,
    /// 8..256 bytes.
    Password,
    Bool,
    Int { min: i64, max: i64 },
    /// Any JSON integer.
    Int64,
    Float,
    Number,
    /// Integer or float in a range.
    FloatRange { min: f64, max: f64 },
    Datetime,
    Url,
    /// Where the user is sent back to: its host must be a platform of the project.
    Redirect,
    Ip,
    HexColor,
    Enum(&'static [&'static str]),
    List(&'static Check, usize),
    /// Any JSON value that is an object (or an array standing for an empty object).
    JsonObject,
    /// Object whose JSON text is at most 65,535 bytes; lists are refused, `[]` counts as empty object.
    Prefs,
    /// Permission strings; which actions may be named, `write` included when all it expands to are allowed.
    Permissions { create: bool },
    /// Typed list queries: attributes that may be filtered (see limits.json list_query_attributes); `select` allowed or not.
    Queries(&'static ListQueries),
    /// Limit and offset only.
    QueriesPaging,
    /// Raw queries of documents: at most 100 texts of at most 4,096 characters.
    QueryTexts,
    Any,
}

/// What a typed list may be queried by.
#[derive(Debug)]
pub struct ListQueries {
    /// Name used in messages, e.g. `Users`.
    pub name: &'static str,
    /// Attribute and its type: `string`, `integer`, `boolean`, `datetime`, `double`, `string[]`.
    pub filters: &'static [(&'static str, &'static str)],
    /// Whether `select` is accepted.
    pub select: bool,
}

impl Check {
    /// Validates and coerces (query and form values arrive as strings). `Err` is the reason after
    /// ``Invalid `x` param: ``, worded as the reference words it.
    pub fn apply(&self, value: Value) -> Result<Value, String> {
        let _ = value;
        todo!("helper")
    }
}
