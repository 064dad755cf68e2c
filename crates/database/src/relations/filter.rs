//! Conditions on related documents: `author.name` becomes a condition on what this side stores, or on its ids.
use std::borrow::Cow;
use std::collections::HashSet;

use access::Access;
use protocol::Query;
use protocol::query::Method;
use serde_json::Value;

use super::Relation;
use crate::catalog::Schema;
use crate::find::Find;
use crate::reading::Context;
use crate::visibility::Visibility;
use crate::{DbError, checks};

/// Most relationships on the way to an attribute.
const MAX_DEPTH: usize = 8;

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
        let select = if relation.is_list() { vec![relation.twin.clone()] } else { vec!["$id".to_owned()] };
        let find = Find { filters: conditions.to_vec(), limit: u64::from(u32::MAX), ..Find::default() };
        let visibility = match Visibility::of(access, &other.collection) {
            Ok(v) => v,
            Err(DbError::Unauthorized(_)) => return Ok(None),
            Err(e) => return Err(e),
        };
        checks::queries(&other.collection, &find)?;
        let Some(filters) = self.without_related(access, &other, &find.filters)? else { return Ok(None) };
        let find = Find { filters: filters.into_owned(), select: Some(select), ..find };
        let (page, _) = self.run(&other, visibility, &find)?;
        let mut ids: Vec<Value> = Vec::with_capacity(page.documents.len());
        let mut seen: HashSet<String> = HashSet::new();
        let mut add = |id: String| {
            if seen.insert(id.clone()) {
                ids.push(id.into());
            }
        };
        let twin = other.relations.iter().find(|r| r.key == relation.twin);
        for d in &page.documents {
            match twin {
                Some(twin) if relation.is_linked() => {
                    for sequence in self.linked(relation.target, twin.attribute, d.sequence)? {
                        self.id_of(schema.collection.id, sequence)?.into_iter().for_each(&mut add);
                    }
                }
                _ if relation.is_list() => d.value(&relation.twin).as_str().map(str::to_owned).into_iter().for_each(&mut add),
                _ => add(d.id.clone()),
            }
        }
        let key = if relation.is_list() { "$id" } else { &relation.key };
        Ok((!ids.is_empty()).then(|| Query::new(Method::Equal, key, ids)))
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
