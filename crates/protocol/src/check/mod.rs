//! Checks of parameter values, as constant data: the message, the OpenAPI schema and the coercion come from one definition.
mod describe;
mod event;
mod numbers;
mod operation;
mod queries;
mod schema;
mod spatial;
mod text;
mod value;

pub use numbers::{numeric, thousands};
pub use spatial::Shape;
pub use text::{is_email, is_hostname, is_key, is_phone, is_url, redirect_host};

use serde_json::Value;

use crate::time::Timestamp;

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
    Key {
        max: usize,
    },
    /// A [`Key`](Check::Key) or one of the attributes every document has and that may be indexed.
    IndexedKey {
        max: usize,
    },
    /// Text of `min..=max` characters; a `max` of 0 is no bound.
    Text {
        min: usize,
        max: usize,
    },
    /// Text of 1..max characters out of letters and digits.
    AlphaNumeric {
        max: usize,
    },
    /// Text of `min..=max` digits.
    Digits {
        min: usize,
        max: usize,
    },
    Email,
    /// E-mail or the empty string.
    EmailOrEmpty,
    Phone,
    PhoneOrEmpty,
    /// 8..256 bytes: a password one already has.
    Password,
    /// 8..256 bytes: a password being chosen; refused in other words than [`Password`](Check::Password). Strength and
    /// dictionary policies of the project are the handler's.
    NewPassword,
    /// A [`NewPassword`](Check::NewPassword) or the empty string: no password.
    NewPasswordOrEmpty,
    /// Also `"true"`, `"false"`, `"True"`, `"False"`, `1`, `0` and the latter two as text.
    Bool,
    /// Integer in a range; numeric texts are taken.
    Int {
        min: i64,
        max: i64,
    },
    /// JSON integer of 32 bits.
    Int32,
    /// Integer of 32 bits; numeric texts are taken, as queries of URLs send them.
    Int32Loose,
    /// Any JSON integer.
    Int64,
    /// JSON number.
    Float,
    /// Number or numeric text.
    Number,
    /// Integer or float in a range; numeric texts are taken.
    FloatRange {
        min: f64,
        max: f64,
    },
    /// Year 0 to 9999-12-31.
    Datetime,
    /// A [`Datetime`](Check::Datetime) after now (see [`Check::apply_at`]).
    DatetimeFuture,
    /// Defaults of datetime attributes: years 1000 to 9999.
    AttributeDatetime,
    Url,
    /// URL or the empty string.
    UrlOrEmpty,
    /// `http` or `https` URL.
    HttpUrl,
    /// Where the user is sent back to: its host must be a platform of the project.
    Redirect,
    Ip,
    /// Host name without scheme, port and path.
    Hostname,
    Domain,
    /// Domain or the empty string.
    DomainOrEmpty,
    /// Three or six hex digits without `#`.
    HexColor,
    /// One of these, spelled like this.
    Enum(&'static [&'static str]),
    /// One of these in any case; the value stays as sent.
    EnumLoose(&'static [&'static str]),
    /// At most so many items (0 = no bound) that pass the inner check.
    List(&'static Check, usize),
    /// Null or what the inner check takes; messages end in "or null".
    Nullable(&'static Check),
    /// Any JSON value that is an object (or an array standing for an object), also as JSON text.
    JsonObject,
    /// Object whose JSON text is at most 65,535 bytes; lists are refused, `[]` counts as empty object.
    Prefs,
    /// Permission strings; which actions may be named, `write` included when all it expands to are allowed. Null passes;
    /// messages end in "or null" as everywhere in the reference.
    Permissions {
        create: bool,
    },
    /// Typed list queries: attributes that may be filtered (see limits.json list_query_attributes); `select` allowed or not.
    Queries(&'static ListQueries),
    /// Limit and offset only.
    QueriesPaging,
    /// Raw queries of documents: at most 100 texts of at most 4,096 characters.
    QueryTexts,
    /// One operation of a transaction, in the words of the tables or the collections vocabulary.
    Operation {
        tables: bool,
    },
    /// Event name or pattern a webhook listens to.
    Event,
    /// Point, line or polygon.
    Spatial(Shape),
    /// `{"phone": …, "otp": …}`, the code being six digits.
    MockNumber,
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
    /// ``Invalid `x` param: ``, worded as the reference words it. Dates are not compared with the present.
    ///
    /// # Errors
    /// The reason.
    pub fn apply(&self, value: Value) -> Result<Value, String> {
        self.apply_at(value, Timestamp(i64::MIN))
    }

    /// As [`apply`](Self::apply), and dates of [`Check::DatetimeFuture`] must not be before `now`.
    ///
    /// # Errors
    /// The reason.
    pub fn apply_at(&self, value: Value, now: Timestamp) -> Result<Value, String> {
        match self {
            Self::Nullable(_) | Self::Permissions { .. } if value.is_null() => Ok(Value::Null),
            Self::Nullable(inner @ (Self::Permissions { .. } | Self::Nullable(_))) => inner.apply_at(value, now),
            Self::Nullable(inner) => inner.apply_at(value, now).map_err(|why| format!("{why} or null")),
            Self::List(inner, max) => self.list(inner, *max, value, now),
            Self::Queries(list) => queries::typed(Some(list), value),
            Self::QueriesPaging => queries::typed(None, value),
            Self::Permissions { create } => value::permissions(value, *create).map_err(|why| format!("{why} or null")),
            Self::Operation { tables } => operation::check(&value, *tables).map(|()| value),
            Self::Event => match value.as_str() {
                Some(name) if event::is_known(name) => Ok(value),
                _ => Err(self.describe()),
            },
            Self::Spatial(shape) => spatial::check(&value, *shape).map(|()| value),
            Self::MockNumber => value::mock_number(value),
            _ => value::simple(self, value, now).ok_or_else(|| self.describe()),
        }
    }

    fn list(&self, inner: &Self, max: usize, value: Value, now: Timestamp) -> Result<Value, String> {
        let items = match value {
            Value::Array(items) => items,
            Value::Object(map) => map.into_iter().map(|(_, v)| v).collect(),
            _ => return Err(self.describe()),
        };
        // Judged before the items so that a hostile list costs nothing; the words are the same.
        if max > 0 && items.len() > max {
            return Err(self.describe());
        }
        let checked = items.into_iter().map(|v| inner.apply_at(v, now)).collect::<Result<Vec<_>, _>>();
        checked.map(Value::Array).map_err(|why| describe::list(&why, max))
    }
}

#[cfg(test)]
mod tests;
