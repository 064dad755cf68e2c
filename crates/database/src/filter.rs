//! Conditions, made ready once and checked on records without decoding them.
//!
//! Null meets nothing but `isNull` (and `notSearch`), as in SQL. Equality tells upper from lower case, the `LIKE` family
//! (`startsWith`, `endsWith`, `contains` on texts) does not.
use std::cmp::Ordering;
use std::collections::HashSet;

use protocol::query::Method;
use protocol::{Query, Timestamp};
use serde_json::Value;

use crate::index::Source;
use crate::record::{Raw, View, damaged};
use crate::spatial::{Condition, Geometry};
use crate::words::Search;
use crate::{Collection, DbError, Kind};

/// So many values are looked up instead of compared one by one.
const MANY: usize = 32;

/// Conditions that all must be met.
pub(crate) struct Filter<'q>(Vec<Test<'q>>);

enum Test<'q> {
    And(Vec<Test<'q>>),
    Or(Vec<Test<'q>>),
    Field(Field, Check<'q>),
    /// All (or, with `false`, none) of these have a value.
    Present(Vec<Field>, bool),
}

#[derive(Clone, Copy)]
enum Field {
    Sequence,
    Of(Source),
    /// Not in the schema (or sealed): always null.
    Missing,
}

enum Check<'q> {
    Null(bool),
    Any(Vec<Operand<'q>>),
    /// One of many texts.
    Among(HashSet<&'q str>),
    None(Vec<Operand<'q>>),
    /// All elements are there.
    All(Vec<Operand<'q>>),
    Compare(Operand<'q>, fn(Ordering) -> bool),
    Between(Operand<'q>, Operand<'q>, bool),
    /// A pattern in a text, or elements in a list.
    Like {
        at: At,
        texts: Vec<String>,
        items: Vec<Operand<'q>>,
        is: bool,
    },
    Words(Search, bool),
    Spatial(Box<Condition>),
}

#[derive(Clone, Copy)]
enum At {
    Start,
    End,
    Anywhere,
}

/// A value of a query, as the column's type reads it.
#[derive(Clone, Debug)]
enum Operand<'q> {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'q str),
    Time(i64),
    Json(&'q Value),
    /// Equal to nothing.
    Never,
}

impl<'q> Filter<'q> {
    /// Makes conditions ready.
    pub(crate) fn new(collection: &Collection, conditions: &[&'q Query]) -> Result<Self, DbError> {
        Ok(Self(conditions.iter().map(|q| test(collection, q)).collect::<Result<_, _>>()?))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a record meets them.
    pub(crate) fn matches(&self, view: &View<'_>) -> Result<bool, DbError> {
        all(&self.0, view)
    }
}

fn all(tests: &[Test<'_>], view: &View<'_>) -> Result<bool, DbError> {
    for t in tests {
        if !t.holds(view)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn test<'q>(collection: &Collection, q: &'q Query) -> Result<Test<'q>, DbError> {
    let nested = || q.nested.iter().map(|n| test(collection, n)).collect::<Result<Vec<_>, _>>();
    let field = |key: &str| match key {
        "$sequence" => Field::Sequence,
        _ => Source::of(collection, key).map_or(Field::Missing, Field::Of),
    };
    let here = field(&q.attribute);
    if let Field::Of(source) = here
        && source.kind().is_spatial()
        && let Some(condition) = Condition::new(source.kind(), q).map_err(DbError::Query)?
    {
        return Ok(Test::Field(here, Check::Spatial(Box::new(condition))));
    }
    let operand = |v: &'q Value| operand(here, v);
    let one = |at: usize| q.values.get(at).map_or(Operand::Never, operand);
    let operands = || q.values.iter().map(operand).collect::<Vec<_>>();
    let like = |at, is| Check::Like { at, texts: texts(q), items: operands(), is };
    let check = match q.method {
        Method::And => return Ok(Test::And(nested()?)),
        Method::Or => return Ok(Test::Or(nested()?)),
        Method::Exists | Method::NotExists => {
            let fields = q.values.iter().filter_map(Value::as_str).map(field).collect();
            return Ok(Test::Present(fields, q.method == Method::Exists));
        }
        Method::IsNull => Check::Null(true),
        Method::IsNotNull => Check::Null(false),
        Method::Equal if q.values.len() >= MANY && is_text(here) && q.values.iter().all(Value::is_string) => {
            Check::Among(q.values.iter().filter_map(Value::as_str).collect())
        }
        Method::Equal => Check::Any(operands()),
        Method::NotEqual => Check::None(operands()),
        Method::LessThan => Check::Compare(one(0), Ordering::is_lt),
        Method::LessThanEqual => Check::Compare(one(0), Ordering::is_le),
        Method::GreaterThan => Check::Compare(one(0), Ordering::is_gt),
        Method::GreaterThanEqual => Check::Compare(one(0), Ordering::is_ge),
        Method::Between => Check::Between(one(0), one(1), true),
        Method::NotBetween => Check::Between(one(0), one(1), false),
        Method::StartsWith => like(At::Start, true),
        Method::NotStartsWith => like(At::Start, false),
        Method::EndsWith => like(At::End, true),
        Method::NotEndsWith => like(At::End, false),
        Method::Contains | Method::ContainsAny => like(At::Anywhere, true),
        Method::NotContains => like(At::Anywhere, false),
        Method::ContainsAll => Check::All(operands()),
        Method::Search => Check::Words(Search::parse(q.text().unwrap_or_default()), true),
        Method::NotSearch => Check::Words(Search::parse(q.text().unwrap_or_default()), false),
        other => return Err(DbError::Query(format!("Invalid query: Query method \"{other}\" is not supported here"))),
    };
    Ok(Test::Field(here, check))
}

/// Whether values of a field are single texts.
fn is_text(field: Field) -> bool {
    matches!(field, Field::Of(s) if !s.is_array() && (s.kind().is_text() || s.kind() == Kind::Relationship))
}

fn texts(q: &Query) -> Vec<String> {
    q.values.iter().filter_map(Value::as_str).map(str::to_lowercase).collect()
}

fn operand(field: Field, value: &Value) -> Operand<'_> {
    let kind = match field {
        Field::Sequence => Kind::Integer,
        Field::Of(source) => source.kind(),
        Field::Missing => return Operand::Never,
    };
    match (kind, value) {
        (_, Value::Null) => Operand::Never,
        (Kind::Json, v) => Operand::Json(v),
        (_, Value::Bool(b)) => Operand::Bool(*b),
        (_, Value::Number(n)) => n.as_i64().map(Operand::Int).or_else(|| n.as_f64().map(Operand::Float)).unwrap_or(Operand::Never),
        (Kind::Datetime, Value::String(s)) => Timestamp::parse(s).map_or(Operand::Never, |t| Operand::Time(t.0)),
        (Kind::Integer | Kind::Bigint, Value::String(s)) => s.parse().map_or(Operand::Never, Operand::Int),
        (_, Value::String(s)) => Operand::Text(s),
        (_, v) => Operand::Json(v),
    }
}

impl Operand<'_> {
    /// How a stored value compares with it; `None` when they do not compare.
    fn order(&self, raw: Raw<'_>) -> Option<Ordering> {
        Some(match (raw, self) {
            (Raw::Bool(a), Operand::Bool(b)) => a.cmp(b),
            (Raw::Int(a), Operand::Int(b)) => a.cmp(b),
            #[expect(clippy::cast_precision_loss, reason = "an integer column compared with a fraction")]
            (Raw::Int(a), Operand::Float(b)) => (a as f64).partial_cmp(b)?,
            (Raw::Float(a), Operand::Float(b)) => a.partial_cmp(b)?,
            #[expect(clippy::cast_precision_loss, reason = "a float column holds floats")]
            (Raw::Float(a), Operand::Int(b)) => a.partial_cmp(&(*b as f64))?,
            (Raw::Text(a), Operand::Text(b)) => a.cmp(b),
            (Raw::Time(a), Operand::Time(b)) => a.0.cmp(b),
            (Raw::Json(a), Operand::Json(b)) if serde_json::from_slice::<Value>(a).is_ok_and(|a| a == **b) => Ordering::Equal,
            _ => return None,
        })
    }

    fn equals(&self, raw: Raw<'_>) -> bool {
        self.order(raw) == Some(Ordering::Equal)
    }
}

impl Test<'_> {
    fn holds(&self, view: &View<'_>) -> Result<bool, DbError> {
        match self {
            Test::And(tests) => all(tests, view),
            Test::Or(tests) => {
                for t in tests {
                    if t.holds(view)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Test::Present(fields, wanted) => {
                for f in fields {
                    if f.raw(view)?.is_some() != *wanted {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Test::Field(field, check) => check.holds(field.raw(view)?),
        }
    }
}

impl Field {
    fn raw<'a>(self, view: &View<'a>) -> Result<Option<Raw<'a>>, DbError> {
        Ok(match self {
            Field::Sequence => Some(Raw::Int(view.sequence.cast_signed())),
            Field::Of(source) => source.raw(view)?,
            Field::Missing => None,
        })
    }
}

impl Check<'_> {
    fn holds(&self, raw: Option<Raw<'_>>) -> Result<bool, DbError> {
        let Some(raw) = raw else {
            return Ok(matches!(self, Check::Null(true) | Check::Words(_, false)));
        };
        Ok(match self {
            Check::Null(is) => !is,
            Check::Any(values) => any_item(raw, values)?,
            Check::Among(texts) => matches!(raw, Raw::Text(s) if texts.contains(s)),
            Check::None(values) => !any_item(raw, values)?,
            Check::All(values) => {
                let items = raw.items().collect::<Result<Vec<_>, _>>()?;
                values.iter().all(|v| items.iter().any(|i| v.equals(*i)))
            }
            Check::Compare(value, wanted) => value.order(raw).is_some_and(wanted),
            Check::Between(low, high, is) => match (low.order(raw), high.order(raw)) {
                (Some(l), Some(h)) => (l.is_ge() && h.is_le()) == *is,
                _ => false,
            },
            Check::Like { at, texts, items, is } => match raw {
                Raw::List(_) | Raw::Json(_) => any_item(raw, items)? == *is,
                Raw::Text(s) => like(&s.to_lowercase(), *at, texts) == *is,
                _ => false,
            },
            Check::Spatial(condition) => match raw {
                Raw::Geometry(bytes) => condition.holds(&Geometry::decode(bytes).ok_or_else(|| damaged("geometry"))?),
                _ => false,
            },
            Check::Words(search, is) => {
                let mut found = false;
                for item in raw.items() {
                    found |= matches!(item?, Raw::Text(s) if search.matches(s));
                }
                found == *is
            }
        })
    }
}

fn like(text: &str, at: At, patterns: &[String]) -> bool {
    patterns.iter().any(|p| match at {
        At::Start => text.starts_with(p.as_str()),
        At::End => text.ends_with(p.as_str()),
        At::Anywhere => text.contains(p.as_str()),
    })
}

/// Whether the value, or an element of the list, equals one of the values.
fn any_item(raw: Raw<'_>, values: &[Operand<'_>]) -> Result<bool, DbError> {
    for item in raw.items() {
        let item = item?;
        if values.iter().any(|v| v.equals(item)) {
            return Ok(true);
        }
    }
    Ok(false)
}
