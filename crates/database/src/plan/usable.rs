//! What an index can do for a list: fixed parts, a range on the next one, an order.
use protocol::query::Method;
use serde_json::Value;

use super::{Chosen, MAX_RANGES, Path, Planner, Walk, Wanted};
use crate::index::{IndexPlan, Piece, push_value};
use crate::scan::Range;
use crate::{IndexKind, Kind, keys};

/// An index that could be used.
pub(super) struct Usable {
    pub(super) chosen: Chosen,
    /// Parts with fixed values.
    pub(super) equal: usize,
    /// Whether a range limits the part after them.
    pub(super) ranged: bool,
    /// All parts are fixed.
    pub(super) complete: bool,
    /// At most one row per range.
    pub(super) unique: bool,
}

impl Usable {
    pub(super) fn narrowing(&self) -> bool {
        self.equal > 0 || self.ranged
    }
}

impl Planner<'_, '_> {
    /// All indexes that help.
    pub(super) fn indexes(&self) -> Vec<Usable> {
        let all = self.schema.indexes.iter().enumerate();
        all.filter(|(_, i)| i.ready && matches!(i.kind, IndexKind::Key | IndexKind::Unique)).filter_map(|(at, i)| self.usable(at, i)).collect()
    }

    /// What an index can do for the request.
    fn usable(&self, at: usize, index: &IndexPlan) -> Option<Usable> {
        if index.sparse && self.request.conditions.iter().any(|q| q.method == Method::IsNull && index.pieces.iter().any(|p| p.key == q.attribute)) {
            return None;
        }
        let mut covered = self.uncovered();
        let mut prefixes = vec![keys::index(self.schema.collection.id, index.id)];
        let mut equal = 0;
        for piece in &index.pieces {
            let Some((condition, values)) = self.fixed(piece) else { break };
            if prefixes.len().saturating_mul(values.len()) > MAX_RANGES {
                break;
            }
            prefixes = prefixes.iter().flat_map(|p| values.iter().map(move |v| [p.as_slice(), v].concat())).collect();
            if let Some(c) = covered.get_mut(condition) {
                *c = !piece.lossy && self.request.conditions.get(condition).is_some_and(|q| q.method != Method::ContainsAll || q.values.len() == 1);
            }
            equal += 1;
        }
        let complete = equal == index.pieces.len();
        let next = index.pieces.get(equal).filter(|p| !p.source.is_array());
        let bounds = next.map(|p| self.bounds(p, &mut covered)).unwrap_or_default();
        let ranged = bounds.is_some();
        let has_array = index.has_array();
        if has_array && index.pieces.iter().skip(equal).any(|p| p.source.is_array()) {
            return None; // documents without elements have no entries
        }
        if index.sparse && equal == 0 && !ranged {
            return None;
        }
        let walk = self.walk(index, &prefixes, equal, complete, has_array);
        if equal == 0 && !ranged && !matches!(walk, Walk::Ordered { .. }) {
            return None;
        }
        let unique = complete && index.kind == IndexKind::Unique && !has_array && self.no_nulls(index);
        let fixed = prefixes.first().cloned().unwrap_or_default();
        let ranges =
            prefixes.into_iter().map(|p| bounds.as_ref().map_or_else(|| Range::prefix(p.clone()), |b| b.after(&p))).filter(|r| r.from < r.to).collect();
        let ordered = self.request.wanted == Wanted::Any || walk != Walk::Loose;
        let chosen = Chosen { path: Path::Index { at, ranges, walk, fixed, skip: equal, counted: None }, covered, ordered, visible: false };
        Some(Usable { chosen, equal, ranged, complete, unique })
    }

    fn no_nulls(&self, index: &IndexPlan) -> bool {
        index.pieces.iter().all(|p| !p.lossy && !self.request.conditions.iter().any(|q| q.attribute == p.key && q.method == Method::IsNull))
    }

    /// A condition that fixes the values of a part: which, and the encoded values.
    fn fixed(&self, piece: &Piece) -> Option<(usize, Vec<Vec<u8>>)> {
        let array = piece.source.is_array();
        self.request.conditions.iter().enumerate().filter(|(_, q)| q.attribute == piece.key).find_map(|(at, q)| {
            let values: &[Value] = match q.method {
                Method::Equal if !array => &q.values,
                Method::IsNull if !array => &[Value::Null],
                Method::Contains | Method::ContainsAny if array => &q.values,
                Method::ContainsAll if array => q.values.get(..1)?,
                _ => return None,
            };
            let encode = |v: &Value| {
                if v.is_null() && q.method != Method::IsNull {
                    return None;
                }
                let mut out = Vec::new();
                push_value(&mut out, piece.source.kind(), v, piece.descending)?;
                Some(out)
            };
            let mut values = values.iter().map(encode).collect::<Option<Vec<_>>>()?;
            values.sort_unstable();
            values.dedup();
            (!values.is_empty()).then_some((at, values))
        })
    }

    /// The range that conditions leave of a part.
    fn bounds(&self, piece: &Piece, covered: &mut [bool]) -> Option<Bounds> {
        let mut bounds: Option<Bounds> = None;
        let kind = piece.source.kind();
        for (q, covered) in self.request.conditions.iter().zip(covered) {
            if q.attribute != piece.key {
                continue;
            }
            let value = |at: usize| q.values.get(at).filter(|v| !v.is_null());
            let (low, high) = match q.method {
                Method::GreaterThan => (Some((value(0), false)), None),
                Method::GreaterThanEqual => (Some((value(0), true)), None),
                Method::LessThan => (None, Some((value(0), false))),
                Method::LessThanEqual => (None, Some((value(0), true))),
                Method::Between => (Some((value(0), true)), Some((value(1), true))),
                Method::IsNotNull => (None, None),
                _ => continue,
            };
            let encode = |end: Option<(Option<&Value>, bool)>| match end {
                None => Some(None),
                Some((v, included)) => encode(kind, v?, piece.descending).map(|b| Some((b, included || piece.lossy))),
            };
            let (Some(low), Some(high)) = (encode(low), encode(high)) else { continue };
            bounds.get_or_insert_with(|| Bounds::not_null(kind, piece.descending)).narrow(low, high, piece.descending);
            *covered = !piece.lossy;
        }
        bounds
    }

    /// Whether the page's cursor, if any, has the fixed values, so that its place follows from the other parts alone.
    fn cursor_is_inside(&self, index: &IndexPlan, prefixes: &[Vec<u8>], equal: usize) -> bool {
        let Some(cursor) = self.request.cursor else { return true };
        let key = cursor.index_key(index, &keys::index(self.schema.collection.id, index.id), 0);
        let lossy = index.pieces.iter().take(equal).any(|p| p.lossy);
        !lossy && key.is_ok_and(|k| prefixes.iter().all(|p| k.starts_with(p)))
    }

    /// The order an index gives after `equal` fixed parts.
    fn walk(&self, index: &IndexPlan, prefixes: &[Vec<u8>], equal: usize, complete: bool, has_array: bool) -> Walk {
        if prefixes.len() != 1 {
            return match self.by_sequence() {
                Some(reverse) if complete => Walk::Merged { reverse },
                _ => Walk::Loose,
            };
        }
        let fields: Vec<_> = match &self.request.wanted {
            Wanted::Random(_) => return Walk::Loose,
            Wanted::Any | Wanted::Sequence { .. } => Vec::new(),
            Wanted::Fields { fields, .. } => {
                let fixed: Vec<_> = index.pieces.iter().take(equal).filter(|p| !p.source.is_array()).map(|p| &p.key).collect();
                fields.iter().filter(|(k, _)| !fixed.contains(&k)).collect()
            }
        };
        let wanted = if let Wanted::Fields { fields, .. } = &self.request.wanted { fields.len() } else { 0 };
        if fields.len() < wanted && !self.cursor_is_inside(index, prefixes, equal) {
            return Walk::Loose;
        }
        let inner = match &self.request.wanted {
            Wanted::Sequence { reverse } | Wanted::Fields { reverse, .. } => *reverse,
            Wanted::Any | Wanted::Random(_) => false,
        };
        let rest = index.pieces.get(equal..).unwrap_or_default();
        if fields.is_empty() {
            return if complete { Walk::Ordered { outer: inner, inner } } else { Walk::Loose };
        }
        if fields.len() != rest.len() || has_array || index.pieces.iter().take(equal).any(|p| p.lossy) {
            return Walk::Loose;
        }
        let mut outer = None;
        for ((key, descending), piece) in fields.into_iter().zip(rest) {
            let reverse = *descending != piece.descending;
            if piece.key != *key || piece.lossy || *outer.get_or_insert(reverse) != reverse {
                return Walk::Loose;
            }
        }
        Walk::Ordered { outer: outer == Some(true), inner }
    }
}

fn encode(kind: Kind, value: &Value, descending: bool) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    push_value(&mut out, kind, value, descending)?;
    Some(out)
}

/// An encoded value and whether it belongs to the range.
type End = Option<(Vec<u8>, bool)>;

/// A range of one part, in key order.
struct Bounds {
    low: End,
    high: End,
}

impl Bounds {
    fn not_null(kind: Kind, descending: bool) -> Self {
        let null = encode(kind, &Value::Null, descending).map(|n| (n, false));
        if descending { Self { low: None, high: null } } else { Self { low: null, high: None } }
    }

    fn narrow(&mut self, low: End, high: End, descending: bool) {
        let (low, high) = if descending { (high, low) } else { (low, high) };
        if let Some((v, included)) = low
            && self.low.as_ref().is_none_or(|(old, old_in)| v > *old || (v == *old && *old_in && !included))
        {
            self.low = Some((v, included));
        }
        if let Some((v, included)) = high
            && self.high.as_ref().is_none_or(|(old, old_in)| v < *old || (v == *old && *old_in && !included))
        {
            self.high = Some((v, included));
        }
    }

    /// Keys after a prefix.
    fn after(&self, prefix: &[u8]) -> Range {
        let at = |v: &[u8]| [prefix, v].concat();
        let from = match &self.low {
            None => prefix.to_vec(),
            Some((v, true)) => at(v),
            Some((v, false)) => keys::after(&at(v)),
        };
        let to = match &self.high {
            None => keys::after(prefix),
            Some((v, true)) => keys::after(&at(v)),
            Some((v, false)) => at(v),
        };
        Range { from, to }
    }
}
