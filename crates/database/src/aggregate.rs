//! Figures about the documents that match: one pass over the way a list would take, in bounded memory.
use std::collections::{BTreeMap, BTreeSet};

use access::Access;
use protocol::Query;
use serde_json::{Number, Value};

use crate::index::Source;
use crate::plan::{self, Request, Wanted};
use crate::reading::Context;
use crate::record::{Raw, View, damaged};
use crate::select::Place;
use crate::visibility::Visibility;
use crate::{Collection, DbError, Find, Kind, checks, keys};

/// Most groups of an answer.
pub const MAX_GROUPS: usize = 1_000;
/// Most distinct values counted, in all groups together.
pub const MAX_DISTINCT: usize = 50_000;
/// Most bytes of values kept: those groups are made by and those that are told apart.
const MAX_BYTES: usize = 8 << 20;

/// What is told of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Figure {
    /// How many documents.
    Count,
    /// Sum of an attribute; 0 of nothing.
    Sum(String),
    /// Mean; null of nothing.
    Avg(String),
    /// Least value.
    Min(String),
    /// Greatest value.
    Max(String),
    /// How many different values, null not counted.
    Distinct(String),
}

impl Figure {
    fn attribute(&self) -> Option<&str> {
        match self {
            Self::Count => None,
            Self::Sum(a) | Self::Avg(a) | Self::Min(a) | Self::Max(a) | Self::Distinct(a) => Some(a),
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Aggregate {
    /// Filters, all of which must hold.
    pub filters: Vec<Query>,
    /// Attributes whose values make the groups; none for one group of all.
    pub group_by: Vec<String>,
    /// What to tell of each.
    pub figures: Vec<Figure>,
}

/// One group.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Values of the attributes it was made by.
    pub by: Vec<Value>,
    /// The figures, in the order asked for.
    pub figures: Vec<Value>,
}

impl Context<'_> {
    /// Computes figures of what matches and may be read; groups in the order of their values.
    pub(crate) fn aggregate(&self, access: &Access, collection: &Collection, asked: &Aggregate) -> Result<Vec<Group>, DbError> {
        let schema = self.schema(collection)?;
        let collection = &schema.collection;
        let visibility = Visibility::of(access, collection)?;
        checks::queries(collection, &Find { filters: asked.filters.clone(), ..Find::default() })?;
        let mut groups = Groups::new(collection, asked)?;
        let Some(filters) = self.without_related(access, &schema, &asked.filters)? else { return Ok(groups.finish()) };
        let request = Request { conditions: plan::conditions(&filters), wanted: Wanted::Any, enough: None, page: 0, cursor: None };
        let chosen = plan::choose(self, &schema, &visibility, &request)?;
        let records = groups.reads_values();
        self.each(&schema, visibility, &request, &chosen, &Place::anywhere(), records, &mut |row| {
            let view = row.record.as_ref().map(|bytes| View::new(row.sequence, bytes)).transpose()?;
            groups.take(view.as_ref()).map(|()| true)
        })?;
        Ok(groups.finish())
    }
}

/// Groups being made.
struct Groups<'q> {
    by: Vec<Source>,
    figures: Vec<(&'q Figure, Option<Source>)>,
    found: BTreeMap<Vec<u8>, (Vec<Value>, Vec<State>)>,
    bytes: usize,
    distinct: usize,
}

impl<'q> Groups<'q> {
    fn new(collection: &Collection, asked: &'q Aggregate) -> Result<Self, DbError> {
        let by = asked.group_by.iter().map(|key| source(collection, key)).collect::<Result<Vec<_>, _>>()?;
        let mut figures = Vec::with_capacity(asked.figures.len());
        for figure in &asked.figures {
            let of = figure.attribute().map(|key| source(collection, key)).transpose()?;
            let numeric = of.is_none_or(|s| matches!(s.kind(), Kind::Integer | Kind::Bigint | Kind::Double));
            if matches!(figure, Figure::Sum(_) | Figure::Avg(_)) && !numeric {
                return Err(refuse(&format!("Attribute \"{}\" is not a number", figure.attribute().unwrap_or_default())));
            }
            figures.push((figure, of));
        }
        let mut groups = Self { by, figures, found: BTreeMap::new(), bytes: 0, distinct: 0 };
        if groups.by.is_empty() {
            let states = groups.empty();
            groups.found.insert(Vec::new(), (Vec::new(), states));
        }
        Ok(groups)
    }

    fn empty(&self) -> Vec<State> {
        self.figures.iter().map(|(figure, _)| State::of(figure)).collect()
    }

    fn reads_values(&self) -> bool {
        !self.by.is_empty() || self.figures.iter().any(|(_, of)| of.is_some())
    }

    fn take(&mut self, view: Option<&View<'_>>) -> Result<(), DbError> {
        let raw = |of: &Source| view.map_or(Ok(None), |v| of.raw(v));
        let mut key = Vec::new();
        for of in &self.by {
            rank(&mut key, raw(of)?)?;
        }
        if !self.found.contains_key(&key) {
            if self.found.len() >= MAX_GROUPS {
                return Err(refuse(&format!("More than {MAX_GROUPS} groups: narrow the filters, or group by fewer or coarser attributes")));
            }
            self.bytes += key.len() * 2;
            check_bytes(self.bytes)?;
            let by = self.by.iter().map(|of| raw(of)?.map_or(Ok(Value::Null), |r| r.value(None))).collect::<Result<Vec<_>, _>>()?;
            let states = self.empty();
            self.found.insert(key.clone(), (by, states));
        }
        let Some((_, states)) = self.found.get_mut(&key) else { return Err(damaged("group")) };
        for (state, (_, of)) in states.iter_mut().zip(&self.figures) {
            let value = of.as_ref().map_or(Ok(None), raw)?;
            let kept = state.take(value, of.is_some())?;
            if kept > 0 {
                self.bytes += kept;
                check_bytes(self.bytes)?;
            }
            if kept > 0 && matches!(state, State::Distinct(_)) {
                self.distinct += 1;
                if self.distinct > MAX_DISTINCT {
                    return Err(refuse(&format!("More than {MAX_DISTINCT} distinct values: narrow the filters")));
                }
            }
        }
        Ok(())
    }

    fn finish(self) -> Vec<Group> {
        self.found.into_values().map(|(by, states)| Group { by, figures: states.into_iter().map(State::value).collect() }).collect()
    }
}

fn refuse(why: &str) -> DbError {
    DbError::Query(format!("Invalid aggregate: {why}"))
}

fn check_bytes(bytes: usize) -> Result<(), DbError> {
    if bytes <= MAX_BYTES { Ok(()) } else { Err(refuse("The values that are told apart are too long: narrow the filters")) }
}

fn source(collection: &Collection, key: &str) -> Result<Source, DbError> {
    if collection.attribute(key).is_some_and(|a| a.encrypt) {
        return Err(refuse(&format!("Cannot query encrypted attribute: {key}")));
    }
    let of = Source::of(collection, key).ok_or_else(|| refuse(&format!("Attribute not found in schema: {key}")))?;
    let plain = !of.is_array() && !matches!(of.kind(), Kind::Json | Kind::Point | Kind::Linestring | Kind::Polygon | Kind::Relationship);
    if plain { Ok(of) } else { Err(refuse(&format!("Attribute \"{key}\" is no single value"))) }
}

/// Appends a value so that bytes sort as values do.
fn rank(out: &mut Vec<u8>, raw: Option<Raw<'_>>) -> Result<(), DbError> {
    let text;
    let part = match raw {
        None => keys::Part::Null,
        Some(Raw::Bool(b)) => keys::Part::Bool(b),
        Some(Raw::Int(i)) => keys::Part::Int(i),
        Some(Raw::Float(f)) => keys::Part::Float(f),
        Some(Raw::Time(t)) => keys::Part::Int(t.0),
        Some(Raw::Text(s)) => keys::Part::Text(s),
        Some(other) => {
            text = other.value(None)?.to_string();
            keys::Part::Text(&text)
        }
    };
    keys::push(out, part, false);
    Ok(())
}

/// A figure so far.
enum State {
    Count(u64),
    /// Whole numbers and fractions apart: sums of whole numbers are exact.
    Sum {
        whole: i128,
        fractions: f64,
        fractional: bool,
        count: u64,
        mean: bool,
    },
    /// The best value with its rank.
    Best {
        best: Option<(Vec<u8>, Value)>,
        greatest: bool,
    },
    Distinct(BTreeSet<Vec<u8>>),
}

impl State {
    fn of(figure: &Figure) -> Self {
        let sum = |mean| Self::Sum { whole: 0, fractions: 0.0, fractional: false, count: 0, mean };
        match figure {
            Figure::Count => Self::Count(0),
            Figure::Sum(_) => sum(false),
            Figure::Avg(_) => sum(true),
            Figure::Min(_) => Self::Best { best: None, greatest: false },
            Figure::Max(_) => Self::Best { best: None, greatest: true },
            Figure::Distinct(_) => Self::Distinct(BTreeSet::new()),
        }
    }

    /// Takes a value, which does not count when it is null; how many bytes more are kept.
    fn take(&mut self, raw: Option<Raw<'_>>, of_attribute: bool) -> Result<usize, DbError> {
        if raw.is_none() && of_attribute {
            return Ok(0);
        }
        match self {
            Self::Count(n) => *n += 1,
            Self::Sum { whole, fractions, fractional, count, .. } => {
                *count += 1;
                match raw {
                    Some(Raw::Int(i)) => *whole = whole.saturating_add(i.into()),
                    Some(Raw::Float(f)) => {
                        *fractions += f;
                        *fractional = true;
                    }
                    _ => *count -= 1,
                }
            }
            Self::Best { best, greatest } => {
                let mut key = Vec::new();
                rank(&mut key, raw)?;
                let better = best.as_ref().is_none_or(|(b, _)| if *greatest { key > *b } else { key < *b });
                if better {
                    let value = raw.map_or(Ok(Value::Null), |r| r.value(None))?;
                    let more = key.len().saturating_sub(best.as_ref().map_or(0, |(b, _)| b.len()));
                    *best = Some((key, value));
                    return Ok(more * 2);
                }
            }
            Self::Distinct(seen) => {
                let mut key = Vec::new();
                rank(&mut key, raw)?;
                let bytes = key.len();
                if seen.insert(key) {
                    return Ok(bytes);
                }
            }
        }
        Ok(0)
    }

    #[expect(clippy::cast_precision_loss, reason = "means and sums beyond 64 bits are floats")]
    fn value(self) -> Value {
        let float = |f: f64| Number::from_f64(f).map_or(Value::Null, Value::Number);
        match self {
            Self::Count(n) => n.into(),
            Self::Sum { count: 0, mean: true, .. } => Value::Null,
            Self::Sum { whole, fractions, count, mean: true, .. } => float((whole as f64 + fractions) / count as f64),
            Self::Sum { whole, fractional: false, .. } => i64::try_from(whole).map_or_else(|_| float(whole as f64), Value::from),
            Self::Sum { whole, fractions, .. } => float(whole as f64 + fractions),
            Self::Best { best, .. } => best.map_or(Value::Null, |(_, v)| v),
            Self::Distinct(seen) => seen.len().into(),
        }
    }
}
