//! Conditions on related documents: `author.name` becomes a condition on what this side stores, or on its ids.
use std::borrow::Cow;
use std::collections::HashSet;

use access::Access;
use protocol::Query;
use protocol::query::Method;
use serde_json::Value;

use super::Relation;
use crate::catalog::Schema;
use crate::filter::Filter;
use crate::find::Find;
use crate::plan::{self, Request, Wanted};
use crate::reading::Context;
use crate::record::{Raw, View};
use crate::select::Place;
use crate::visibility::Visibility;
use crate::{DbError, checks};

/// Most relationships on the way to an attribute.
const MAX_DEPTH: usize = 8;
/// Most related documents that match a condition.
const MAX_MATCHES: usize = 200_000;
/// Most conditions on related documents of one list: each is a list of its own.
pub(crate) const MAX_CONDITIONS: u32 = 100;

fn is_about_related(q: &Query) -> bool {
    q.attribute.contains('.') || q.nested.iter().any(is_about_related)
}

/// The relationship a condition goes through, and the attribute beyond it.
fn through<'s>(schema: &'s Schema, q: &Query) -> Result<Option<(&'s Relation, String)>, DbError> {
    let Some((first, rest)) = q.attribute.split_once('.') else { return Ok(None) };
    if rest.split('.').count() > MAX_DEPTH {
        return Err(DbError::Query(format!("Invalid query: Attribute is nested too deep: {}", q.attribute.chars().take(100).collect::<String>())));
    }
    Ok(schema.relations.iter().find(|r| r.key == first && !r.is_hidden()).map(|r| (r, rest.to_owned())))
}

impl Context<'_> {
    /// Filters without conditions on related documents, as the caller can see those. `None` when nothing can match.
    pub(crate) fn without_related<'q>(&self, access: &Access, schema: &Schema, filters: &'q [Query]) -> Result<Option<Cow<'q, [Query]>>, DbError> {
        if schema.relations.is_empty() || !filters.iter().any(is_about_related) {
            return Ok(Some(Cow::Borrowed(filters)));
        }
        Ok(self.all_of(access, schema, filters)?.map(Cow::Owned))
    }

    /// Conditions that all must hold. Those on one relationship must hold for the same partner.
    fn all_of(&self, access: &Access, schema: &Schema, filters: &[Query]) -> Result<Option<Vec<Query>>, DbError> {
        let mut plain = Vec::with_capacity(filters.len());
        let mut groups: Vec<(&Relation, Vec<Query>)> = Vec::new();
        for q in filters {
            if !is_about_related(q) {
                plain.push(q.clone());
                continue;
            }
            match q.method {
                Method::And => match self.all_of(access, schema, &q.nested)? {
                    Some(all) => plain.extend(all),
                    None => return Ok(None),
                },
                Method::Or => match self.any_of(access, schema, &q.nested)? {
                    Some(any) => plain.push(any),
                    None => return Ok(None),
                },
                _ => {
                    let Some((relation, attribute)) = through(schema, q)? else {
                        plain.push(q.clone());
                        continue;
                    };
                    if q.method == Method::ContainsAll {
                        match self.with_each(access, schema, relation, &attribute, &q.values)? {
                            Some(all) => plain.push(all),
                            None => return Ok(None),
                        }
                        continue;
                    }
                    let beyond = Query { attribute, ..q.clone() };
                    match groups.iter_mut().find(|(r, _)| r.key == relation.key) {
                        Some((_, group)) => group.push(beyond),
                        None => groups.push((relation, vec![beyond])),
                    }
                }
            }
        }
        for (relation, group) in groups {
            contradiction(relation, &group)?;
            match self.resolved(access, schema, relation, &group)? {
                Some(q) => plain.push(q),
                None => return Ok(None),
            }
        }
        Ok(Some(plain))
    }

    fn any_of(&self, access: &Access, schema: &Schema, filters: &[Query]) -> Result<Option<Query>, DbError> {
        let mut any = Vec::new();
        for q in filters {
            if let Some(mut all) = self.all_of(access, schema, std::slice::from_ref(q))? {
                match (all.len(), all.pop()) {
                    (1, Some(one)) => any.push(one),
                    (_, Some(last)) => {
                        all.push(last);
                        any.push(Query::nested(Method::And, "", all));
                    }
                    _ => {}
                }
            }
        }
        Ok((!any.is_empty()).then(|| Query::nested(Method::Or, "", any)))
    }

    /// `containsAll`: for each value some partner has it.
    fn with_each(&self, access: &Access, schema: &Schema, relation: &Relation, attribute: &str, values: &[Value]) -> Result<Option<Query>, DbError> {
        let mut common: Option<Query> = None;
        for value in values {
            let Some(found) = self.resolved(access, schema, relation, &[Query::equal(attribute, value.clone())])? else { return Ok(None) };
            common = Some(match common {
                None => found,
                Some(before) => {
                    let also: HashSet<&str> = found.values.iter().filter_map(Value::as_str).collect();
                    let values: Vec<Value> = before.values.into_iter().filter(|v| v.as_str().is_some_and(|id| also.contains(id))).collect();
                    if values.is_empty() {
                        return Ok(None);
                    }
                    Query { values, ..found }
                }
            });
        }
        Ok(common)
    }

    /// The condition on this side that stands for conditions on partners.
    fn resolved(&self, access: &Access, schema: &Schema, relation: &Relation, conditions: &[Query]) -> Result<Option<Query>, DbError> {
        let other = self.other(relation)?;
        self.note_condition()?;
        let find = Find { filters: conditions.to_vec(), ..Find::default() };
        let visibility = match Visibility::of(access, &other.collection) {
            Ok(v) => v,
            Err(DbError::Unauthorized(_)) => return Ok(None),
            Err(e) => return Err(e),
        };
        checks::queries(&other.collection, &find)?;
        let Some(filters) = self.without_related(access, &other, &find.filters)? else { return Ok(None) };
        let twin = other.relations.iter().find(|r| r.key == relation.twin);
        let (mut ids, mut seen, mut matched) = (Vec::new(), HashSet::new(), 0_usize);
        self.each_match(&other, visibility, &filters, &mut |view| {
            matched += 1;
            if matched > MAX_MATCHES {
                return Err(DbError::Query("Invalid query: Too many related documents match".to_owned()));
            }
            let mut add = |id: &str| {
                if seen.insert(id.to_owned()) {
                    ids.push(Value::from(id));
                }
            };
            match twin {
                _ if !relation.is_list() => add(view.id),
                Some(twin) if relation.is_linked() => {
                    for sequence in self.linked(relation.target, twin.attribute, view.sequence)? {
                        self.id_of(schema.collection.id, sequence)?.as_deref().into_iter().for_each(&mut add);
                    }
                }
                Some(twin) => {
                    if let Some(Raw::Text(id)) = view.attribute(twin.attribute)? {
                        add(id);
                    }
                }
                None => {}
            }
            Ok(())
        })?;
        let key = if relation.is_list() { "$id" } else { &relation.key };
        Ok((!ids.is_empty()).then(|| Query::new(Method::Equal, key, ids)))
    }
}

impl Context<'_> {
    /// Shows every document that matches and may be seen.
    fn each_match(
        &self,
        schema: &Schema,
        visibility: Visibility<'_>,
        filters: &[Query],
        f: &mut dyn FnMut(&View<'_>) -> Result<(), DbError>,
    ) -> Result<(), DbError> {
        let request = Request { conditions: plan::conditions(filters), wanted: Wanted::Any, enough: None, page: 0, cursor: None };
        let chosen = plan::choose(self, schema, &visibility, &request)?;
        let visibility = if chosen.visible { Visibility::All } else { visibility };
        let open: Vec<&Query> = request.conditions.iter().zip(&chosen.covered).filter(|(_, c)| !**c).map(|(q, _)| *q).collect();
        let filter = Filter::new(&schema.collection, &open)?;
        for row in self.rows(schema, &chosen, &Place::anywhere())? {
            let row = row?;
            let record = match row.record {
                Some(record) => Some(record),
                None => self.record(schema.collection.id, row.sequence)?,
            };
            let Some(bytes) = record else { continue };
            let view = View::new(row.sequence, &bytes)?;
            if visibility.shows(&view) && filter.matches(&view)? {
                f(&view)?;
            }
        }
        Ok(())
    }
}

/// No one partner has two values.
fn contradiction(relation: &Relation, group: &[Query]) -> Result<(), DbError> {
    let mut seen = HashSet::new();
    for q in group.iter().filter(|q| q.method == Method::Equal) {
        if !seen.insert(q.attribute.as_str()) {
            return Err(DbError::Query(format!(
                "Multiple equal queries on '{}.{}' will never match a single document. Use Query::containsAll() to match across different related documents.",
                relation.key, q.attribute
            )));
        }
    }
    Ok(())
}
